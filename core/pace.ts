import type { Lane } from './event.ts'

/** Of one account and one kind of call: what was granted so far, one entry per rate of the vendor, in its order. */
export type Pace = { version: number; meters: readonly Meter[] }
/**
 * `next`: when the following request would be exactly on time, for rates over less than an hour. `used`: for longer windows,
 * where even spacing would hold back a burst that the vendor allows, how many were granted in which part of the window:
 * pairs of the part's number since the epoch and its count, oldest first.
 */
export type Meter = { next: number } | { used: readonly (readonly [part: number, count: number])[] }
export type PaceRate = { requests: number; perMs: number }

export const freshPace = (): Pace => ({ version: 0, meters: [] })

/**
 * We use SHARE of what the vendor documents. The rest is room for the urgent lane, which may step forward by STEP of a window,
 * and for requests that leave up to LATE of one later than they were to: 0.97 x (1 + 0.02 + 0.01) < 1, so that no window, sliding
 * or fixed, ever holds more than the limit.
 */
const SHARE = 0.97
const STEP = 0.02
const LATE = 0.01
const LONG_MS = 3_600_000
/** A long window slides in so many parts: what was used in a part counts until all of it has left the window. */
const PARTS = 96
/** Slots reach this far into the future at most: what is reserved and not used is lost to everyone else. */
export const AHEAD_MS = 500

export type Grant = {
  pace: Pace
  /** Times at which a request each may leave, at least one. */
  slots: readonly number[]
}

/** How far ahead slots are granted at these rates, and how late they may be used. */
export const aheadOf = (rates: readonly PaceRate[]): number =>
  Math.min(AHEAD_MS, ...rates.filter(isShort).map(({ perMs }) => perMs * LATE))

/** Reserves up to `want` requests, evenly spaced, so that a whole window is never spent at once. */
export function reserve(pace: Pace, rates: readonly PaceRate[], now: number, want: number, lane: Lane): Grant {
  const meters = rates.map((rate, i) => meterOf(pace.meters[i], rate, now))
  const earliest = Math.max(now, ...rates.map((rate, i) => startOf(meters[i]!, rate, now, lane)))
  const spacing = Math.max(0, ...rates.filter(isShort).map(spacingOf))
  const room = Math.min(want, ...rates.map((rate, i) => roomOf(meters[i]!, rate, earliest)))
  const fit = spacing > 0 ? Math.floor((now + aheadOf(rates) - earliest) / spacing) + 1 : want
  const slots = Array.from({ length: Math.max(1, Math.min(room, fit)) }, (_, n) => earliest + n * spacing)
  return {
    slots,
    pace: { version: pace.version, meters: rates.map((rate, i) => spend(meters[i]!, rate, now, slots)) },
  }
}

const isShort = ({ perMs }: PaceRate) => perMs < LONG_MS
const spacingOf = ({ requests, perMs }: PaceRate) => perMs / (requests * SHARE)
const allowed = ({ requests }: PaceRate) => Math.max(1, Math.floor(requests * SHARE))

/** The meter as it was stored, if it is of this rate's kind: settings may have changed since. */
function meterOf(stored: Meter | undefined, rate: PaceRate, now: number): Meter {
  if (isShort(rate)) return stored && 'next' in stored ? stored : { next: now }
  return stored && 'used' in stored ? stored : { used: [] }
}

const partOf = ({ perMs }: PaceRate, at: number) => Math.floor((at + AHEAD_MS) / (perMs / PARTS)) // it may leave so late
const usedAt = ({ used }: { used: readonly (readonly [number, number])[] }, rate: PaceRate, at: number) =>
  used.filter(([part]) => part >= partOf(rate, at) - PARTS)

function startOf(meter: Meter, rate: PaceRate, now: number, lane: Lane): number {
  if ('next' in meter) return meter.next - (lane === 'urgent' ? rate.perMs * STEP : 0)
  let count = usedAt(meter, rate, now).reduce((sum, [, n]) => sum + n, 0)
  let start = now
  for (const [part, n] of usedAt(meter, rate, now)) {
    if (count < allowed(rate)) break
    count -= n
    start = (part + PARTS + 1) * (rate.perMs / PARTS) - AHEAD_MS
  }
  return start
}

const roomOf = (meter: Meter, rate: PaceRate, at: number): number =>
  'next' in meter ? allowed(rate) : allowed(rate) - usedAt(meter, rate, at).reduce((sum, [, n]) => sum + n, 0)

function spend(meter: Meter, rate: PaceRate, now: number, slots: readonly number[]): Meter {
  const first = slots[0]!
  if ('next' in meter) return { next: Math.max(meter.next, first) + slots.length * spacingOf(rate) }
  const used = usedAt(meter, rate, now).map(([part, n]): [number, number] => [part, n])
  for (const slot of slots) {
    const last = used.at(-1)
    if (last && last[0] >= partOf(rate, slot)) last[1]++
    else used.push([partOf(rate, slot), 1])
  }
  return { used }
}

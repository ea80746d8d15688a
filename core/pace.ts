import type { Lane } from './event.ts'

/** Of one account and one kind of call: what was granted so far, one entry per rate of the vendor, in its order. */
export type Pace = { version: number; meters: readonly Meter[]; held?: Held }
/**
 * `next`: when the following request would be exactly on time, for rates over less than an hour. `used`: for longer windows,
 * where even spacing would hold back a burst that the vendor allows, how many were granted in which part of the window:
 * pairs of the part's number since the epoch and its count, oldest first.
 */
export type Meter = { next: number } | { used: readonly (readonly [part: number, count: number])[] }
export type PaceRate = { requests: number; perMs: number }
/** By what the vendor itself has told: nothing before `from`, then a request each `spacing`, until its window is over. */
export type Held = { from: number; spacing: number; until: number }

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
  const held = heldAt(pace, now)
  const earliest = Math.max(now, held?.from ?? 0, ...rates.map((rate, i) => startOf(meters[i]!, rate, now, lane)))
  const spacing = Math.max(spacingAt(rates), held?.spacing ?? 0)
  const room = Math.min(want, ...rates.map((rate, i) => roomOf(meters[i]!, rate, earliest)))
  const fit = spacing > 0 ? Math.floor((now + aheadOf(rates) - earliest) / spacing) + 1 : want
  const slots = Array.from({ length: Math.max(1, Math.min(room, fit)) }, (_, n) => earliest + n * spacing)
  return {
    slots,
    pace: {
      version: pace.version,
      meters: rates.map((rate, i) => spend(meters[i]!, rate, now, slots)),
      ...(held && { held: { ...held, from: slots.at(-1)! + held.spacing } }),
    },
  }
}

/** What a vendor's headers say: so many requests are left of its window, which ends in `ms`. */
export type Left = { requests: number; ms: number }

/** Windows that are told to be longer than this are asked about again. */
const BELIEVED_MS = 3_600_000
/** Headers count whole seconds, and others use the account too: a difference within these is none. */
const ROUNDING_MS = 2_000
const ROUGHLY = 0.1

/** Less is left than the rates would use up by then. */
export const isSlower = (rates: readonly PaceRate[], left: Left): boolean => spread(left) > spacingAt(rates)

/**
 * Spreads what is left evenly over what is left of the window, where the account's own limit turns out to be lower than the
 * rates, or others use it too. It only slows, and ends with the window. The same pace if that is how it goes already.
 */
export function heed(pace: Pace, rates: readonly PaceRate[], now: number, left: Left): Pace {
  if (!isSlower(rates, left)) return pace
  const spacing = spread(left)
  const until = now + Math.min(left.ms, BELIEVED_MS)
  const held = heldAt(pace, now)
  const from = left.requests < 1 ? until : (held?.from ?? now + spacing)
  const alike = held && Math.abs(spacing - held.spacing) < ROUGHLY * spacing && until < held.until + ROUNDING_MS
  return alike && from <= held.from ? pace : { ...pace, held: { from, spacing, until } }
}

/** The last of them leaves one space before the window ends: the first of the next one may leave then. */
const spread = ({ requests, ms }: Left) => ms / (requests + 1)
const heldAt = ({ held }: Pace, now: number): Held | undefined => (held && held.until > now ? held : undefined)
const spacingAt = (rates: readonly PaceRate[]) => Math.max(0, ...rates.filter(isShort).map(spacingOf))

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

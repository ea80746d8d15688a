import type { Lane } from './event.ts'

/** Of one account and one kind of call: what was granted so far, one entry per rate of the vendor, in its order. */
export type Pace = { version: number; meters: readonly Meter[] }
/**
 * `next`: when the following request would be exactly on time, for rates over less than an hour. `used` since `from`:
 * for longer windows, where even spacing would hold back a burst that the vendor allows.
 */
export type Meter = { next: number } | { from: number; used: number }
export type PaceRate = { requests: number; perMs: number }

export const freshPace = (): Pace => ({ version: 0, meters: [] })

/**
 * We use this share of what the vendor documents: requests that leave evenly spaced do not arrive so, and the urgent lane
 * may step forward by URGENT of a window. Together they stay below the limit in any window, sliding or fixed.
 */
const SHARE = 0.96
const URGENT = 0.02
const LONG_MS = 3_600_000

export type Grant = {
  pace: Pace
  /** Times at which a request each may leave, at least one. */
  slots: readonly number[]
}

/**
 * Reserves up to `want` requests. Slots are spaced evenly, so that a whole window is never spent at once, and reach at
 * most `aheadMs` into the future: what is reserved and not used is lost to everyone else.
 */
export function reserve(
  pace: Pace,
  rates: readonly PaceRate[],
  now: number,
  want: number,
  lane: Lane,
  aheadMs = 1_000,
): Grant {
  const meters = rates.map((rate, i) => pace.meters[i] ?? fresh(rate, now))
  const earliest = Math.max(now, ...rates.map((rate, i) => startOf(meters[i]!, rate, now, lane)))
  const spacing = Math.max(0, ...rates.map(rate => (rate.perMs < LONG_MS ? spacingOf(rate) : 0)))
  const inWindow = Math.min(...rates.map((rate, i) => leftOf(meters[i]!, rate, earliest)), want)
  const fit = spacing > 0 ? Math.floor(aheadMs / spacing) + 1 : want
  const count = Math.max(1, Math.min(want, fit, inWindow))
  const slots = Array.from({ length: count }, (_, n) => earliest + n * spacing)
  return {
    slots,
    pace: { version: pace.version, meters: rates.map((rate, i) => spend(meters[i]!, rate, earliest, count)) },
  }
}

const spacingOf = ({ requests, perMs }: PaceRate) => perMs / (requests * SHARE)
const allowed = ({ requests }: PaceRate) => Math.max(1, Math.floor(requests * SHARE))
const fresh = ({ perMs }: PaceRate, now: number): Meter => (perMs < LONG_MS ? { next: now } : { from: now, used: 0 })

function startOf(meter: Meter, rate: PaceRate, now: number, lane: Lane): number {
  if ('next' in meter) return meter.next - (lane === 'urgent' ? Math.max(rate.perMs * URGENT, spacingOf(rate)) : 0)
  const over = now >= meter.from + rate.perMs
  return over || meter.used < allowed(rate) ? now : meter.from + rate.perMs
}

const leftOf = (meter: Meter, rate: PaceRate, at: number): number =>
  'next' in meter || at >= meter.from + rate.perMs
    ? allowed(rate)
    : Math.max(1, allowed(rate) - meter.used)

function spend(meter: Meter, rate: PaceRate, at: number, count: number): Meter {
  if ('next' in meter) return { next: Math.max(meter.next, at) + count * spacingOf(rate) }
  return at >= meter.from + rate.perMs ? { from: at, used: count } : { from: meter.from, used: meter.used + count }
}

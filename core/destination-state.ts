import type { Lane } from './event.ts'

/**
 * What `state` remembers of a destination: whether it may send now, and since when not. One row; an outage is written
 * here once and touches no envelope. Every change goes through a function of this file and bumps `version`.
 */
export type DestinationState = {
  version: number
  /** Switched off by a person; on again only by a person. */
  paused?: { since: number; by: string; reason: string }
  /** Settings, credentials or account are wrong. One record probes at `probeAt`, after a deploy or with a new credential. */
  stopped?: { since: number; code: string; words: string; probeAt: number; revision: string; credential: string }
  /** The vendor asked us to wait. */
  throttled?: { since: number; until: number; code: string }
  breaker: { failures: number; openedAt?: number; probeAt?: number }
  /** The account's allowance is nearly used up; looked at again after `until`. `since`: what nobody waits for is held. */
  saving?: { share: number; until: number; since?: number }
  /** Closed intervals in which nothing could be sent, oldest first: they do not count against an event's time. */
  outages: readonly Interval[]
  /** The same of the normal lane alone, which is held to save what is left of the allowance. */
  held?: readonly Interval[]
  /** The highest number of shards ever used: all of them are read. */
  shards: number
}
export type Interval = readonly [from: number, to: number]

/** What a probe of a stopped destination depends on: either one changing is a reason to try again. */
export type Conditions = { revision: string; credential: string }

export const freshState = (): DestinationState => ({ version: 0, breaker: { failures: 0 }, outages: [], shards: 0 })

export type Gate =
  | { open: true }
  /** One record may go, by whoever claims the probe first. */
  | { open: false; probe: true; reason: ClosedReason; since: number }
  /** `until` is absent where only a person or a deploy can open it. */
  | { open: false; probe: false; reason: ClosedReason; since: number; until?: number }
export type ClosedReason = 'paused' | 'stopped' | 'throttled' | 'breaker'

/** May this destination send at `now`? A person's pause outweighs all else; then what stays longest. */
export function gate(state: DestinationState, now: number, conditions: Conditions): Gate {
  const { paused, stopped, throttled, breaker } = state
  if (paused) return { open: false, probe: false, reason: 'paused', since: paused.since }
  if (stopped) {
    const changed = stopped.revision !== conditions.revision || stopped.credential !== conditions.credential
    const { since, probeAt } = stopped
    return changed || now >= probeAt
      ? { open: false, probe: true, reason: 'stopped', since }
      : { open: false, probe: false, reason: 'stopped', since, until: probeAt }
  }
  if (throttled && now < throttled.until)
    return { open: false, probe: false, reason: 'throttled', since: throttled.since, until: throttled.until }
  if (breaker.openedAt === undefined) return { open: true }
  const probeAt = breaker.probeAt ?? breaker.openedAt
  return now >= probeAt
    ? { open: false, probe: true, reason: 'breaker', since: breaker.openedAt }
    : { open: false, probe: false, reason: 'breaker', since: breaker.openedAt, until: probeAt }
}

const PROBE_STOPPED_MS = 3_600_000

/** Takes the probe away from everyone else; the write that stores this is conditional on `version`. */
export function claimProbe(
  state: DestinationState,
  now: number,
  conditions: Conditions,
  resetMs: number,
): DestinationState {
  if (state.stopped) return { ...state, stopped: { ...state.stopped, ...conditions, probeAt: now + PROBE_STOPPED_MS } }
  return { ...state, breaker: { ...state.breaker, probeAt: now + resetMs } }
}

/** A call failed: the limit-th in a row opens the breaker, a failed probe keeps it open. */
export function failed(
  state: DestinationState,
  now: number,
  breaker: { failures: number; resetMs: number },
  trip = false,
): DestinationState {
  const failures = state.breaker.failures + 1
  const open = trip || failures >= breaker.failures || state.breaker.openedAt !== undefined
  return open
    ? { ...state, breaker: { failures, openedAt: state.breaker.openedAt ?? now, probeAt: now + breaker.resetMs } }
    : { ...state, breaker: { failures } }
}

/** The vendor took something: whatever kept the destination shut (but a person's pause) is over. */
export function succeeded(state: DestinationState, now: number): DestinationState {
  const { stopped, throttled, ...rest } = state
  const outages = [
    stopped && ([stopped.since, now] as const),
    throttled && ([throttled.since, Math.min(now, throttled.until)] as const),
    state.breaker.openedAt !== undefined && ([state.breaker.openedAt, now] as const),
  ]
  return { ...rest, breaker: { failures: 0 }, outages: remember(state.outages, outages, now) }
}

/** A request succeeded while the destination was open, as far as its run knew: only the count of failures starts anew. */
export const steady = (state: DestinationState): DestinationState =>
  state.breaker.openedAt === undefined && state.breaker.failures > 0 ? { ...state, breaker: { failures: 0 } } : state

/** The probe was not needed: nothing was there to be sent. Whoever has something may take it at once. */
export const returnProbe = (state: DestinationState, now: number): DestinationState => {
  const { stopped, breaker } = state
  if (stopped) return { ...state, stopped: { ...stopped, probeAt: now } }
  return breaker.openedAt === undefined ? state : { ...state, breaker: { ...breaker, probeAt: now } }
}

/** Whether `succeeded` would change anything worth a write. */
export const troubled = (state: DestinationState): boolean =>
  state.breaker.failures > 0 || Boolean(state.stopped || state.throttled)

export function stop(
  state: DestinationState,
  now: number,
  cause: { code: string; words: string },
  conditions: Conditions,
): DestinationState {
  const since = state.stopped?.since ?? now
  return { ...state, stopped: { since, ...cause, ...conditions, probeAt: now + PROBE_STOPPED_MS } }
}

export function throttle(state: DestinationState, now: number, until: number, code: string): DestinationState {
  const previous = state.throttled
  if (previous && until <= previous.until) return state
  if (previous && now < previous.until) return { ...state, throttled: { ...previous, until } }
  const outages = previous ? remember(state.outages, [[previous.since, previous.until]], now) : state.outages
  return { ...state, throttled: { since: now, until, code }, outages }
}

export const pause = (state: DestinationState, now: number, by: string, reason: string): DestinationState => ({
  ...state,
  paused: { since: state.paused?.since ?? now, by, reason },
})

/** A person says go: everything that kept the destination shut is forgotten, and its time does not count. */
export function resume(state: DestinationState, now: number): DestinationState {
  const { paused, ...rest } = succeeded(state, now)
  return paused ? { ...rest, outages: remember(rest.outages, [[paused.since, now]], now) } : rest
}

/** Since when nothing has been sendable without interruption; undefined while the destination is open. */
export const offSince = (state: DestinationState, now: number): number | undefined =>
  merge([...state.outages, ...openOutages(state, now)]).findLast(([from, to]) => from <= now && to >= now)?.[0]

/** Milliseconds between `from` and `now` in which the lane could send: what counts against an event's time. */
export function sendableMs(state: DestinationState, lane: Lane, from: number, now: number): number {
  const closed = merge([...state.outages, ...openOutages(state, now), ...(lane === 'normal' ? holds(state, now) : [])])
  const lost = closed.reduce((sum, [start, end]) => sum + Math.max(0, Math.min(end, now) - Math.max(start, from)), 0)
  return now - from - lost
}

function openOutages({ paused, stopped, throttled, breaker }: DestinationState, now: number): Interval[] {
  const open: Interval[] = []
  if (paused) open.push([paused.since, now])
  if (stopped) open.push([stopped.since, now])
  if (throttled) open.push([throttled.since, Math.min(now, throttled.until)])
  if (breaker.openedAt !== undefined) open.push([breaker.openedAt, now])
  return open.filter(([from, to]) => to === now || to > from)
}

/**
 * A hold ends when the vendor says that there is room again, not when we may ask: in between nobody has sent anything but
 * the one load that asks.
 */
const holds = ({ held = [], saving }: DestinationState, now: number): readonly Interval[] =>
  saving?.since === undefined ? held : [...held, [saving.since, now]]

/** From these shares of the allowance on: slower, and only what somebody waits for. */
const SLOW = 0.8
const URGENT_ONLY = 0.95
const SAVING_MS = 15 * 60_000

/** The vendor said which share of the account's allowance is used up. Unchanged unless that changes what we do. */
export function allowance(state: DestinationState, now: number, share: number): DestinationState {
  const { saving } = state
  const level = levelOf(share)
  if (level === 'none' && !saving) return state
  if (saving && levelOf(saving.share) === level && now < saving.until - SAVING_MS / 2) return state
  const { saving: _, ...rest } = level === 'urgent-only' ? state : released(state, now)
  if (level === 'none') return rest
  const since = level === 'urgent-only' ? { since: saving?.since ?? now } : {}
  return { ...rest, saving: { share, until: now + SAVING_MS, ...since } }
}

/** There is room again: the time in which the normal lane was held is remembered. */
function released(state: DestinationState, now: number): DestinationState {
  const { since } = state.saving ?? {}
  return since === undefined ? state : { ...state, held: remember(state.held ?? [], [[since, now]], now) }
}

export type Saving = 'none' | 'slow' | 'urgent-only'
const levelOf = (share: number): Saving => (share >= URGENT_ONLY ? 'urgent-only' : share >= SLOW ? 'slow' : 'none')
export const savingOf = ({ saving }: DestinationState, now: number): Saving =>
  saving && now < saving.until ? levelOf(saving.share) : 'none'

const MEMORY_MS = 15 * 86_400_000 // longer than any envelope lives: keep 7 d + 72 h + 24 h
const MOST = 200

function remember(
  known: readonly Interval[],
  more: readonly (Interval | undefined | false)[],
  now: number,
): readonly Interval[] {
  const closed = merge([...known, ...more.filter(interval => interval !== undefined && interval !== false)])
  const recent = closed.filter(([, to]) => to > now - MEMORY_MS)
  while (recent.length > MOST) joinNearest(recent)
  return recent
}

/** Forgetting an outage could bury an event too early; counting the gap between two as one can only keep it longer. */
function joinNearest(intervals: Interval[]): void {
  let best = 1
  for (let i = 2; i < intervals.length; i++)
    if (intervals[i]![0] - intervals[i - 1]![1] < intervals[best]![0] - intervals[best - 1]![1]) best = i
  intervals.splice(best - 1, 2, [intervals[best - 1]![0], intervals[best]![1]])
}

function merge(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = []
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last && from <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], to)]
    else merged.push([from, to])
  }
  return merged
}

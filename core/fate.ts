import type { Judgement, Verdict } from './connector.ts'
import type { Death, Progress, Waiting } from './envelope.ts'

/** What becomes of a waiting event once everything that is known of it has been said. */
export type Fate =
  | { kind: 'gone'; why: 'delivered' | 'skipped' | 'suppressed' }
  /** Waits on, changed or not. */
  | { kind: 'waits'; waiting: Waiting; code?: string }
  | { kind: 'dead'; waiting: Waiting & { dead: Death } }

const MINUTE = 60_000
/** Back-off of a record: these, then the last again and again until its time is over (design: 1, 5, 15 min, 1 h, 4 h). */
const BACKOFF: readonly number[] = [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 240 * MINUTE]

/** Wait before try number `attempts` + 1; up to a fifth is added so that what failed together does not return together. */
export function backoff(attempts: number, random: number): number {
  const base = BACKOFF[Math.min(Math.max(attempts, 1), BACKOFF.length) - 1]!
  return Math.round(base * (1 + random * 0.2))
}

/** A contact whose quota is used up may be told to come back in a day; longer than that is not believed. */
const LONGEST_WAIT = 24 * 60 * MINUTE
const RECORD_WAIT = 5 * MINUTE
const JOB_WAIT = MINUTE

/**
 * The fate that a judgement brings. `hold`: a call that was sent without an answer is buried rather than sent again.
 * `unauthorized` and `misconfigured` and a throttled destination leave the record as it is: the destination waits, not it.
 * `progress`: how far its records have come, in place of what was known before.
 */
export function fateOf(
  waiting: Waiting,
  judgement: Judgement,
  now: number,
  random: number,
  onUnknown: 'resend' | 'hold',
  progress: Progress = {},
): Fate {
  const { verdict, code } = judgement
  const { jobs: _jobs, done: _done, ...rest } = waiting
  const waits = { ...rest, ...progress }
  switch (verdict) {
    case 'delivered':
      return { kind: 'gone', why: 'delivered' }
    case 'rejected':
      return { kind: 'dead', waiting: bury(waiting, 'rejected', now, judgement) }
    case 'unknown':
      if (onUnknown === 'hold') return { kind: 'dead', waiting: bury(waiting, 'outcome-unknown', now, judgement) }
      return later(waits, now, backoff(waiting.attempts + 1, random), 1, code)
    case 'retry':
      if (judgement.tries !== undefined && waiting.attempts + 1 >= judgement.tries)
        return { kind: 'dead', waiting: bury(waiting, 'rejected', now, judgement) }
      return later(
        waits,
        now,
        Math.max(backoff(waiting.attempts + 1, random), Math.min(judgement.waitMs ?? 0, LONGEST_WAIT)),
        1,
        code,
      )
    case 'throttled':
      if (judgement.scope !== 'record') return later(waits, now, 0, 0, code)
      return later(waits, now, Math.min(judgement.waitMs ?? RECORD_WAIT, LONGEST_WAIT), 0, code)
    case 'pending':
      return later(waits, now, Math.min(judgement.waitMs ?? JOB_WAIT, LONGEST_WAIT), 0, code)
    case 'unauthorized':
    case 'misconfigured':
      return later(waits, now, 0, 0, code)
  }
}

function later(waiting: Waiting, now: number, waitMs: number, attempts: 0 | 1, code: string | undefined): Fate {
  const due = waitMs ? now + waitMs : waiting.due
  const next = { ...waiting, due, attempts: waiting.attempts + attempts }
  return { kind: 'waits', waiting: next, ...(code && { code }) }
}

export function bury(
  waiting: Waiting,
  reason: Death['reason'],
  at: number,
  { code, words }: { code?: string; words?: string } = {},
): Waiting & { dead: Death } {
  return { ...waiting, dead: { reason, at, ...(code && { code }), ...(words && { words }) } }
}

/** Worst first: an event that needs several calls has the worst of their outcomes. */
const SEVERITY: readonly Verdict[] = [
  'misconfigured',
  'unauthorized',
  'rejected',
  'unknown',
  'throttled',
  'retry',
  'pending',
  'delivered',
]
export const worse = (a: Judgement | undefined, b: Judgement): Judgement =>
  !a || SEVERITY.indexOf(b.verdict) < SEVERITY.indexOf(a.verdict) ? b : a

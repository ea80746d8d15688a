import type { DeathReason } from './envelope.ts'

/**
 * One kind of trouble of one destination, as `state` remembers it: what its mails tell, and which of them are sent. There is
 * one mail per cause and window, whatever the number of events, and none is lost to a death between row and mail.
 */
export type Cause = {
  reason: Reason
  /** Epoch ms. */
  since: number
  /** When it was last reported. */
  last: number
  open: boolean
  reports: number
  code?: string
  words?: string
  /** Whose credentials, where that is not the destination's own tenant. */
  account?: string
  /** As of the last report that said so. */
  waiting?: number
  died: number
  /** Died of it, by the vendor's code. */
  codes: { readonly [code: string]: number }
  /** Newest first. */
  examples: readonly string[]
  /** The last mail of this trouble; `fresh` is how many deaths it told of that no mail had told before. */
  mailed?: { at: number; died: number; fresh: number }
  /** Somebody is sending a mail; if it dies doing so, another may after CLAIM_MS. */
  claimed?: { kind: MailKind; at: number }
  /** It is over, and those who heard of it do not know yet. */
  owesRecovery?: true
  /** A person has tried to put it right: the next report is news again. */
  retell?: true
  /** A destination that comes and goes mails no more than this allows. */
  quietUntil?: number
}

/** Over when the destination works again. */
export type Trouble = 'unreachable' | 'misconfigured' | 'unauthorized'
export type Reason = Trouble | DeathReason
export type MailKind = 'news' | 'reminder' | 'recovered'

export type Report = {
  reason: Reason
  code?: string
  words?: string
  account?: string
  since?: number
  waiting?: number
  died?: number
  /** Event ids. */
  examples: readonly string[]
}

const TROUBLES: readonly Reason[] = ['unreachable', 'misconfigured', 'unauthorized']
/** Troubles heal; deaths only add up. */
export const isTrouble = (reason: Reason): reason is Trouble => TROUBLES.includes(reason)

const HOUR = 3_600_000
const REMIND_MS = 24 * HOUR
const QUIET_MS = HOUR
/** So many times what the last mail told is news again before its day is over, but not before an hour is. */
const FLOOD = 10
const CLAIM_MS = 120_000
const MOST_CODES = 10
const MOST_EXAMPLES = 3

/** The cause after one more report of it. */
export function note(known: Cause | undefined, report: Report, now: number): Cause {
  const before = known && continues(known, now) ? resumed(known) : opening(known, report, now)
  const { code, words, account, waiting, died = 0 } = report
  return {
    ...before,
    open: true,
    last: now,
    reports: before.reports + 1,
    died: before.died + died,
    codes: count(before.codes, code, died),
    examples: [...new Set([...report.examples, ...before.examples])].slice(0, MOST_EXAMPLES),
    ...(code !== undefined && { code }),
    ...(words !== undefined && { words }),
    ...(account !== undefined && { account }),
    ...(waiting !== undefined && { waiting }),
  }
}

/** Trouble goes on until it heals; deaths belong together until none has come for a day. */
const continues = (known: Cause, now: number): boolean =>
  isTrouble(known.reason)
    ? known.open || known.owesRecovery === true
    : now < known.last + REMIND_MS || untold(known) > 0

function resumed({ owesRecovery: _owes, retell, mailed, quietUntil, ...known }: Cause): Cause {
  return { ...known, ...(!retell && mailed && { mailed }), ...(!retell && quietUntil !== undefined && { quietUntil }) }
}

function opening(known: Cause | undefined, { reason, since }: Report, now: number): Cause {
  const { quietUntil } = known ?? {}
  return {
    reason,
    since: since ?? now,
    last: now,
    open: true,
    reports: 0,
    died: 0,
    codes: {},
    examples: [],
    ...(quietUntil !== undefined && { quietUntil }),
  }
}

function count(codes: Cause['codes'], code: string | undefined, died: number): Cause['codes'] {
  if (code === undefined || !died) return codes
  const name = Object.hasOwn(codes, code) || Object.keys(codes).length < MOST_CODES ? code : 'other'
  const before = Object.hasOwn(codes, name) ? codes[name]! : 0
  return { ...codes, [name]: before + died }
}

/** The destination works again. Who never heard of the trouble does not hear of its end either. */
export function heal(cause: Cause): Cause {
  if (!cause.open || !isTrouble(cause.reason)) return cause
  return { ...cause, open: false, ...((cause.mailed || cause.claimed) && { owesRecovery: true }) }
}

/** A person has put it right, or thinks so: if it is reported again, that is news. */
export const forget = (cause: Cause): Cause =>
  cause.open && isTrouble(cause.reason) ? { ...cause, retell: true } : cause

/** The mail that this cause asks for at `now`, unless somebody is already sending one. */
export function mailDue(cause: Cause, now: number): MailKind | undefined {
  const { claimed, mailed, quietUntil = 0 } = cause
  if (claimed && now < claimed.at + CLAIM_MS) return undefined
  if (!cause.open) return cause.owesRecovery ? 'recovered' : undefined
  if (!mailed) return now >= quietUntil && (isTrouble(cause.reason) || cause.died > 0) ? 'news' : undefined
  if (isTrouble(cause.reason)) return now >= mailed.at + REMIND_MS ? 'reminder' : undefined
  const more = untold(cause)
  const flood = now >= mailed.at + HOUR && more >= FLOOD * mailed.fresh
  return more > 0 && (flood || now >= mailed.at + REMIND_MS) ? 'reminder' : undefined
}

/** Died since the last mail. */
export const untold = ({ died, mailed }: Cause): number => died - (mailed?.died ?? 0)

export const claim = (cause: Cause, kind: MailKind, now: number): Cause => ({ ...cause, claimed: { kind, at: now } })

/**
 * The claimed mail is out. After a recovery, what has opened again meanwhile is a trouble of its own that nobody was told of;
 * after news, what has healed meanwhile still owes its recovery.
 */
export function told({ claimed: _claimed, ...cause }: Cause, kind: MailKind, now: number): Cause {
  const quietUntil = now + QUIET_MS
  if (kind !== 'recovered')
    return { ...cause, quietUntil, mailed: { at: now, died: cause.died, fresh: Math.max(1, untold(cause)) } }
  const { owesRecovery: _owes, mailed: _mailed, ...rest } = cause
  return { ...rest, quietUntil }
}

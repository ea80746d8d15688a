import type { Explanation, Judgement, RawAnswer, Rule, Verdict } from './connector.ts'
import { mask } from './mask.ts'

/** How a request ended: an answer, or why there is none. `sent: 'no'` where it is certain that the vendor saw nothing. */
export type Ended =
  | ({ answered: true } & RawAnswer)
  | { answered: false; sent: 'no' | 'maybe'; code: string; words: string }

const LONGEST_WAIT_MS = 86_400_000
const WORDS = 300
const CODE = 80

/**
 * What the end of a request, or one row of its answer, means: by the first rule of the vendor's table that matches, else by
 * the status alone. `now` in epoch ms, for a `Retry-After` that is a date.
 */
export function judge(
  connector: { readonly rules: readonly Rule[] },
  call: { readonly repeatable: boolean },
  ended: Ended,
  explanation: Explanation,
  now: number,
): Judgement {
  const status = ended.answered ? ended.status : 0
  const code = ended.answered ? explanation.code : ended.code
  const words = ended.answered ? explanation.words : ended.words
  const rule = connector.rules.find(candidate => matches(candidate, status, code))
  const verdict = settled(rule?.verdict ?? byStatus(status), ended, call.repeatable || rule?.notProcessed === true)
  const waitMs = waitOf(verdict, rule, ended, explanation, now)
  return {
    verdict,
    ...codeOf(status, code),
    ...(words && { words: cut(mask(words), WORDS) }),
    ...(verdict === 'throttled' && { scope: rule?.scope ?? 'destination' }),
    ...(waitMs !== undefined && { waitMs }),
    ...(verdict === 'retry' && rule?.tries !== undefined && { tries: rule.tries }),
    ...(rule?.optOut && { optOut: true }),
    ...((rule ? rule.halve : status === 413) && { halve: true }),
  }
}

const matches = (rule: Rule, status: number, code: string | undefined) =>
  (rule.status === undefined || among(rule.status, status)) &&
  (rule.code === undefined || (code !== undefined && among(rule.code, code)))

const among = <T>(wanted: T | readonly T[], value: T) =>
  Array.isArray(wanted) ? wanted.includes(value) : wanted === value

function byStatus(status: number): Exclude<Verdict, 'unknown'> {
  if (status === 0 || status === 408 || status >= 500) return 'retry'
  if (status === 401) return 'unauthorized'
  if (status === 429) return 'throttled'
  if (status >= 200 && status < 300) return 'delivered'
  return status < 400 ? 'misconfigured' : 'rejected'
}

/** A `retry` stays one where repeating is harmless or the vendor surely did nothing; else the outcome is unknown. */
function settled(verdict: Verdict, ended: Ended, harmless: boolean): Verdict {
  if (verdict !== 'retry' || harmless) return verdict
  const inDoubt = ended.answered ? ended.status >= 500 || ended.status === 408 : ended.sent === 'maybe'
  return inDoubt ? 'unknown' : 'retry'
}

const codeOf = (status: number, code: string | undefined) => {
  if (code) return { code: cut(mask(code), CODE) }
  return status >= 300 ? { code: `http-${status}` } : {}
}

/** What the answer itself asks for, else the table's wait; a table's wait for a `retry` is the least. Never above a day. */
function waitOf(verdict: Verdict, rule: Rule | undefined, ended: Ended, { waitMs }: Explanation, now: number) {
  if (verdict !== 'throttled' && verdict !== 'retry') return undefined
  const asked = bounded(waitMs) ?? (ended.answered ? retryAfter(ended.headers['retry-after'], now) : undefined)
  if (rule?.waitMs === undefined) return asked
  return bounded(verdict === 'retry' ? Math.max(rule.waitMs, asked ?? 0) : (asked ?? rule.waitMs))
}

/** `Retry-After` in ms from now, by seconds or HTTP date: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(text)) return bounded(Number(text) * 1000)
  return /^[A-Za-z]{3}/.test(text) ? bounded(Math.max(0, Date.parse(text) - now)) : undefined
}

const bounded = (ms: number | undefined) =>
  ms === undefined || Number.isNaN(ms) || ms < 0 ? undefined : Math.min(Math.ceil(ms), LONGEST_WAIT_MS)

const cut = (text: string, length: number) =>
  text.length <= length ? text : `${text.slice(0, length - 1).toWellFormed()}…`

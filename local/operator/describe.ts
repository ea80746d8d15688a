import { type Cause, isTrouble } from '../../core/cause.ts'
import type { DestinationState } from '../../core/destination-state.ts'
import type { LetterSummary } from '../../core/letter.ts'
import { asSpan, asTime } from '../../core/notice.ts'
import type { Backlog, LetterCount } from '../../functions/aws/overview.ts'
import type { OperateResult } from '../../functions/operate.ts'

export type Success = Extract<OperateResult, { ok: true }>

/** The answer as text for a person. */
export function describe(result: Success, now: number): string {
  switch (result.did) {
    case 'status':
      return describeStatus(result, now)
    case 'pause':
      return `${result.destination} is paused. Events wait; the time does not count against them.`
    case 'resume':
      return `${result.destination} is on again, and a run has been started.`
    case 'letters':
      return describeLetters(result)
    case 'redrive':
      return describeRedrive(result)
    case 'drop':
      return [
        `${counted(result.dropped.length, 'letter')} dropped.`,
        ...(result.kept.length ? [`Not there, or just being redriven: ${result.kept.join(', ')}`] : []),
      ].join('\n')
    case 'suppress':
      return 'The person has opted out: nothing more of theirs is kept or sent for this tenant.'
  }
}

function describeStatus(
  { destination, state, causes, waiting, letters }: Extract<Success, { did: 'status' }>,
  now: number,
) {
  const rows: [string, string][] = [
    ['state', standing(state, now)],
    ['urgent', backlog(waiting.urgent, now)],
    ['normal', backlog(waiting.normal, now)],
    ['dead', deadLetters(letters)],
    ...causes
      .filter(cause => isFresh(cause, now))
      .map((cause): [string, string] => [cause.reason, trouble(cause, now)]),
  ]
  return [destination, ...rows.map(([name, text]) => `  ${name.padEnd(16)}${text}`)].join('\n')
}

export function standing({ paused, stopped, throttled, breaker }: DestinationState, now: number): string {
  if (paused) return `paused by ${paused.by} since ${asTime(paused.since)}: ${paused.reason}`
  if (stopped)
    return `stopped since ${asTime(stopped.since)} (${stopped.code}), probes at ${asTime(stopped.probeAt)}: ${stopped.words}`
  if (breaker.openedAt !== undefined)
    return `breaker open since ${asTime(breaker.openedAt)}, probes at ${asTime(breaker.probeAt ?? breaker.openedAt)}`
  if (throttled && now < throttled.until) return `throttled by the vendor until ${asTime(throttled.until)}`
  return breaker.failures ? `open, ${counted(breaker.failures, 'failure')} in a row` : 'open'
}

const backlog = ({ envelopes, more, oldestAt }: Backlog, now: number): string =>
  envelopes
    ? `${more ? 'at least ' : ''}${counted(envelopes, 'envelope')} waiting, the oldest since ${asTime(oldestAt ?? now)}`
    : 'nothing waiting'

function deadLetters({ dead, redriven, more }: LetterCount): string {
  const parts = Object.entries(dead).map(([reason, count]) => `${count} ${reason}`)
  if (redriven) parts.push(`${redriven} redriven`)
  return parts.length ? `${parts.join(', ')}${more ? ', and more' : ''}` : 'none'
}

const DAY_MS = 86_400_000
const isFresh = ({ reason, open, last }: Cause, now: number): boolean =>
  open && (isTrouble(reason) || now - last < DAY_MS)

function trouble({ since, died, code, words, examples }: Cause, now: number): string {
  const parts = [`since ${asTime(since)} (${asSpan(now - since)})`]
  if (died) parts.push(`${died} died`)
  if (code) parts.push(code)
  if (words) parts.push(`"${words}"`)
  if (examples.length) parts.push(`e.g. ${examples.join(', ')}`)
  return parts.join(', ')
}

function describeLetters({ letters, next }: Extract<Success, { did: 'letters' }>): string {
  if (!letters.length) return 'No dead letters.'
  return [...letters.map(letterLine), ...(next === undefined ? [] : [`More with --after ${next}`])].join('\n')
}

const letterLine = ({ id, event, status, reason, code, words, diedAt, life }: LetterSummary): string =>
  [
    id,
    event ?? '(event not kept)',
    status === 'dead' ? reason : `${reason} (${status})`,
    ...(code ? [code] : []),
    asTime(diedAt),
    ...(life ? [`life ${life + 1}`] : []),
    ...(words ? [`"${words}"`] : []),
  ].join('  ')

const describeRedrive = ({ redriven, held, unkept, missing }: Extract<Success, { did: 'redrive' }>): string =>
  [
    `${counted(redriven.length, 'event')} on the way again.`,
    ...(held.length
      ? [`${held.length} held: they may have arrived already. To send them all the same, add --resend-unknown.`]
      : []),
    ...(unkept.length
      ? [`${unkept.length} cannot be sent again: the vendor had accepted them, and no event is kept after that.`]
      : []),
    ...(missing.length ? [`No such letter: ${missing.join(', ')}`] : []),
  ].join('\n')

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

import { type Cause, isTrouble, type MailKind, type Reason, untold } from './cause.ts'
import { mask } from './mask.ts'
import { destinationName } from './tenant.ts'

export type Mail = { subject: string; text: string }
export type Place = { stack: string; connector: string; tenant: string }
/** What waits while the trouble lasts; `more`: at least so many. `examples` are ids, oldest first. */
export type Backlog = { events: number; more: boolean; examples: readonly string[] }

/**
 * A mail that somebody on call can act on without looking anything up: what stopped, since when, how much waits or died,
 * the vendor's own words, what to do and the command that does it. Ids and codes only, never who the events are about.
 */
export function writeMail(place: Place, cause: Cause, kind: MailKind, now: number, backlog?: Backlog): Mail {
  const name = destinationName(place.tenant, place.connector)
  const { subject, headline, todo } = kind === 'recovered' ? RECOVERED : TEXTS[cause.reason]
  const about = { ...place, name, cause }
  const steps = todo(about).map((step, i) => `  ${i + 1}. ${step}`)
  return {
    subject: asSubject(`[connect ${place.stack}] ${name}: ${kind === 'reminder' ? 'still ' : ''}${subject(about)}`),
    text: [
      headline(about),
      facts(cause, kind, now, backlog).join('\n'),
      ...(steps.length ? [`What to do\n${steps.join('\n')}`] : []),
      `To look first: ${command(about, 'status')}`,
    ].join('\n\n'),
  }
}

type About = Place & { name: string; cause: Cause }
type Text = {
  subject(about: About): string
  headline(about: About): string
  todo(about: About): readonly string[]
}

const command = ({ stack, name }: About, verb: string, options = ''): string =>
  `npm run connect -- ${stack} ${verb} ${name}${options && ` ${options}`}`
const secretName = ({ connector, tenant, cause }: About): string =>
  `/connect/${connector}/${cause.account ?? tenant}/credentials`
const howMany = (count: number): string => `${count.toLocaleString('en-US')} ${count === 1 ? 'event' : 'events'}`
/** What this mail tells of: deaths since the last one. */
const dead = ({ cause }: About): string => howMany(untold(cause))
const KEPT =
  'Nothing is lost: events wait, and the time of the outage does not count against them. If the destination stays off for longer than it keeps events (7 days unless its config says otherwise), they become dead letters, which can be redriven.'

const TEXTS: { readonly [R in Reason]: Text } = {
  unreachable: {
    subject: () => 'vendor does not answer',
    headline: ({ name }) =>
      `The vendor of ${name} does not answer, or answers with errors of its own. Connect has stopped sending and tries one call a minute; delivery goes on by itself as soon as that passes. ${KEPT}`,
    todo: about => [
      "Look at the vendor's status page. If the vendor is down, there is nothing to do but wait for the recovery mail.",
      `To try at once: ${command(about, 'resume')}`,
    ],
  },
  misconfigured: {
    subject: ({ cause }) => `stopped, vendor refuses settings or account${withCode(cause)}`,
    headline: ({ name }) =>
      `The vendor refuses what ${name} is set up to do, whatever the event: settings, plan or permissions are wrong. Connect has stopped sending and tries one event an hour. ${KEPT}`,
    todo: about => [
      `Put right what the vendor complains about: in the vendor's account, or in Pulumi.${about.stack}.yaml (then: pulumi up --stack ${about.stack}).`,
      `Then: ${command(about, 'resume')}`,
    ],
  },
  unauthorized: {
    subject: ({ cause }) => `stopped, cannot log in${withCode(cause)}`,
    headline: ({ name }) => `Connect cannot log in to the vendor for ${name}, so nothing is sent. ${KEPT}`,
    todo: about => [
      `Check the credentials in the secret ${secretName(about)}. If they look right, authorise again as connectors/${about.connector}/README.md says: the vendor may have withdrawn what Connect holds.`,
      `Store them: aws secretsmanager put-secret-value --secret-id ${secretName(about)} --secret-string file://credentials.json`,
      `Then: ${command(about, 'resume')}`,
    ],
  },
  rejected: {
    subject: about => `${dead(about)} refused${withCode(about.cause)}`,
    headline: about =>
      `The vendor refused ${dead(about)} of ${about.name} for good: as they are, they would be refused again. They are kept as dead letters for 90 days. Other events are delivered as usual.`,
    todo: about => [
      `Read them: ${command(about, 'letters')}`,
      `If the cause can be put right (a field that is missing at the vendor, a mapping), do so and send them again: ${command(about, 'redrive', withOption('--code', about.cause.code))}`,
      `What will never be wanted: ${command(about, 'drop', '--ids <id>,<id>')}`,
    ],
  },
  expired: {
    subject: about => `${dead(about)} ran out of time`,
    headline: about =>
      `${dead(about)} of ${about.name} could not be delivered within their 72 hours and are dead letters now.`,
    todo: about => [
      'See below what the vendor said last, and put it right.',
      `Send them again, with fresh time: ${command(about, 'redrive', '--reason expired')}`,
    ],
  },
  'outcome-unknown': {
    subject: about => `${dead(about)} sent, outcome unknown`,
    headline: about =>
      `${dead(about)} of ${about.name} were sent, but no answer came back. Sending them again could reach people twice, so they are held as dead letters.`,
    todo: about => [
      'Look in the vendor for the examples: have they arrived?',
      `Those that have: ${command(about, 'drop', '--ids <id>,<id>')}`,
      `Those that have not: ${command(about, 'redrive', '--ids <id>,<id> --resend-unknown')}`,
    ],
  },
  'destination-off': {
    subject: about => `off for too long, ${dead(about)} set aside`,
    headline: about =>
      `${about.name} has been off for longer than it keeps events. ${dead(about)} that waited are dead letters now.`,
    todo: about => [
      `Switch it on: ${command(about, 'resume')}`,
      `Send them again: ${command(about, 'redrive', '--reason destination-off')}`,
    ],
  },
  'never-processed': {
    subject: about => `${dead(about)} never processed`,
    headline: about =>
      `${dead(about)} of ${about.name} waited until the end of their time and no run has ever taken them. Connect itself has failed here; they are kept as dead letters.`,
    todo: about => [
      `Look at the schedules and the errors of the function connect-${about.stack}-${about.connector}-process.`,
      `Once it runs, send them again: ${command(about, 'redrive', '--reason never-processed')}`,
    ],
  },
  undelivered: {
    subject: about => `${dead(about)} accepted, then not delivered${withCode(about.cause)}`,
    headline: about =>
      `The vendor had accepted ${dead(about)} of ${about.name}, and told later that nothing arrived. Connect keeps no event that was accepted: what is left is a dead letter with id, code and time. New events are sent as usual.`,
    todo: about => [
      `Read them: ${command(about, 'letters')}`,
      `If the code is about the account, the number or a template, stop until that is put right: ${command(about, 'pause', '--reason "<why>"')}`,
      'What is still wanted has to come again from where it came from, as a new event.',
      `What you have dealt with: ${command(about, 'drop', '--ids <id>,<id>')}`,
    ],
  },
}

const RECOVERED: Text = {
  subject: () => 'recovered',
  headline: ({ name }) => `${name} works again; what waited is being delivered. There is nothing to do.`,
  todo: () => [],
}

function facts(cause: Cause, kind: MailKind, now: number, backlog: Backlog | undefined): string[] {
  const { reason, since, last, code, words, waiting, died, codes } = cause
  const examples = cause.examples.length ? cause.examples : (backlog?.examples ?? [])
  const trouble = isTrouble(reason)
  const lines: [string, string | undefined][] = [
    ['Trouble', kind === 'recovered' ? reason : undefined],
    ['Since', `${asTime(since)} (${asSpan(now - since)})`],
    ['Last', last > since && !trouble ? asTime(last) : undefined],
    ['Waiting', trouble ? asWaiting(backlog ?? (waiting === undefined ? undefined : { events: waiting })) : undefined],
    [
      'Died',
      died ? `${howMany(died)}${untold(cause) < died ? ` (${untold(cause)} since the last mail)` : ''}` : undefined,
    ],
    ['Codes', Object.keys(codes).length > 1 ? asCounts(codes) : undefined],
    ['Code', code === undefined ? undefined : mask(code)],
    ['In words', words ? `"${asWords(words)}"` : undefined],
    ['Examples', examples.length ? examples.join(', ') : undefined],
  ]
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [`${`${name}:`.padEnd(13)}${value}`]))
}

const asWaiting = (backlog: { events: number; more?: boolean } | undefined): string | undefined =>
  backlog && `${backlog.more ? 'at least ' : ''}${howMany(backlog.events)}`

const asCounts = (codes: Cause['codes']): string =>
  Object.entries(codes)
    .sort(([, a], [, b]) => b - a)
    .map(([code, count]) => `${code} ${count.toLocaleString('en-US')}`)
    .join(', ')

const MOST_WORDS = 500
const asWords = (words: string): string => mask(words).replace(/\s+/g, ' ').slice(0, MOST_WORDS)
const withCode = ({ code }: Cause): string => (code ? ` (${mask(code)})` : '')
const withOption = (option: string, value: string | undefined): string => (value ? `${option} ${value}` : '--all')

/** `2026-11-20 03:04 UTC` */
export const asTime = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

export function asSpan(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 120) return `${minutes} min`
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1440)} days`
}

// At most 100 ASCII characters without line breaks: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
const MOST_SUBJECT = 100
function asSubject(text: string): string {
  const plain = text.normalize('NFD').replace(/[^\x20-\x7e]/g, '')
  return plain.length <= MOST_SUBJECT ? plain : `${plain.slice(0, MOST_SUBJECT - 3)}...`
}

import type { Answer, Batch, Call, HttpRequest, Judgement, Outcome } from '../../core/connector.ts'
import { together } from '../../core/connector.ts'
import { isObject } from './errors.ts'
import type { ContactFields, Record } from './map.ts'
import { contactsRequest, jobRequest, type Merged, merged } from './requests.ts'
import { IDENTIFIERS, type Settings } from './settings.ts'

/** A job takes seconds to minutes; asking after it costs a request. */
const LOOK_AGAIN_MS = 60_000

type Records = Batch<Settings, Record>['records']

/** Hands contacts over. 202 means that SendGrid will look at them: what becomes of them its job tells. */
export async function* putContacts(records: Records, settings: Settings, call: Call): AsyncIterable<Outcome> {
  const answer = await call.send(contactsRequest(records, settings))
  if (answer.verdict !== 'delivered') return yield* together(records, answer)
  const job = isObject(answer.body) ? answer.body.job_id : undefined
  if (typeof job !== 'string' || job === '') return yield* each(records, { verdict: 'retry', code: 'no-job' })
  yield* each(records, { verdict: 'pending', job, waitMs: LOOK_AGAIN_MS })
}

function* each(records: Records, judgement: Judgement): Iterable<Outcome> {
  for (const { id } of records) yield { id, ...judgement }
}

/** States: https://www.twilio.com/docs/sendgrid/api-reference/contacts/import-contacts-status */
export async function* followJob(
  { records, settings }: Batch<Settings, Record>,
  job: string,
  call: Call,
): AsyncIterable<Outcome> {
  const answer = await call.send(jobRequest(job, settings))
  // Forgotten by SendGrid, or never known: writing the contacts again does no harm.
  if (answer.status === 404 || answer.verdict === 'rejected')
    return yield* each(records, { verdict: 'retry', code: 'job-gone' })
  if (answer.verdict !== 'delivered') return yield* together(records, answer)
  const { status, results } = isObject(answer.body) ? answer.body : {}
  const { errored_count: errored, requested_count: requested, errors_url: url } = isObject(results) ? results : {}
  if (status === 'completed' && !(Number(errored) > 0)) return yield* each(records, { verdict: 'delivered' })
  if (status !== 'completed' && status !== 'errored' && status !== 'failed')
    return yield* each(records, { verdict: 'pending', job, waitMs: LOOK_AGAIN_MS })
  const ended: Ended = { failed: status === 'failed', errored: Number(errored), requested: Number(requested) }
  const told = typeof url === 'string' ? await read(url, call) : ''
  yield* judgeContacts(records, settings, ended, told, call)
}

type Ended = { failed: boolean; errored: number; requested: number }

/** More contacts than this that fail all at once are not bad, one by one: something is wrong with the account. */
const FEW = 20

/**
 * What a job with errors means for its contacts. How its file of errors looks is not documented: where it names as many of them
 * as it counts errors, these are refused. Else they are written again in halves, each a job of its own, until the bad one is alone.
 */
async function* judgeContacts(
  records: Records,
  settings: Settings,
  { failed, errored, requested }: Ended,
  told: string,
  call: Call,
): AsyncIterable<Outcome> {
  if (LIMIT.test(told)) return yield* each(records, OVER_PLAN)
  const contacts = merged(records)
  const words = wordsIn(told)
  const named = contacts.filter(({ contact }) => isNamed(words, contact))
  const alone = contacts.length === 1 && !(requested > 1)
  if (named.length > 0 && named.length === errored && !(requested > contacts.length))
    return yield* apart(records, named)
  if (alone) return yield* each(records, failed ? FAILED_ALONE : REFUSED)
  if (failed && contacts.length > FEW) return yield* each(records, FAILED)
  for (const part of halves(contacts)) {
    const ids = new Set(part.flatMap(contact => contact.ids))
    const half = records.filter(({ id }) => ids.has(id))
    for await (const outcome of putContacts(half, settings, call)) yield* anew(outcome)
  }
}

function* apart(records: Records, named: readonly Merged[]): Iterable<Outcome> {
  const bad = new Set(named.flatMap(({ ids }) => ids))
  for (const { id } of records) yield { id, ...(bad.has(id) ? REFUSED : DELIVERED) }
}

/** A half that is refused as a whole goes again like any other contacts, without the job. */
function* anew(outcome: Outcome): Iterable<Outcome> {
  if (!('refused' in outcome)) return yield outcome
  const { refused, culprits: _culprits, ...judgement } = outcome
  const again: Judgement = judgement.verdict === 'rejected' ? { verdict: 'retry', code: 'half-refused' } : judgement
  for (const id of refused) yield { id, ...again }
}

function halves(contacts: readonly Merged[]): readonly (readonly Merged[])[] {
  const middle = Math.ceil(contacts.length / 2)
  return [contacts.slice(0, middle), contacts.slice(middle)].filter(({ length }) => length > 0)
}

const DELIVERED: Judgement = { verdict: 'delivered' }
const REFUSED: Judgement = {
  verdict: 'rejected',
  code: 'contact-refused',
  words: "the job of this contact ended with errors; SendGrid's Marketing, Contacts, Import shows which",
}
/** Twice in a row is no accident: https://www.twilio.com/docs/sendgrid/api-reference/contacts/import-contacts-status */
const FAILED_ALONE: Judgement = {
  verdict: 'retry',
  tries: 2,
  code: 'job-failed',
  words: 'nothing of the job was stored',
}
const FAILED: Judgement = {
  verdict: 'misconfigured',
  code: 'job-failed',
  words: 'nothing of a job of many contacts was stored: look at the plan and its number of contacts',
}
const OVER_PLAN: Judgement = {
  verdict: 'misconfigured',
  code: 'contact-limit',
  words: 'the plan has no room for more contacts',
}
/** https://github.com/sendgrid/sendgrid-go/issues/413 */
const LIMIT = /contacts? limit|limit of contacts|exceed\w* .{0,40}contacts/i

/** Contact exports lie on S3 (https://www.twilio.com/docs/sendgrid/api-reference/contacts/export-contacts-status); nowhere else is asked. */
export const FILES = /^[a-z0-9.-]+\.s3(?:[.-][a-z0-9-]+)?\.amazonaws\.com$/

async function read(url: string, call: Call): Promise<string> {
  const { protocol, hostname, port, username } = URL.parse(url) ?? {}
  if (protocol !== 'https:' || !FILES.test(hostname ?? '') || port || username) return ''
  const answer: Answer = await call.send(get(url))
  if (answer.verdict !== 'delivered') return ''
  return typeof answer.body === 'string' ? answer.body : (JSON.stringify(answer.body) ?? '')
}
const get = (url: string): HttpRequest => ({ method: 'GET', url, headers: { accept: '*/*' } })

/** What stands between the identifiers of a file, whatever its form. */
const wordsIn = (told: string): ReadonlySet<string> => new Set(told.toLowerCase().split(/[\s"'`,;:=<>()[\]{}|\\]+/))
const isNamed = (words: ReadonlySet<string>, contact: ContactFields): boolean =>
  IDENTIFIERS.some(field => typeof contact[field] === 'string' && words.has(contact[field].toLowerCase()))

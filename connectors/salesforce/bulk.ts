import type { Answer, Batch, Call, HttpRequest, Judgement, Outcome } from '../../core/connector.ts'
import { together } from '../../core/connector.ts'
import { readCsv, writeCsv } from './csv.ts'
import { codeOf, isObject } from './errors.ts'
import type { Record } from './map.ts'
import { apiAt } from './requests.ts'
import type { Settings } from './settings.ts'
import { withoutValues } from './words.ts'

/** A job of a few thousand records takes seconds to minutes; asking costs a request each time. */
const LOOK_AGAIN_MS = 60_000

/**
 * Bulk API 2.0: a job is opened, gets its records as one CSV, is closed, and is asked after until it has results.
 * https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/walkthrough_upsert.htm
 */
export async function* deliverBulk(batch: Batch<Settings, Record>, call: Call): AsyncIterable<Outcome> {
  const { settings, records } = batch
  const jobs = `${apiAt(call.baseUrl, settings)}/jobs/ingest`
  if (batch.job !== undefined) return yield* follow(batch, batch.job, jobs, call)
  const opened = await call.send(json('POST', jobs, jobOf(batch)))
  const { id: job } = isObject(opened.body) ? opened.body : {}
  if (opened.verdict !== 'delivered') return yield* together(records, notTheRecords(opened))
  if (typeof job !== 'string' || !/^\w+$/.test(job)) return yield* each(records, { verdict: 'retry', code: 'no-job' })
  const uploaded = await call.send(upload(batch, `${jobs}/${job}/batches`))
  if (uploaded.verdict !== 'delivered') {
    yield* together(records, uploaded)
    await call.send(json('PATCH', `${jobs}/${job}`, { state: 'Aborted' })) // an open job stays on Salesforce's list for days
    return
  }
  // From here on the job can be followed, whatever becomes of this run: one that was not closed is closed when it is asked after.
  yield* each(records, pending(job))
  await call.send(close(jobs, job))
}

const pending = (job: string): Judgement => ({ verdict: 'pending', job, waitMs: LOOK_AGAIN_MS })
const close = (jobs: string, job: string) => json('PATCH', `${jobs}/${job}`, { state: 'UploadComplete' })

function* each(records: Batch<Settings, Record>['records'], judgement: Judgement): Iterable<Outcome> {
  for (const { id } of records) yield { id, ...judgement }
}

/** What a job is refused for before it has any records is no fault of theirs. */
const notTheRecords = (answer: Answer): Answer =>
  answer.verdict === 'rejected' ? { ...answer, verdict: 'misconfigured' } : answer

function jobOf({ records }: Batch<Settings, Record>) {
  const { object, externalId } = records[0]!.data
  return {
    object,
    externalIdFieldName: externalId,
    operation: 'upsert',
    contentType: 'CSV',
    columnDelimiter: 'COMMA',
    lineEnding: 'LF',
  }
}

function upload({ records }: Batch<Settings, Record>, url: string): HttpRequest {
  const columns = [...new Set(records.flatMap(({ data }) => Object.keys(data.fields)))]
  const rows = records.map(({ data }) => columns.map(column => data.fields[column]))
  return {
    method: 'PUT',
    url,
    headers: { 'content-type': 'text/csv', accept: 'application/json' },
    body: writeCsv(columns, rows),
  }
}

const json = (method: 'POST' | 'PATCH', url: string, body: object): HttpRequest => ({
  method,
  url,
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify(body),
})
const get = (url: string, accept: string): HttpRequest => ({ method: 'GET', url, headers: { accept } })

/** https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/bulk_api_2_job_states.htm */
async function* follow(batch: Batch<Settings, Record>, job: string, jobs: string, call: Call): AsyncIterable<Outcome> {
  const { records } = batch
  const answer = await call.send(get(`${jobs}/${job}`, 'application/json'))
  // Gone after a week, or deleted by somebody: what it did not do is done anew.
  if (answer.status === 404 || answer.verdict === 'rejected')
    return yield* each(records, { verdict: 'retry', code: 'job-gone' })
  if (answer.verdict !== 'delivered') return yield* together(records, answer)
  const { state, errorMessage, numberRecordsProcessed, numberRecordsFailed } = isObject(answer.body) ? answer.body : {}
  if (state === 'Open') {
    yield* each(records, pending(job))
    await call.send(close(jobs, job))
    return
  }
  if (state === 'JobComplete' && numberRecordsFailed === 0 && Number(numberRecordsProcessed) >= records.length)
    return yield* each(records, { verdict: 'delivered' })
  if (state === 'JobComplete' || state === 'Failed' || state === 'Aborted')
    return yield* results(batch, { job, url: `${jobs}/${job}`, state, words: errorMessage }, call)
  yield* each(records, pending(job)) // UploadComplete, InProgress
}

type Ended = { job: string; url: string; state: 'JobComplete' | 'Failed' | 'Aborted'; words: unknown }

/** Told by external id: the lists of what was done and what failed are in no particular order, and hold the whole job's records. */
async function* results(batch: Batch<Settings, Record>, ended: Ended, call: Call): AsyncIterable<Outcome> {
  const lists: Answer[] = []
  for (const list of ['failedResults', 'successfulResults']) {
    const answer = await call.send(get(`${ended.url}/${list}`, 'text/csv'))
    const missing = answer.status === 404 || answer.verdict === 'rejected'
    if (answer.verdict !== 'delivered' && !(missing && ended.state !== 'JobComplete'))
      return yield* later(batch, ended.job, answer)
    lists.push(answer)
  }
  const [errors, successes] = lists.map(answer => byExternalId(answer, batch))
  for (const { id, data } of batch.records) {
    const key = keyOf(data)
    const error = errors?.get(key)
    if (successes?.has(key)) yield { id, verdict: 'delivered' }
    else if (error) yield { id, ...judged(error.sf__Error ?? '', data, call) }
    else yield { id, ...unprocessed(ended, data, call) }
  }
}

/** What is said of records that are in neither list. */
function unprocessed({ state, words: told }: Ended, record: Record, call: Call): Judgement {
  const words = typeof told === 'string' ? withoutValues(told, [record]) : ''
  if (state === 'Failed' && /\b(?:InvalidBatch|ClientInputError)\b/.test(words))
    return call.judge(400, 'InvalidBatch', words)
  return {
    verdict: 'retry',
    code: state === 'JobComplete' ? 'not-in-results' : `job-${state.toLowerCase()}`,
    ...(words && { words }),
  }
}

/** Results that cannot be had now are asked for again; the records are not to blame, whatever was said. */
const later = ({ records }: Batch<Settings, Record>, job: string, answer: Answer): Iterable<Outcome> =>
  answer.verdict === 'rejected' || answer.status === 404
    ? each(records, { verdict: 'retry', code: 'no-results', job })
    : together(records, answer)

function byExternalId({ body }: Answer, { records }: Batch<Settings, Record>) {
  const { externalId } = records[0]!.data
  const rows = typeof body === 'string' && body.includes('sf__Id') ? readCsv(body) : []
  return new Map(rows.map(row => [(row[externalId] ?? '').toLowerCase(), row]))
}
const keyOf = ({ externalId, fields }: Record) => String(fields[externalId]).toLowerCase()

/** `REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --`. What has no code was tried and failed: once more. */
function judged(error: string, record: Record, call: Call): Judgement {
  const [, code, told = error] = /^([A-Z][A-Z0-9_]+):\s*(.*)$/s.exec(error) ?? []
  const words = withoutValues(told, [record])
  return code
    ? call.judge(400, codeOf(code, told), words)
    : { verdict: 'retry', tries: 2, code: 'bulk-error', ...(words && { words }) }
}

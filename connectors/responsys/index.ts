import type { Answer, Batch, Call, CallKind, Connector, Judgement, Outcome } from '../../core/connector.ts'
import { together } from '../../core/connector.ts'
import { login } from './auth.ts'
import { explain, isObject, mergeFailure, recipientFailure, rules } from './errors.ts'
import { askLimits, ratesOf, readLimits } from './limits.ts'
import { map, type Record } from './map.ts'
import { requestOf } from './requests.ts'
import { schema } from './schema.ts'
import { type CallName, DEFAULTS, problems, type Settings, wants } from './settings.ts'

export type { Settings } from './settings.ts'

const REST = 'https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST'

/** The gateway drops bodies over 10 MB. Escaping makes text three times as long at most: data stops at a third of that. */
const kindOf = (call: CallName, page: string): CallKind<Settings> => ({
  repeatable: call !== 'program', // merges are upserts; a program that is triggered twice is entered twice
  records: ({ recordsPerRequest = DEFAULTS.recordsPerRequest }) => recordsPerRequest,
  bytes: 10_000_000,
  overhead: 6_800_000,
  timeoutMs: 20_000,
  rates: ratesOf(call),
  source: `${REST}/${page}`,
})

/** Oracle Responsys: profile lists, profile extension tables, supplemental tables and custom events. */
export const responsys: Connector<Settings, Record> = {
  name: 'responsys',
  title: 'Oracle Responsys',
  docs: `${REST}/rest-api.htm`,
  settings: schema,
  problems,
  // https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/GetStarted/Authentication/auth-endpoints-rest.htm
  hosts: [
    /^[a-z0-9-]+\.responsys\.net$/,
    /^[a-z0-9-]+\.rsys[89]\.net$/,
    /^[a-z0-9-]+\.responsys\.ocs\.oraclecloud\.com$/,
  ],
  auth: login,
  limits: { request: askLimits, read: readLimits },
  calls: {
    profile: kindOf('profile', 'api-v1.3-lists-listName-members-post.htm'),
    extension: kindOf('extension', 'api-v1.3-lists-listName-listExtensions-petName-members-post.htm'),
    table: kindOf('table', 'api-v1.3-folders-folderName-suppData-tableName-members-post.htm'),
    program: kindOf('program', 'api-v1.3-events-eventName-post.htm'),
  },
  wants,
  ordered: true, // what a person last did must not be overwritten by what he did before
  onUnknown: 'hold', // a program may send mail: nobody should get it twice
  rules,
  map,
  explain,
  deliver,
}

async function* deliver(batch: Batch<Settings, Record>, call: Call): AsyncIterable<Outcome> {
  const program = batch.call === 'program'
  const answer = await call.send(requestOf(batch, call.baseUrl ?? batch.settings.loginUrl))
  if (answer.verdict === 'delivered') yield* rowByRow(batch, program ? answer.body : recordsIn(answer), call, program)
  else if (program && answer.code === 'DUPLICATE_API_REQUEST') yield* inDoubt(batch, answer)
  else yield* together(batch.records, answer)
}

/** The same request is under way somewhere: it may enter these people yet, and this one must not do so again. */
function* inDoubt({ records }: Batch<Settings, Record>, { code, words }: Answer): Iterable<Outcome> {
  for (const { id } of records) yield { id, verdict: 'unknown', ...(code && { code }), ...(words && { words }) }
}

/** Answered in the order of the request, a row for each record. Of a record without a row nothing is known. */
function* rowByRow(
  { records }: Batch<Settings, Record>,
  rows: unknown,
  call: Call,
  program: boolean,
): Iterable<Outcome> {
  const told: readonly unknown[] = Array.isArray(rows) ? rows : []
  for (const [place, { id }] of records.entries()) {
    const row = told[place]
    if (program) yield { id, ...(isObject(row) ? judged(recipientFailure(row), call) : NO_ROW('unknown')) }
    else yield { id, ...(Array.isArray(row) ? judged(mergeFailure(row), call) : NO_ROW('retry')) }
  }
}

const judged = (failure: { code?: string; words?: string } | undefined, call: Call): Judgement =>
  failure ? call.judge(400, failure.code, failure.words) : { verdict: 'delivered' }
const NO_ROW = (verdict: 'retry' | 'unknown'): Judgement => ({ verdict, code: 'no-row-for-record' })

/** `{recordData: {records: [[...], ...]}}` of every kind of merge. */
function recordsIn({ body }: Answer): unknown {
  const { recordData } = isObject(body) ? body : {}
  return isObject(recordData) ? recordData.records : undefined
}

export default responsys

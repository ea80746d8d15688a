import type { Answer, Batch, Call, CallKind, Connector, Judgement, Outcome } from '../../core/connector.ts'
import { together } from '../../core/connector.ts'
import { login } from './auth.ts'
import { deliverBulk } from './bulk.ts'
import { codeOf, complaintsIn, explain, isObject, rules } from './errors.ts'
import { map, type Record } from './map.ts'
import { problems } from './problems.ts'
import { upsertOf } from './requests.ts'
import { schema } from './schema.ts'
import { DEFAULTS, type Settings, wants } from './settings.ts'
import { withoutValues } from './words.ts'

export type { Settings } from './settings.ts'

const DOCS = 'https://developer.salesforce.com/docs'
const DAY_MS = 86_400_000

/** The org's own allowance is shared with everybody else: what is left of it is told by every answer, see `explain`. */
const ratesOf = ({ requestsPerMinute = DEFAULTS.requestsPerMinute, requestsPerDay }: Settings) => [
  { requests: requestsPerMinute, perMs: 60_000 },
  ...(requestsPerDay ? [{ requests: requestsPerDay, perMs: DAY_MS }] : []),
]

const upsert: CallKind<Settings> = {
  repeatable: true, // by external id
  records: ({ recordsPerRequest = DEFAULTS.recordsPerRequest }) => recordsPerRequest,
  bytes: 6_000_000, // no limit of the body is documented; what 200 records need is far below
  overhead: 20_000,
  timeoutMs: 25_000,
  rates: ratesOf,
  bulk: { above: 2_000, call: 'bulk' },
  source: `${DOCS}/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_upsert.htm`,
}

/** Salesforce takes 100 MB; we stop where its results, which repeat every column, still fit our memory. */
const bulk: CallKind<Settings> = {
  repeatable: true,
  records: () => 10_000, // one batch inside Salesforce, of which an org has 15,000 a day; a job takes three requests at least
  bytes: 8_000_000,
  overhead: 1_000_000, // commas of columns that a record leaves empty
  timeoutMs: 25_000,
  rates: settings => [...ratesOf(settings), { requests: 15_000, perMs: DAY_MS }],
  source: `${DOCS}/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_bulkapi.htm`,
}

/** Salesforce: leads, contacts, orders with their lines, opportunities and a record for everything else that people do. */
export const salesforce: Connector<Settings, Record> = {
  name: 'salesforce',
  title: 'Salesforce',
  docs: upsert.source,
  settings: schema,
  problems,
  hosts: [/^[a-z0-9-]+(?:\.[a-z]+(?:-[a-z]+)?)?\.my\.salesforce\.com$/, /^(?:login|test)\.salesforce\.com$/],
  auth: login,
  calls: { upsert, bulk },
  wants,
  ordered: false, // each step of an order's life has fields of its own: it does not matter which comes first
  onUnknown: 'resend', // no call that it could mean: all are upserts
  rules,
  map,
  explain,
  deliver: (batch, call) => (batch.call === 'bulk' ? deliverBulk(batch, call) : deliver(batch, call)),
}

/** A 200 says nothing of the records: each has its own answer, in the order of the request. */
async function* deliver(batch: Batch<Settings, Record>, call: Call): AsyncIterable<Outcome> {
  const answer = await call.send(upsertOf(batch, call.baseUrl))
  if (answer.verdict !== 'delivered') return yield* together(batch.records, answer)
  const rows = rowsIn(answer)
  for (const [place, { id, data }] of batch.records.entries()) yield { id, ...judged(rows[place], data, call) }
}

const rowsIn = ({ body }: Answer): readonly unknown[] => (Array.isArray(body) ? body : [])

function judged(row: unknown, record: Record, call: Call): Judgement {
  if (!isObject(row) || typeof row.success !== 'boolean') return { verdict: 'retry', code: 'no-answer-for-record' }
  if (row.success) return { verdict: 'delivered' }
  const [{ code, words } = { code: '', words: '' }] = complaintsIn(row.errors)
  return call.judge(400, code ? codeOf(code, words) : undefined, withoutValues(words, [record]))
}

export default salesforce

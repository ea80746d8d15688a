import { type Batch, type Call, type Connector, type Outcome, type RawAnswer, together } from '../../core/connector.ts'
import { clientCredentials } from './auth.ts'
import { batchRequest, type Operation, partsOf } from './batch.ts'
import { explain, faultOf, rules } from './errors.ts'
import { map, type Record } from './map.ts'
import { schema } from './schema.ts'
import { DEFAULTS, problems, type Settings, wants } from './settings.ts'

export type { Settings } from './settings.ts'

const DAY_MS = 86_400_000

/** Dynamics 365 and Dataverse: leads, contacts and rows of custom tables, each known by an alternate key. */
export const dynamics: Connector<Settings, Record> = {
  name: 'dynamics',
  title: 'Microsoft Dynamics 365',
  docs: 'https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api',
  settings: schema,
  problems,
  hosts: [/^login\.microsoftonline\.com$/, /^[a-z0-9][a-z0-9-]*(?:\.api)?\.crm\d{0,2}\.dynamics\.com$/],
  auth: () => clientCredentials,
  calls: {
    batch: {
      repeatable: true, // the alternate key makes a repeat change the same row again
      records,
      // Far below what Dataverse refuses (128 MB): a batch this size is slow before it is large. What a record's part adds
      // to its data (its lines around the body) is below 500 bytes, for up to 1,000 of them.
      bytes: 4_000_000,
      overhead: 500_000,
      timeoutMs: 30_000,
      rates: settings => [
        { requests: settings.requestsPer5Minutes ?? DEFAULTS.requestsPer5Minutes, perMs: 300_000 },
        ...perDay(settings),
      ],
      source: 'https://learn.microsoft.com/power-apps/developer/data-platform/api-limits',
    },
  },
  wants,
  ordered: true, // a lead must be there before it can be qualified
  onUnknown: 'resend',
  rules,
  map,
  explain,
  deliver,
}

function records({ recordsPerRequest = DEFAULTS.recordsPerRequest }: Settings): number {
  return recordsPerRequest
}

/**
 * Each record of a batch counts against the day's entitlement: so many full batches are within it.
 * https://learn.microsoft.com/power-platform/admin/api-request-limits-allocations
 */
const perDay = (settings: Settings) =>
  settings.recordsPerDay === undefined
    ? []
    : [{ requests: Math.max(1, Math.floor(settings.recordsPerDay / records(settings))), perMs: DAY_MS }]

type Entry = Batch<Settings, Record>['records'][number]
type Answered = { record: Entry; part: RawAnswer }

/**
 * Rows that have columns for their making only are made first; those that turn out to be there are changed by a second batch.
 * So a surname made of an address never replaces the one that somebody typed.
 */
async function* deliver({ settings, records }: Batch<Settings, Record>, call: Call): AsyncIterable<Outcome> {
  const there: Answered[] = []
  for await (const told of exchange(records, first, settings, call)) {
    if (!('part' in told)) yield told
    else if (told.part.status === 412 && told.record.data.make) there.push(told)
    else yield outcomeOf(told, call)
  }
  if (there.length === 0) return
  const conflicts = new Map(there.map(told => [told.record.id, told]))
  const changed = there.map(({ record }) => record)
  for await (const told of exchange(changed, second, settings, call)) {
    if (!('part' in told)) yield told
    // Neither to be made nor there: the value that is taken is another column's, of another row.
    else if (told.part.status === 404) yield outcomeOf(conflicts.get(told.record.id)!, call)
    else yield outcomeOf(told, call)
  }
}

const first = ({ how, make, ...row }: Record): Operation => ({
  ...row,
  body: { ...make, ...row.body },
  ...(how === 'update' && { only: 'there' }),
  ...((how === 'append' || (how === 'upsert' && make)) && { only: 'missing' }),
})
const second = ({ set, column, value, body }: Record): Operation => ({ set, column, value, body, only: 'there' })

/** One batch: the answer to each record, or what is to be said of it without one. Answers come in the order of the request. */
async function* exchange(
  records: readonly Entry[],
  operation: (data: Record) => Operation,
  settings: Settings,
  call: Call,
): AsyncIterable<Outcome | Answered> {
  const answer = await call.send(
    batchRequest(
      settings,
      records.map(({ data }) => operation(data)),
    ),
  )
  const parts = partsOf(answer)
  if (!parts && answer.verdict !== 'delivered') return yield* together(records, answer)
  for (const [place, record] of records.entries()) {
    const part = parts?.[place]
    if (part) yield { record, part }
    else yield { id: record.id, verdict: 'retry', code: parts ? 'not-answered' : 'answer-not-understood' }
  }
}

/** Dataverse tells seconds in `Retry-After` of the part itself. */
function outcomeOf({ record, part }: Answered, call: Call): Outcome {
  const { code, words } = faultOf(part)
  const again = record.data.how === 'append' && part.status === 412
  const judgement =
    part.status < 300 ? call.judge(part.status) : call.judge(part.status, again ? 'already-there' : code, words)
  const seconds = Number(part.headers['retry-after'])
  const asked = judgement.verdict === 'throttled' && seconds > 0 ? { waitMs: Math.min(seconds * 1000, DAY_MS) } : {}
  return { id: record.id, ...judgement, ...asked }
}

export default dynamics

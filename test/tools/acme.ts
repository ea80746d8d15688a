import type {
  Answer,
  Auth,
  Batch,
  Call,
  Connector,
  Draft,
  Event,
  Explanation,
  Outcome,
  RawAnswer,
  Rule,
  Skip,
} from '../../core/connector.ts'
import { together } from '../../core/connector.ts'

/**
 * A vendor that does not exist, for tests of the engine: its connector has every feature of the contract that the real
 * ones use, and its fake (acme-vendor.ts) does what the event says.
 *
 *   event "message"        one record of `message`: not repeatable, answered as a whole
 *   event "visit"          one record of `row`: repeatable, answered row by row
 *   every other            `profile` (step 0) and then `row` (step 1); with property `tell: true` also `message` (step 2)
 *
 * Property `acme` says what the vendor does with the event's last record: see `Magic`. `profile:reject` and the like speak of
 * the record of that call. With `-once` behind it (`busy-once`), only the first time that the vendor sees the record.
 */
export type AcmeSettings = { account: string; records?: number; perMinute?: number }
export type AcmeData = { event: string; person: string; acme?: string; text?: string }

/** What the fake does, and what that makes of the record. The last five meet the whole request. */
export type Magic =
  | 'reject' // 400 row: rejected
  | 'retry' // 409 row: retry, `tries` 3
  | 'busy' // 429 row: throttled, scope record, 30 s
  | 'stale' // 401 row, whatever the token: misconfigured in the end
  | 'later' // 500 row: retry (unknown for `message`)
  | 'refuse' // 400, names the culprit: rejected, the others pass
  | 'refuse-silently' // 400, names nobody: found by halving
  | 'throttle' // 429, Retry-After 60: throttled, scope destination
  | 'unauthorized' // 401, whatever the token: misconfigured in the end
  | 'misconfigure' // 403: misconfigured
  | 'down' // 503: retry (unknown for `message`)
  | 'not-processed' // 503 of which the vendor says that it did nothing: retry, for `message` too
  | 'reset' // read, then dropped: retry (unknown for `message`)
  | 'refused' // not read: retry
  | 'hang' // no answer
  | 'moved' // 302: misconfigured
  | 'silent' // 200 that leaves this row out: no outcome for it

export type AcmeOptions = {
  ordered?: boolean
  onUnknown?: 'resend' | 'hold'
  auth?: 'token' | 'static'
  bytes?: number
  timeoutMs?: number
}

export const ACME_HOST = 'api.acme.example'
const NAMES: readonly string[] = ['visit', 'message', 'purchase', 'generate_lead', 'page_view']
const DOCS = 'https://acme.example/docs'

export const acmeRules: readonly Rule[] = [
  { code: 'locked', verdict: 'retry', tries: 3, why: 'another writer holds the row', source: DOCS },
  { code: 'busy', verdict: 'throttled', scope: 'record', waitMs: 30_000, why: 'too many of one person', source: DOCS },
  { status: 403, verdict: 'misconfigured', why: 'the account may not do this', source: DOCS },
  { code: 'not-processed', verdict: 'retry', notProcessed: true, why: 'refused before it was read', source: DOCS },
  { status: 413, verdict: 'rejected', halve: true, why: 'the body is too large', source: DOCS },
]

export function acme(options: AcmeOptions = {}): Connector<AcmeSettings, AcmeData> {
  const limits = {
    records: ({ records = 10 }: AcmeSettings) => records,
    bytes: options.bytes ?? 100_000,
    overhead: 20,
    timeoutMs: options.timeoutMs ?? 2000,
    rates: ({ perMinute = 600 }: AcmeSettings) => [{ requests: perMinute, perMs: 60_000 }],
    source: DOCS,
  }
  return {
    name: 'acme',
    title: 'Acme',
    docs: DOCS,
    settings: {
      type: 'object',
      additionalProperties: false,
      required: ['account'],
      properties: {
        account: { type: 'string', description: 'Account at Acme' },
        records: { type: 'integer', minimum: 1, description: 'Records in one request, at most' },
        perMinute: { type: 'integer', minimum: 1, description: 'Requests a minute, at most' },
      },
    },
    hosts: [/^api\.acme\.example$/],
    auth: () => (options.auth === 'static' ? staticKey : renewedToken),
    calls: {
      profile: { ...limits, repeatable: true },
      row: { ...limits, repeatable: true },
      message: { ...limits, repeatable: false },
    },
    wants: () => NAMES,
    ordered: options.ordered ?? false,
    onUnknown: options.onUnknown ?? 'hold',
    rules: acmeRules,
    map,
    explain,
    deliver,
  }
}

function map(event: Event): readonly Draft<AcmeData>[] | Skip {
  if (!NAMES.includes(event.name)) return { skip: `Acme has no use for ${event.name}` }
  const person = event.user?.email || event.user?.id
  if (!person) return { skip: 'no email and no id: Acme keys people by either' }
  const calls = callsOf(event)
  const [, target = calls.at(-1)!, magic] = /^(?:(profile|row|message):)?(.+)$/.exec(
    String(event.properties?.acme ?? ''),
  ) ?? [undefined, undefined, undefined]
  return calls.map((call, step) => ({
    call,
    step,
    key: call === 'profile' ? person : event.id,
    group: '',
    data: { event: event.id, person, ...(magic && call === target && { acme: magic }), ...text(event) },
  }))
}

function callsOf({ name, properties }: Event): readonly string[] {
  if (name === 'message') return ['message']
  if (name === 'visit') return ['row']
  return properties?.tell === true ? ['profile', 'row', 'message'] : ['profile', 'row']
}

const text = ({ properties }: Event) => (typeof properties?.text === 'string' ? { text: properties.text } : {})

type Said = { code?: string; words?: string; culprit?: number }

function explain({ status, body }: RawAnswer, { records }: Batch<AcmeSettings, AcmeData>): Explanation {
  if (status < 300 || typeof body !== 'object' || body === null) return {}
  const { code, words, culprit } = body as Said
  const blamed = culprit === undefined ? undefined : records[culprit]?.id
  return { ...(code && { code }), ...(words && { words }), ...(blamed && { culprits: [blamed] }) }
}

async function* deliver(batch: Batch<AcmeSettings, AcmeData>, call: Call): AsyncIterable<Outcome> {
  const { records } = batch
  const answer = await call.send({
    method: 'POST',
    url: `${call.baseUrl ?? `https://${ACME_HOST}`}/${batch.call}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(records.map(({ data }) => data)),
  })
  if (answer.verdict !== 'delivered') {
    yield* together(records, answer)
    return
  }
  yield* byRow(records, answer, call)
}

type Row = { event: string; status: number; code?: string; words?: string }

function* byRow(records: Batch<AcmeSettings, AcmeData>['records'], answer: Answer, call: Call): Iterable<Outcome> {
  const rows = new Map((answer.body as readonly Row[]).map(row => [row.event, row]))
  for (const { id, data } of records) {
    const row = rows.get(data.event)
    if (row) yield { id, ...call.judge(row.status, row.code, row.words) }
  }
}

const staticKey: Auth<AcmeSettings> = {
  kind: 'static',
  secrets: { key: 'API key of the account' },
  sign: (request, { key = '' }) => ({
    ...request,
    headers: { ...request.headers, authorization: `Bearer key-${key}` },
  }),
}

const renewedToken: Auth<AcmeSettings> = {
  kind: 'token',
  secrets: { user: 'user of the account', password: 'and its password' },
  refreshEvery: 'rate(30 minutes)',
  exchange: (_settings, { user = '', password = '' }, last) => ({
    method: 'POST',
    url: `https://${ACME_HOST}/token`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(last?.refresh ? { user, refresh: last.refresh } : { user, password }),
  }),
  read({ status, body }, now) {
    const { token, lifeMs, refresh, baseUrl } = body as { [name: string]: string } & { lifeMs: number }
    if (status === 200 && token)
      return { value: token, expiresAt: now + lifeMs, ...(refresh && { refresh }), ...(baseUrl && { baseUrl }) }
    return status >= 500 ? { verdict: 'retry', code: 'down' } : { verdict: 'misconfigured', code: 'bad-credentials' }
  },
  sign: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${value}` } }),
}

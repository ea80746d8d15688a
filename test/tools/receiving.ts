import { createHash } from 'node:crypto'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import type { Answer } from '../../core/answer.ts'
import { fromItem } from '../../core/envelope.ts'
import { tenantKey, tidKey } from '../../core/keys.ts'
import { type Route, rowItem, type Tenant } from '../../core/tenant.ts'
import { createReceive } from '../../functions/receive.ts'
import type { World } from '../../functions/world.ts'
import { type Dynamo, startDynamo } from './dynamo.ts'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const SITE = 'https://www.loja-abc.example'
export const SECRET = 'the secret of the edge'
export const KEY = 'the key of a tagging server'
export const TAG = { source: 'console.log("tag")', version: 'a1b2c3', map: '{"version":3}' }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const route = (more: Partial<Route> = {}): Route => ({
  wants: ['view_item', 'purchase', 'generate_lead'],
  urgent: ['purchase', 'generate_lead'],
  requires: [],
  shards: 4,
  keepMs: 7 * 86_400_000,
  ...more,
})
/** `rdstation` takes what it wants from everybody, `salesforce` only with consent to marketing. */
export const LOJA: Tenant = {
  id: 'loja-abc',
  origins: [SITE],
  serverKeyHashes: [sha256(KEY)],
  salt: 'a salt of this tenant alone',
  destinations: { rdstation: route(), salesforce: route({ requires: ['marketing'] }) },
}
/** Has no Salesforce, and a site of its own. */
export const OTHER: Tenant = {
  ...LOJA,
  id: 'outra',
  origins: ['https://outra.example'],
  serverKeyHashes: [],
  destinations: { rdstation: route() },
}

export type Line = { readonly [field: string]: unknown; message?: string }
export type Asked = Partial<{
  method: string
  path: string
  body: string
  base64: boolean
  d: string
  /** Added to, or with undefined taken from, what the edge and a browser on the tenant's site send. */
  headers: { readonly [name: string]: string | undefined }
}>

/** `receive` over a DynamoDB of its own, asked as the function URL asks it. */
export type Receiving = {
  dynamo: Dynamo
  world: Pick<World, 'env' | 'now' | 'uuid' | 'dynamo' | 'write'>
  clock: { now: number }
  lines: Line[]
  ask(asked?: Asked): Promise<Answer>
  /** Posts to the tenant's own address. */
  post(body: unknown, asked?: Asked): Promise<Answer>
  /** Every event that waits for a connector, with the key of its envelope. */
  waiting(connector: 'rdstation' | 'salesforce'): Promise<{ id: string; name: string; pk: string; sk: string }[]>
  /** Tables that fail every write from now on, and those that fail none. */
  failing: Set<string>
  tables: { rdstation: string; salesforce: string; tenants: string; suppressions: string }
  stop(): Promise<void>
}

export async function startReceiving(): Promise<Receiving> {
  const dynamo = await startDynamo()
  const tables = {
    rdstation: await dynamo.table('rdstation'),
    salesforce: await dynamo.table('salesforce'),
    tenants: await dynamo.table('tenants'),
    suppressions: await dynamo.table('suppressions'),
  }
  const rows = [
    rowItem(tenantKey(LOJA.id), LOJA),
    rowItem(tenantKey(OTHER.id), OTHER),
    rowItem(tidKey('UA-123'), { tenant: LOJA.id }),
    rowItem(tidKey('loja-abc'), { tenant: LOJA.id }),
  ]
  for (const Item of rows) await dynamo.client.send(new PutItemCommand({ TableName: tables.tenants, Item }))

  const clock = { now: NOW }
  const lines: Line[] = []
  const failing = new Set<string>()
  let made = 0
  const world: Receiving['world'] = {
    env: {
      CONNECT_STACK: 'test',
      BUFFER_TABLES: JSON.stringify({ rdstation: tables.rdstation, salesforce: tables.salesforce }),
      TENANTS_TABLE: tables.tenants,
      SUPPRESSIONS_TABLE: tables.suppressions,
      ORIGIN_SECRET_HASHES: `${sha256('the secret before it')},${sha256(SECRET)}`,
    },
    now: () => clock.now,
    uuid: () => `fresh-${++made}`,
    write: line => void lines.push(JSON.parse(line)),
    dynamo: failingFor(dynamo, failing),
  }
  const receive = createReceive(world, TAG)
  const ask = (asked: Asked = {}) => receive(requestOf(asked))
  return {
    dynamo,
    world,
    clock,
    lines,
    failing,
    tables,
    ask,
    post: (body, asked) => ask({ body: typeof body === 'string' ? body : JSON.stringify(body), ...asked }),
    async waiting(connector) {
      const envelopes = (await dynamo.items(tables[connector])).map(item => fromItem(item as never))
      return envelopes.flatMap(({ pk, sk, waiting }) =>
        waiting.map(({ event }) => ({ id: event.id, name: event.name, pk, sk })),
      )
    },
    stop: () => dynamo.stop(),
  }
}

/** The real client, except that calls which name a failing table are answered as an overloaded DynamoDB would. */
function failingFor(dynamo: Dynamo, failing: ReadonlySet<string>): World['dynamo'] {
  const send = (command: { input: object }) => {
    const text = JSON.stringify(command.input)
    if ([...failing].some(table => text.includes(table)))
      return Promise.reject(Object.assign(new Error('slow down'), { name: 'ProvisionedThroughputExceededException' }))
    return dynamo.client.send(command as never)
  }
  return { send: send as World['dynamo']['send'] }
}

let requests = 0
function requestOf(asked: Asked): LambdaFunctionURLEvent {
  const {
    method = asked.d === undefined ? 'POST' : 'GET',
    path = '/v1/events/loja-abc',
    body,
    d,
    base64 = false,
  } = asked
  const headers = { 'x-connect-origin': SECRET, origin: SITE, 'user-agent': 'Mozilla/5.0', ...asked.headers }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: d === undefined ? '' : `d=${d}`,
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)) as never,
    ...(d !== undefined && { queryStringParameters: { d } }),
    requestContext: {
      accountId: 'anonymous',
      apiId: 'test',
      domainName: 'test',
      domainPrefix: 'test',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
      requestId: `request-${++requests}`,
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: NOW,
    },
    ...(body !== undefined && { body: base64 ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded: base64,
  }
}

/** A canonical event that every destination wants. */
export const purchase = (id: string, more: object = {}) => ({
  id,
  name: 'purchase',
  at: '2026-11-20T11:59:00.000Z',
  user: { email: `${id}@example.com` },
  consent: { marketing: true },
  ...more,
})
export const image = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
export const bodyOf = (answer: Answer) =>
  JSON.parse(answer.body) as {
    accepted?: number
    error?: string
    rejected?: { index: number; id?: string; path: string }[]
  }

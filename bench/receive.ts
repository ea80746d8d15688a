import { createHash } from 'node:crypto'
import { Ajv } from 'ajv'
import { tenantKey } from '../core/keys.ts'
import { rowItem } from '../core/tenant.ts'
import { createReceive } from '../functions/receive.ts'
import type { World } from '../functions/world.ts'
import { uuid7 } from '../local/visit.ts'
import { LOJA, SECRET, TAG } from '../test/tools/receiving.ts'
import { serveFloor } from './tools/floor.ts'
import { type Candidate, compare, cpuPer, quantiles } from './tools/measure.ts'
import { startWalker, walkerPackages } from './tools/peers.ts'
import { report, round } from './tools/report.ts'
import { functionUrlEvent } from './tools/request.ts'
import { ga4Purchase, visitorEvent } from './tools/visitors.ts'

/**
 * CPU of `receive` for a request of one event: everything but the AWS SDK's own call, which answers at once here. Peers in the
 * same run: a walkerOS collector, and a bare server that parses and checks the same body.
 */
const N = 4_000
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const answers: { [command: string]: object } = {
  GetItemCommand: { Item: rowItem(tenantKey(LOJA.id), LOJA) },
  BatchGetItemCommand: { Responses: {}, UnprocessedKeys: {} },
  PutItemCommand: {},
}
let puts = 0
let logged = 0
const world = {
  env: {
    CONNECT_STACK: 'bench',
    BUFFER_TABLES: JSON.stringify({ rdstation: 'rdstation-buffer', salesforce: 'salesforce-buffer' }),
    TENANTS_TABLE: 'tenants',
    SUPPRESSIONS_TABLE: 'suppressions',
    ORIGIN_SECRET_HASHES: sha256(SECRET),
  },
  now: Date.now,
  uuid: () => crypto.randomUUID(),
  write: (line: string) => {
    logged += line.length
  },
  dynamo: {
    send: async (command: { constructor: { name: string } }) => {
      if (command.constructor.name === 'PutItemCommand') puts++
      return answers[command.constructor.name]
    },
  } as unknown as World['dynamo'],
}
const receive = createReceive(world, TAG)

async function receiveCpu(bodyOf: (i: number) => object, path: string): Promise<number> {
  const requests = Array.from({ length: N }, (_, i) => functionUrlEvent(JSON.stringify(bodyOf(i)), path))
  const before = puts
  const figure = await cpuPer(N, async i => {
    const { statusCode, body } = await receive(requests[i]!)
    if (statusCode !== 200) throw new Error(body)
  })
  if (puts - before < N) throw new Error('not every request was stored')
  return figure
}

const now = Date.now()
const look = (i: number) => visitorEvent(i * 10, now, 'view_item')
const purchase = (i: number) => ga4Purchase(i, now)
const anonymous = () => ({
  id: uuid7(now),
  name: 'view_item',
  at: new Date(now).toISOString(),
  consent: { marketing: true },
})
const ONE = '/v1/events/loja-abc/rdstation'

const schema = {
  type: 'object',
  required: ['id', 'name', 'at'],
  properties: {
    id: { type: 'string', maxLength: 128 },
    name: { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$' },
    at: { type: 'string', maxLength: 40 },
    user: { type: 'object' },
    page: { type: 'object' },
    commerce: { type: 'object' },
    consent: { type: 'object', additionalProperties: { type: 'boolean' } },
  },
} as const
const valid = new Ajv().compile(schema)

const floor = await serveFloor(schema)
const packages = walkerPackages()
let sent = 0
const elb = packages && (await startWalker(packages, () => void sent++))
const walkerCpu = async () => {
  const events = Array.from({ length: N }, (_, i) => ({
    name: 'product view',
    data: look(i),
    consent: { marketing: true },
  }))
  const before = sent
  const figure = await cpuPer(N, i => elb!(events[i]!))
  if (sent === before) throw new Error('walkerOS delivered nothing')
  return figure
}
const candidates: Candidate[] = [
  { name: 'receive, a look at a product, 1 destination', measure: () => receiveCpu(look, ONE) },
  { name: 'receive, a GA4 purchase, 1 destination', measure: () => receiveCpu(purchase, ONE) },
  { name: 'receive, a GA4 purchase, 2 destinations', measure: () => receiveCpu(purchase, '/v1/events/loja-abc') },
  { name: 'receive, the smallest event of nobody known', measure: () => receiveCpu(anonymous, ONE) },
  {
    name: 'floor: JSON.parse and ajv, no server',
    measure: () => {
      const bodies = Array.from({ length: N }, (_, i) => JSON.stringify(look(i)))
      return cpuPer(N, i => valid(JSON.parse(bodies[i]!)) || Promise.reject(valid.errors))
    },
  },
  {
    name: 'floor: node:http, JSON.parse and ajv',
    measure: () => floor.cpuPer(Array.from({ length: N }, (_, i) => JSON.stringify(look(i)))),
  },
  ...(elb ? [{ name: 'walkerOS 4.2.1 collector and API destination, nothing stored', measure: walkerCpu }] : []),
]
const figures = await compare(candidates)
await floor.close()

const times: number[] = []
for (let i = 0; i < 20_000; i++) {
  const asked = functionUrlEvent(JSON.stringify(look(i)), ONE)
  const start = performance.now()
  await receive(asked)
  times.push((performance.now() - start) * 1000)
}
const { p50, p99 } = quantiles(times)
report('receive', {
  title: 'receive: CPU of a request of one event, without the AWS SDK’s own call',
  columns: ['what', 'µs, median of 7', 'least', 'most'],
  rows: [...figures].map(([name, { median, least, most }]) => [name, median, least, most]),
  notes: [
    `bodies: a look at a product ${JSON.stringify(look(1)).length} bytes, a GA4 purchase ${JSON.stringify(purchase(1)).length} bytes`,
    `on the wall, in process: p50 ${round(p50)} µs, p99 ${round(p99)} µs; log lines ${round(logged / puts)} bytes a request`,
    'number to reach: at most 60 µs',
  ],
})

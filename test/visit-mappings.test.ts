import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, test } from 'node:test'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { readInstallation } from '../components/config.ts'
import { rowsOf } from '../components/row-items.ts'
import { connectors } from '../connectors/index.ts'
import { destinationKey } from '../core/keys.ts'
import type { Simulator } from '../core/simulator.ts'
import { type Destination, readRow } from '../core/tenant.ts'
import { createReceive } from '../functions/receive.ts'
import { readConfig } from '../local/evaluate.ts'
import { playVisit } from '../local/visit.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import { createRig, type Rig, START } from './tools/rig.ts'

const SECRET = 'the secret of the edge'
const MINUTE = 60_000
let rigs: ReadonlyMap<string, Rig>

/** What the program makes of the dev stack's config: the tenants with a site of each, and the rows of their table. */
function readDev() {
  const { config } = readConfig(new URL('..', import.meta.url).pathname, 'dev', {})
  const own = Object.entries(config).filter(([key]) => key.startsWith('connect:'))
  const values = Object.fromEntries(own.map(([key, value]) => [key.slice('connect:'.length), value]))
  const installation = readInstallation(values, connectors, 'dev')
  if ('problem' in installation) assert.fail(installation.problem)
  return {
    tenants: installation.tenants.map(({ id, origins }) => ({ id, origin: origins[0]! })),
    rows: rowsOf(installation).map(row => ('item' in row ? row.item : row.salted('salt'))),
  }
}
const { tenants, rows } = readDev()

/** The visit of `npm start`, with `receive` in front of those rows and each vendor's `process` behind it. */
before(async () => {
  rigs = await openRigs()
  const clock = { now: START }
  const fetch = receiving(clock)
  const sleep = async (ms: number) => {
    clock.now += ms
  }
  for (const tenant of tenants) {
    const others = tenants.filter(other => other !== tenant)
    const options = { ingestUrl: 'http://127.0.0.1:1', now: () => clock.now, sleep, fetch }
    const { failed } = await playVisit({ ...options, tenants: [tenant, ...others] })
    assert.deepEqual(failed, [])
  }
  for (const rig of rigs.values()) for (const { id } of tenants) await drain(rig, id)
})

async function openRigs() {
  const dynamo = memoryDynamo()
  const table = await dynamo.table('tenants')
  for (const Item of rows) await dynamo.client.send(new PutItemCommand({ TableName: table, Item }))
  const opened = new Map<string, Rig>()
  for (const [name, connector] of Object.entries(connectors)) {
    const file = `../connectors/${name}/simulator.ts`
    const { default: simulator } = (await import(file)) as { default: Simulator<object> }
    const rig = await createRig({ connector, simulator }, dynamo)
    Object.assign(rig.world.env, { TENANTS_TABLE: table })
    for (const { id } of tenants) {
      const row = readRow<Destination>(rows.find(({ pk }) => pk.S === destinationKey(name, id))!)
      rig.secrets.set(`/connect/${name}/${id}/credentials`, simulator.credentials(row!.settings, id))
    }
    opened.set(name, rig)
  }
  return opened
}

/** `receive`, as a browser reaches it through the edge. */
function receiving(clock: { now: number }) {
  const [rig] = rigs.values()
  const { world } = rig!
  const env = {
    ...world.env,
    BUFFER_TABLES: JSON.stringify(Object.fromEntries([...rigs].map(([name, { tables }]) => [name, tables.buffer]))),
    ORIGIN_SECRET_HASHES: createHash('sha256').update(SECRET).digest('hex'),
  }
  const receive = createReceive({ ...world, env, now: () => clock.now }, { source: '', version: 'a1b2c3', map: '' })
  const fetch = async (input: string, { method = 'GET', headers, body }: RequestInit = {}) => {
    const { pathname, searchParams } = new URL(input)
    const answer = await receive({
      rawPath: pathname,
      queryStringParameters: Object.fromEntries(searchParams),
      headers: { ...Object.fromEntries(new Headers(headers)), 'x-connect-origin': SECRET },
      requestContext: { requestId: 'request', http: { method } },
      ...(typeof body === 'string' && { body }),
      isBase64Encoded: false,
    } as unknown as LambdaFunctionURLEvent)
    return new Response(answer.body, { status: answer.statusCode })
  }
  return fetch as typeof globalThis.fetch
}

/** Run after run, each on a full minute, until the vendor's jobs are done too. */
async function drain(rig: Rig, tenant: string) {
  const waits = async () => (await rig.envelopes()).some(({ pk }) => pk.includes(`${tenant}#`))
  for (let runs = 0; runs < 5 && (await waits()); runs++) {
    rig.advance(2 * MINUTE - (rig.now() % MINUTE))
    await rig.run({ tenant })
  }
}

const welcome = (text: string) => ({
  template: { name: 'welcome', components: [{ type: 'body', parameters: [{ type: 'text', text }] }] },
})
const interest = 'Cupom de primeira compra'
/** The first record of this kind that the vendor has of the tenant's account, as far as the tenant's config speaks of it. */
const arrived: readonly [vendor: string, tenant: string, kind: string, data: object][] = [
  ['rdstation', 'loja-abc', 'CONVERSION', { payload: { cf_store: 'Loja ABC', cf_interest: interest } }],
  [
    'rdstation',
    'clinica-sol',
    'CONVERSION',
    { payload: { cf_store: 'Clínica Sol', cf_interest: `${interest} (inverno-cafe)` } },
  ],
  ['responsys', 'loja-abc', 'CONTACTS_LIST', { STORE: 'Loja ABC' }],
  ['responsys', 'clinica-sol', 'WEB_EVENTS', { EVENT_NAME: 'generate_lead', PRODUCT_NAME: interest }],
  ['salesforce', 'loja-abc', 'Lead', { Description: `${interest}, by google/cpc` }],
  [
    'salesforce',
    'clinica-sol',
    'Web_Event__c',
    { Source__c: 'clinica-sol.example', Campaign__c: 'google: inverno-cafe' },
  ],
  ['dynamics', 'loja-abc', 'lead', { subject: `Clube do café: ${interest}`, new_gclid: 'EXEMPLO123' }],
  ['dynamics', 'clinica-sol', 'lead', { subject: 'Pedido de contato' }],
  ['whatsapp', 'loja-abc', 'welcome', welcome('cliente')],
  ['whatsapp', 'clinica-sol', 'welcome', welcome('paciente')],
  ['sendgrid', 'loja-abc', 'contact', { custom_fields: { e1_T: 'google', e2_N: 259.3 } }],
  ['sendgrid', 'clinica-sol', 'contact', { custom_fields: { e1_T: 'google / inverno-cafe' } }],
]

for (const [vendor, tenant, kind, data] of arrived)
  test(`the visit of npm start fills ${vendor} as ${tenant} has configured it`, () => {
    const { received } = rigs.get(vendor)!.vendor
    const own = received.filter(one => one.account.startsWith(tenant) && one.kind === kind)
    assert.ok(own.length, JSON.stringify(received.map(({ account, kind }) => [account, kind])))
    assert.partialDeepStrictEqual(own[0]!.data, data)
  })

test('the visit shows each vendor with both tenants', () => {
  const shown = arrived.map(([vendor, tenant]) => `${tenant}/${vendor}`).sort()
  const declared = tenants.flatMap(({ id }) => Object.keys(connectors).map(name => `${id}/${name}`))
  assert.deepEqual(shown, declared.sort())
})

test('the visit leaves one dead letter, the one that the config announces, and nothing waiting', async () => {
  const letters = await Promise.all([...rigs.values()].map(rig => rig.letters()))
  assert.deepEqual(
    letters.flat().map(({ item, death }) => [item.pk?.S, death.code]),
    [['salesforce#clinica-sol', 'REQUIRED_FIELD_MISSING']],
  )
  for (const rig of rigs.values()) assert.deepEqual(await rig.waiting(), [])
})

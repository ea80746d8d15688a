import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dynamics } from '../connectors/dynamics/index.ts'
import dynamicsSimulator from '../connectors/dynamics/simulator.ts'
import { lead as dynamicsLead } from '../connectors/dynamics/simulator-people.ts'
import { responsys } from '../connectors/responsys/index.ts'
import responsysSimulator from '../connectors/responsys/simulator.ts'
import { lead as responsysLead } from '../connectors/responsys/simulator-people.ts'
import { salesforce } from '../connectors/salesforce/index.ts'
import salesforceSimulator from '../connectors/salesforce/simulator.ts'
import { lead as salesforceLead } from '../connectors/salesforce/simulator-people.ts'
import type { AnyConnector, Event } from '../core/connector.ts'
import type { Simulator, VendorAnswer } from '../core/simulator.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import { createRig } from './tools/rig.ts'
import { type AcmeRig, acmeRig, event, events, MINUTE } from './tools/stage.ts'

type Vendor = readonly [connector: AnyConnector, simulator: Simulator<object>, lead: (id: string) => Event]
const DYNAMICS: Vendor = [dynamics, dynamicsSimulator as Simulator<object>, dynamicsLead]
const SALESFORCE: Vendor = [salesforce, salesforceSimulator as Simulator<object>, salesforceLead]
const RESPONSYS: Vendor = [responsys, responsysSimulator as Simulator<object>, responsysLead]

/** One lead, whose first deliveries get `answer`, `times` of them: how many were made before the vendor's own answers, and what is left. */
async function runWith([connector, simulator, lead]: Vendor, answer: VendorAnswer, times = Number.POSITIVE_INFINITY) {
  const rig = await createRig({ connector, simulator }, memoryDynamo())
  const handle = rig.vendor.handle.bind(rig.vendor)
  let answered = 0
  rig.vendor.handle = async request => {
    if (/\/token$|ratelimit$/.test(new URL(request.url).pathname) || answered >= times) return handle(request)
    answered++
    return answer
  }
  await rig.accept([{ ...lead('ana'), at: new Date(rig.now()).toISOString() }])
  const start = rig.now()
  await rig.run()
  const letters = (await rig.letters()).map(({ death }) => death.code)
  const [waiting] = await rig.waiting()
  const logins = rig.vendor.tokensIssued
  return { answered, letters, waitsMs: waiting && waiting.due - start, took: rig.now() - start, logins, rig }
}

const fault = (code: string): VendorAnswer => ({ status: 500, body: { error: { code, message: 'no' } } })

test('a refusal for good is asked once, though it comes as an error of the server', async () => {
  const { answered, letters, rig } = await runWith(DYNAMICS, fault('0x80040333'))
  assert.deepEqual([answered, letters], [1, ['0x80040333']])
  assert.equal((await rig.state()).breaker.failures, 0)
})

test('a dead token that comes as an error of the server is renewed at once, and the request goes again', async () => {
  const dead = {
    type: '',
    title: 'Unexpected exception',
    errorCode: 'UNEXPECTED_EXCEPTION',
    detail: 'Not a valid authentication token',
    errorDetails: [],
  }
  const { answered, waitsMs, took, logins } = await runWith(RESPONSYS, { status: 500, body: dead }, 1)
  assert.deepEqual([answered, waitsMs, logins], [1, undefined, 2])
  assert.ok(took < 1_000, 'nobody waits for a token that will not come to life')
})

test('a vendor that is in trouble and says for how long is left alone for that time', async () => {
  const { answered, waitsMs } = await runWith(DYNAMICS, { status: 503, headers: { 'retry-after': '600' } })
  assert.equal(answered, 1)
  assert.ok(waitsMs! >= 600_000)
})

test('a vendor whose table says to leave it alone is left alone', async () => {
  const { answered, waitsMs } = await runWith(SALESFORCE, { status: 503, body: '<html></html>' })
  assert.equal(answered, 1)
  assert.ok(waitsMs! >= 300_000)
})

test('any other error of the server is met with three tries', async () => {
  for (const vendor of [DYNAMICS, SALESFORCE, RESPONSYS])
    assert.equal((await runWith(vendor, { status: 500, body: '<html></html>' })).answered, 3)
})

/** Ids of the events that came by this call, as often as they came. */
const came = ({ vendor }: AcmeRig, call: string) =>
  vendor.requests.flatMap(({ path, events: ids }) => (path === `/${call}` ? ids : [])).sort()

test('a record that the vendor has is not sent again while another of its event is tried again', async () => {
  const r = await acmeRig(memoryDynamo())
  const one = event('purchase', 'row:later-once')
  await r.accept([one])
  await r.run()
  r.advance(2 * MINUTE)
  await r.run()
  assert.deepEqual(await r.waiting(), [])
  assert.deepEqual([came(r, 'profile'), came(r, 'row')], [[one.id], [one.id, one.id]])
})

test('what was delivered of an event stays so over several tries of the rest', async () => {
  const r = await acmeRig(memoryDynamo())
  const one = event('purchase', 'message:not-processed', { properties: { tell: true } })
  await r.accept([one])
  for (let n = 0; n < 3; n++) {
    await r.run()
    r.advance(20 * MINUTE)
  }
  assert.deepEqual([came(r, 'profile'), came(r, 'row'), came(r, 'message').length], [[one.id], [one.id], 3])
})

test('nor is one sent again where the destination shut before the others of its event could go', async () => {
  const r = await acmeRig(memoryDynamo())
  const some = [event('purchase', 'row:throttle-once'), ...events(19, 'purchase')]
  await r.accept(some)
  await r.run()
  assert.equal(came(r, 'row').length, 10, 'half of the rows were not tried')
  r.advance(2 * MINUTE)
  await r.run()
  assert.deepEqual(await r.waiting(), [])
  const ids = some.map(({ id }) => id)
  assert.deepEqual(came(r, 'profile'), ids)
  assert.deepEqual([...new Set(came(r, 'row'))], ids)
})

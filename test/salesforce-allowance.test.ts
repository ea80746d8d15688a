import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Settings, salesforce } from '../connectors/salesforce/index.ts'
import simulator from '../connectors/salesforce/simulator.ts'
import type { Event } from '../core/connector.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import { createRig, type Hook, START } from './tools/rig.ts'
import { keysOf, lead, overhear, requestsOf, SECOND } from './tools/salesforce.ts'

const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const visit = (n: number): Event => ({ ...lead(`v${n}`), name: 'view_item' })

/** An org that says with every answer how much of its allowance is used; `times` of its requests. */
async function orgWith(share: string, settings: Partial<Settings> = {}, shards = 1) {
  const urgent = ['generate_lead', 'purchase']
  const destination = { urgent, shards, settings: { ...simulator.settings, ...settings } }
  const rig = await createRig({ connector: salesforce, simulator, destination }, memoryDynamo())
  const org = { rig, share, times: [] as number[] }
  const handle = rig.vendor.handle.bind(rig.vendor)
  rig.vendor.handle = async request => {
    const answer = await handle(request)
    if (typeof answer === 'string' || request.url.endsWith('/token')) return answer
    org.times.push(rig.now())
    return { ...answer, headers: { ...answer.headers, 'sforce-limit-info': `api-usage=${org.share}` } }
  }
  return org
}
const longestGap = (times: readonly number[]) => Math.max(...times.slice(1).map((time, n) => time - times[n]!))

test('an org above 80 % slows what nobody waits for to a fifth of its rate, and leads not at all', async () => {
  const gaps = async (share: string, events: readonly Event[]) => {
    const { rig, times } = await orgWith(share, { recordsPerRequest: 1, requestsPerMinute: 60 })
    await rig.accept([lead('first')])
    await rig.run()
    rig.advance(10 * SECOND)
    times.length = 0
    await rig.accept(events)
    await rig.run()
    return longestGap(times)
  }
  const [visits, leads] = [[visit(1), visit(2), visit(3)], ['a', 'b', 'c'].map(id => lead(id))]
  assert.ok((await gaps('79000/100000', visits)) < 1.2 * SECOND)
  assert.ok((await gaps('81000/100000', visits)) > 5 * SECOND)
  assert.ok((await gaps('81000/100000', leads)) < 1.2 * SECOND)
})

test('an org that passes 95 % in the middle of a run ends it for what nobody waits for', async () => {
  const { rig } = await orgWith('95001/100000', { recordsPerRequest: 20 })
  await rig.accept(Array.from({ length: 60 }, (_, n) => visit(n)))
  await rig.run()
  assert.equal(rig.vendor.received.length, 20)
  assert.equal((await rig.waiting()).filter(({ attempts }) => attempts === 0).length, 40)
})

test('an org above 95 % keeps all but leads and purchases back, until there is room again', async () => {
  const org = await orgWith('96000/100000')
  const { rig } = org
  await rig.accept([lead('first')])
  await rig.run()
  await rig.accept([visit(1)])
  await rig.accept([lead('second')])
  await rig.run()
  assert.deepEqual(keysOf(rig.vendor.received), ['first', 'second'])
  org.share = '10/100000'
  await rig.accept([lead('third')])
  await rig.run()
  await rig.run()
  assert.deepEqual(keysOf(rig.vendor.received), ['first', 'second', 'third', 'v1'])
})

test('what another run was told of the allowance holds the next load of this one', async () => {
  const org = await orgWith('10/100000', { recordsPerRequest: 20, requestsPerMinute: 60 })
  const { rig } = org
  await rig.accept(Array.from({ length: 60 }, (_, n) => visit(n)))
  await rig.accept([lead('first')])
  const inBetween: Hook = async (step, perform) => {
    const answer = await perform()
    if (step.kind !== 'vendor' || org.share !== '10/100000') return answer
    org.share = '96000/100000'
    await rig.runWith((_, work) => work(), { lanes: ['urgent'] })
    org.share = '11/100000'
    return answer
  }
  await rig.runWith(inBetween, { lanes: ['normal'] })
  assert.equal(keysOf(rig.vendor.received).filter(key => key.startsWith('v')).length, 20)
})

test('an org above 95 % does not take a load that has begun past a pause', async () => {
  const { rig } = await orgWith('96000/100000')
  const heard = overhear(rig)
  await rig.acceptAll(requestsOf(Array.from({ length: 2_050 }, (_, n) => visit(n))))
  await rig.runWith(async (step, perform) => {
    const answer = await perform()
    if (step.kind === 'vendor' && step.name.endsWith('/ingest'))
      await rig.operate({ do: 'pause', tenant: 'loja-abc', by: 'ana', reason: 'sale' })
    return answer
  })
  assert.deepEqual(heard, { opened: ['Web_Event__c'], states: [], collections: 0 })
  assert.equal((await rig.waiting()).filter(({ attempts, jobs }) => attempts === 0 && !jobs).length, 2_050)
})

test('an org above 95 % does not keep a stopped destination from passing its probe', async () => {
  const { rig } = await orgWith('96000/100000')
  const handle = rig.vendor.handle
  rig.vendor.handle = async request =>
    request.url.endsWith('/token')
      ? handle(request)
      : { status: 403, body: [{ errorCode: 'API_DISABLED_FOR_ORG', message: 'off' }] }
  await rig.accept([visit(1)])
  await rig.run()
  assert.equal((await rig.state()).stopped?.code, 'API_DISABLED_FOR_ORG')
  rig.vendor.handle = handle
  rig.advance(HOUR)
  await rig.run()
  assert.equal(rig.vendor.received.length, 1)
  assert.equal((await rig.state()).stopped, undefined)
})

test('an org above 95 % for longer than an event may take costs no event, as what is held does not age', async () => {
  const org = await orgWith('96000/100000', { recordsPerRequest: 1, requestsPerMinute: 60 })
  const { rig } = org
  await rig.acceptAll(Array.from({ length: 150 }, (_, n) => [visit(n)]))
  await rig.run()
  for (let hours = 0; hours < 8 * 24; hours += 6) {
    await rig.tick()
    await rig.runInvoked()
    rig.advance(6 * HOUR)
  }
  assert.deepEqual(await rig.letters(), [])
  const looks = new Set(org.times.map(at => Math.floor((at - START) / HOUR)))
  assert.equal(looks.size, 32)
  assert.ok(rig.vendor.received.length < 150, 'most are held for longer than the 72 hours of an event')
  org.share = '10/100000'
  await rig.run()
  await rig.runInvoked()
  assert.equal(rig.vendor.received.length, 150)
})

test('an org above 95 % for days leaves no job behind that was opened and not closed, whatever waits in how many shards', async () => {
  const { rig } = await orgWith('96000/100000', {}, 4)
  const heard = overhear(rig)
  await rig.acceptAll(requestsOf(Array.from({ length: 2_400 }, (_, n) => visit(n))))
  await rig.run()
  for (let minutes = 0; minutes < 4 * 24 * 60 && (await rig.waiting()).length; minutes += 16) {
    await rig.tick()
    await rig.runInvoked()
    rig.advance(16 * MINUTE)
  }
  assert.deepEqual(
    heard.states,
    heard.opened.map(() => 'UploadComplete'),
  )
  assert.deepEqual([heard.opened.length, heard.collections], [4, 0])
  assert.equal(rig.vendor.received.length, 2_400)
})

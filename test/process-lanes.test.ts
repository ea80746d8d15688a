import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { reserveSlots } from '../functions/aws/pace.ts'
import type { AcmeData } from './tools/acme.ts'
import { acmeKey } from './tools/acme-vendor.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { awaitsOf, pauseRun } from './tools/faults.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import { START } from './tools/rig.ts'
import { acmeRig, event, events, MINUTE, SECOND, TENANT, toVendor, whereabouts } from './tools/stage.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const rig = (options?: Parameters<typeof acmeRig>[1]) => acmeRig(dynamo, options)

const of = (email: string, at: number, magic?: string) =>
  event('visit', magic, { user: { email }, at: new Date(START + at).toISOString() })

test('an ordered connector keeps each person’s order across requests, retries, pages and shards', async () => {
  const r = await rig({ ordered: true, destination: { shards: 3, settings: { account: 'shop', records: 3 } } })
  const people = Array.from({ length: 6 }, (_, n) => `person-${n}@example.com`)
  const magics = [undefined, 'busy-once', undefined, 'retry-once', 'later-once', undefined]
  const all = Array.from({ length: 60 }, (_, n) => of(people[n % 6]!, n, magics[(n * 7) % 6]))
  // Requests that overlap in time, some with a page's worth of text, the later ones first.
  const text = 'x'.repeat(60_000)
  const requests = Array.from({ length: 10 }, (_, n) => all.filter((_, i) => i % 10 === n)).reverse()
  for (const some of requests) await r.accept(some.map(one => ({ ...one, properties: { ...one.properties, text } })))
  for (let minute = 0; minute < 60 && (await r.waiting()).length; minute++) {
    await r.run()
    r.advance(MINUTE)
  }
  const times = new Map(all.map(({ id, at }) => [id, at]))
  const byPerson = Map.groupBy(r.vendor.received, ({ data }) => (data as AcmeData).person)
  assert.equal(r.vendor.received.length, 60)
  for (const [person, received] of byPerson) {
    const order = received.map(({ key }) => times.get(key)!)
    assert.deepEqual(order, order.toSorted(), person)
  }
})

test('an earlier event that comes late does not wait behind a later one', async () => {
  const r = await rig({ ordered: true })
  await r.accept([of('ana@example.com', 1_000, 'busy')])
  await r.run()
  const early = of('ana@example.com', 0)
  await r.accept([early])
  await r.run()
  assert.deepEqual(
    r.vendor.received.map(({ key }) => key),
    [early.id],
  )
})

test('a lead reaches the vendor within two seconds though a bulk run of 20,000 events holds the pace', async () => {
  const r = await acmeRig(memoryDynamo(), {
    timeoutMs: 15 * MINUTE,
    destination: { urgent: ['message'], shards: 4, settings: { account: 'shop', perMinute: 120, records: 100 } },
  })
  const bulk = events(20_000)
  await r.acceptAll(Array.from({ length: 200 }, (_, n) => bulk.slice(n * 100, n * 100 + 100)))
  let calls = 0
  const run = await pauseRun(r, step => toVendor(step) && ++calls === 30, 'before', { lanes: ['normal'] })
  assert.ok(run.at)
  const lead = event('message')
  await r.accept([lead])
  const accepted = r.now()
  await r.run({ why: 'wake', lanes: ['urgent'] })
  const reached = r.vendor.requests.find(request => request.events.includes(lead.id))
  assert.ok(reached && reached.at - accepted <= 2 * SECOND, `after ${(reached?.at ?? Number.NaN) - accepted} ms`)
  await run.resume()
  assert.equal(r.vendor.received.length, 20_001)
})

test('a lead whose wake-up was lost is started by the next tick, and a held lane is left to its holder', async () => {
  const r = await rig({ destination: { urgent: ['message'], shards: 2 } })
  await r.accept([event('message')])
  const holder = await pauseRun(r, toVendor, 'before', { lanes: ['urgent'] })
  await r.tick()
  assert.deepEqual(r.invoked, [])
  await holder.resume()
  const lead = event('message')
  await r.accept([lead])
  await r.tick()
  assert.equal(r.invoked.length, 1)
  await r.runInvoked()
  assert.deepEqual((await whereabouts(r)).received.includes(lead.id), true)
})

test('the documented rate is used and not passed by the shards of a run on a backlog', async () => {
  const settings = { account: 'shop', perMinute: 120, records: 10 }
  const r = await acmeRig(memoryDynamo(), { timeoutMs: 15 * MINUTE, destination: { shards: 4, settings } })
  await r.acceptAll(Array.from({ length: 400 }, () => events(10)))
  await r.run()
  const times = r.vendor.requests.filter(({ path }) => path === '/row').map(({ at }) => at)
  const minutes = (times.at(-1)! - times[0]!) / MINUTE
  assert.ok(times.length / minutes >= 0.95 * 120, `${times.length / minutes} a minute`)
  for (const from of times) assert.ok(times.filter(at => at >= from && at < from + MINUTE).length <= 120)
})

test('destinations of one account share its pace, and those of another do not', async () => {
  const destination = { account: 'agency', settings: { account: 'shop', perMinute: 60, records: 1 } }
  const r = await rig({ auth: 'static', destination })
  r.secrets.set('/connect/acme/agency/credentials', acmeKey(destination.settings))
  await r.accept(events(5))
  await r.run()
  assert.equal(r.vendor.received.length, 5)
  const waitFor = async (account: string) => {
    const place = { connector: 'acme', account, call: 'row' }
    const slots = await reserveSlots(r.world, place, [{ requests: 60, perMs: MINUTE }], 1, 'normal', r.now() + MINUTE)
    return slots[0]! - r.now()
  }
  assert.ok((await waitFor('agency')) > 0.9 * SECOND)
  assert.equal(await waitFor(TENANT), 0)
})

test('two refreshes at once log in once, and runs that need a token share it', async () => {
  const r = await rig()
  await r.accept(events(10))
  await Promise.all([
    r.refresh({ account: TENANT, why: 'schedule' }),
    r.refresh({ account: TENANT, why: 'missing' }),
    r.run(),
  ])
  assert.equal(r.vendor.tokensIssued, 1)
  assert.equal(r.vendor.received.length, 10)
})

test('what waits for a later time costs a run a read per page and no more', async () => {
  const r = await acmeRig(memoryDynamo())
  await r.acceptAll(Array.from({ length: 3_000 }, () => [event('visit', 'retry')]))
  await r.run()
  const steps = await awaitsOf(r)
  assert.ok(steps.length < 20, `${steps.length} calls for nothing`)
})

test('what a shut destination has waiting costs a run one read of the state', async () => {
  const r = await rig()
  await r.accept(events(100))
  await r.operate({ do: 'pause', tenant: TENANT, by: 'ana', reason: 'sale' })
  const steps = await awaitsOf(r)
  assert.deepEqual(
    steps.map(({ name }) => name),
    ['GetItemCommand', 'GetItemCommand', 'GetItemCommand'],
  )
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { acmeRig, DAY, event, events, HOUR, TENANT, whereabouts } from './tools/stage.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const rig = (options?: Parameters<typeof acmeRig>[1]) => acmeRig(dynamo, options)

test('an event has 72 hours of sendable time, and pauses do not count', async () => {
  const r = await rig()
  const one = event('visit', 'busy')
  await r.accept([one])
  await r.operate({ do: 'pause', tenant: TENANT, by: 'ana', reason: 'sale' })
  r.advance(60 * HOUR)
  await r.operate({ do: 'resume', tenant: TENANT, by: 'ana' })
  r.advance(71 * HOUR)
  await r.run()
  assert.deepEqual((await whereabouts(r)).waiting, [one.id])
  const before = r.vendor.requests.length
  r.advance(2 * HOUR)
  await r.run()
  assert.equal(r.vendor.requests.length, before, 'what is past its time is not sent')
  const [letter] = await r.letters()
  assert.equal(letter?.death.reason, 'expired')
  assert.match(r.mails.at(-1)!.subject, /ran out of time/)
})

test('a destination off for longer than it keeps events buries them as one cause with one mail', async () => {
  const r = await rig({ destination: { shards: 3 } })
  await r.operate({ do: 'pause', tenant: TENANT, by: 'ana', reason: 'sale' })
  await r.accept(events(20))
  r.advance(6 * DAY)
  const young = event('visit')
  await r.accept([young])
  await r.run()
  assert.deepEqual(await r.letters(), [])
  r.advance(1 * DAY + HOUR)
  await r.run()
  await r.run()
  const letters = await r.letters()
  assert.deepEqual(new Set(letters.map(({ death }) => death.reason)), new Set(['destination-off']))
  assert.equal(letters.length, 20)
  assert.deepEqual((await whereabouts(r)).waiting, [young.id])
  assert.equal(r.mails.length, 1)
  assert.equal(r.vendor.requests.length, 0)
  await r.operate({ do: 'resume', tenant: TENANT, by: 'ana' })
  await r.operate({ do: 'redrive', tenant: TENANT, by: 'ana' })
  await r.run()
  assert.equal(r.vendor.received.length, 21)
})

test('a destination that is stopped and then paused is off since it was stopped', async () => {
  const r = await rig()
  await r.accept([event('visit', 'misconfigure')])
  await r.run()
  r.advance(5 * DAY)
  await r.operate({ do: 'pause', tenant: TENANT, by: 'ana', reason: 'until it is put right' })
  r.advance(3 * DAY)
  await r.run()
  assert.equal((await r.letters())[0]?.death.reason, 'destination-off')
})

test('who opts out after an event was accepted is not told of it', async () => {
  const r = await rig()
  const [ana, eva] = [event('message'), event('message')]
  await r.accept([ana, eva])
  await r.operate({ do: 'suppress', tenant: TENANT, by: 'ana', email: ana.user!.email! })
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: [eva.id] })
})

test('an event without a consent that the destination has come to require is skipped', async () => {
  const r = await rig()
  const [without, withIt] = [event('visit'), event('visit', undefined, { consent: { marketing: true } })]
  await r.accept([without, withIt])
  await r.declare({ requires: ['marketing'] })
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: [withIt.id] })
})

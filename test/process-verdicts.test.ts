import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { acmeKey, acmeSettings } from './tools/acme-vendor.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { acmeRig, asked, event, events, HOUR, MINUTE, SECOND, TENANT, whereabouts } from './tools/stage.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const rig = (options?: Parameters<typeof acmeRig>[1]) => acmeRig(dynamo, options)

type Expected = { record: 'gone' | 'waits' | 'dead'; attempts?: number; waitsMs?: number; reason?: string }
type Destination = 'open' | 'failed' | 'throttled' | 'stopped'
const TABLE: { name: 'visit' | 'message'; magic?: string; record: Expected; destination: Destination }[] = [
  { name: 'visit', record: { record: 'gone' }, destination: 'open' },
  { name: 'visit', magic: 'reject', record: { record: 'dead', reason: 'rejected' }, destination: 'open' },
  { name: 'visit', magic: 'retry', record: { record: 'waits', attempts: 1, waitsMs: MINUTE }, destination: 'open' },
  { name: 'visit', magic: 'down', record: { record: 'waits', attempts: 1, waitsMs: MINUTE }, destination: 'failed' },
  { name: 'visit', magic: 'busy', record: { record: 'waits', attempts: 0, waitsMs: 30 * SECOND }, destination: 'open' },
  { name: 'visit', magic: 'throttle', record: { record: 'waits', attempts: 0, waitsMs: 0 }, destination: 'throttled' },
  {
    name: 'visit',
    magic: 'unauthorized',
    record: { record: 'waits', attempts: 0, waitsMs: 0 },
    destination: 'stopped',
  },
  {
    name: 'visit',
    magic: 'misconfigure',
    record: { record: 'waits', attempts: 0, waitsMs: 0 },
    destination: 'stopped',
  },
  { name: 'message', magic: 'reset', record: { record: 'dead', reason: 'outcome-unknown' }, destination: 'failed' },
  {
    name: 'message',
    magic: 'not-processed',
    record: { record: 'waits', attempts: 1, waitsMs: MINUTE },
    destination: 'failed',
  },
]
for (const { name, magic = 'nothing', record, destination } of TABLE)
  test(`a ${name} for which the vendor has ${magic} ${record.record === 'gone' ? 'is gone' : record.record === 'dead' ? 'dies' : 'waits'}, and the destination is ${destination}`, async () => {
    const r = await rig()
    const one = event(name, magic === 'nothing' ? undefined : magic)
    await r.accept([one])
    await r.run()
    const at = r.now()
    const [waiting] = await r.waiting()
    const [letter] = await r.letters()
    assert.equal(waiting ? 'waits' : letter ? 'dead' : 'gone', record.record)
    assert.equal(letter?.death.reason, record.reason)
    if (waiting) {
      assert.equal(waiting.attempts, record.attempts)
      const waits = Math.max(0, waiting.due - at)
      const { waitsMs = 0 } = record
      assert.ok(waits >= waitsMs * 0.95 - SECOND && waits <= waitsMs * 1.2, `waits ${waits} ms`)
    }
    const state = await r.state()
    assert.equal(state.breaker.failures > 0, destination === 'failed')
    assert.equal(Boolean(state.throttled), destination === 'throttled')
    assert.equal(Boolean(state.stopped), destination === 'stopped')
    assert.equal(r.mails.length, destination === 'stopped' || record.record === 'dead' ? 1 : 0)
  })

test('under resend an outcome that nobody knows is sent again', async () => {
  const r = await rig({ onUnknown: 'resend' })
  const one = event('message', 'reset-once')
  await r.accept([one])
  await r.run()
  r.advance(2 * MINUTE)
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: [one.id] })
})

test('a destination that refuses a second, fresh token is stopped', async () => {
  const r = await rig()
  await r.accept([event('visit', 'unauthorized')])
  await r.run()
  assert.equal(r.vendor.tokensIssued, 2)
  assert.equal((await r.state()).stopped?.code, 'bad-token')
})

test('a row whose token had died is sent again with a fresh one, and its neighbours are not', async () => {
  const r = await rig()
  const [one, other] = [event('visit', 'stale-once'), event('visit')]
  await r.accept([one, other])
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: [other.id, one.id] })
  assert.deepEqual([r.vendor.tokensIssued, asked(r, one), asked(r, other)], [2, 2, 1])
  assert.equal((await r.state()).stopped, undefined)
})

test('a row that refuses a second, fresh token stops the destination and waits', async () => {
  const r = await rig()
  const one = event('visit', 'stale')
  await r.accept([one, event('visit')])
  await r.run()
  assert.deepEqual([r.vendor.tokensIssued, asked(r, one)], [2, 2])
  assert.equal((await r.state()).stopped?.code, 'bad-token')
  assert.deepEqual(
    (await r.waiting()).map(({ event, attempts }) => [event.id, attempts]),
    [[one.id, 0]],
  )
})

test('a row that is refused for a key that nobody has changed stops the destination, and is not sent again', async () => {
  const r = await rig({ auth: 'static', destination: { settings: acmeSettings } })
  r.secrets.set(`/connect/acme/${TENANT}/credentials`, acmeKey(acmeSettings))
  const one = event('visit', 'stale-once')
  await r.accept([one])
  await r.run()
  assert.equal((await r.state()).stopped?.code, 'key-refused')
  assert.equal(asked(r, one), 1)
})

test('more than twenty refusals of one code and nothing taken stop the destination, and not one event dies', async () => {
  const r = await rig()
  await r.accept(events(35, 'visit', 'reject'))
  await r.run()
  assert.deepEqual(await r.letters(), [])
  assert.equal((await r.waiting()).length, 35)
  assert.equal((await r.state()).stopped?.code, 'bad-value')
  assert.deepEqual(new Set((await r.waiting()).map(({ attempts }) => attempts)), new Set([0]))
})

test('twenty refusals are bad records, and so are more where something was taken', async () => {
  const twenty = await rig()
  await twenty.accept(events(20, 'visit', 'reject'))
  await twenty.run()
  assert.equal((await twenty.letters()).length, 20)
  const mixed = await rig()
  await mixed.accept([event('visit'), ...events(35, 'visit', 'reject')])
  await mixed.run()
  assert.equal((await mixed.letters()).length, 35)
  assert.equal((await mixed.state()).stopped, undefined)
})

test('bad records that stopped a destination do not keep the good ones behind them from opening it', async () => {
  const r = await rig()
  await r.accept(events(25, 'visit', 'reject'))
  await r.run()
  await r.accept(events(25))
  for (let hour = 0; hour < 40 && (await r.waiting()).length; hour++) {
    r.advance(HOUR + SECOND)
    await r.tick()
    await r.runInvoked()
    await r.run()
  }
  assert.equal(r.vendor.received.length, 25)
  assert.equal((await r.letters()).length, 25)
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { START } from './tools/rig.ts'
import { acmeRig, event, events, MINUTE } from './tools/stage.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const rig = (options?: Parameters<typeof acmeRig>[1]) => acmeRig(dynamo, options)

test('what was accepted is delivered and gone from the buffer', async () => {
  const r = await rig()
  await r.accept(events(25))
  await r.run()
  assert.equal(r.vendor.received.length, 25)
  assert.deepEqual(await r.waiting(), [])
  assert.equal(r.vendor.tokensIssued, 1)
})

test('a profile goes before its row, and the row not without its profile', async () => {
  const r = await rig()
  const bad = event('purchase', 'profile:reject')
  await r.accept([event('purchase'), bad])
  await r.run()
  assert.deepEqual(
    r.vendor.received.map(({ kind }) => kind),
    ['profile', 'row'],
  )
  const [letter] = await r.letters()
  assert.equal(letter?.id, bad.id)
  assert.equal(letter?.death.code, 'bad-value')
})

test('a refused record dies alone, one to be tried again waits, the others are delivered', async () => {
  const r = await rig()
  const [good, reject, retry, busy] = [
    event('visit'),
    event('visit', 'reject'),
    event('visit', 'retry'),
    event('visit', 'busy'),
  ]
  await r.accept([good, reject, retry, busy])
  await r.run()
  assert.deepEqual(
    r.vendor.received.map(({ key }) => key),
    [good.id],
  )
  assert.deepEqual(
    (await r.letters()).map(({ id }) => id),
    [reject.id],
  )
  const waiting = new Map((await r.waiting()).map(each => [each.event.id, each]))
  assert.deepEqual([...waiting.keys()].sort(), [retry.id, busy.id].sort())
  assert.equal(waiting.get(retry.id)?.attempts, 1)
  assert.equal(waiting.get(busy.id)?.attempts, 0, 'being too fast costs no try')
  assert.ok((waiting.get(retry.id)?.due ?? 0) >= START + MINUTE)
})

test('a request refused as a whole is halved until only the record at fault is refused', async () => {
  const r = await rig()
  const culprit = event('visit', 'refuse-silently')
  await r.accept([...events(6), culprit, ...events(2)])
  await r.run()
  assert.equal(r.vendor.received.length, 8)
  assert.deepEqual(
    (await r.letters()).map(({ id }) => id),
    [culprit.id],
  )
})

test('a vendor that asks us to wait is not asked again before its time', async () => {
  const r = await rig()
  await r.accept([event('visit', 'throttle-once'), ...events(3)])
  await r.run()
  const asked = r.vendor.requests.length
  await r.run()
  assert.equal(r.vendor.requests.length, asked)
  r.advance(61_000)
  await r.run()
  assert.equal(r.vendor.received.length, 4)
  assert.deepEqual(await r.waiting(), [])
})

test('an expired token is renewed once, however many shards meet it', async () => {
  const r = await rig({ destination: { shards: 4 } })
  await r.accept(events(40))
  await r.run()
  r.vendor.expireTokens()
  await r.accept(events(40))
  await r.run()
  assert.equal(r.vendor.received.length, 80)
  assert.equal(r.vendor.tokensIssued, 2)
})

test('a vendor that is down opens the breaker with one mail, burns no tries meanwhile, and everything goes when it is back', async () => {
  const r = await rig({ destination: { shards: 2 } })
  await r.accept(events(300))
  r.vendor.mode = 'down'
  for (let minute = 0; minute < 60; minute++) {
    await r.run()
    await r.tick()
    r.advance(MINUTE)
  }
  const attempts = (await r.waiting()).map(each => each.attempts)
  assert.equal(attempts.length, 300)
  assert.ok(Math.max(...attempts) <= 6, `tried ${Math.max(...attempts)} times`)
  assert.deepEqual(
    r.mails.map(({ subject }) => subject),
    ['[connect test] loja-abc/acme: vendor does not answer'],
  )
  r.vendor.mode = 'up'
  for (let minute = 0; minute < 400 && (await r.waiting()).length; minute++) {
    r.advance(MINUTE)
    await r.run()
    await r.tick()
  }
  assert.equal(new Set(r.vendor.received.map(({ key }) => key)).size, 300)
  assert.equal(r.mails.length, 2)
  assert.match(r.mails[1]!.subject, /again|recovered|works/i)
})

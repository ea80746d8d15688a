import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { DeleteItemCommand } from '@aws-sdk/client-dynamodb'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { awaitsOf, killRun, MOMENTS, pauseRun, repeatWrites } from './tools/faults.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import {
  acmeRig,
  asked,
  call,
  DAY,
  event,
  events,
  HOUR,
  MINUTE,
  SECOND,
  TENANT,
  toVendor,
  whereabouts,
} from './tools/stage.ts'

// Each test holds the deployed code at one await, lets something else happen, and lets it go on.

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const rig = (options?: Parameters<typeof acmeRig>[1]) => acmeRig(dynamo, options)

/** Longer than a run's timeout and the lease's margin. */
const LAPSE = 75 * SECOND
const byAna = { tenant: TENANT, by: 'ana' } as const

test('a request repeated while its envelope is worked off is stored once and sent once', async () => {
  const r = await rig()
  const told = events(3, 'message')
  await r.accept(told)
  const run = await pauseRun(r, toVendor, 'after')
  await r.accept(told)
  await run.resume()
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: told.map(({ id }) => id) })
})

test('a request repeated after its envelope was settled revives nothing that must not be sent twice', async () => {
  const r = await rig()
  const told = events(3, 'message')
  await r.accept(told)
  await r.run()
  await r.accept(told)
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: told.map(({ id }) => id) })
})

test('the same ids with other contents do not overwrite what was accepted first', async () => {
  const r = await rig()
  const first = events(2, 'visit').map(one => ({ ...one, properties: { text: 'first' } }))
  await r.accept(first)
  await r.accept(first.map(one => ({ ...one, properties: { text: 'second' } })))
  await r.run()
  assert.deepEqual(
    r.vendor.received.map(({ data }) => (data as { text: string }).text),
    ['first', 'first'],
  )
})

test('an event that two envelopes hold is sent once, and leaves both', async () => {
  const r = await rig()
  const [shared, alone] = [event('visit'), event('visit', 'busy')]
  await r.accept([shared])
  await r.accept([shared, alone])
  await r.run()
  assert.equal(asked(r, shared), 1)
  assert.deepEqual((await whereabouts(r)).waiting, [alone.id])
  assert.equal((await r.envelopes()).length, 1)
})

const STEPS = [
  { name: 'the mark', at: call('UpdateItem', 'buffer') },
  { name: 'the letter', at: call('UpdateItem', 'letters') },
  { name: 'the removal', at: call('BatchWriteItem', 'buffer') },
]
for (const { name, at } of STEPS)
  for (const moment of MOMENTS)
    test(`a run that dies ${moment} ${name} leaves one letter in the end, and a marked event is not sent again`, async () => {
      const r = await rig()
      const bad = event('visit', 'reject')
      await r.accept([bad])
      const steps = await awaitsOf(await twin(bad))
      const died = await killRun(r, steps.findIndex(at), moment)
      assert.ok(died && at(died))
      r.advance(LAPSE)
      await r.tick()
      await r.runInvoked()
      assert.deepEqual(await whereabouts(r), { waiting: [], dead: [bad.id], received: [] })
      const marked = !(name === 'the mark' && moment === 'before')
      assert.equal(asked(r, bad), marked ? 1 : 2)
      assert.equal(r.mails.length, 1)
    })
/** Another rig with the same event, to find out what its run does. */
async function twin(one: ReturnType<typeof event>) {
  const r = await rig()
  await r.accept([one])
  return r
}

test('settling against an envelope that is gone creates nothing and buries nobody', async () => {
  const r = await rig()
  const [again, bad] = [event('visit', 'retry'), event('visit', 'reject')]
  await r.accept([again, bad])
  const run = await pauseRun(r, toVendor, 'after')
  const [envelope] = await r.envelopes()
  const Key = { pk: { S: envelope!.pk }, sk: { S: envelope!.sk } }
  await dynamo.client.send(new DeleteItemCommand({ TableName: r.tables.buffer, Key }))
  await run.resume()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: [] })
})

test('settling against an envelope that somebody else has written removes only what is known', async () => {
  const r = await rig()
  const [good, again, other] = [event('visit'), event('visit', 'retry'), event('visit', 'busy')]
  await r.accept([good, again, other])
  const run = await pauseRun(r, toVendor, 'after')
  const [envelope] = await r.envelopes()
  const theirs = envelope!.waiting.map(one => ({ ...one, due: r.now() + DAY }))
  await r.putEnvelope({ ...envelope!, rev: 'theirs', waiting: theirs })
  await run.resume()
  const left = await r.waiting()
  assert.deepEqual(left.map(({ event }) => event.id).sort(), [again.id, other.id].sort())
  for (const { due, attempts } of left) assert.deepEqual([due, attempts], [theirs[0]!.due, 0])
})

test('a mark of death survives the run that knows nothing of it', async () => {
  const r = await rig()
  const again = event('visit', 'retry')
  await r.accept([again, event('visit', 'busy')])
  const run = await pauseRun(r, toVendor, 'after')
  const [envelope] = await r.envelopes()
  const waiting = envelope!.waiting.map(one =>
    one.event.id === again.id ? { ...one, dead: { reason: 'expired' as const, at: r.now() } } : one,
  )
  await r.putEnvelope({ ...envelope!, rev: 'theirs', waiting })
  await run.resume()
  const marked = (await r.waiting()).find(({ event }) => event.id === again.id)
  assert.equal(marked?.dead?.reason, 'expired')
})

test('who finds the lease taken leaves a mark, and the holder looks again before it lets go', async () => {
  const r = await rig()
  await r.accept([event('visit')])
  const holder = await pauseRun(r, call('UpdateItem', 'state', 'REMOVE #token'), 'before', { lanes: ['normal'] })
  const late = event('visit')
  await r.accept([late])
  await r.run({ lanes: ['normal'] })
  assert.equal(asked(r, late), 0, 'the lane is the holder’s')
  await holder.resume()
  assert.equal(asked(r, late), 1)
  assert.deepEqual((await whereabouts(r)).waiting, [])
})

test('a lead that wakes a run between the last look and the release is delivered by the holder', async () => {
  const r = await rig({ destination: { urgent: ['message'] } })
  await r.accept([event('message')])
  const holder = await pauseRun(r, call('UpdateItem', 'state', 'REMOVE #token'), 'before', { lanes: ['urgent'] })
  const lead = event('message')
  await r.accept([lead])
  await r.run({ why: 'wake', lanes: ['urgent'], shards: [0] })
  await holder.resume()
  assert.equal(asked(r, lead), 1)
})

test('the tick leaves a held lane to its holder and starts one whose holder died', async () => {
  const r = await rig()
  await r.accept([event('visit')])
  await killRun(r, 14, 'before', { lanes: ['normal'] })
  await r.tick()
  assert.deepEqual(r.invoked, [])
  r.advance(LAPSE)
  await r.tick()
  assert.deepEqual(r.invoked, [{ do: 'run', why: 'tick', tenant: TENANT, lanes: ['normal'], shards: [0] }])
})

test('a holder that wakes up after its lease was taken over changes nothing any more, wherever it stood', async () => {
  const cast = () => [
    event('message'),
    event('message', 'reject'),
    event('visit'),
    event('visit', 'reject'),
    event('visit', 'retry'),
    event('visit', 'busy-once'),
    event('purchase', undefined, { properties: { tell: true } }),
    event('purchase', 'row:refuse', { properties: { tell: true } }),
  ]
  const memory = () => acmeRig(memoryDynamo(), { destination: { settings: { account: 'shop', records: 3 } } })
  const model = await memory()
  await model.accept(cast())
  const steps = await awaitsOf(model)
  for (const [at, step] of steps.entries())
    for (const moment of MOMENTS) {
      const where = `${moment} await ${at}: ${step.kind} ${step.name}`
      const r = await memory()
      const all = cast()
      await r.accept(all)
      const old = await pauseRun(r, (_, seen) => seen === at, moment)
      for (let round = 0; round < 6; round++) {
        r.advance(5 * MINUTE)
        await r.tick()
        await r.runInvoked()
        await r.run()
      }
      const [taken, letters] = [await whereabouts(r), await r.letters()]
      assert.deepEqual(taken.waiting, [], where)
      await old.resume()
      assert.deepEqual(await r.letters(), letters, where)
      assert.deepEqual(await r.waiting(), [], where)
      for (const { id } of all) {
        const told = r.vendor.received.filter(one => one.kind === 'message' && one.key === id).length
        assert.ok(told <= 1, `${id} told ${told} times ${where}`)
        assert.ok(taken.dead.includes(id) || r.vendor.received.some(one => one.key === id), `${id} lost ${where}`)
      }
    }
})

test('a run that is frozen while it waits for its turn and wakes after its time does not send', async () => {
  const r = await rig({ destination: { settings: { account: 'shop', records: 1 } } })
  const [first, second] = [event('visit'), event('visit')]
  await r.accept([first, second])
  const old = await pauseRun(r, ({ kind }) => kind === 'sleep', 'after')
  assert.equal(old.at?.kind, 'sleep')
  r.advance(LAPSE)
  await r.run()
  const sent = r.vendor.requests.length
  await old.resume()
  assert.equal(r.vendor.requests.length, sent)
  assert.deepEqual((await whereabouts(r)).waiting, [])
})

test('what the ledger knows as done is settled without being sent, though its run died before settling', async () => {
  const r = await rig()
  const told = events(2, 'message')
  await r.accept(told)
  const died = await killRun(
    r,
    (await awaitsOf(await twinOf(told))).findIndex(call('BatchWriteItem', 'state')),
    'after',
  )
  assert.equal(died?.name, 'BatchWriteItemCommand')
  r.advance(LAPSE)
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: told.map(({ id }) => id) })
})
async function twinOf(told: ReturnType<typeof events>) {
  const r = await rig()
  await r.accept(told)
  return r
}

test('a claim of a dead run is an outcome that nobody knows: held as a dead letter, sent again only by a redrive that says so', async () => {
  const r = await rig()
  const told = event('message')
  await r.accept([told])
  await killRun(r, (await awaitsOf(await twinOf([told]))).findIndex(toVendor), 'before')
  r.advance(LAPSE)
  await r.run()
  const [letter] = await r.letters()
  assert.deepEqual([letter?.id, letter?.death.reason], [told.id, 'outcome-unknown'])
  await r.operate({ ...byAna, do: 'redrive' })
  await r.run()
  assert.equal(asked(r, told), 0)
  await r.operate({ ...byAna, do: 'redrive', resendUnknown: true })
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: [told.id] })
})

test('a claim whose run may still live is waited for, not taken for a dead one’s', async () => {
  const r = await rig({ destination: { shards: 1 } })
  const told = event('message')
  await r.accept([told])
  const first = await pauseRun(r, toVendor, 'before')
  await r.declare({ shards: 8 })
  r.cold()
  await r.accept([told]) // by now its person lives in another shard
  await r.run()
  assert.deepEqual((await whereabouts(r)).dead, [])
  await first.resume()
  r.advance(2 * MINUTE)
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: [told.id] })
})

test('claims of a load that could not be claimed whole are taken back: nothing of it is in doubt', async () => {
  const r = await rig()
  const told = events(5, 'message')
  await r.accept(told)
  let claims = 0
  const failing = r.runWith(async (step, perform) => {
    if (call('PutItem', 'state', '#ledger#')(step) && ++claims === 3) throw new Error('slow down')
    return perform()
  })
  await assert.rejects(failing, /slow down/)
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: told.map(({ id }) => id) })
})

test('claims of what was sent stand, whatever fails after the vendor’s answer', async () => {
  const r = await rig()
  const told = [event('message', 'later'), event('message')]
  await r.accept(told)
  let answered = false
  const failing = r.runWith(async (step, perform) => {
    if (answered && step.kind === 'dynamo') throw new Error('no table any more')
    const answer = await perform()
    answered ||= toVendor(step)
    return answer
  })
  await assert.rejects(failing, /no table/)
  r.advance(LAPSE)
  await r.run()
  for (const one of told) assert.equal(asked(r, one), 1)
  assert.deepEqual(
    (await r.letters()).map(({ death }) => death.reason),
    ['outcome-unknown', 'outcome-unknown'],
  )
})

test('a run that fails leaves nothing pending behind it', async () => {
  const r = await rig({ destination: { shards: 4 } })
  await r.accept(events(200))
  let calls = 0
  let failed = false
  const failing = r.runWith(async (step, perform) => {
    calls++
    if (toVendor(step) && !failed) {
      failed = true
      throw new Error('out of memory')
    }
    return perform()
  })
  await assert.rejects(failing, /out of memory/)
  const seen = calls
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  assert.equal(calls, seen)
})

test('near its TTL an event is buried instead of sent, and DynamoDB may remove its envelope at any await of that', async () => {
  const fresh = async () => {
    const r = await acmeRig(memoryDynamo())
    const old = event('message')
    await r.operate({ ...byAna, do: 'pause', reason: 'until the end' })
    await r.accept([old])
    const [envelope] = await r.envelopes()
    r.advance(envelope!.ttl * SECOND - r.now() - HOUR / 2)
    await r.operate({ ...byAna, do: 'resume' })
    return { r, old }
  }
  const { r: model } = await fresh()
  for (const [at, step] of (await awaitsOf(model)).entries())
    for (const moment of MOMENTS) {
      const { r, old } = await fresh()
      const run = await pauseRun(r, (_, seen) => seen === at, moment)
      r.advance(HOUR)
      await r.expire()
      await run.resume()
      const where = `${moment} await ${at}: ${step.kind} ${step.name}`
      assert.deepEqual(await whereabouts(r), { waiting: [], dead: [old.id], received: [] }, where)
      assert.equal((await r.letters()).length, 1, where)
    }
})

test('a letter that ran out of time is redriven while its dying run had not removed the event: it lives once', async () => {
  const r = await rig()
  const late = event('visit')
  await r.accept([late])
  r.advance(80 * HOUR)
  const steps = await awaitsOf(await lateTwin(late))
  const died = await killRun(r, steps.findIndex(call('BatchWriteItem', 'buffer')), 'before')
  assert.ok(died)
  const redriven = await r.operate({ ...byAna, do: 'redrive', reason: 'expired' })
  assert.deepEqual(redriven.ok && redriven.did === 'redrive' && redriven.redriven, [late.id])
  r.advance(LAPSE)
  await r.run()
  assert.deepEqual(await whereabouts(r), { waiting: [], dead: [], received: [late.id] })
  assert.equal((await r.envelopes()).length, 0)
})
async function lateTwin(late: ReturnType<typeof event>) {
  const r = await twin(late)
  r.advance(80 * HOUR)
  return r
}

test('of an event that waits in two lives the later one counts: its death is told', async () => {
  const r = await rig()
  const bad = event('visit', 'reject')
  await r.accept([bad])
  await r.run()
  await r.operate({ ...byAna, do: 'redrive' })
  await r.accept([bad]) // its first life again, by a tag that never got its answer
  await r.run()
  const [letter] = await r.letters()
  assert.deepEqual([letter?.item.status?.S, letter?.item.life?.N], ['dead', '1'])
})

test('a run out of time starts its successor, ten in a chain, and then the tick carries on', async () => {
  const settings = { account: 'shop', perMinute: 60, records: 1 }
  const r = await rig({ timeoutMs: 12 * SECOND, destination: { settings } })
  await r.accept(events(120))
  await r.run()
  const chains: (number | undefined)[] = []
  for (let next = r.invoked.shift(); next; next = r.invoked.shift()) {
    assert.ok(next.do === 'run' && next.why === 'successor')
    chains.push(next.chain)
    await r.run(next)
  }
  assert.deepEqual(chains, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  assert.ok((await r.waiting()).length > 0)
  await r.tick()
  const [carries] = r.invoked
  assert.equal(carries?.do === 'run' && carries.why, 'tick')
})

test('of two runs that find a probe due, one asks the vendor', async () => {
  const r = await rig({ destination: { breaker: { failures: 1, resetMs: 60_000 } } })
  await r.accept(events(30))
  r.vendor.mode = 'down'
  await r.run()
  r.advance(2 * MINUTE)
  const before = r.vendor.requests.length
  const first = await pauseRun(r, call('PutItem', 'state', 'destination'), 'before')
  await r.run()
  const second = r.vendor.requests.length - before
  await first.resume()
  assert.ok(second > 0)
  assert.equal(r.vendor.requests.length - before, second)
})

test('every conditional write made twice, as the SDK does when an answer is lost, changes nothing', async () => {
  const r = await rig({ destination: { shards: 2, breaker: { failures: 1, resetMs: 60_000 } } })
  r.setHook(repeatWrites)
  const all = [
    ...events(6, 'message'),
    ...events(6),
    event('message', 'reject'),
    event('visit', 'busy'),
    event('visit', 'retry'),
  ]
  await r.accept(all)
  r.vendor.mode = 'refused'
  await r.run()
  r.vendor.mode = 'up'
  for (let round = 0; round < 6; round++) {
    r.advance(5 * MINUTE)
    await r.tick()
    await r.runInvoked()
    await r.run()
  }
  const { waiting, dead, received } = await whereabouts(r)
  assert.deepEqual([waiting.length, dead.length], [1, 2], 'one is busy for ever, two are refused')
  assert.equal(received.length, 12)
  assert.equal(new Set(received).size, 12)
  await r.operate({ ...byAna, do: 'redrive' })
  await r.run()
  assert.equal((await whereabouts(r)).received.length, 12)
})

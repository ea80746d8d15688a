import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { envelopeKey, type Waiting } from '../core/envelope.ts'
import { SENDABLE_MS } from '../core/tenant.ts'
import { claim, markDone } from '../functions/aws/ledger.ts'
import { putLetters } from '../functions/aws/letters.ts'
import { lapsed, openDesk, PLACE, received, statuses, visit } from './tools/desk.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const newDesk = () => openDesk(dynamo)

test('a redrive sends the letters again and starts a run', async () => {
  const { rig, done, bury } = await newDesk()
  await bury('rejected', ['a', 'b'])
  const { redriven } = await done({ do: 'redrive' })
  assert.deepEqual([...redriven].sort(), ['a', 'b'])
  assert.deepEqual(await statuses(rig), { a: 'redriven', b: 'redriven' })
  assert.deepEqual(rig.invoked, [{ do: 'run', tenant: 'loja-abc', why: 'operator' }])
  await rig.run()
  assert.deepEqual(received(rig).sort(), ['a', 'b'])
  assert.deepEqual(await rig.waiting(), [])
})

test('a letter that ran out of time gets a new time with its redrive', async () => {
  const { rig, done } = await newDesk()
  await rig.accept([visit('late')])
  rig.advance(SENDABLE_MS + 60_000)
  await rig.run()
  assert.deepEqual(
    (await rig.letters()).map(({ death }) => death.reason),
    ['expired'],
  )
  await done({ do: 'redrive', reason: 'expired' })
  await rig.run()
  assert.deepEqual(received(rig), ['late'])
})

test('what dies again after a redrive is a letter again, with both deaths in its history', async () => {
  const { rig, done } = await newDesk()
  await rig.accept([{ ...visit('bad'), properties: { acme: 'reject' } }])
  await rig.run()
  await done({ do: 'redrive' })
  await rig.run()
  const [letter] = await rig.letters()
  assert.equal(letter?.item.status?.S, 'dead')
  assert.equal(letter?.item.life?.N, '1')
  assert.equal(letter?.item.history?.L?.length, 2)
  assert.deepEqual((await done({ do: 'redrive' })).redriven, ['bad'])
})

test('a choice by id, reason or code takes those letters and no others', async () => {
  const { rig, done, bury } = await newDesk()
  await bury('rejected', ['a', 'b'])
  await bury('rejected', ['c'], { dead: { reason: 'rejected', at: 0, code: 'TOO_LONG' } })
  await bury('expired', ['d'])
  assert.deepEqual((await done({ do: 'redrive', ids: ['a', 'gone'] })).missing, ['gone'])
  assert.deepEqual((await done({ do: 'redrive', code: 'TOO_LONG' })).redriven, ['c'])
  assert.deepEqual((await done({ do: 'redrive', reason: 'expired' })).redriven, ['d'])
  assert.deepEqual(await statuses(rig), { a: 'redriven', b: 'dead', c: 'redriven', d: 'redriven' })
})

test('what is redriven already is not sent again', async () => {
  const { rig, done, bury } = await newDesk()
  await bury('rejected', ['a'])
  await done({ do: 'redrive' })
  await rig.run()
  assert.deepEqual((await done({ do: 'redrive' })).redriven, [])
  assert.deepEqual((await done({ do: 'redrive', ids: ['a'] })).redriven, [])
  assert.deepEqual(await rig.waiting(), [])
})

test('a redrive that dies at any of its calls is finished by the next, and everything is sent once', async () => {
  for (let fatal = 1; fatal < 30; fatal++) {
    const { rig, order, done, bury } = await newDesk()
    await bury('outcome-unknown', ['m'], { event: visit('m', 'message') })
    const ledger = { ...PLACE, eventId: 'm', record: 'message#0' }
    await claim(rig.world, ledger, lapsed('dead run'))
    await done({ do: 'status' }) // the tenant's row is in the function's memory: not one of the calls that count
    let calls = 0
    const died = Promise.withResolvers<'died'>()
    rig.setHook((step, perform) => {
      if (step.kind === 'dynamo' || step.kind === 'invoke') calls++
      if (calls < fatal) return perform()
      died.resolve('died')
      return new Promise(() => {})
    })
    const end = await Promise.race([order({ do: 'redrive', resendUnknown: true }), died.promise])
    rig.setHook(undefined)
    await rig.run() // a run in between may already find the event
    await done({ do: 'redrive', resendUnknown: true })
    await rig.run()
    assert.deepEqual(received(rig), ['m'], `died at call ${fatal}`)
    assert.deepEqual(await statuses(rig), { m: 'redriven' }, `died at call ${fatal}`)
    assert.deepEqual(await rig.waiting(), [])
    if (end !== 'died') {
      assert.ok(fatal > 6, `a redrive makes more than ${fatal - 1} calls`)
      return
    }
  }
  assert.fail('a redrive of one letter does not end')
})

test('a redrive overtakes a death whose last step is not taken yet, and the event lives', async () => {
  const { rig, done } = await newDesk()
  const dead = { reason: 'rejected', at: rig.now() } as const
  const waiting: Waiting = { event: visit('a'), due: rig.now(), attempts: 1, life: 0, dead }
  const home = { pk: 'loja-abc#0', sk: envelopeKey([visit('a')]), receivedAt: rig.now(), rev: 'r', ttl: 9_999_999_999 }
  await rig.putEnvelope({ ...home, waiting: [waiting] })
  await putLetters(rig.world, PLACE, [{ waiting, receivedAt: rig.now() }])
  await done({ do: 'redrive' })
  await rig.run()
  assert.deepEqual(received(rig), ['a'])
  assert.deepEqual(await rig.waiting(), [])
  assert.deepEqual(await statuses(rig), { a: 'redriven' })
})

test('two people redrive at once and everything is sent once', async () => {
  const { rig, done, bury } = await newDesk()
  await bury('rejected', ['a', 'b', 'c'])
  await Promise.all([done({ do: 'redrive' }), done({ do: 'redrive' })])
  await rig.run()
  assert.deepEqual(received(rig).sort(), ['a', 'b', 'c'])
})

test('a redrive that goes on from a dead one releases nothing that a run of the next life has claimed', async () => {
  const { rig, order, done, bury } = await newDesk()
  await bury('outcome-unknown', ['m'], { event: visit('m', 'message') })
  const ledger = { ...PLACE, eventId: 'm', record: 'message#0' }
  await claim(rig.world, ledger, lapsed('dead run'))
  await done({ do: 'status' })
  const died = Promise.withResolvers<void>()
  let marks = 0
  rig.setHook((step, perform) => {
    if (step.name !== 'UpdateItemCommand' || ++marks < 3) return perform()
    died.resolve() // begun, released and put, but not ended
    return new Promise(() => {})
  })
  void order({ do: 'redrive', resendUnknown: true })
  await died.promise
  rig.setHook(undefined)
  assert.equal(await claim(rig.world, ledger, lapsed('run of the next life')), 'mine')
  await done({ do: 'redrive', resendUnknown: true })
  assert.equal(await claim(rig.world, ledger, lapsed('somebody else')), 'in-doubt')
})

test('what may have arrived is redriven only by an order that says so', async () => {
  const { rig, done, bury } = await newDesk()
  await bury('outcome-unknown', ['m'], { event: visit('m', 'message') })
  const ledger = { ...PLACE, eventId: 'm', record: 'message#0' }
  await claim(rig.world, ledger, lapsed('dead run'))
  const held = await done({ do: 'redrive' })
  assert.deepEqual([held.redriven, held.held], [[], ['m']])
  assert.deepEqual(rig.invoked, [])
  await done({ do: 'redrive', resendUnknown: true })
  await rig.run()
  assert.deepEqual(received(rig), ['m'])
})

test('an outcome that is unknown once more can be redriven once more', async () => {
  const { rig, done } = await newDesk()
  await rig.accept([{ ...visit('m', 'message'), properties: { acme: 'reset' } }])
  let calls = 0
  rig.setHook((step, perform) => {
    if (step.kind === 'vendor') calls++
    return perform()
  })
  for (let life = 0; life < 3; life++) {
    await rig.run()
    assert.deepEqual(
      (await rig.letters()).map(({ death }) => death.reason),
      ['outcome-unknown'],
    )
    assert.deepEqual((await done({ do: 'redrive', resendUnknown: true })).redriven, ['m'])
  }
  assert.equal(calls, 3)
})

test('what the ledger knows as delivered is not sent even then', async () => {
  const { rig, done, bury } = await newDesk()
  await bury('outcome-unknown', ['m'], { event: visit('m', 'message') })
  await markDone(rig.world, [{ ...PLACE, eventId: 'm', record: 'message#0' }], lapsed('run'))
  await done({ do: 'redrive', resendUnknown: true })
  await rig.run()
  assert.deepEqual(received(rig), [])
  assert.deepEqual(await rig.waiting(), [])
})

test('a redrive of many goes page by page and ends', async () => {
  const { rig, order, bury } = await newDesk()
  const ids = Array.from({ length: 230 }, (_, i) => `e${i}`)
  await bury('rejected', ids)
  rig.setHook(async (step, perform) => {
    if (step.name === 'QueryCommand') rig.advance(16_000) // each page takes all the time that there is
    return perform()
  })
  const sent: string[] = []
  let after: string | undefined
  let calls = 0
  do {
    const result = await order({ do: 'redrive', ...(after && { after }) })
    assert.ok(result.ok && result.did === 'redrive')
    sent.push(...result.redriven)
    after = result.next
    calls++
  } while (after)
  assert.equal(calls, 3)
  assert.deepEqual(sent.sort(), [...ids].sort())
  assert.equal((await rig.waiting()).length, 230)
})

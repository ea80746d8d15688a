import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Event } from '../core/connector.ts'
import { type DeathReason, envelopeKey, type Waiting } from '../core/envelope.ts'
import { SENDABLE_MS } from '../core/tenant.ts'
import { claim, markDone } from '../functions/aws/ledger.ts'
import { putLetters } from '../functions/aws/letters.ts'
import { report } from '../functions/aws/notices.ts'
import { readState } from '../functions/aws/state.ts'
import { suppressedAmong } from '../functions/aws/suppressions.ts'
import { createOperate, type OperateResult } from '../functions/operate.ts'
import type { OperateEvent } from '../functions/world.ts'
import { acme } from './tools/acme.ts'
import { acmeSimulator } from './tools/acme-vendor.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { createRig, type Rig } from './tools/rig.ts'

const PLACE = { connector: 'acme', tenant: 'loja-abc' }
let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())

type Without<E> = E extends unknown ? Omit<E, 'tenant' | 'by'> : never
type Order = Without<OperateEvent>
type Did<D extends string> = Extract<OperateResult, { ok: true; did: D }>

async function newDesk() {
  const rig = await createRig({ connector: acme(), simulator: acmeSimulator }, dynamo)
  const operate = createOperate(rig.world, 'acme')
  const order = (what: Order) => operate({ tenant: 'loja-abc', by: 'ana', ...what } as OperateEvent)
  const done = async <D extends Order['do']>(what: Order & { do: D }): Promise<Did<D>> => {
    const result = await order(what)
    assert.ok(result.ok, result.ok ? '' : result.error)
    return result as Did<D>
  }
  const bury = (reason: DeathReason, ids: readonly string[], more: Partial<Waiting> = {}) =>
    putLetters(
      rig.world,
      PLACE,
      ids.map(id => ({
        waiting: { event: visit(id), due: 0, attempts: 1, life: 0, dead: { reason, at: rig.now() }, ...more },
        receivedAt: rig.now(),
      })),
    )
  return { rig, order, done, bury }
}

const visit = (id: string, name = 'visit'): Event => ({
  id,
  name,
  at: '2026-03-02T11:00:00.000Z',
  user: { email: `${id.toLowerCase()}@example.com` },
})
/** A run that has been over for long. */
const lapsed = (run: string) => ({ run, until: 0, ttl: 9_999_999_999 })
const statuses = async (rig: Rig) =>
  Object.fromEntries((await rig.letters()).map(({ id, item }) => [id, item.status?.S]))
const received = (rig: Rig) => rig.vendor.received.map(({ data }) => (data as { event: string }).event)

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

test('letters are listed a page at a time and show nobody', async () => {
  const { done, bury } = await newDesk()
  await bury('rejected', ['a', 'b', 'c'], {
    dead: { reason: 'rejected', at: 5, code: 'INVALID', words: 'field is too long' },
  })
  const first = await done({ do: 'letters', limit: 2 })
  assert.deepEqual(first.letters[0], {
    id: 'a',
    event: 'visit',
    at: '2026-03-02T11:00:00.000Z',
    status: 'dead',
    reason: 'rejected',
    code: 'INVALID',
    words: 'field is too long',
    diedAt: 5,
    life: 0,
    attempts: 1,
  })
  const second = await done({ do: 'letters', ...(first.next && { after: first.next }) })
  assert.deepEqual(
    second.letters.map(({ id }) => id),
    ['c'],
  )
  assert.ok(!JSON.stringify([first, second]).includes('@'))
})

test('a dropped letter is gone, and one that is being redriven stays', async () => {
  const { rig, done, bury } = await newDesk()
  await bury('rejected', ['a', 'b'])
  rig.setHook((step, perform) => (step.name === 'PutItemCommand' ? Promise.reject(new Error('throughput')) : perform()))
  await assert.rejects(done({ do: 'redrive', ids: ['b'] }))
  rig.setHook(undefined)
  const { dropped, kept } = await done({ do: 'drop', ids: ['a', 'b', 'none'] })
  assert.deepEqual([dropped, kept], [['a'], ['b', 'none']])
  assert.deepEqual(await statuses(rig), { b: 'redriving' })
})

test('a paused destination sends nothing until it is resumed, and the pause costs no time', async () => {
  const { rig, done } = await newDesk()
  await rig.accept([visit('a')])
  await done({ do: 'pause', reason: 'migration' })
  await rig.run()
  assert.deepEqual(received(rig), [])
  rig.advance(SENDABLE_MS + 3_600_000)
  const { state } = await done({ do: 'resume' })
  assert.equal(state.paused, undefined)
  assert.deepEqual(rig.invoked, [{ do: 'run', tenant: 'loja-abc', why: 'operator' }])
  await rig.run()
  assert.deepEqual(received(rig), ['a'])
})

test('resume opens what was stopped, and trouble after it is news again', async () => {
  const { rig, done } = await newDesk()
  const broken = { ...visit('a'), properties: { acme: 'misconfigure' } }
  await rig.accept([broken])
  await rig.run()
  assert.ok((await readState(rig.world, 'acme', 'loja-abc')).stopped)
  assert.equal(rig.mails.length, 1)
  const { state } = await done({ do: 'resume' })
  assert.equal(state.stopped, undefined)
  await rig.run()
  assert.equal(rig.mails.length, 2)
  assert.match(rig.mails[1]!.subject, /stopped/)
})

test('a resume whose run cannot be started is carried out all the same', async () => {
  const { rig, done } = await newDesk()
  await done({ do: 'pause', reason: 'migration' })
  rig.setHook((step, perform) => (step.kind === 'invoke' ? Promise.reject(new Error('throttled')) : perform()))
  assert.equal((await done({ do: 'resume' })).state.paused, undefined)
})

test('status tells of state, backlog, letters and trouble', async () => {
  const { rig, done, bury } = await newDesk()
  await rig.accept([visit('a'), visit('b')])
  rig.advance(60_000)
  await rig.accept([visit('c')])
  await bury('rejected', ['x', 'y'])
  await bury('expired', ['z'])
  await done({ do: 'redrive', ids: ['y'] })
  await report(rig.world, PLACE, { reason: 'rejected', died: 2, examples: ['x'] })
  await done({ do: 'pause', reason: 'migration' })
  const { state, waiting, letters, causes } = await done({ do: 'status' })
  assert.equal(state.paused?.reason, 'migration')
  assert.deepEqual(waiting.normal, { envelopes: 3, more: false, oldestAt: rig.now() - 60_000 })
  assert.deepEqual(waiting.urgent, { envelopes: 0, more: false })
  assert.deepEqual(letters, { dead: { rejected: 1, expired: 1 }, redriven: 1, more: false })
  assert.deepEqual(
    causes.map(({ reason, died }) => [reason, died]),
    [['rejected', 2]],
  )
})

test('a suppressed person is known by any spelling, and stands in no log', async () => {
  const { rig, done } = await newDesk()
  const { hashes } = await done({ do: 'suppress', email: ' Ana@Example.com ' })
  assert.ok(hashes >= 1)
  const events = [{ ...visit('e1'), user: { email: 'ana@example.com' } }, visit('e2')]
  assert.deepEqual(await suppressedAmong(rig.world, rig.tenant, events), new Set(['e1']))
  assert.ok(!JSON.stringify(rig.lines).toLowerCase().includes('ana@'))
})

test('orders that name nothing are refused in a sentence', async () => {
  const { rig, order } = await newDesk()
  const errorOf = async (what: Order) => {
    const result = await order(what)
    return result.ok ? '' : result.error
  }
  assert.match(await errorOf({ do: 'drop', ids: [] }), /by their ids/)
  assert.match(await errorOf({ do: 'suppress' }), /email address or a phone number/)
  assert.match(await errorOf({ do: 'explode' } as never), /"explode"/)
  const operate = createOperate(rig.world, 'acme')
  const stranger = await operate({ tenant: 'nobody', by: 'ana', do: 'status' })
  assert.match(stranger.ok ? '' : stranger.error, /no destination nobody\/acme in stack test/)
})

test('who gave which order is in the log', async () => {
  const { rig, done, bury } = await newDesk()
  await bury('rejected', ['a'])
  await done({ do: 'drop', ids: ['a'] })
  const line = rig.lines.find(({ message }) => message === 'operated')
  assert.deepEqual([line?.by, line?.order, line?.destination, line?.ids], ['ana', 'drop', 'loja-abc/acme', ['a']])
})

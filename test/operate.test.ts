import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { SENDABLE_MS } from '../core/tenant.ts'
import { report } from '../functions/aws/notices.ts'
import { readState } from '../functions/aws/state.ts'
import { suppressedAmong } from '../functions/aws/suppressions.ts'
import { createOperate } from '../functions/operate.ts'
import { type Order, openDesk, PLACE, received, statuses, visit } from './tools/desk.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const newDesk = () => openDesk(dynamo)

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

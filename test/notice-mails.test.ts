import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Report } from '../core/cause.ts'
import { freshState } from '../core/destination-state.ts'
import { noteCause, readCauses } from '../functions/aws/causes.ts'
import { digest, heal, report } from '../functions/aws/notices.ts'
import { changeState } from '../functions/aws/state.ts'
import { acme } from './tools/acme.ts'
import { acmeSimulator } from './tools/acme-vendor.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { createRig } from './tools/rig.ts'

const PLACE = { connector: 'acme', tenant: 'loja-abc' }
const DOWN: Report = { reason: 'unreachable', code: 'timeout', examples: ['e1'] }
let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const newRig = () => createRig({ connector: acme(), simulator: acmeSimulator }, dynamo)

test('a dozen reports of one cause at once make one mail and count as twelve', async () => {
  const { world, mails } = await newRig()
  await Promise.all(Array.from({ length: 12 }, () => report(world, PLACE, DOWN)))
  assert.equal(mails.length, 1)
  const [cause] = await readCauses(world, PLACE)
  assert.equal(cause?.reports, 12)
})

test('two causes of a destination, and one cause of two destinations, are mails of their own', async () => {
  const { world, mails } = await newRig()
  await report(world, PLACE, DOWN)
  await report(world, PLACE, { ...DOWN, reason: 'misconfigured' })
  await report(world, { ...PLACE, tenant: 'clinica-sol' }, DOWN)
  assert.deepEqual(
    mails.map(({ subject }) => subject.replace(/^\[connect test\] /, '').split(':')[0]),
    ['loja-abc/acme', 'loja-abc/acme', 'clinica-sol/acme'],
  )
})

test('many heal at once and one recovery mail goes out', async () => {
  const { world, mails } = await newRig()
  await report(world, PLACE, DOWN)
  await Promise.all(Array.from({ length: 8 }, () => heal(world, PLACE, ['unreachable', 'misconfigured'])))
  assert.equal(mails.length, 2)
  assert.match(mails[1]!.subject, /recovered/)
})

test('a mail lost to a death between its row and SNS is sent by a later tick, once', async () => {
  const rig = await newRig()
  const died = Promise.withResolvers<void>()
  rig.setHook((step, perform) => {
    if (step.kind !== 'mail') return perform()
    died.resolve()
    return new Promise(() => {})
  })
  void report(rig.world, PLACE, DOWN)
  await died.promise
  rig.setHook(undefined)
  await digest(rig.world, PLACE, rig.now())
  assert.equal(rig.mails.length, 0, 'it may still be on its way')
  rig.advance(120_000)
  await digest(rig.world, PLACE, rig.now())
  await digest(rig.world, PLACE, rig.now())
  assert.equal(rig.mails.length, 1)
})

test('a topic that takes nothing stops no delivery, and the mail goes when it takes again', async () => {
  const rig = await newRig()
  rig.setHook((step, perform) => (step.kind === 'mail' ? Promise.reject(new Error('sns')) : perform()))
  await report(rig.world, PLACE, DOWN)
  assert.ok(rig.lines.some(({ message }) => message === 'mail not sent'))
  rig.setHook(undefined)
  rig.advance(120_000)
  await digest(rig.world, PLACE, rig.now())
  assert.equal(rig.mails.length, 1)
})

test('what a function without mail has noted is mailed by the tick', async () => {
  const { world, mails, now } = await newRig()
  await noteCause(world, PLACE, { reason: 'never-processed', died: 3, examples: ['e1', 'e2', 'e3'] })
  assert.equal(mails.length, 0)
  await digest(world, PLACE, now())
  await digest(world, PLACE, now())
  assert.equal(mails.length, 1)
  assert.match(mails[0]!.subject, /3 events never processed/)
})

test('the tick reminds once a day of what lasts', async () => {
  const rig = await newRig()
  await report(rig.world, PLACE, DOWN)
  for (let hour = 0; hour < 49; hour++) {
    rig.advance(3_600_000)
    await digest(rig.world, PLACE, rig.now())
  }
  assert.deepEqual(
    rig.mails.map(({ subject }) => /still/.test(subject)),
    [false, true, true],
  )
})

test('a recovery lost to a death is found by the tick in the state of the destination', async () => {
  const rig = await newRig()
  await report(rig.world, PLACE, DOWN)
  const shut = { ...freshState(), breaker: { failures: 10, openedAt: rig.now() } }
  rig.advance(300_000)
  await digest(rig.world, PLACE, rig.now(), shut)
  assert.equal(rig.mails.length, 1, 'it lasts')
  await digest(rig.world, PLACE, rig.now(), freshState())
  assert.equal(rig.mails.length, 2)
  assert.match(rig.mails[1]!.subject, /recovered/)
})

test('a tick with an old picture of the state heals nothing that was reported just now', async () => {
  const rig = await newRig()
  await report(rig.world, PLACE, DOWN)
  await digest(rig.world, PLACE, rig.now() + 60_000, freshState())
  assert.equal(rig.mails.length, 1)
})

test('a refused login is over with the next login, not with an open destination', async () => {
  const rig = await newRig()
  await report(rig.world, PLACE, { reason: 'unauthorized', examples: [] })
  rig.advance(300_000)
  await digest(rig.world, PLACE, rig.now(), freshState())
  assert.equal(rig.mails.length, 1)
})

test('trouble reported while a tick looks at it is not healed by that tick', async () => {
  const rig = await newRig()
  await report(rig.world, PLACE, DOWN)
  rig.advance(300_000)
  let reported = false
  rig.setHook(async (step, perform) => {
    if (step.name === 'GetItemCommand' && !reported) {
      reported = true
      await report(rig.world, PLACE, DOWN)
    }
    return perform()
  })
  await digest(rig.world, PLACE, rig.now(), freshState())
  assert.equal(rig.mails.length, 1)
  assert.equal((await readCauses(rig.world, PLACE))[0]?.open, true)
})

const visit = (id: string) => ({
  id,
  name: 'visit',
  at: '2026-03-02T11:00:00.000Z',
  user: { email: 'ana@example.com' },
})

test('a mail of trouble says how many events wait and names three, and nobody they are about', async () => {
  const rig = await newRig()
  await changeState(rig.world, 'acme', 'loja-abc', state => ({ ...state, shards: 1 }))
  await rig.accept(['e1', 'e2'].map(visit))
  rig.advance(1_000)
  await rig.accept(['e3', 'e4'].map(visit))
  await report(rig.world, PLACE, { reason: 'unreachable', examples: [] })
  assert.match(rig.mails[0]!.text, /^Waiting: +4 events$/m)
  assert.match(rig.mails[0]!.text, /^Examples: +e1, e2, e3$/m)
  assert.ok(!rig.mails[0]!.text.includes('ana@'))
})

test('a backlog that cannot be counted keeps no mail back', async () => {
  const rig = await newRig()
  await changeState(rig.world, 'acme', 'loja-abc', state => ({ ...state, shards: 1 }))
  rig.setHook((step, perform) => (step.name === 'QueryCommand' ? Promise.reject(new Error('throughput')) : perform()))
  await report(rig.world, PLACE, DOWN)
  assert.equal(rig.mails.length, 1)
  assert.doesNotMatch(rig.mails[0]!.text, /Waiting/)
  assert.ok(rig.lines.some(({ message }) => message === 'backlog not counted'))
})

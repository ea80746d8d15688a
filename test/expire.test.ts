import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { DynamoDBRecord } from 'aws-lambda'
import { type Envelope, toItem, type Waiting } from '../core/envelope.ts'
import { readCauses } from '../functions/aws/causes.ts'
import { digest } from '../functions/aws/notices.ts'
import { createExpire } from '../functions/expire.ts'
import { acme } from './tools/acme.ts'
import { acmeSimulator } from './tools/acme-vendor.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { createRig, type Rig, START } from './tools/rig.ts'

const PLACE = { connector: 'acme', tenant: 'loja-abc' }
const TTL = { type: 'Service', principalId: 'dynamodb.amazonaws.com' }
let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const newRig = () => createRig({ connector: acme(), simulator: acmeSimulator }, dynamo)
const expireOf = (rig: Rig) => createExpire(rig.world, 'acme')

const waiting = (id: string, more: Partial<Waiting> = {}): Waiting => ({
  event: { id, name: 'visit', at: '2026-02-20T12:00:00.000Z', user: { email: `${id}@example.com` } },
  due: START,
  attempts: 0,
  life: 0,
  ...more,
})

/** As a stream tells of a removal: bytes are base64. */
function removal(sequence: string, all: readonly Waiting[], userIdentity: unknown = TTL, pk = 'loja-abc#0') {
  const envelope: Envelope = { pk, sk: 's', receivedAt: START - 864_000_000, rev: 'r', ttl: 1, waiting: all }
  const { events, ...item } = toItem(envelope)
  const OldImage = { ...item, events: 'B' in events ? { B: Buffer.from(events.B).toString('base64') } : events }
  const dynamodb = { Keys: { pk: { S: pk }, sk: { S: 's' } }, OldImage, SequenceNumber: sequence }
  return { eventName: 'REMOVE', dynamodb, ...(userIdentity ? { userIdentity } : {}) } as DynamoDBRecord
}

test('every event of an envelope that nobody took becomes a letter, told by one mail', async () => {
  const rig = await newRig()
  const ids = Array.from({ length: 40 }, (_, i) => `e${i}`) // large enough to be deflated
  const answer = await expireOf(rig)({
    Records: [
      removal(
        '1',
        ids.map(id => waiting(id)),
      ),
    ],
  })
  assert.deepEqual(answer, { batchItemFailures: [] })
  const letters = await rig.letters()
  assert.deepEqual(letters.map(({ id }) => id).sort(), [...ids].sort())
  assert.ok(letters.every(({ death }) => death.reason === 'never-processed'))
  await digest(rig.world, PLACE, rig.now())
  assert.equal(rig.mails.length, 1)
  assert.match(rig.mails[0]!.subject, /40 events never processed/)
})

test('an event that was marked dead keeps the reason that it died of', async () => {
  const rig = await newRig()
  const dead = { reason: 'rejected', at: START - 5, code: 'INVALID', words: 'no' } as const
  await expireOf(rig)({ Records: [removal('1', [waiting('a', { dead }), waiting('b')])] })
  const reasons = Object.fromEntries((await rig.letters()).map(({ id, death }) => [id, death.reason]))
  assert.deepEqual(reasons, { a: 'rejected', b: 'never-processed' })
  const causes = await readCauses(rig.world, PLACE)
  assert.deepEqual(causes.map(({ reason, died }) => [reason, died]).sort(), [
    ['never-processed', 1],
    ['rejected', 1],
  ])
})

test('what we remove ourselves, and what is no envelope, makes no letter', async () => {
  const rig = await newRig()
  const own = removal('1', [waiting('a')], null)
  const user = removal('2', [waiting('b')], { type: 'User', principalId: 'dynamodb.amazonaws.com' })
  const strange = removal('3', [waiting('c')], TTL, 'no key of ours')
  const insert = { ...removal('4', [waiting('d')]), eventName: 'INSERT' as const }
  await expireOf(rig)({ Records: [own, user, strange, insert] })
  assert.deepEqual(await rig.letters(), [])
})

test('a record whose letters cannot be put is reported alone, and repeating it changes nothing', async () => {
  const rig = await newRig()
  let failures = 1
  rig.setHook((step, perform) =>
    step.name === 'UpdateItemCommand' && failures-- > 0 ? Promise.reject(new Error('throughput')) : perform(),
  )
  const Records = [removal('1', [waiting('a')]), removal('2', [waiting('b')])]
  const expire = expireOf(rig)
  assert.deepEqual(await expire({ Records }), { batchItemFailures: [{ itemIdentifier: '1' }] })
  assert.deepEqual(await expire({ Records }), { batchItemFailures: [] })
  const letters = await rig.letters()
  assert.deepEqual(letters.map(({ id }) => id).sort(), ['a', 'b'])
  assert.ok(letters.every(({ item }) => item.history?.L?.length === 1))
})

test('the log of a removal holds ids and nobody', async () => {
  const rig = await newRig()
  await expireOf(rig)({ Records: [removal('1', [waiting('ana')])] })
  assert.ok(rig.lines.some(({ message }) => message === 'expired'))
  assert.ok(!JSON.stringify(rig.lines).includes('@example.com'))
})

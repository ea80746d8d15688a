import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PutItemCommand, type PutItemCommandInput } from '@aws-sdk/client-dynamodb'
import fc from 'fast-check'
import { dueAt, type Envelope, envelopeKey, fromItem, pack, shardOf, toItem, type Waiting } from '../core/envelope.ts'
import type { Event } from '../core/event.ts'
import { startDynamo } from './tools/dynamo.ts'
import { anyEvent } from './tools/events.ts'

const events = fc.uniqueArray(anyEvent(['purchase', 'visit']), {
  minLength: 1,
  maxLength: 12,
  selector: ({ id }) => id,
})
const waitingOf = (event: Event, n: number): Waiting => ({ event, due: 1_000 + n, attempts: n, life: n % 2 })

test('an envelope comes out of the table as it went in', () => {
  fc.assert(
    fc.property(events, all => {
      const envelope: Envelope = {
        pk: 'loja-abc#0',
        sk: envelopeKey(all),
        receivedAt: 1_772_452_800_000,
        rev: 'r1',
        ttl: 1_773_000_000,
        waiting: all.map(waitingOf),
      }
      assert.deepEqual(fromItem(toItem(envelope)), envelope)
    }),
  )
})

const envelopeOf = (title: string): Envelope => ({
  pk: 'loja-abc#0',
  sk: '2026-01-01T00:00:00.000Z#abcdefghijklmnopqrstuv',
  receivedAt: 1_772_452_812_345,
  rev: 'r'.repeat(36),
  ttl: 1_773_000_123,
  waiting: [
    {
      ...waitingOf({ id: 'e', name: 'visit', at: '2026-01-01T00:00:00.000Z', page: { title } }, 0),
      due: 1_772_452_812_345,
    },
  ],
})
const noise = fc.sample(fc.string({ minLength: 3_000, maxLength: 3_000 }), { numRuns: 1, seed: 7 })[0]!

test('events are deflated only where that saves a write unit', () => {
  assert.ok('S' in pack(envelopeOf('a'.repeat(100))), 'one unit either way')
  assert.ok('B' in pack(envelopeOf('a'.repeat(5_000))))
  assert.ok('S' in pack(envelopeOf(noise.slice(0, 1_500))), 'two units either way')
})

test('a write unit is counted with what an item holds beside its events', async t => {
  const dynamo = await startDynamo()
  t.after(dynamo.stop)
  const TableName = await dynamo.table('units')
  let puts = 100
  const unitsOf = async (item: PutItemCommandInput['Item']) => {
    const sk = { S: `${item?.sk?.S?.slice(0, -3)}${puts++}` } // a write over another costs as much as the larger of the two
    const Item = { ...item, sk }
    const put = new PutItemCommand({ TableName, Item, ReturnConsumedCapacity: 'TOTAL' })
    return (await dynamo.client.send(put)).ConsumedCapacity?.CapacityUnits
  }
  for (const length of [700, 750, 760, 770, 780, 790, 800, 850, 900]) {
    const envelope = envelopeOf('a'.repeat(length))
    const plain = await unitsOf({ ...toItem(envelope), events: { S: JSON.stringify(envelope.waiting) } })
    assert.equal('S' in pack(envelope), plain === 1, `${length}: ${plain} units as text`)
    assert.equal(await unitsOf(toItem(envelope)), 1)
  }
})

test('the same events make the same key, in whatever order and with whatever contents', () => {
  fc.assert(
    fc.property(events, fc.integer(), (all, seed) => {
      const shuffled = all
        .toSorted((a, b) => (a.id + seed < b.id + seed ? 1 : -1))
        .map(one => ({ ...one, page: { title: 'other' } }))
      assert.equal(envelopeKey(shuffled), envelopeKey(all))
    }),
  )
})

test('other events make another key, and so does another life', () => {
  fc.assert(
    fc.property(events, all => {
      const keys = [envelopeKey(all), envelopeKey(all, 1), envelopeKey(all, 2)]
      if (all.length > 1) keys.push(envelopeKey(all.slice(1)), envelopeKey(all.slice(0, -1)))
      assert.equal(new Set(keys).size, keys.length)
    }),
  )
})

test('ids cannot be joined into those of other events', () => {
  const of = (...ids: string[]) => envelopeKey(ids.map(id => ({ id, name: 'visit', at: '2026-01-01T00:00:00.000Z' })))
  assert.notEqual(of('a', 'b'), of('a,b'))
  assert.notEqual(of('a"', '"b'), of('a', '""b'))
})

test('keys sort by the time of the first event', () => {
  const at = (time: string, id: string): Event => ({ id, name: 'visit', at: time })
  const early = envelopeKey([at('2026-03-01T10:00:00.000Z', 'z'), at('2026-03-01T09:00:00.000Z', 'y')])
  const late = envelopeKey([at('2026-03-01T09:30:00.000Z', 'a')])
  assert.ok(early < late)
})

test('a person lives in one shard, known by the strongest identity', () => {
  const of = (user: Event['user'], id = 'e') => shardOf({ id, name: 'visit', at: '', ...(user && { user }) }, 64)
  assert.equal(
    of({ email: 'ana@example.com' }, 'e-1'),
    of({ email: 'ana@example.com', phone: '+5548999990000' }, 'e-2'),
  )
  assert.equal(of({ id: 'u1', email: 'ana@example.com' }), of({ id: 'u1', email: 'eva@example.com' }))
  const shards = new Set(Array.from({ length: 200 }, (_, n) => of(undefined, `e-${n}`)))
  assert.ok(shards.size > 40, 'events of nobody known are spread')
})

test('an envelope is due when its earliest event is, and never when it is empty', () => {
  const [event] = fc.sample(anyEvent(['visit']), 1)
  assert.equal(dueAt([3, 1, 2].map(n => ({ ...waitingOf(event!, 0), due: n }))), 1)
  assert.equal(dueAt([]), undefined)
})

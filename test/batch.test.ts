import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOf, halve, limitsOf, markOf, type Parcel, pack, parcelsOf } from '../core/batch.ts'
import type { Draft } from '../core/connector.ts'

const LIMITS = { records: 5, bytes: 200, overhead: 10 }
const limits = () => LIMITS
const draft: fc.Arbitrary<Draft<unknown>> = fc.record({
  call: fc.constantFrom('row', 'message'),
  step: fc.constant(0),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
  group: fc.constantFrom('', 'list'),
  data: fc.record({ text: fc.string({ maxLength: 120, unit: 'grapheme' }) }),
})
const parcels = fc
  .array(fc.array(draft, { minLength: 1, maxLength: 3 }), { maxLength: 40 })
  .map(events => events.flatMap((drafts, n) => parcelsOf(`e-${n}`, drafts)))
const check = (property: (all: Parcel[]) => void) => fc.assert(fc.property(parcels, property))

test('every record goes once, none is lost and none is made up', () => {
  check(all => {
    const packed = pack(all, limits).flatMap(load => load.parcels)
    assert.deepEqual(packed.map(({ id }) => id).sort(), all.map(({ id }) => id).sort())
  })
})

test('a request holds no more records and bytes than the vendor takes, unless one record alone is more', () => {
  check(all => {
    for (const load of pack(all, limits)) {
      assert.ok(load.parcels.length <= LIMITS.records)
      const body = LIMITS.overhead + bytesOf(load.parcels.map(({ draft }) => draft.data)) - '[]'.length
      assert.ok(load.parcels.length === 1 || body <= LIMITS.bytes, `${body} bytes`)
    }
  })
})

test('records of two calls, of two groups or of one key never share a request', () => {
  check(all => {
    for (const { call, parcels } of pack(all, limits)) {
      assert.equal(new Set(parcels.map(({ draft }) => `${draft.call} ${draft.group}`)).size, 1)
      assert.equal(new Set(parcels.map(({ draft }) => draft.key)).size, parcels.length)
      assert.equal(parcels[0]?.draft.call, call)
    }
  })
})

test('records of one key of a call and group go in their order', () => {
  check(all => {
    const nameOf = ({ draft }: Parcel) => `${draft.call} ${draft.group} ${draft.key}`
    const before = Map.groupBy(all, nameOf)
    const after = Map.groupBy(
      pack(all, limits).flatMap(load => load.parcels),
      nameOf,
    )
    for (const [name, some] of before)
      assert.deepEqual(
        after.get(name)?.map(({ id }) => id),
        some.map(({ id }) => id),
      )
  })
})

test('records of distinct keys fill requests up: no two neighbours of a stream would have fitted into one', () => {
  const all = Array.from({ length: 23 }, (_, n) =>
    parcelsOf(`e-${n}`, [{ call: 'row', step: 0, key: `${n}`, group: '', data: { n } }]),
  ).flat()
  assert.deepEqual(
    pack(all, limits).map(load => load.parcels.length),
    [5, 5, 5, 5, 3],
  )
})

test('a record is named by its event where it is its only one, else by its place in it', () => {
  const one: Draft<unknown> = { call: 'row', step: 0, key: 'a', group: '', data: {} }
  assert.deepEqual(
    parcelsOf('ana', [one]).map(({ id, ledger }) => [id, ledger]),
    [['ana', 'row#0']],
  )
  assert.deepEqual(
    parcelsOf('ana', [one, { ...one, call: 'message' }]).map(({ id, ledger }) => [id, ledger]),
    [
      ['ana/0', 'row#0'],
      ['ana/1', 'message#1'],
    ],
  )
})

test('a group that outgrows its call goes by the bulk call, a small one does not', () => {
  const of = (count: number, group: string) =>
    Array.from({ length: count }, (_, n) =>
      parcelsOf(`${group}-${n}`, [{ call: 'row', step: 0, key: `${n}`, group, data: {} }]),
    ).flat()
  const wide = (call: string) =>
    call === 'row' ? { ...LIMITS, bulk: { above: 10, call: 'job' } } : { ...LIMITS, records: 100, bytes: 9_999 }
  const loads = pack([...of(11, 'large'), ...of(10, 'small')], wide)
  assert.deepEqual(
    loads.map(({ call, parcels }) => [call, parcels.length]),
    [
      ['job', 11],
      ['row', 5],
      ['row', 5],
    ],
  )
})

test('a record that is done is no parcel any more, unless settings have put another one in its place', () => {
  const profile: Draft<unknown> = { call: 'row', step: 0, key: 'ana', group: '', data: {} }
  const row: Draft<unknown> = { call: 'row', step: 1, key: 'o-1', group: '', data: {} }
  const done = parcelsOf('e', [profile, row]).slice(0, 1).map(markOf)
  const left = (drafts: readonly Draft<unknown>[]) => parcelsOf('e', drafts, { done }).map(({ id }) => id)
  assert.deepEqual(left([profile, row]), ['e/1'])
  assert.deepEqual(left([row, profile]), ['e/0', 'e/1'])
  assert.deepEqual(left([profile]), [])
})

test('of a backlog each shard sees its share, from which on the bulk call is worth it', () => {
  const calls = { row: { bulk: { above: 2_000, call: 'job' }, records: () => 200, bytes: 1, overhead: 0 } }
  const above = (shards?: number) => limitsOf(calls as never, {}, shards)('row').bulk?.above
  assert.deepEqual([above(), above(4)], [2_000, 500])
})

test('records that wait for a job follow it in one load of their own, before what is new', () => {
  const one: Draft<unknown> = { call: 'row', step: 0, key: 'a', group: '', data: {} }
  const all = ['ana', 'eva', 'leo'].flatMap(id =>
    parcelsOf(id, [one], id === 'leo' ? {} : { jobs: { 'row#0': { call: 'job', job: '7' } } }),
  )
  assert.deepEqual(
    pack(all, limits).map(({ call, job, parcels }) => [call, job, parcels.map(({ id }) => id)]),
    [
      ['job', '7', ['ana', 'eva']],
      ['row', undefined, ['leo']],
    ],
  )
})

test('halves are two, hold everything, and end at one record', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 2 }), items => {
      const [first, second] = halve(items)
      assert.deepEqual([...first, ...second], items)
      assert.ok(first.length && second.length)
    }),
  )
})

test('a call that the connector maps to and does not declare is named', () => {
  assert.throws(() => limitsOf({}, {})('nowhere'), /does not declare: nowhere/)
})

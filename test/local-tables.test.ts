import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, test } from 'node:test'
import { type Database, openDatabase } from '../local/database.ts'
import { createTables, ensureTables, type Table, type Tables, type WireChange } from '../local/services/dynamodb.ts'
import { decodeChange } from '../local/wire.ts'

const dir = mkdtempSync(join(tmpdir(), 'connect-tables-'))
const declared: Table[] = [{ name: 'buffer', arn: 'arn', hashKey: 'pk', rangeKey: 'sk', ttl: 'ttl' }]
const open: Database[] = []
let tables: Tables
let changes: WireChange[]
let database: Database

beforeEach(async () => {
  database = await openDatabase()
  open.push(database)
  await ensureTables(database, declared)
  changes = []
  tables = createTables(database, declared, change => changes.push(change))
})
after(async () => {
  await Promise.all(open.map(each => each.close()))
  rmSync(dir, { recursive: true })
})

const keys = (sk: string) => ({ pk: { S: 'a' }, sk: { S: sk } })
const call = async (operation: string, body: object) => {
  const reply = await tables.call(operation, { TableName: 'buffer', ...body })
  return { status: reply.status, ...JSON.parse(JSON.stringify(reply.body)) } // as a client reads it
}
const put = (sk: string, more: object = {}) => call('PutItem', { Item: { ...keys(sk), ...more } })
const told = () => changes.map(({ kind, ttl, old, new: next }) => [kind, ttl, old?.n?.N, next?.n?.N])

test('every write tells its old and new image', async () => {
  await put('1', { n: { N: '1' } })
  await put('1', { n: { N: '2' } })
  await call('UpdateItem', {
    Key: keys('1'),
    UpdateExpression: 'ADD n :one',
    ExpressionAttributeValues: { ':one': { N: '1' } },
  })
  await call('DeleteItem', { Key: keys('1') })
  await call('DeleteItem', { Key: keys('1') })
  assert.deepEqual(told(), [
    ['INSERT', false, undefined, '1'],
    ['MODIFY', false, '1', '2'],
    ['MODIFY', false, '2', '3'],
    ['REMOVE', false, '3', undefined],
  ])
  assert.deepEqual(
    changes.map(change => change.keys),
    Array(4).fill(keys('1')),
  )
})

test('a write that its condition refuses tells nothing', async () => {
  await put('1')
  const refused = await call('PutItem', { Item: keys('1'), ConditionExpression: 'attribute_not_exists(pk)' })
  assert.equal(refused.status, 400)
  assert.equal(changes.length, 1)
})

test('a caller gets the return values that it asked for, and no others', async () => {
  await put('1', { n: { N: '1' } })
  assert.equal((await put('1', { n: { N: '2' } })).Attributes, undefined)
  const update = { Key: keys('1'), UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': { N: '5' } } }
  assert.equal((await call('UpdateItem', update)).Attributes, undefined)
  assert.deepEqual((await call('UpdateItem', { ...update, ReturnValues: 'UPDATED_OLD' })).Attributes, { n: { N: '5' } })
  assert.equal((await call('UpdateItem', { ...update, ReturnValues: 'ALL_NEW' })).Attributes.n.N, '5')
  assert.equal((await call('PutItem', { Item: keys('1'), ReturnValues: 'ALL_OLD' })).Attributes.n.N, '5')
})

test('writes of one item that come at once are told in the order in which they happened', async () => {
  const add = { Key: keys('1'), UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } } }
  await Promise.all(Array.from({ length: 20 }, () => call('UpdateItem', add)))
  assert.deepEqual(
    told().map(([, , old, next]) => [Number(old ?? 0), Number(next)]),
    Array.from({ length: 20 }, (_, i) => [i, i + 1]),
  )
})

test('a batch of writes is told one by one, and a wrong batch is refused whole', async () => {
  await put('1')
  const remove = { DeleteRequest: { Key: keys('1') } }
  const batch = (requests: readonly object[]) => tables.call('BatchWriteItem', { RequestItems: { buffer: requests } })
  const reply = await batch([remove, { PutRequest: { Item: keys('2') } }])
  assert.equal(reply.status, 200)
  assert.deepEqual(changes.map(({ kind }) => kind).sort(), ['INSERT', 'INSERT', 'REMOVE'])
  assert.equal((await batch([remove, remove])).status, 400)
  const many = Array.from({ length: 26 }, (_, i) => ({ DeleteRequest: { Key: keys(`x${i}`) } }))
  assert.equal((await batch(many)).status, 400)
})

test('the sweeper removes what has expired, and says that time removed it', async () => {
  await put('old', { ttl: { N: '999' } })
  await put('new', { ttl: { N: '1001' } })
  await put('never')
  changes = []
  assert.equal(await tables.sweep(1_000_000), 1)
  assert.deepEqual(
    changes.map(({ kind, ttl, keys: { sk } }) => [kind, ttl, sk?.S]),
    [['REMOVE', true, 'old']],
  )
})

test('data outlives the process that wrote it, and one process at a time may have it', async () => {
  const path = join(dir, 'kept')
  const first = await openDatabase(path)
  await ensureTables(first, declared)
  await first.call('PutItem', { TableName: 'buffer', Item: keys('1') })
  await assert.rejects(openDatabase(path))
  await first.close()
  const second = await openDatabase(path)
  open.push(second)
  await ensureTables(second, declared)
  const items = createTables(second, declared, () => {}).items('buffer')
  assert.deepEqual((await items[Symbol.asyncIterator]().next()).value, keys('1'))
})

test('bytes are base64 on the wire and bytes in what is told', () => {
  const wire = {
    table: 't',
    kind: 'INSERT',
    ttl: false,
    keys: keys('1'),
    new: { b: { B: 'AQI=' }, l: { L: [{ B: 'AQ==' }] } },
  } as const
  const { new: item } = decodeChange(wire)
  assert.deepEqual(item?.b, { B: Buffer.from([1, 2]) })
  assert.deepEqual(item?.l, { L: [{ B: Buffer.from([1]) }] })
})

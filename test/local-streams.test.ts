import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Program, Resource } from '../local/declared.ts'
import type { Failures } from '../local/failures.ts'
import type { Functions } from '../local/functions.ts'
import { createGuard, createRole } from '../local/iam.ts'
import type { Outcome } from '../local/invocation.ts'
import type { WireChange } from '../local/services/dynamodb.ts'
import { createStreams, type Unread } from '../local/streams.ts'

const STREAM = 'arn:aws:dynamodb:us-east-1:0:table/buffer/stream/1'
const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
const role = createRole('r', 'arn', policy({ Principal: { Service: 'lambda.amazonaws.com' } }), [
  policy({ Effect: 'Allow', Action: 'dynamodb:*', Resource: STREAM }),
])

type Answer = (batch: string[]) => Outcome | 'throttled' | { failed: string }
/** A stream whose one function answers as told; records are known by their partition key. */
function stage(answer: Answer, mapping: object = {}, unread: Unread = {}) {
  const calls: string[][] = []
  const lost: string[][] = []
  let store = unread
  const idle: () => void = () => {}
  const program = {
    stack: 'dev',
    region: 'us-east-1',
    account: '0',
    outputs: {},
    config: {},
    resources: [
      resource(
        'aws:dynamodb/table:Table',
        'buffer',
        { streamEnabled: true, streamViewType: 'NEW_AND_OLD_IMAGES' },
        { streamArn: STREAM },
      ),
      resource('aws:lambda/eventSourceMapping:EventSourceMapping', 'mapping', {
        eventSourceArn: STREAM,
        functionName: 'arn:aws:lambda:us-east-1:0:function:wake:live',
        batchSize: 4,
        maximumRetryAttempts: 3,
        ...mapping,
      }),
    ],
  } satisfies Program
  const invoke = async (_name: string, payload: string): Promise<Outcome | 'throttled'> => {
    const { Records } = JSON.parse(payload) as {
      Records: { dynamodb: { SequenceNumber: string; Keys: { pk: { S: string } } } }[]
    }
    const names = Records.map(({ dynamodb }) => dynamodb.Keys.pk.S)
    calls.push(names)
    const said = answer(names)
    if (said === 'throttled' || 'ok' in said) return said
    const itemIdentifier = Records[names.indexOf(said.failed)]?.dynamodb.SequenceNumber ?? 'unheard of'
    return { ok: true, payload: JSON.stringify({ batchItemFailures: [{ itemIdentifier }] }) }
  }
  const failures = {
    list: [],
    verify: () => true,
    keep: (_caller, _role, _to, { payload }) => lost.push(namesIn(payload)),
  } as Partial<Failures> as Failures
  const streams = createStreams({
    program,
    functions: { role: () => role, invoke } as Partial<Functions> as Functions,
    guard: createGuard(),
    failures,
    store: {
      read: () => store,
      write: value => {
        store = value
        idle()
      },
    },
  })
  return {
    streams,
    calls,
    lost,
    stored: () => store,
    arrive: (...names: string[]) => {
      for (const name of names) streams.accept(insert(name))
    },
    async settled() {
      while (streams.pending) await new Promise(setImmediate)
    },
  }
}
const resource = (type: string, name: string, inputs: object, outputs: object = {}): Resource => ({
  type,
  name,
  id: name,
  inputs: { ...inputs },
  outputs: { name, arn: name, ...outputs },
})
const insert = (pk: string, more: Partial<WireChange> = {}): WireChange => ({
  table: 'buffer',
  kind: 'INSERT',
  ttl: false,
  keys: { pk: { S: pk } },
  new: { pk: { S: pk } },
  ...more,
})
const namesIn = (payload: string) =>
  (JSON.parse(payload) as { dynamodb: { Keys: { pk: { S: string } } } }[]).map(({ dynamodb }) => dynamodb.Keys.pk.S)
const fine: Outcome = { ok: true, payload: 'null' }
const broken: Outcome = { ok: false, error: { errorType: 'Error', errorMessage: 'no' } }

test('records come in order, in batches of the declared size, one batch at a time', async () => {
  const { arrive, settled, calls } = stage(() => fine)
  arrive('a', 'b', 'c', 'd', 'e')
  await settled()
  assert.deepEqual(calls, [['a', 'b', 'c', 'd'], ['e']])
})

test('only records that a filter matches arrive, with who removed them', async () => {
  const pattern = JSON.stringify({ eventName: ['REMOVE'], userIdentity: { principalId: ['dynamodb.amazonaws.com'] } })
  const { streams, settled, calls } = stage(() => fine, { filterCriteria: { filters: [{ pattern }] } })
  streams.accept(insert('put'))
  streams.accept(insert('deleted', { kind: 'REMOVE' }))
  streams.accept(insert('expired', { kind: 'REMOVE', ttl: true }))
  await settled()
  assert.deepEqual(calls, [['expired']])
})

test('a failed batch is tried again, and what follows waits for it', async () => {
  let failures = 2
  const { arrive, settled, calls } = stage(() => (failures-- > 0 ? broken : fine))
  arrive('a', 'b', 'c', 'd', 'e')
  await settled()
  assert.deepEqual(calls, [['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd'], ['e']])
})

test('bisecting finds the record that fails, and only that one is given up', async () => {
  const { arrive, settled, lost } = stage(batch => (batch.includes('c') ? broken : fine), {
    bisectBatchOnFunctionError: true,
  })
  arrive('a', 'b', 'c', 'd')
  await settled()
  assert.deepEqual(lost, [['c']])
})

test('a partial answer repeats from the record that it names', async () => {
  let first = true
  const answer: Answer = () => {
    if (!first) return fine
    first = false
    return { failed: 'c' }
  }
  const { arrive, settled, calls } = stage(answer, { functionResponseTypes: ['ReportBatchItemFailures'] })
  arrive('a', 'b', 'c', 'd')
  await settled()
  assert.deepEqual(calls, [
    ['a', 'b', 'c', 'd'],
    ['c', 'd'],
  ])
})

test('a partial answer that names no record of the batch fails the whole batch', async () => {
  const { arrive, settled, lost } = stage(() => ({ failed: 'nobody' }), {
    functionResponseTypes: ['ReportBatchItemFailures'],
    maximumRetryAttempts: 0,
  })
  arrive('a', 'b')
  await settled()
  assert.deepEqual(lost, [['a', 'b']])
})

test('what no function has taken when the stack stops is there when it starts again', async () => {
  const first = stage(() => 'throttled', { maximumRetryAttempts: -1 })
  first.arrive('a', 'b')
  while (!first.calls.length) await new Promise(setImmediate)
  first.streams.close()
  const second = stage(() => fine, {}, first.stored())
  second.streams.resume()
  await second.settled()
  assert.deepEqual(second.calls, [['a', 'b']])
})

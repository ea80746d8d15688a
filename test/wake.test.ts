import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { InvokeCommand } from '@aws-sdk/client-lambda'
import type { DynamoDBRecord } from 'aws-lambda'
import { createWake } from '../functions/wake.ts'

const record = (pk: string, eventName: 'INSERT' | 'MODIFY' | 'REMOVE' = 'INSERT'): DynamoDBRecord => ({
  eventName,
  dynamodb: { Keys: { pk: { S: pk }, sk: { S: '2026-11-20T12:00:00.000Z#x' } } },
})

function stage(send: (payload: unknown) => Promise<unknown> = async () => ({})) {
  const started: { tenant: string; [field: string]: unknown }[] = []
  const lines: { message: string }[] = []
  const wake = createWake({
    env: { CONNECT_STACK: 'test', PROCESS_FUNCTION: 'arn:process:live' },
    now: () => 0,
    write: line => void lines.push(JSON.parse(line)),
    lambda: {
      async send({ input }: InvokeCommand) {
        assert.equal(input.FunctionName, 'arn:process:live')
        assert.equal(input.InvocationType, 'Event')
        const payload = JSON.parse(String(input.Payload))
        await send(payload)
        started.push(payload)
      },
    } as never,
  })
  return { wake, started, lines }
}

test('new urgent envelopes start one run for each tenant, with the shards that have something', async () => {
  const { wake, started } = stage()
  const answer = await wake({
    Records: [record('u#loja-abc#2'), record('u#loja-abc#0'), record('u#clinica-sol#1'), record('u#loja-abc#2')],
  })
  assert.deepEqual(answer, { batchItemFailures: [] })
  assert.deepEqual(started, [
    { do: 'run', tenant: 'loja-abc', why: 'wake', lanes: ['urgent'], shards: [0, 2] },
    { do: 'run', tenant: 'clinica-sol', why: 'wake', lanes: ['urgent'], shards: [1] },
  ])
})

test('shards are in the order of numbers', async () => {
  const { wake, started } = stage()
  await wake({ Records: [record('u#loja-abc#10'), record('u#loja-abc#9')] })
  assert.deepEqual(started[0]?.shards, [9, 10])
})

test('normal envelopes, changes, removals and strange keys start nothing', async () => {
  const { wake, started } = stage()
  const records = [record('loja-abc#0'), record('u#loja-abc#0', 'MODIFY'), record('u#loja-abc#0', 'REMOVE')]
  await wake({ Records: [...records, record('u#LOJA#0'), record(''), {}, { eventName: 'INSERT', dynamodb: {} }] })
  await wake({ Records: [] })
  await wake({} as never)
  assert.deepEqual(started, [])
})

test('a start that fails fails no batch, and keeps nobody else from being started', async () => {
  const { wake, started, lines } = stage(async payload => {
    if ((payload as { tenant: string }).tenant === 'loja-abc') throw new Error('throttled')
  })
  const answer = await wake({ Records: [record('u#loja-abc#0'), record('u#clinica-sol#0')] })
  assert.deepEqual(answer, { batchItemFailures: [] })
  assert.deepEqual(
    started.map(({ tenant }) => tenant),
    ['clinica-sol'],
  )
  assert.equal(lines[0]?.message, 'process not started')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Event } from '../core/event.ts'
import { acme } from './tools/acme.ts'
import { acmeSimulator } from './tools/acme-vendor.ts'
import { startDynamo } from './tools/dynamo.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import { createRig, START } from './tools/rig.ts'

/** What an answer says, without what the network adds; sets and maps in no order. */
const plain = (answer: unknown): unknown => {
  const { $metadata: _, ConsumedCapacity: __, ...rest } = answer as { [name: string]: unknown }
  const { ScannedCount: ___, ...said } = rest
  return JSON.parse(JSON.stringify(said, (_key, value) => (value instanceof Uint8Array ? [...value] : value)))
}
const magics = ['reject', 'retry', 'busy', 'later', 'refuse', 'silent', 'reset', 'throttle-once', 'misconfigure-once']

test('tables in memory answer every call of the functions as DynamoDB does', async t => {
  const dynamo = await startDynamo()
  t.after(() => dynamo.stop())
  const memory = memoryDynamo()
  const shadowed = {
    ...dynamo,
    // The same names on both sides: tables are numbered in order.
    table: async (name: string) => {
      await memory.table(name)
      return dynamo.table(name)
    },
  }
  const rig = await createRig(
    { connector: acme(), simulator: acmeSimulator, destination: { shards: 2, urgent: ['message'] } },
    shadowed,
  )
  const compared = new Map<string, number>()
  const send = dynamo.client.send.bind(dynamo.client)
  type Command = { input: object; constructor: { name: string } }
  const both = async (command: Command) => {
    const ends = await Promise.allSettled([send(command as never), memory.client.send(command as never)])
    const [there, here] = ends.map(end => (end.status === 'fulfilled' ? plain(end.value) : end.reason.name))
    assert.deepEqual(sorted(here), sorted(there), `${command.constructor.name} ${JSON.stringify(command.input)}`)
    compared.set(command.constructor.name, (compared.get(command.constructor.name) ?? 0) + 1)
    if (ends[0].status === 'rejected') throw ends[0].reason
    return ends[0].value
  }
  let turn: Promise<unknown> = Promise.resolve()
  dynamo.client.send = ((command: Command) => {
    const answer = turn.then(() => both(command)) // one after the other, so that both sides see them in one order
    turn = answer.catch(() => {})
    return answer
  }) as never
  await rig.declare()
  const events = magics.flatMap((magic, n): Event[] => [
    event(`v-${n}`, 'visit', magic),
    event(`m-${n}`, 'message', magic),
    event(`p-${n}`, 'purchase', magic),
  ])
  for (const one of events) await rig.accept([one])
  await rig.operate({ do: 'suppress', tenant: 'loja-abc', by: 'ana', email: 'v-0@example.com' })
  for (let minute = 0; minute < 8; minute++) {
    await rig.run()
    await rig.tick()
    await rig.runInvoked()
    rig.advance(61_000)
  }
  await rig.operate({ do: 'redrive', tenant: 'loja-abc', by: 'ana', resendUnknown: true })
  await rig.operate({ do: 'pause', tenant: 'loja-abc', by: 'ana', reason: 'to see' })
  await rig.operate({ do: 'drop', tenant: 'loja-abc', by: 'ana', ids: ['m-0', 'nobody'] })
  await rig.operate({ do: 'status', tenant: 'loja-abc', by: 'ana' })
  await rig.operate({ do: 'resume', tenant: 'loja-abc', by: 'ana' })
  await rig.run()
  assert.deepEqual([...compared.keys()].sort(), [
    'BatchGetItemCommand',
    'BatchWriteItemCommand',
    'DeleteItemCommand',
    'GetItemCommand',
    'PutItemCommand',
    'QueryCommand',
    'UpdateItemCommand',
  ])
})

const event = (id: string, name: string, acme: string): Event => ({
  id,
  name,
  at: new Date(START).toISOString(),
  user: { email: `${id}@example.com` },
  properties: { acme, tell: name === 'purchase' },
})

/** Batches answer in any order. */
const sorted = (answer: unknown): unknown => {
  const { Responses } = answer as { Responses?: Record<string, unknown[]> }
  if (!Responses) return answer
  const lists = Object.entries(Responses).map(([name, list]) => [name, list.map(each => JSON.stringify(each)).sort()])
  return { ...(answer as object), Responses: Object.fromEntries(lists) }
}

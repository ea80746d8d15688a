import { type AttributeValue, GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { dueAt, type Envelope, fromItem, pack, type Waiting } from '../../core/envelope.ts'
import type { World } from '../world.ts'
import { writeAll } from './ledger.ts'
import { conditionFailed } from './state.ts'

type BufferWorld = Pick<World, 'dynamo' | 'env' | 'random' | 'sleep' | 'uuid'>
const table = (world: BufferWorld) => world.env.BUFFER_TABLE ?? ''

export type Cursor = Record<string, AttributeValue>
export type Page = { envelopes: Envelope[]; next?: Cursor }

/** One page (up to 1 MB) of a partition, oldest event first, strongly consistent. */
export async function readPage(world: BufferWorld, pk: string, from?: Cursor): Promise<Page> {
  const answer = await world.dynamo.send(
    new QueryCommand({
      TableName: table(world),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
      ...(from && { ExclusiveStartKey: from }),
    }),
  )
  const envelopes = (answer.Items ?? []).map(fromItem)
  return answer.LastEvaluatedKey ? { envelopes, next: answer.LastEvaluatedKey } : { envelopes }
}

/** Whether the newest envelope of a partition is due: one small read, however many wait. */
export async function newestIsDue(world: BufferWorld & Pick<World, 'now'>, pk: string): Promise<boolean> {
  const { Items = [] } = await world.dynamo.send(
    new QueryCommand({
      TableName: table(world),
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ScanIndexForward: false,
      Limit: 1,
    }),
  )
  return Items.some(({ dueAt }) => Number(dueAt?.N) <= world.now())
}

/** Removes envelopes with nothing left. Needs no condition: only the lease's holder changes an envelope. */
export const removeEnvelopes = (world: BufferWorld, keys: readonly Pick<Envelope, 'pk' | 'sk'>[]): Promise<void> =>
  writeAll(
    world,
    table(world),
    keys.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk: { S: pk }, sk: { S: sk } } } })),
  )

/** What is known of some events of an envelope: removed, or waiting in another way. The others stay as they are. */
export type Changes = ReadonlyMap<string, 'remove' | Waiting>

/**
 * Writes the changes if the envelope is still as it was read. If not, reads it again and writes only what is final: somebody
 * else works on it, and knows better when its events are due. A missing item is never created. Returns what the table holds
 * now, undefined if the envelope is gone.
 */
export async function changeEnvelope(
  world: BufferWorld,
  envelope: Envelope,
  changes: Changes,
): Promise<Envelope | undefined> {
  let next = apply(envelope, changes, world.uuid())
  if (await writeEnvelope(world, next, envelope.rev)) return next
  const final = new Map([...changes].filter(([, change]) => change === 'remove' || change.dead))
  for (;;) {
    const current = await readEnvelope(world, envelope)
    if (!current || current.rev === next.rev) return current // gone, or our own write whose answer was lost
    next = apply(current, final, world.uuid())
    if (!next.waiting.length) {
      await removeEnvelopes(world, [next])
      return undefined
    }
    if (await writeEnvelope(world, next, current.rev)) return next
  }
}

/** A mark of death stays whatever else is said: only removal, after its letter, ends it. */
export const apply = (envelope: Envelope, changes: Changes, rev: string): Envelope => ({
  ...envelope,
  rev,
  waiting: envelope.waiting.flatMap(waiting => {
    const change = changes.get(waiting.event.id)
    return change === 'remove' ? [] : [waiting.dead ? waiting : (change ?? waiting)]
  }),
})

async function readEnvelope(world: BufferWorld, { pk, sk }: Envelope): Promise<Envelope | undefined> {
  const Key = { pk: { S: pk }, sk: { S: sk } }
  const { Item } = await world.dynamo.send(new GetItemCommand({ TableName: table(world), Key, ConsistentRead: true }))
  return Item && fromItem(Item)
}

async function writeEnvelope(world: BufferWorld, envelope: Envelope, rev: string): Promise<boolean> {
  try {
    await world.dynamo.send(
      new UpdateItemCommand({
        TableName: table(world),
        Key: { pk: { S: envelope.pk }, sk: { S: envelope.sk } },
        UpdateExpression: 'SET #events = :events, #dueAt = :dueAt, #rev = :next',
        ConditionExpression: '#rev = :rev',
        ExpressionAttributeNames: { '#events': 'events', '#dueAt': 'dueAt', '#rev': 'rev' },
        ExpressionAttributeValues: {
          ':events': pack(envelope),
          ':dueAt': { N: String(dueAt(envelope.waiting) ?? 0) },
          ':next': { S: envelope.rev },
          ':rev': { S: rev },
        },
      }),
    )
    return true
  } catch (error) {
    if (conditionFailed(error)) return false
    throw error
  }
}

import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { type Envelope, envelopeKey, shardOf, toItem, type Waiting } from '../../core/envelope.ts'
import type { Event, Lane } from '../../core/event.ts'
import { bufferPartition } from '../../core/keys.ts'
import { type Route, ttlSeconds } from '../../core/tenant.ts'
import type { World } from '../world.ts'

/** Room for keys and attribute names below DynamoDB's 400 KB: docs.aws.amazon.com/amazondynamodb Constraints.html */
const ITEM_BYTES = 350_000

/** The events of one request for one destination as envelopes: one per lane and shard, more where an item would be too large. */
export function envelopesFor(
  world: Pick<World, 'now' | 'uuid'>,
  tenant: string,
  route: Pick<Route, 'urgent' | 'shards' | 'keepMs'>,
  events: readonly Event[],
): Envelope[] {
  const receivedAt = world.now()
  const partitions = new Map<string, Waiting[]>()
  for (const event of events) {
    const lane: Lane = route.urgent.includes(event.name) ? 'urgent' : 'normal'
    const pk = bufferPartition(lane, tenant, shardOf(event, route.shards))
    const waiting: Waiting = { event, due: receivedAt, attempts: 0, life: 0 }
    const partition = partitions.get(pk)
    if (partition) partition.push(waiting)
    else partitions.set(pk, [waiting])
  }
  const ttl = ttlSeconds(receivedAt, route.keepMs)
  return [...partitions].flatMap(([pk, all]) =>
    fit(all).map(waiting => ({
      pk,
      sk: envelopeKey(waiting.map(({ event }) => event)),
      receivedAt,
      rev: world.uuid(),
      ttl,
      waiting,
    })),
  )
}

/** Cut in order, so that each part stays below what an item holds. One event is far below it. */
function fit(all: readonly Waiting[]): (readonly Waiting[])[] {
  if (all.length === 1) return [all]
  const parts: Waiting[][] = [[]]
  let bytes = 0
  for (const waiting of all) {
    const size = Buffer.byteLength(JSON.stringify(waiting)) + 1
    if (bytes + size > ITEM_BYTES) {
      parts.push([])
      bytes = 0
    }
    parts.at(-1)!.push(waiting)
    bytes += size
  }
  return parts
}

/**
 * Writes each envelope unless it is there already: a repeated request neither overwrites nor revives anything, and counts
 * as stored. Settles when every write has; throws the first failure. What was stored by then is stored again harmlessly.
 */
export async function storeEnvelopes(
  { dynamo }: Pick<World, 'dynamo'>,
  table: string,
  envelopes: readonly Envelope[],
): Promise<void> {
  const writes = await Promise.allSettled(
    envelopes.map(envelope =>
      dynamo.send(
        new PutItemCommand({
          TableName: table,
          Item: toItem(envelope),
          ConditionExpression: 'attribute_not_exists(sk)',
        }),
      ),
    ),
  )
  for (const write of writes) if (write.status === 'rejected' && !alreadyThere(write.reason)) throw write.reason
}

const alreadyThere = (error: unknown) => error instanceof Error && error.name === 'ConditionalCheckFailedException'

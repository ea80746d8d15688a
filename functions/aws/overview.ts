import { QueryCommand } from '@aws-sdk/client-dynamodb'
import type { Lane } from '../../core/event.ts'
import { bufferPartition } from '../../core/keys.ts'
import type { World } from '../world.ts'
import type { DestinationId } from './causes.ts'
import { listLetters } from './letters.ts'

type OverviewWorld = Pick<World, 'dynamo' | 'env' | 'now'>

/** `more`: counting stopped at the end of a page, there are at least so many. */
export type Backlog = { envelopes: number; more: boolean; oldestAt?: number }
export type LetterCount = { dead: { [reason: string]: number }; redriven: number; more: boolean }

/** What waits in the buffer, one page of each partition: enough to tell a little from a lot. */
export async function countWaiting(
  world: OverviewWorld,
  tenant: string,
  shards: number,
): Promise<{ normal: Backlog; urgent: Backlog }> {
  const [normal, urgent] = await Promise.all(
    (['normal', 'urgent'] as const).map(lane => countLane(world, tenant, lane, shards)),
  )
  return { normal: normal!, urgent: urgent! }
}

async function countLane(world: OverviewWorld, tenant: string, lane: Lane, shards: number): Promise<Backlog> {
  const pages = await Promise.all(
    Array.from({ length: shards }, (_, shard) =>
      world.dynamo.send(
        new QueryCommand({
          TableName: world.env.BUFFER_TABLE ?? '',
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: bufferPartition(lane, tenant, shard) } },
          ProjectionExpression: 'receivedAt',
        }),
      ),
    ),
  )
  const times = pages.flatMap(({ Items = [] }) => Items.map(({ receivedAt }) => Number(receivedAt?.N)))
  return {
    envelopes: times.length,
    more: pages.some(({ LastEvaluatedKey }) => LastEvaluatedKey !== undefined),
    ...(times.length && { oldestAt: times.reduce((a, b) => Math.min(a, b)) }),
  }
}

const PAGE = 500
const MOST_PAGES = 6

export async function countLetters(world: OverviewWorld, destination: DestinationId): Promise<LetterCount> {
  const count: LetterCount = { dead: {}, redriven: 0, more: false }
  let next: string | undefined
  for (let page = 0; page < MOST_PAGES; page++) {
    const found = await listLetters(world, destination, PAGE, next)
    for (const { status, death } of found.letters)
      if (status === 'redriven') count.redriven++
      else if (status !== 'delivered') count.dead[death.reason] = (count.dead[death.reason] ?? 0) + 1
    next = found.next
    if (next === undefined) return count
  }
  return { ...count, more: true }
}

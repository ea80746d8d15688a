import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DeleteItemCommand,
  GetItemCommand,
  type KeysAndAttributes,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { all } from '../../core/all.ts'
import { ledgerKey } from '../../core/keys.ts'
import type { World } from '../world.ts'
import { conditionFailed } from './state.ts'

/**
 * One row per event and call that must not be made twice: `claimed` by a run before it sends, `done` once the vendor has
 * taken it, before the envelope is settled. A claim says until when its run may live; found after that, it is a dead run's.
 */
export type LedgerState = 'done' | 'claimed'
/** An event's record: `record` is unique among the records of its event. */
export type LedgerName = { connector: string; tenant: string; eventId: string; record: string }

type LedgerWorld = Pick<World, 'dynamo' | 'env' | 'now' | 'random' | 'sleep'>
const table = (world: LedgerWorld) => world.env.STATE_TABLE ?? ''
const keyOf = ({ connector, tenant, eventId, record }: LedgerName) => ({
  pk: { S: ledgerKey(connector, tenant, eventId) },
  sk: { S: record },
})
type Key = { pk: { S: string }; sk: { S: string } }
/** A run as the ledger names it; `until` in epoch ms, `ttl` in epoch seconds. */
export type LedgerRun = { run: string; until: number; ttl: number }
const rowOf = (name: LedgerName, state: LedgerState, { run, until, ttl }: LedgerRun) => ({
  ...keyOf(name),
  state: { S: state },
  run: { S: run },
  until: { N: String(until) },
  ttl: { N: String(ttl) },
})

/** What stands in the way of a call: nothing, its success, a run that lives until then, or one that died: nobody knows. */
export type Claim = 'mine' | 'done' | { takenUntil: number } | 'in-doubt'

export async function claim(world: LedgerWorld, name: LedgerName, by: LedgerRun): Promise<Claim> {
  try {
    await world.dynamo.send(
      new PutItemCommand({
        TableName: table(world),
        Item: rowOf(name, 'claimed', by),
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    )
    return 'mine'
  } catch (error) {
    if (!conditionFailed(error)) throw error
  }
  const { Item } = await world.dynamo.send(
    new GetItemCommand({ TableName: table(world), Key: keyOf(name), ConsistentRead: true }),
  )
  if (Item?.state?.S === 'done') return 'done'
  if (Item?.run?.S === by.run) return 'mine' // our own write, whose answer was lost
  // Gone again between the two: its run has let go, the next look may have it.
  if (!Item) return { takenUntil: world.now() }
  const until = Number(Item.until?.N ?? 0)
  return until >= world.now() ? { takenUntil: until } : 'in-doubt'
}

/** Which of the records are known to be delivered. */
export async function findDone(world: LedgerWorld, names: readonly LedgerName[]): Promise<Set<LedgerName>> {
  const done = new Set<LedgerName>()
  const byKey = new Map(names.map(name => [keyText(keyOf(name)), name]))
  for (const item of await readRows(world, table(world), names.map(keyOf), { ConsistentRead: true }))
    if (item.state?.S === 'done') done.add(byKey.get(keyText(item as Key))!)
  return done
}
const keyText = ({ pk, sk }: Key) => `${pk.S}\n${sk.S}`

export const markDone = (world: LedgerWorld, names: readonly LedgerName[], by: LedgerRun): Promise<void> =>
  writeAll(
    world,
    table(world),
    names.map(name => ({ PutRequest: { Item: rowOf(name, 'done', by) } })),
  )

/** The vendor itself has told that it has the record, whatever a run still believes of it. False if that was known. */
export async function settleDone(
  world: Pick<World, 'dynamo' | 'env'>,
  name: LedgerName,
  ttl: number,
): Promise<boolean> {
  try {
    await world.dynamo.send(
      new PutItemCommand({
        TableName: world.env.STATE_TABLE ?? '',
        Item: rowOf(name, 'done', { run: 'vendor', until: 0, ttl }),
        ConditionExpression: 'attribute_not_exists(pk) OR #state = :claimed',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':claimed': { S: 'claimed' } },
      }),
    )
    return true
  } catch (error) {
    if (conditionFailed(error)) return false
    throw error
  }
}

/** After a definite refusal: the vendor did nothing, so another run may make the call. Takes back nobody else's claim. */
export async function unclaim(world: LedgerWorld, names: readonly LedgerName[], { run }: LedgerRun): Promise<void> {
  for (const some of chunks(names, 25)) await all(some.map(name => release(world, name, run)))
}

async function release(world: LedgerWorld, name: LedgerName, run: string): Promise<void> {
  try {
    await world.dynamo.send(
      new DeleteItemCommand({
        TableName: table(world),
        Key: keyOf(name),
        ConditionExpression: '#run = :run AND #state = :claimed',
        ExpressionAttributeNames: { '#run': 'run', '#state': 'state' },
        ExpressionAttributeValues: { ':run': { S: run }, ':claimed': { S: 'claimed' } },
      }),
    )
  } catch (error) {
    if (!conditionFailed(error)) throw error
  }
}

/** Those of the rows that are there, in no order; keys that DynamoDB leaves unprocessed are asked for again. */
export async function readRows(
  world: Pick<World, 'dynamo' | 'random' | 'sleep'>,
  tableName: string,
  keys: readonly Key[],
  how: Pick<KeysAndAttributes, 'ConsistentRead' | 'ProjectionExpression'>,
): Promise<Record<string, AttributeValue>[]> {
  const rows: Record<string, AttributeValue>[] = []
  for (const some of chunks(keys, 100)) {
    let Keys: KeysAndAttributes['Keys'] = some
    for (let attempt = 0; Keys?.length; attempt++) {
      if (attempt) await world.sleep(pauseOf(attempt, world.random()))
      const answer: BatchGetItemCommandOutput = await world.dynamo.send(
        new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys, ...how } } }),
      )
      rows.push(...(answer.Responses?.[tableName] ?? []))
      Keys = answer.UnprocessedKeys?.[tableName]?.Keys
    }
  }
  return rows
}

type Requests = NonNullable<BatchWriteItemCommandInput['RequestItems']>[string]

/** All of them, 25 at a time; what DynamoDB leaves unprocessed is repeated until it is done. */
export async function writeAll(
  world: Pick<World, 'dynamo' | 'random' | 'sleep'>,
  tableName: string,
  requests: Requests,
): Promise<void> {
  await all(
    chunks(requests, 25).map(async some => {
      let left = some
      for (let attempt = 0; left.length; attempt++) {
        if (attempt) await world.sleep(pauseOf(attempt, world.random()))
        const answer = await world.dynamo.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: left } }))
        left = answer.UnprocessedItems?.[tableName] ?? []
      }
    }),
  )
}

const pauseOf = (attempt: number, random: number) => Math.min(25 * 2 ** attempt, 2_000) * (0.5 + random / 2)

function chunks<T>(items: readonly T[], size: number): T[][] {
  const all: T[][] = []
  for (let i = 0; i < items.length; i += size) all.push(items.slice(i, i + size))
  return all
}

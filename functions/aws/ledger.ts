import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import { ledgerKey } from '../../core/keys.ts'
import type { World } from '../world.ts'
import { conditionFailed } from './state.ts'

/**
 * One row per event and call that must not be made twice: `claimed` by a run before it sends, `done` once the vendor has
 * taken it, before the envelope is settled. A row found claimed by another run is of a dead one: only the holder of the
 * lane's lease sends.
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
const rowOf = (name: LedgerName, state: LedgerState, run: string, ttl: number) => ({
  ...keyOf(name),
  state: { S: state },
  run: { S: run },
  ttl: { N: String(ttl) },
})

/** `mine`: may be sent. `done`: was delivered. `foreign`: a run that died had claimed it, so nobody knows. */
export async function claim(
  world: LedgerWorld,
  name: LedgerName,
  run: string,
  ttl: number,
): Promise<'mine' | 'done' | 'foreign'> {
  try {
    await world.dynamo.send(
      new PutItemCommand({
        TableName: table(world),
        Item: rowOf(name, 'claimed', run, ttl),
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
  return !Item || Item.run?.S === run ? 'mine' : 'foreign'
}

/** Which of the records are known to be delivered. */
export async function findDone(world: LedgerWorld, names: readonly LedgerName[]): Promise<Set<LedgerName>> {
  const done = new Set<LedgerName>()
  const byKey = new Map(names.map(name => [keyText(keyOf(name)), name]))
  for (const some of chunks(names, 100)) {
    let Keys = some.map(keyOf)
    for (let attempt = 0; Keys.length; attempt++) {
      if (attempt) await world.sleep(pauseOf(attempt, world.random()))
      const answer = await world.dynamo.send(
        new BatchGetItemCommand({ RequestItems: { [table(world)]: { Keys, ConsistentRead: true } } }),
      )
      for (const item of answer.Responses?.[table(world)] ?? [])
        if (item.state?.S === 'done') done.add(byKey.get(keyText(item as ReturnType<typeof keyOf>))!)
      Keys = (answer.UnprocessedKeys?.[table(world)]?.Keys ?? []) as typeof Keys
    }
  }
  return done
}
const keyText = ({ pk, sk }: ReturnType<typeof keyOf>) => `${pk.S}\n${sk.S}`

export const markDone = (world: LedgerWorld, names: readonly LedgerName[], run: string, ttl: number): Promise<void> =>
  writeAll(
    world,
    table(world),
    names.map(name => ({ PutRequest: { Item: rowOf(name, 'done', run, ttl) } })),
  )

/** After a definite refusal: the vendor did nothing, so another run may make the call. */
export const unclaim = (world: LedgerWorld, names: readonly LedgerName[]): Promise<void> =>
  writeAll(
    world,
    table(world),
    names.map(name => ({ DeleteRequest: { Key: keyOf(name) } })),
  )

type Requests = NonNullable<BatchWriteItemCommandInput['RequestItems']>[string]

/** All of them, 25 at a time; what DynamoDB leaves unprocessed is repeated until it is done. */
export async function writeAll(
  world: Pick<World, 'dynamo' | 'random' | 'sleep'>,
  tableName: string,
  requests: Requests,
): Promise<void> {
  await Promise.all(
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

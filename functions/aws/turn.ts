import { type AttributeValue, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import { accountKey, REFRESH_ROW } from '../../core/keys.ts'
import type { RefreshResult, World } from '../world.ts'
import { conditionFailed } from './state.ts'

/** One refresh at a time per account: whose turn it is, until when, and what the last one came to. */
export type Turn = {
  holder: string
  /** Epoch ms; absent once the turn has ended. */
  until?: number
  ended?: Ended
}
export type Ended = { at: number; result: RefreshResult }

type TurnWorld = Pick<World, 'dynamo' | 'env' | 'now'>
export type AccountId = { connector: string; account: string }

/** What the turn before left behind (`lapsed`: it died holding it), or undefined if somebody else has the turn. */
export async function takeTurn(
  world: TurnWorld,
  account: AccountId,
  holder: string,
  until: number,
): Promise<{ lapsed: boolean; last?: Ended } | undefined> {
  const before = await update(world, account, {
    UpdateExpression: 'SET holder = :holder, #until = :until REMOVE ended',
    // Its own name too: the SDK repeats a write whose answer was lost.
    ConditionExpression: 'attribute_not_exists(#until) OR #until < :now OR holder = :holder',
    ExpressionAttributeNames: { '#until': 'until' },
    ExpressionAttributeValues: {
      ':holder': { S: holder },
      ':until': { N: String(until) },
      ':now': { N: String(world.now()) },
    },
  })
  if (!before) return undefined
  const last = fromItem(before)
  return { lapsed: last?.until !== undefined && last.holder !== holder, ...(last?.ended && { last: last.ended }) }
}

/** Ends the turn and tells those who wait what came of it; without `ended` they try for themselves. */
export async function endTurn(
  world: TurnWorld,
  account: AccountId,
  holder: string,
  ended: Ended | undefined,
): Promise<void> {
  await update(world, account, {
    UpdateExpression: ended ? 'SET ended = :ended REMOVE #until' : 'REMOVE #until',
    ConditionExpression: 'holder = :holder',
    ExpressionAttributeNames: { '#until': 'until' },
    ExpressionAttributeValues: { ':holder': { S: holder }, ...(ended && { ':ended': { S: JSON.stringify(ended) } }) },
  })
}

export async function readTurn(world: TurnWorld, account: AccountId): Promise<Turn | undefined> {
  const { Item } = await world.dynamo.send(
    new GetItemCommand({ TableName: world.env.STATE_TABLE ?? '', Key: keyOf(account), ConsistentRead: true }),
  )
  return fromItem(Item ?? {})
}

const keyOf = ({ connector, account }: AccountId) => ({
  pk: { S: accountKey(connector, account) },
  sk: { S: REFRESH_ROW },
})

type Update = Pick<
  UpdateItemCommand['input'],
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>

/** The row as it was before; undefined if the condition did not hold. */
async function update(
  world: TurnWorld,
  account: AccountId,
  write: Update,
): Promise<Record<string, AttributeValue> | undefined> {
  try {
    const { Attributes } = await world.dynamo.send(
      new UpdateItemCommand({
        TableName: world.env.STATE_TABLE ?? '',
        Key: keyOf(account),
        ReturnValues: 'ALL_OLD',
        ...write,
      }),
    )
    return Attributes ?? {}
  } catch (error) {
    if (conditionFailed(error)) return undefined
    throw error
  }
}

function fromItem({ holder, until, ended }: Record<string, AttributeValue>): Turn | undefined {
  if (!holder?.S) return undefined
  return {
    holder: holder.S,
    ...(until?.N && { until: Number(until.N) }),
    ...(ended?.S && { ended: JSON.parse(ended.S) as Ended }),
  }
}

import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { accessTokenKey, ROW, refreshTokenKey } from '../../core/keys.ts'
import { type AccessToken, accessCopy, type StoredToken } from '../../core/token.ts'
import type { World } from '../world.ts'
import { conditionFailed } from './state.ts'

type TokenWorld = Pick<World, 'dynamo' | 'env'>

/** Strongly consistent: a run that was just told of a new version must find it. */
export async function readAccess(
  world: TokenWorld,
  connector: string,
  account: string,
): Promise<AccessToken | undefined> {
  const item = await readRow(world, accessTokenKey(connector, account))
  return item && accessCopy(fromItem(item))
}

/** Only `refresh` may. */
export async function readRefresh(
  world: TokenWorld,
  connector: string,
  account: string,
): Promise<StoredToken | undefined> {
  const item = await readRow(world, refreshTokenKey(connector, account))
  return item && fromItem(item)
}

/**
 * Stores refresh and access token in one write, for as long as the row is still at the version before. What is stored
 * afterwards is the answer: `token`, or the one of whoever was faster. `process` sees nothing of it before `publish`.
 */
export async function storeToken(
  world: TokenWorld,
  connector: string,
  account: string,
  token: StoredToken,
): Promise<StoredToken> {
  const before = token.version - 1
  const stored = await putRow(
    world,
    refreshTokenKey(connector, account),
    token,
    before ? '#version = :before' : 'attribute_not_exists(pk)',
    before ? { ':before': { N: String(before) } } : undefined,
  )
  return stored ? token : ((await readRefresh(world, connector, account)) ?? token)
}

/** Copies the access token to where `process` reads it; never one that is as old as what is there, or older. */
export async function publish(
  world: TokenWorld,
  connector: string,
  account: string,
  token: StoredToken,
): Promise<void> {
  await putRow(
    world,
    accessTokenKey(connector, account),
    accessCopy(token),
    'attribute_not_exists(pk) OR #version < :version',
    { ':version': { N: String(token.version) } },
  )
}

async function readRow(world: TokenWorld, pk: string): Promise<Row | undefined> {
  const Key = { pk: { S: pk }, sk: { S: ROW } }
  const { Item } = await world.dynamo.send(
    new GetItemCommand({ TableName: world.env.TOKENS_TABLE ?? '', Key, ConsistentRead: true }),
  )
  return Item
}

/** False if the condition did not hold. */
async function putRow(
  world: TokenWorld,
  pk: string,
  token: StoredToken | AccessToken,
  condition: string,
  values: Row | undefined,
): Promise<boolean> {
  try {
    await world.dynamo.send(
      new PutItemCommand({
        TableName: world.env.TOKENS_TABLE ?? '',
        Item: { pk: { S: pk }, sk: { S: ROW }, ...toItem(token) },
        ConditionExpression: condition,
        ...(values && { ExpressionAttributeNames: { '#version': 'version' }, ExpressionAttributeValues: values }),
      }),
    )
    return true
  } catch (error) {
    if (conditionFailed(error)) return false
    throw error
  }
}

type Row = { [name: string]: AttributeValue }
const NUMBERS = new Set(['version', 'expiresAt', 'obtainedAt'])

const toItem = (token: StoredToken | AccessToken): Row =>
  Object.fromEntries(
    Object.entries(token).map(([name, value]) => [name, NUMBERS.has(name) ? { N: String(value) } : { S: `${value}` }]),
  )

function fromItem({ pk: _pk, sk: _sk, ...item }: Row): StoredToken {
  const fields = Object.entries(item).map(([name, { N, S }]) => [name, N === undefined ? S : Number(N)])
  return Object.fromEntries(fields) as StoredToken
}

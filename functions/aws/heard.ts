import { createHmac } from 'node:crypto'
import { GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { StatusUpdate } from '../../core/connector.ts'
import { messageKey, personKey, ROW } from '../../core/keys.ts'
import type { World } from '../world.ts'
import type { DestinationId } from './causes.ts'
import { readRows } from './ledger.ts'
import { conditionFailed } from './state.ts'

/** What vendors have told of messages and people, in `state`. Ids are kept as salted hashes: vendors make them of numbers. */
type HeardWorld = Pick<World, 'dynamo' | 'env' | 'now'>
/** A destination, and the secret of its tenant's hashes. */
export type Listener = DestinationId & { salt: string }

/** Longer than a vendor keeps trying to deliver a message (WhatsApp: 30 days). */
const KEEP_MS = 35 * 86_400_000

/** How far a message has come, as far as we know; 0 for one that we have not heard of. */
export async function stageOf(
  world: HeardWorld,
  { connector, tenant, salt }: Listener,
  message: string,
): Promise<number> {
  const { Item } = await world.dynamo.send(
    new GetItemCommand({
      TableName: world.env.STATE_TABLE,
      Key: { pk: { S: messageKey(connector, tenant, hashOf(salt, message)) }, sk: { S: ROW } },
      ConsistentRead: true,
    }),
  )
  return Number(Item?.stage?.N ?? 0)
}

/** True if the message had not come so far yet: repeats and late arrivals change nothing. */
export const advanceMessage = (
  world: HeardWorld,
  { connector, tenant, salt }: Listener,
  { message, stage, status, at, code }: Omit<StatusUpdate, 'kind'>,
): Promise<boolean> =>
  raise(world, messageKey(connector, tenant, hashOf(salt, message)), 'stage', stage, '<', {
    status: { S: status },
    at: { N: String(at) },
    ...(code !== undefined && { code: { S: code } }),
  })

/** When the person last wrote, which opens 24 hours at WhatsApp. True if no later time was known. */
export const rememberInbound = (world: HeardWorld, listener: Listener, hash: string, at: number): Promise<boolean> =>
  raise(world, personOf(listener, hash), 'lastInboundAt', at, '<', {})

/** When these people (their hashes) last wrote, as far as any message of theirs was heard of. */
export async function lastInbounds(
  world: Pick<World, 'dynamo' | 'env' | 'random' | 'sleep'>,
  listener: Listener,
  hashes: readonly string[],
): Promise<Map<string, number>> {
  const byKey = new Map(hashes.map(hash => [personOf(listener, hash), hash]))
  const keys = Array.from(byKey.keys(), pk => ({ pk: { S: pk }, sk: { S: ROW } }))
  const rows = await readRows(world, world.env.STATE_TABLE ?? '', keys, { ProjectionExpression: 'pk, lastInboundAt' })
  return new Map(
    rows.flatMap(({ pk, lastInboundAt }) =>
      lastInboundAt?.N ? [[byKey.get(pk?.S ?? '')!, Number(lastInboundAt.N)] as const] : [],
    ),
  )
}

/** True if no later choice of the person is known. The same one again is true again: what follows from it may be repeated. */
export const rememberChoice = (
  world: HeardWorld,
  listener: Listener,
  hash: string,
  { kind, at }: { kind: 'opt-out' | 'opt-in'; at: number },
): Promise<boolean> => raise(world, personOf(listener, hash), 'chosenAt', at, '<=', { choice: { S: kind } })

const personOf = ({ connector, tenant }: Listener, hash: string) => personKey(connector, tenant, hash)
const hashOf = (salt: string, id: string) => createHmac('sha256', salt).update(id).digest('base64url').slice(0, 32)

type Values = { [name: string]: { S: string } | { N: string } }

/** Sets a number and what comes with it, unless it is higher already. */
async function raise(
  world: HeardWorld,
  pk: string,
  what: string,
  value: number,
  unless: '<' | '<=',
  more: Values,
): Promise<boolean> {
  const ttl = { N: String(Math.ceil((world.now() + KEEP_MS) / 1000)) }
  const set = Object.entries<Values[string]>({ ...more, [what]: { N: String(value) }, ttl })
  try {
    await world.dynamo.send(
      new UpdateItemCommand({
        TableName: world.env.STATE_TABLE,
        Key: { pk: { S: pk }, sk: { S: ROW } },
        UpdateExpression: `SET ${set.map(([name]) => `#${name} = :${name}`).join(', ')}`,
        ConditionExpression: `attribute_not_exists(#${what}) OR #${what} ${unless} :${what}`,
        ExpressionAttributeNames: Object.fromEntries(set.map(([name]) => [`#${name}`, name])),
        ExpressionAttributeValues: Object.fromEntries(set.map(([name, attribute]) => [`:${name}`, attribute])),
      }),
    )
    return true
  } catch (error) {
    if (conditionFailed(error)) return false
    throw error
  }
}

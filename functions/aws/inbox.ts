import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { all } from '../../core/all.ts'
import { cutHook } from '../../core/inbox.ts'
import { inboxKey, partRow } from '../../core/keys.ts'
import type { World } from '../world.ts'
import type { DestinationId } from './causes.ts'
import { conditionFailed } from './state.ts'

type InboxWorld = Pick<World, 'dynamo' | 'env'>

/** Keeps a vendor's call until it is worked off. The first part comes last: whoever sees it finds the others. */
export async function storeHook(
  world: InboxWorld & Pick<World, 'now'>,
  { connector, tenant }: DestinationId,
  raw: Uint8Array,
): Promise<void> {
  const { hash, parts, ttl } = cutHook(raw, world.now())
  const put = (B: Uint8Array, part: number) =>
    putOnce(world, {
      pk: { S: inboxKey(connector, tenant, hash) },
      sk: { S: partRow(part) },
      body: { B },
      parts: { N: String(parts.length) },
      at: { N: String(world.now()) },
      ttl: { N: String(ttl) },
    })
  await all(parts.slice(1).map((part, i) => put(part, i + 1)))
  await put(parts[0]!, 0)
}

async function putOnce(world: InboxWorld, Item: NonNullable<PutItemCommand['input']['Item']>): Promise<void> {
  try {
    await world.dynamo.send(
      new PutItemCommand({
        TableName: world.env.INBOX_TABLE,
        Item,
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    )
  } catch (error) {
    if (!conditionFailed(error)) throw error // there already: the vendor has repeated its call
  }
}

/** All parts of a call, in order. */
export async function readParts(world: InboxWorld, pk: string): Promise<Uint8Array[]> {
  const parts = new Map<string, Uint8Array>()
  let ExclusiveStartKey: QueryCommand['input']['ExclusiveStartKey']
  do {
    const page = await world.dynamo.send(
      new QueryCommand({
        TableName: world.env.INBOX_TABLE,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: pk } },
        ConsistentRead: true,
        ExclusiveStartKey,
      }),
    )
    for (const { sk, body } of page.Items ?? []) parts.set(sk?.S ?? '', body?.B ?? new Uint8Array())
    ExclusiveStartKey = page.LastEvaluatedKey
  } while (ExclusiveStartKey)
  return Array.from(parts.keys(), (_, part) => {
    const body = parts.get(partRow(part))
    if (!body) throw new Error(`inbox: part ${part} of a call is missing`)
    return body
  })
}

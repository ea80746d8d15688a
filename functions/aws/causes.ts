import { GetItemCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { type Cause, claim, type MailKind, mailDue, note, type Reason, type Report } from '../../core/cause.ts'
import { causeRow, destinationKey } from '../../core/keys.ts'
import type { World } from '../world.ts'
import { conditionFailed } from './state.ts'

export type CauseWorld = Pick<World, 'dynamo' | 'env' | 'now' | 'random' | 'sleep'>
export type DestinationId = { connector: string; tenant: string }

/**
 * Writes a report down and mails nothing: for functions that cannot. The digest of the next tick mails it.
 */
export const noteCause = (world: CauseWorld, destination: DestinationId, report: Report): Promise<Cause | undefined> =>
  changeCause(world, destination, report.reason, known => note(known, report, world.now()))

/**
 * Changes the row and takes the mail that it then asks for, in one write: whoever finds `mail` in the answer is the only
 * one to send it.
 */
export async function changeAndClaim(
  world: CauseWorld,
  destination: DestinationId,
  reason: Reason,
  change: (known: Cause | undefined) => Cause | undefined,
): Promise<{ cause: Cause; mail: MailKind } | undefined> {
  let mail: MailKind | undefined
  const cause = await changeCause(world, destination, reason, known => {
    const next = change(known)
    mail = next && mailDue(next, world.now())
    return next && mail ? claim(next, mail, world.now()) : next
  })
  return cause && mail && { cause, mail }
}

/** Reads, changes and writes the row unless somebody was faster; then again. The same or no cause writes nothing. */
export async function changeCause(
  world: CauseWorld,
  destination: DestinationId,
  reason: Reason,
  change: (known: Cause | undefined) => Cause | undefined,
): Promise<Cause | undefined> {
  for (let attempt = 0; ; attempt++) {
    const { known, version } = await readCause(world, destination, reason)
    const next = change(known)
    if (!next || next === known) return next
    if (await putCause(world, destination, next, version)) return next
    if (attempt >= 20) throw new Error(`Cause ${reason} of ${destination.tenant} is contended: 20 writers were faster`)
    await world.sleep(5 + world.random() * 20 * attempt)
  }
}

export async function readCauses(world: CauseWorld, { connector, tenant }: DestinationId): Promise<readonly Cause[]> {
  const causes: Cause[] = []
  let from: Record<string, { S: string }> | undefined
  do {
    const page = await world.dynamo.send(
      new QueryCommand({
        TableName: world.env.STATE_TABLE ?? '',
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :causes)',
        ExpressionAttributeValues: { ':pk': { S: destinationKey(connector, tenant) }, ':causes': { S: causeRow('') } },
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      }),
    )
    causes.push(...(page.Items ?? []).map(({ data }): Cause => JSON.parse(data?.S ?? '')))
    from = page.LastEvaluatedKey as typeof from
  } while (from)
  return causes
}

async function readCause(world: CauseWorld, { connector, tenant }: DestinationId, reason: Reason) {
  const Key = { pk: { S: destinationKey(connector, tenant) }, sk: { S: causeRow(reason) } }
  const { Item } = await world.dynamo.send(
    new GetItemCommand({ TableName: world.env.STATE_TABLE ?? '', Key, ConsistentRead: true }),
  )
  const known: Cause | undefined = Item?.data?.S ? JSON.parse(Item.data.S) : undefined
  return { known, version: Number(Item?.version?.N ?? 0) }
}

const FORGOTTEN_MS = 30 * 86_400_000 // a row that nobody has touched for so long says nothing to anyone

async function putCause(
  world: CauseWorld,
  { connector, tenant }: DestinationId,
  cause: Cause,
  version: number,
): Promise<boolean> {
  const TableName = world.env.STATE_TABLE ?? ''
  const Key = { pk: { S: destinationKey(connector, tenant) }, sk: { S: causeRow(cause.reason) } }
  const writer = String(world.random())
  try {
    await world.dynamo.send(
      new PutItemCommand({
        TableName,
        Item: {
          ...Key,
          version: { N: String(version + 1) },
          writer: { S: writer },
          data: { S: JSON.stringify(cause) },
          ttl: { N: String(Math.ceil((world.now() + FORGOTTEN_MS) / 1000)) },
        },
        ConditionExpression: 'attribute_not_exists(pk) OR #version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': { N: String(version) } },
      }),
    )
    return true
  } catch (error) {
    if (!conditionFailed(error)) throw error
  }
  // The SDK repeats a write whose answer was lost, and then it is our own write that stands in the way.
  const { Item } = await world.dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))
  return Item?.writer?.S === writer
}

import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Lane } from '../../core/event.ts'
import { accountKey, paceRow } from '../../core/keys.ts'
import { freshPace, type Pace, type PaceRate, reserve } from '../../core/pace.ts'
import type { World } from '../world.ts'
import { conditionFailed } from './state.ts'

type PaceWorld = Pick<World, 'dynamo' | 'env' | 'now' | 'random' | 'sleep'>

/**
 * Takes slots for up to `want` requests of the account: times (epoch ms) at which one each may leave. None, and nothing is
 * taken, if the first of them would be after `until`.
 */
export async function reserveSlots(
  world: PaceWorld,
  account: { connector: string; account: string; call: string },
  rates: readonly PaceRate[],
  want: number,
  lane: Lane,
  until: number,
): Promise<readonly number[]> {
  if (!rates.length) return Array.from({ length: want }, () => world.now())
  const Key = { pk: { S: accountKey(account.connector, account.account) }, sk: { S: paceRow(account.call) } }
  const TableName = world.env.STATE_TABLE ?? ''
  const writer = String(world.random())
  let granted: readonly number[] = []
  for (let attempt = 0; ; attempt++) {
    const { Item } = await world.dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))
    // The SDK repeats a write whose answer was lost, and then it is our own write that stands in the way.
    if (attempt && Item?.writer?.S === writer) return granted
    const pace: Pace = Item?.data?.S ? JSON.parse(Item.data.S) : freshPace()
    const offer = reserve(pace, rates, world.now(), want, lane)
    const useful = offer.slots.filter(slot => slot <= until).length
    if (!useful) return []
    const grant = useful < offer.slots.length ? reserve(pace, rates, world.now(), useful, lane) : offer
    granted = grant.slots
    const next: Pace = { ...grant.pace, version: pace.version + 1 }
    try {
      await world.dynamo.send(
        new PutItemCommand({
          TableName,
          Item: {
            ...Key,
            version: { N: String(next.version) },
            writer: { S: writer },
            data: { S: JSON.stringify(next) },
          },
          ConditionExpression: 'attribute_not_exists(pk) OR #version = :version',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': { N: String(pace.version) } },
        }),
      )
      return granted
    } catch (error) {
      if (!conditionFailed(error)) throw error
      if (attempt >= 50) throw new Error(`Pace of ${account.connector} account ${account.account} is contended`)
      await world.sleep(2 + world.random() * 10 * attempt)
    }
  }
}

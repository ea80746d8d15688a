import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { Lane } from '../../core/event.ts'
import { accountKey, paceRow } from '../../core/keys.ts'
import { freshPace, heed, isSlower, type Left, type Pace, type PaceRate, reserve } from '../../core/pace.ts'
import type { World } from '../world.ts'
import { conditionFailed } from './state.ts'

type PaceWorld = Pick<World, 'dynamo' | 'env' | 'now' | 'random' | 'sleep'>
type Account = { connector: string; account: string; call: string }

/**
 * Takes slots for up to `want` requests of the account: times (epoch ms) at which one each may leave. None, and nothing is
 * taken, if the first of them would be after `until`.
 */
export async function reserveSlots(
  world: PaceWorld,
  account: Account,
  rates: readonly PaceRate[],
  want: number,
  lane: Lane,
  until: number,
): Promise<readonly number[]> {
  if (!rates.length) return Array.from({ length: want }, () => world.now())
  let granted: readonly number[] = []
  await changePace(world, account, pace => {
    const offer = reserve(pace, rates, world.now(), want, lane)
    const useful = offer.slots.filter(slot => slot <= until).length
    const grant = useful && useful < offer.slots.length ? reserve(pace, rates, world.now(), useful, lane) : offer
    granted = useful ? grant.slots : []
    return useful ? grant.pace : pace
  })
  return granted
}

/** Slows the whole account where its vendor has told that less is left than its rates allow: true if it did. */
export async function slowDown(
  world: PaceWorld,
  account: Account,
  rates: readonly PaceRate[],
  left: Left,
): Promise<boolean> {
  if (!rates.length || !isSlower(rates, left)) return false
  let slowed = false
  await changePace(world, account, pace => {
    const slower = heed(pace, rates, world.now(), left)
    slowed = slower !== pace
    return slower
  })
  return slowed
}

/** Reads, changes and writes the row unless somebody was faster; then again. A `change` that returns its argument writes nothing. */
async function changePace(world: PaceWorld, account: Account, change: (pace: Pace) => Pace): Promise<void> {
  const Key = { pk: { S: accountKey(account.connector, account.account) }, sk: { S: paceRow(account.call) } }
  const TableName = world.env.STATE_TABLE ?? ''
  const writer = String(world.random())
  for (let attempt = 0; ; attempt++) {
    const { Item } = await world.dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))
    // The SDK repeats a write whose answer was lost, and then it is our own write that stands in the way.
    if (attempt && Item?.writer?.S === writer) return
    const pace: Pace = Item?.data?.S ? JSON.parse(Item.data.S) : freshPace()
    const changed = change(pace)
    if (changed === pace) return
    const next: Pace = { ...changed, version: pace.version + 1 }
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
      return
    } catch (error) {
      if (!conditionFailed(error)) throw error
      if (attempt >= 50) throw new Error(`Pace of ${account.connector} account ${account.account} is contended`)
      await world.sleep(2 + world.random() * 10 * attempt)
    }
  }
}

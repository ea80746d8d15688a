import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import { type DestinationState, freshState } from '../../core/destination-state.ts'
import type { Lane } from '../../core/event.ts'
import { DESTINATION_ROW, destinationKey, laneRow } from '../../core/keys.ts'
import type { World } from '../world.ts'

type StateWorld = Pick<World, 'dynamo' | 'env' | 'now' | 'random' | 'sleep'>
type StateWriter = StateWorld & Pick<World, 'uuid'>

export const conditionFailed = (error: unknown): boolean => error instanceof ConditionalCheckFailedException
const table = (world: StateWorld): string => world.env.STATE_TABLE ?? ''

export async function readState(world: StateWorld, connector: string, tenant: string): Promise<DestinationState> {
  const Key = { pk: { S: destinationKey(connector, tenant) }, sk: { S: DESTINATION_ROW } }
  const { Item } = await world.dynamo.send(new GetItemCommand({ TableName: table(world), Key, ConsistentRead: true }))
  return Item?.data?.S ? JSON.parse(Item.data.S) : freshState()
}

/**
 * Reads, changes and writes the row unless somebody was faster; then again. A `change` that returns its argument writes
 * nothing. Undefined from `change` gives up: the answer is undefined too.
 */
export async function changeState(
  world: StateWriter,
  connector: string,
  tenant: string,
  change: (state: DestinationState) => DestinationState,
): Promise<DestinationState> {
  for (let attempt = 0; ; attempt++) {
    const state = await readState(world, connector, tenant)
    const next = change(state)
    if (next === state) return state
    if (await storeState(world, connector, tenant, next, state.version)) return { ...next, version: state.version + 1 }
    if (attempt >= 20) throw new Error(`State of ${tenant}/${connector} is contended: 20 writers were faster`)
    await world.sleep(5 + world.random() * 20 * attempt)
  }
}

/** One conditional write; false if the row is no longer at `version`. */
export async function storeState(
  world: StateWriter,
  connector: string,
  tenant: string,
  next: DestinationState,
  version: number,
): Promise<boolean> {
  const TableName = table(world)
  const Key = { pk: { S: destinationKey(connector, tenant) }, sk: { S: DESTINATION_ROW } }
  const stored = { ...next, version: version + 1 }
  const writer = world.uuid()
  const Item = {
    ...Key,
    version: { N: String(stored.version) },
    writer: { S: writer },
    data: { S: JSON.stringify(stored) },
  }
  try {
    await world.dynamo.send(
      new PutItemCommand({
        TableName,
        Item,
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
  const { Item: there } = await world.dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))
  return there?.writer?.S === writer
}

/** A row per lane and shard: who works on it, who wants it worked on, and when there is something to do. */
export type LaneState = {
  lane: Lane
  shard: number
  /** A run holds it until then. */
  until?: number
  /** Somebody found it taken and asks the holder to look again. */
  marked: boolean
  /** Earliest due time of what the last run left behind; absent when it left nothing. */
  nextDueAt?: number
  /** Oldest `receivedAt` that the last run left behind. */
  oldestAt?: number
  left: number
}

/** Everything that `state` holds of one destination but its ledger, in one query: what the tick looks at. */
export async function readAll(
  world: StateWorld,
  connector: string,
  tenant: string,
): Promise<{ state: DestinationState; lanes: LaneState[] }> {
  const lanes: LaneState[] = []
  let state = freshState()
  let ExclusiveStartKey: Record<string, { S: string }> | undefined
  do {
    const page = await world.dynamo.send(
      new QueryCommand({
        TableName: table(world),
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: destinationKey(connector, tenant) } },
        ConsistentRead: true,
        ...(ExclusiveStartKey && { ExclusiveStartKey }),
      }),
    )
    for (const item of page.Items ?? []) {
      const [kind, lane, shard] = (item.sk?.S ?? '').split('#')
      if (kind === DESTINATION_ROW && item.data?.S) state = JSON.parse(item.data.S)
      if (kind !== 'lane') continue
      lanes.push({
        lane: lane as Lane,
        shard: Number(shard),
        marked: item.mark !== undefined,
        left: Number(item.left?.N ?? 0),
        ...(item.until?.N && { until: Number(item.until.N) }),
        ...(item.nextDueAt?.N && { nextDueAt: Number(item.nextDueAt.N) }),
        ...(item.oldestAt?.N && { oldestAt: Number(item.oldestAt.N) }),
      })
    }
    ExclusiveStartKey = page.LastEvaluatedKey as typeof ExclusiveStartKey
  } while (ExclusiveStartKey)
  return { state, lanes }
}

export type LeaseName = { connector: string; tenant: string; lane: Lane; shard: number }
const leaseKey = ({ connector, tenant, lane, shard }: LeaseName) => ({
  pk: { S: destinationKey(connector, tenant) },
  sk: { S: laneRow(lane, shard) },
})

/** True if `token` now holds the lane until `until`. Who finds it taken leaves a mark, so that the holder looks again. */
export async function acquireLease(world: StateWorld, name: LeaseName, token: string, until: number): Promise<boolean> {
  // Between a failed take and the mark the holder may have let go: then the mark finds nobody, and we take once more.
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await updateLane(world, name, TAKE, { ':token': token, ':until': until, ':now': world.now() })) return true
    if (await updateLane(world, name, MARK, { ':now': world.now() })) return false
  }
  return false
}

export type LeaseEnd = 'released' | 'look-again' | 'lost'
export type LeftBehind = { nextDueAt?: number; oldestAt?: number; left: number }

/** Lets go, unless somebody marked the lane meanwhile: then the mark is taken off and the caller must look again. */
export async function releaseLease(
  world: StateWorld,
  name: LeaseName,
  token: string,
  rest: LeftBehind,
): Promise<LeaseEnd> {
  const values = { ':token': token, ':left': rest.left, ':next': rest.nextDueAt, ':oldest': rest.oldestAt }
  if (await updateLane(world, name, release(rest, false), values)) return 'released'
  return (await updateLane(world, name, UNMARK, { ':token': token })) ? 'look-again' : 'lost'
}

/** The same for a run that has no time to look again: the mark stays for the next one, which starts at once. */
export async function abandonLease(world: StateWorld, name: LeaseName, token: string, rest: LeftBehind): Promise<void> {
  const values = { ':token': token, ':left': rest.left, ':next': rest.nextDueAt, ':oldest': rest.oldestAt }
  await updateLane(world, name, release(rest, true), values)
}

type Write = { UpdateExpression: string; ConditionExpression: string }
const TAKE: Write = {
  UpdateExpression: 'SET #token = :token, #until = :until REMOVE #mark',
  // Its own token: the SDK repeats a write whose answer was lost.
  ConditionExpression: 'attribute_not_exists(#token) OR #until < :now OR #token = :token',
}
const MARK: Write = { UpdateExpression: 'SET #mark = :now', ConditionExpression: 'attribute_exists(#token)' }
const UNMARK: Write = { UpdateExpression: 'REMOVE #mark', ConditionExpression: '#token = :token' }
function release(rest: LeftBehind, evenIfMarked: boolean): Write {
  const set = ['#left = :left']
  const remove = ['#token', '#until']
  if (rest.nextDueAt === undefined) remove.push('#next')
  else set.push('#next = :next')
  if (rest.oldestAt === undefined) remove.push('#oldest')
  else set.push('#oldest = :oldest')
  return {
    UpdateExpression: `SET ${set.join(', ')} REMOVE ${remove.join(', ')}`,
    ConditionExpression: evenIfMarked ? '#token = :token' : '#token = :token AND attribute_not_exists(#mark)',
  }
}

const LANE_NAMES: Readonly<Record<string, string>> = {
  '#token': 'token',
  '#until': 'until',
  '#mark': 'mark',
  '#left': 'left',
  '#next': 'nextDueAt',
  '#oldest': 'oldestAt',
}

async function updateLane(
  world: StateWorld,
  name: LeaseName,
  write: Write,
  values: { readonly [name: string]: string | number | undefined },
): Promise<boolean> {
  const text = `${write.UpdateExpression} ${write.ConditionExpression}`
  const used = (name: string) => new RegExp(`${name}\\b`).test(text)
  const names = Object.fromEntries(Object.entries(LANE_NAMES).filter(([placeholder]) => used(placeholder)))
  const given = Object.entries(values).filter(([placeholder, value]) => value !== undefined && used(placeholder))
  try {
    await world.dynamo.send(
      new UpdateItemCommand({
        TableName: table(world),
        Key: leaseKey(name),
        ...write,
        ExpressionAttributeNames: names,
        ...(given.length && {
          ExpressionAttributeValues: Object.fromEntries(
            given.map(([key, value]) => [key, typeof value === 'string' ? { S: value } : { N: String(value) }]),
          ),
        }),
      }),
    )
    return true
  } catch (error) {
    if (conditionFailed(error)) return false
    throw error
  }
}

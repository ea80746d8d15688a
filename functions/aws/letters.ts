import {
  type AttributeValue,
  DeleteItemCommand,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import type { Death, Waiting } from '../../core/envelope.ts'
import { destinationKey } from '../../core/keys.ts'
import { deathOf, LETTER_DAYS, type Letter, type LetterStatus } from '../../core/letter.ts'
import type { World } from '../world.ts'
import type { DestinationId } from './causes.ts'
import { conditionFailed } from './state.ts'

type LetterWorld = Pick<World, 'dynamo' | 'env' | 'now'>
const AT_ONCE = 10

/**
 * Puts a letter for each event, unless one of the same life is there already: repeating it changes nothing. The deaths of
 * earlier lives stay in the letter's history. Throws the first failure once all have been tried.
 */
export async function putLetters(
  world: LetterWorld,
  destination: DestinationId,
  dead: readonly { waiting: Waiting; receivedAt: number }[],
): Promise<void> {
  for (let from = 0; from < dead.length; from += AT_ONCE) {
    const puts = dead.slice(from, from + AT_ONCE).map(one => putLetter(world, destination, one))
    for (const put of await Promise.allSettled(puts)) if (put.status === 'rejected') throw put.reason
  }
}

async function putLetter(
  world: LetterWorld,
  destination: DestinationId,
  { waiting, receivedAt }: { waiting: Waiting; receivedAt: number },
): Promise<void> {
  const now = world.now()
  const { event, life, attempts } = waiting
  const death = deathOf(waiting, now)
  await update(world, destination, event.id, {
    UpdateExpression: PUT,
    ConditionExpression: 'attribute_not_exists(#event) OR life < :life', // one without its event is worth less than this
    ExpressionAttributeNames: { '#event': 'event', '#status': 'status', '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':event': { S: JSON.stringify(event) },
      ':death': { S: JSON.stringify(death) },
      ':life': { N: String(life) },
      ':attempts': { N: String(attempts) },
      ':receivedAt': { N: String(receivedAt) },
      ':dead': { S: 'dead' },
      ':ttl': { N: String(Math.ceil(now / 1000) + LETTER_DAYS * 86_400) },
      ':deaths': { L: [{ S: JSON.stringify({ ...death, life, attempts }) }] },
      ':none': { L: [] },
    },
  })
}
const PUT = `SET #event = :event, death = :death, life = :life, attempts = :attempts, receivedAt = :receivedAt,
  #status = :dead, #ttl = :ttl, history = list_append(if_not_exists(history, :none), :deaths) REMOVE released`

/** Undefined where there is none. */
export async function readLetter(
  world: LetterWorld,
  destination: DestinationId,
  id: string,
): Promise<Letter | undefined> {
  const { Item } = await world.dynamo.send(
    new GetItemCommand({
      TableName: world.env.LETTERS_TABLE ?? '',
      Key: keyOf(destination, id),
      ConsistentRead: true,
    }),
  )
  return Item && fromItem(Item)
}

/** Up to `limit` letters in the order of their ids, after the id `after`; `next` where there may be more. */
export async function listLetters(
  world: LetterWorld,
  destination: DestinationId,
  limit: number,
  after?: string,
): Promise<{ letters: readonly Letter[]; next?: string }> {
  const { Items = [], LastEvaluatedKey } = await world.dynamo.send(
    new QueryCommand({
      TableName: world.env.LETTERS_TABLE ?? '',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': keyOf(destination, '').pk },
      ConsistentRead: true,
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: keyOf(destination, after) }),
    }),
  )
  const next = LastEvaluatedKey?.sk?.S
  return { letters: Items.map(fromItem), ...(next !== undefined && { next }) }
}

/** The letter as it is then; undefined if it has changed since it was read: another life, redriven, or gone. */
export const beginRedrive = (
  world: LetterWorld,
  destination: DestinationId,
  letter: Letter,
): Promise<Letter | undefined> =>
  mark(world, destination, letter, 'SET #status = :redriving', '#status IN (:dead, :redriving)', {
    ':dead': { S: 'dead' },
  })

export const markReleased = (
  world: LetterWorld,
  destination: DestinationId,
  letter: Letter,
): Promise<Letter | undefined> =>
  mark(world, destination, letter, 'SET released = :yes', '#status = :redriving', { ':yes': { BOOL: true } })

export const endRedrive = (
  world: LetterWorld,
  destination: DestinationId,
  letter: Letter,
): Promise<Letter | undefined> =>
  mark(world, destination, letter, 'SET #status = :redriven', '#status = :redriving', {
    ':redriven': { S: 'redriven' },
  })

/** What was held because nobody knew has arrived. False if no such letter is held. */
export async function markDelivered(world: LetterWorld, destination: DestinationId, id: string): Promise<boolean> {
  const item = await update(world, destination, id, {
    UpdateExpression: 'SET #status = :delivered',
    ConditionExpression: '#status = :dead AND contains(death, :unknown)',
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: {
      ':delivered': { S: 'delivered' },
      ':dead': { S: 'dead' },
      ':unknown': { S: '"reason":"outcome-unknown"' },
    },
  })
  return item !== undefined
}

/** What was delivered, as far as we knew, has not arrived. A letter of an event that is dead anyway stays as it is. */
export async function putUndelivered(
  world: LetterWorld,
  destination: DestinationId,
  id: string,
  death: Death,
): Promise<void> {
  const now = world.now()
  await update(world, destination, id, {
    UpdateExpression: `SET death = :death, life = if_not_exists(life, :zero), attempts = if_not_exists(attempts, :zero),
      receivedAt = if_not_exists(receivedAt, :at), #status = :dead, #ttl = :ttl,
      history = list_append(if_not_exists(history, :none), :deaths)`,
    ConditionExpression: 'attribute_not_exists(pk) OR #status IN (:redriven, :delivered)',
    ExpressionAttributeNames: { '#status': 'status', '#ttl': 'ttl' },
    ExpressionAttributeValues: {
      ':death': { S: JSON.stringify(death) },
      ':zero': { N: '0' },
      ':at': { N: String(death.at) },
      ':dead': { S: 'dead' },
      ':redriven': { S: 'redriven' },
      ':delivered': { S: 'delivered' },
      ':ttl': { N: String(Math.ceil(now / 1000) + LETTER_DAYS * 86_400) },
      ':deaths': { L: [{ S: JSON.stringify(death) }] },
      ':none': { L: [] },
    },
  })
}

async function mark(
  world: LetterWorld,
  destination: DestinationId,
  { id, life }: Letter,
  change: string,
  condition: string,
  values: Record<string, AttributeValue>,
): Promise<Letter | undefined> {
  const item = await update(world, destination, id, {
    UpdateExpression: change,
    ConditionExpression: `life = :life AND ${condition}`,
    ExpressionAttributeNames: { '#status': 'status' },
    ExpressionAttributeValues: { ':life': { N: String(life) }, ':redriving': { S: 'redriving' }, ...values },
  })
  return item && fromItem(item)
}

/** False if there was none, or it is just being redriven. */
export async function dropLetter(world: LetterWorld, destination: DestinationId, id: string): Promise<boolean> {
  try {
    await world.dynamo.send(
      new DeleteItemCommand({
        TableName: world.env.LETTERS_TABLE ?? '',
        Key: keyOf(destination, id),
        ConditionExpression: 'attribute_exists(pk) AND #status <> :redriving',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':redriving': { S: 'redriving' } },
      }),
    )
    return true
  } catch (error) {
    if (conditionFailed(error)) return false
    throw error
  }
}

type Update = Pick<
  UpdateItemCommand['input'],
  'UpdateExpression' | 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>

/** The item as it is then; undefined if the condition did not hold. */
async function update(
  world: LetterWorld,
  destination: DestinationId,
  id: string,
  change: Update,
): Promise<Record<string, AttributeValue> | undefined> {
  const TableName = world.env.LETTERS_TABLE ?? ''
  const Key = keyOf(destination, id)
  try {
    const done = await world.dynamo.send(new UpdateItemCommand({ TableName, Key, ReturnValues: 'ALL_NEW', ...change }))
    return done.Attributes ?? {}
  } catch (error) {
    if (conditionFailed(error)) return undefined
    throw error
  }
}

const keyOf = ({ connector, tenant }: DestinationId, id: string) => ({
  pk: { S: destinationKey(connector, tenant) },
  sk: { S: id },
})

function fromItem(item: Record<string, AttributeValue>): Letter {
  return {
    id: item.sk?.S ?? '',
    ...(item.event?.S && { event: JSON.parse(item.event.S) }),
    death: JSON.parse(item.death?.S ?? ''),
    life: Number(item.life?.N),
    attempts: Number(item.attempts?.N),
    receivedAt: Number(item.receivedAt?.N),
    status: item.status?.S as LetterStatus,
    ...(item.released?.BOOL && { released: true }),
    history: (item.history?.L ?? []).map(({ S = '' }) => JSON.parse(S)),
  }
}

import { type AttributeValue, ConditionalCheckFailedException, type DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { Dynamo, Item } from './dynamo.ts'
import { holds, updated } from './expressions.ts'

type Key = { pk: { S: string }; sk: { S: string } }
// biome-ignore lint/suspicious/noExplicitAny: inputs of a dozen commands
type Input = any
type Table = Map<string, Item>

const PAGE_BYTES = 1_000_000

/**
 * Tables in memory behind the client's own commands, for tests that need a hundred times as many calls as a real
 * implementation has time for. It knows the commands and expressions that our functions send and refuses all others.
 */
export function memoryDynamo(): Dynamo {
  const tables = new Map<string, Table>()
  let made = 0
  const tableOf = (name: string) => {
    const table = tables.get(name)
    if (!table) throw new Error(`No table ${name}`)
    return table
  }
  const send = async (command: { input: Input; constructor: { name: string } }) => {
    const perform = COMMANDS[command.constructor.name]
    if (!perform) throw new Error(`No ${command.constructor.name} in memory`)
    return structuredClone(perform(structuredClone(command.input), tableOf))
  }
  return {
    client: { send } as unknown as DynamoDBClient,
    endpoint: 'memory',
    async table(name) {
      const unique = `${name}-${++made}`
      tables.set(unique, new Map())
      return unique
    },
    items: async name => structuredClone([...tableOf(name).values()]),
    stop: async () => tables.clear(),
  }
}

const keyOf = ({ pk, sk }: Item) => `${pk?.S}\n${sk?.S}`

const COMMANDS: { readonly [name: string]: (input: Input, tableOf: (name: string) => Table) => object } = {
  GetItemCommand: ({ TableName, Key }, tableOf) => some('Item', tableOf(TableName).get(keyOf(Key))),
  PutItemCommand: (input, tableOf) => write(input, tableOf(input.TableName), input.Item, () => input.Item),
  DeleteItemCommand: (input, tableOf) => write(input, tableOf(input.TableName), input.Key, () => undefined),
  UpdateItemCommand: (input, tableOf) =>
    write(input, tableOf(input.TableName), input.Key, old => updated(input.UpdateExpression, old ?? input.Key, input)),
  QueryCommand: (input, tableOf) => query(input, tableOf(input.TableName)),
  BatchGetItemCommand: ({ RequestItems }, tableOf) => ({
    Responses: mapValues<{ Keys: Key[]; ProjectionExpression?: string }, Item[]>(
      RequestItems,
      ({ Keys, ProjectionExpression }, name) =>
        Keys.map(key => tableOf(name).get(keyOf(key)))
          .filter(item => item !== undefined)
          .map(item => projected(item, ProjectionExpression)),
    ),
    UnprocessedKeys: {},
  }),
  BatchWriteItemCommand: ({ RequestItems }, tableOf) => {
    for (const [name, requests] of Object.entries<Input[]>(RequestItems)) {
      if (requests.length > 25) throw new Error('BatchWriteItem takes 25 requests')
      for (const { PutRequest, DeleteRequest } of requests)
        if (PutRequest) tableOf(name).set(keyOf(PutRequest.Item), PutRequest.Item)
        else tableOf(name).delete(keyOf(DeleteRequest.Key))
    }
    return { UnprocessedItems: {} }
  },
}

function write(input: Input, table: Table, key: Item, change: (old: Item | undefined) => Item | undefined): object {
  const old = table.get(keyOf(key))
  if (!holds(input.ConditionExpression, old, input))
    throw new ConditionalCheckFailedException({ message: 'The conditional request failed', $metadata: {} })
  const next = change(old)
  if (next) table.set(keyOf(key), next)
  else table.delete(keyOf(key))
  if (input.ReturnValues === 'ALL_NEW') return some('Attributes', next)
  return input.ReturnValues === 'ALL_OLD' ? some('Attributes', old) : {}
}

function query(input: Input, table: Table): object {
  if (input.ScanIndexForward === false && input.ExclusiveStartKey) throw new Error('No pages backwards in memory')
  const wanted = [...table.values()].filter(item => holds(input.KeyConditionExpression, item, input))
  const upwards = wanted.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
  const sorted = input.ScanIndexForward === false ? upwards.reverse() : upwards
  const rest = input.ExclusiveStartKey
    ? sorted.filter(item => sortKey(item) > (input.ExclusiveStartKey.sk.S as string))
    : sorted
  const page: Item[] = []
  let bytes = 0
  for (const item of rest) {
    if (page.length === input.Limit || bytes > PAGE_BYTES) break
    page.push(item)
    bytes += sizeOf(item)
  }
  const last = page.at(-1)
  const more = last && (page.length < rest.length || page.length === input.Limit)
  const Items = page.map(item => projected(item, input.ProjectionExpression))
  return { Items, Count: page.length, ...(more && { LastEvaluatedKey: { pk: last.pk, sk: last.sk } }) }
}

const projected = (item: Item, names: string | undefined): Item =>
  names ? Object.fromEntries(Object.entries(item).filter(([name]) => names.split(/,\s*/).includes(name))) : item
const sortKey = (item: Item) => item.sk?.S ?? ''
const sizeOf = (item: Item) =>
  Object.values(item).reduce((sum, { S, B }) => sum + (S ? Buffer.byteLength(S) : (B?.length ?? 8)), 0)
const some = (name: string, value: Readonly<Record<string, AttributeValue>> | undefined) =>
  value ? { [name]: value } : {}
const mapValues = <A, B>(object: Record<string, A>, map: (value: A, name: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value, name)]))

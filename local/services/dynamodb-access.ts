import { json, jsonError, type Service } from '../gateway.ts'
import type { Table, Tables, WireItem } from './dynamodb.ts'

/** DynamoDB at the gateway: a call that its caller's role does not allow never reaches a table. */
export function createDynamodb(tables: Tables, declared: readonly Table[], arnOf: (table: string) => string): Service {
  return async ({ operation, text, denied }) => {
    const input = parsed(text)
    if (!input) return jsonError(400, 'SerializationException', 'The body is no JSON object.')
    for (const { action, resource, context } of accessOf(operation, input, declared, arnOf)) {
      const denial = denied(action, resource, context)
      if (denial) return jsonError(400, 'AccessDeniedException', denial)
    }
    const { status, body } = await tables.call(operation, input)
    return json(body, '1.0', status)
  }
}

function parsed(text: string): object | undefined {
  try {
    const input: unknown = JSON.parse(text)
    return typeof input === 'object' && input ? input : undefined
  } catch {
    return undefined
  }
}

/** What a role must allow for one call: an action, a table, and the partition keys that the call names. */
export type Access = { action: string; resource: string; context: { [key: string]: readonly string[] } }

type Body = {
  TableName?: string
  IndexName?: string
  Item?: WireItem
  Key?: WireItem
  KeyConditionExpression?: string
  ExpressionAttributeNames?: { [placeholder: string]: string }
  ExpressionAttributeValues?: WireItem
  RequestItems?: { [table: string]: Many }
}
type Many = { Keys?: WireItem[] } | { PutRequest?: { Item: WireItem }; DeleteRequest?: { Key: WireItem } }[]

export function accessOf(
  operation: string,
  body: Body,
  tables: readonly Table[],
  arnOf: (table: string) => string,
): Access[] {
  const hashKey = (table: string) => tables.find(({ name }) => name === table)?.hashKey ?? ''
  const access = (table: string, items: readonly (WireItem | undefined)[], more: readonly string[] = []): Access => {
    const leading = [...items.flatMap(item => textOf(item?.[hashKey(table)]) ?? []), ...more]
    return {
      action: `dynamodb:${operation}`,
      resource: `${table.startsWith('arn:') || table === '*' ? table : arnOf(table)}${body.IndexName ? `/index/${body.IndexName}` : ''}`,
      context: leading.length ? { 'dynamodb:leadingkeys': leading } : {},
    }
  }
  if (body.RequestItems) return Object.entries(body.RequestItems).map(([table, many]) => access(table, itemsOf(many)))
  const table = body.TableName ?? '*'
  return [access(table, [body.Item ?? body.Key], operation === 'Query' ? queriedKeys(body, hashKey(table)) : [])]
}

const itemsOf = (many: Many) =>
  Array.isArray(many) ? many.map(each => each.PutRequest?.Item ?? each.DeleteRequest?.Key) : (many.Keys ?? [])

const textOf = (value: { readonly [type: string]: unknown } | undefined): string | undefined => {
  const held = value?.S ?? value?.N ?? value?.B
  return held === undefined ? undefined : String(held)
}

/** The partition that a query reads: the value that its key condition compares the hash key with. */
function queriedKeys(body: Body, hashKey: string): string[] {
  const comparisons = (body.KeyConditionExpression ?? '').matchAll(/([#\w.]+)\s*=\s*(:\w+)/g)
  return Array.from(comparisons)
    .filter(([, name]) => (body.ExpressionAttributeNames?.[name!] ?? name) === hashKey)
    .flatMap(([, , value]) => textOf(body.ExpressionAttributeValues?.[value!]) ?? [])
}

import type { Database, Reply } from '../database.ts'

/** A table as the program declares it. */
export type Table = { name: string; arn: string; hashKey: string; rangeKey?: string; ttl?: string }
/** An item as it crosses the wire: bytes in base64. */
export type WireItem = { readonly [name: string]: { readonly [type: string]: unknown } }
export type WireChange = {
  table: string
  kind: 'INSERT' | 'MODIFY' | 'REMOVE'
  ttl: boolean
  keys: WireItem
  old?: WireItem
  new?: WireItem
}

type Body = {
  TableName: string
  Item?: WireItem
  Key?: WireItem
  ReturnValues?: string
  RequestItems?: { [table: string]: { PutRequest?: { Item: WireItem }; DeleteRequest?: { Key: WireItem } }[] }
}

export type Tables = {
  /** One call as a client makes it; every item that it puts, changes or removes is told to `changed`. */
  call(operation: string, input: object): Promise<Reply>
  /** Every item of a table, page by page. */
  items(table: string): AsyncIterable<WireItem>
  /** Removes what has expired by `now` (epoch ms), as DynamoDB's own sweeper would. Answers how many. */
  sweep(now: number): Promise<number>
}

/**
 * The embedded database with what it lacks: old and new images of each write. Writes to one item go one after the other, so
 * that the images are true.
 */
export function createTables(
  database: Database,
  tables: readonly Table[],
  changed: (change: WireChange) => void,
): Tables {
  const byName = new Map(tables.map(table => [table.name, table]))
  const inTurn = keyedQueue()

  async function write(operation: string, body: Body): Promise<Reply> {
    const table = byName.get(body.TableName)
    const image = body.Item ?? body.Key
    if (!table || !image) return database.call(operation, body)
    const keys = keysOf(table, image)
    return inTurn(`${table.name} ${JSON.stringify(keys)}`, async () => {
      const old = operation === 'UpdateItem' ? await get(table, keys) : undefined
      const wanted = body.ReturnValues ?? 'NONE'
      const told = operation === 'UpdateItem' ? 'ALL_NEW' : 'ALL_OLD'
      const changeable = wanted === 'NONE' || wanted === told
      const reply = await database.call(operation, changeable ? { ...body, ReturnValues: told } : body)
      if (reply.status !== 200) return reply
      const { Attributes: attributes, ...rest } = reply.body as { Attributes?: WireItem }
      if (operation === 'UpdateItem') tell(table, keys, old, changeable ? attributes : await get(table, keys))
      else tell(table, keys, attributes, body.Item)
      return wanted === 'NONE' && attributes ? { status: 200, body: rest } : reply
    })
  }

  async function writeMany(body: Body): Promise<Reply> {
    if (!isProper(body)) return database.call('BatchWriteItem', body) // to be refused in its own words
    const single = Object.entries(body.RequestItems ?? {}).flatMap(([TableName, requests]) =>
      requests.map(({ PutRequest, DeleteRequest }) =>
        write(PutRequest ? 'PutItem' : 'DeleteItem', { TableName, ...(PutRequest ?? DeleteRequest) }),
      ),
    )
    const replies = await Promise.all(single)
    return replies.find(({ status }) => status !== 200) ?? { status: 200, body: { UnprocessedItems: {} } }
  }

  /** At most 25 requests, no two for one item. */
  function isProper({ RequestItems = {} }: Body): boolean {
    const keys = Object.entries(RequestItems).flatMap(([name, requests]) =>
      requests.map(({ PutRequest, DeleteRequest }) => {
        const table = byName.get(name)
        const item = PutRequest?.Item ?? DeleteRequest?.Key
        return table && item && `${name} ${JSON.stringify(keysOf(table, item))}`
      }),
    )
    return keys.length <= 25 && new Set(keys).size === keys.length
  }

  async function get(table: Table, Key: WireItem): Promise<WireItem | undefined> {
    const { body } = await database.call('GetItem', { TableName: table.name, Key, ConsistentRead: true })
    return (body as { Item?: WireItem }).Item
  }

  function tell(table: Table, keys: WireItem, old: WireItem | undefined, next: WireItem | undefined, ttl = false) {
    if (!old && !next) return // a delete of nothing
    const kind = old ? (next ? 'MODIFY' : 'REMOVE') : 'INSERT'
    changed({ table: table.name, kind, ttl, keys, ...(old && { old }), ...(next && { new: next }) })
  }

  async function* scan(table: string, more: object = {}): AsyncGenerator<WireItem> {
    let ExclusiveStartKey: WireItem | undefined
    do {
      const page = { TableName: table, ...more, ...(ExclusiveStartKey && { ExclusiveStartKey }) }
      const reply = await database.call('Scan', page)
      if (reply.status !== 200) throw new Error(`Scan of ${table}: ${JSON.stringify(reply.body)}`)
      const answer = reply.body as { Items: WireItem[]; LastEvaluatedKey?: WireItem }
      yield* answer.Items
      ExclusiveStartKey = answer.LastEvaluatedKey
    } while (ExclusiveStartKey)
  }

  async function remove(table: Table, keys: WireItem, expired: object): Promise<boolean> {
    return inTurn(`${table.name} ${JSON.stringify(keys)}`, async () => {
      const body = { TableName: table.name, Key: keys, ReturnValues: 'ALL_OLD', ...expired }
      const reply = await database.call('DeleteItem', body)
      const old = reply.status === 200 ? (reply.body as { Attributes?: WireItem }).Attributes : undefined
      if (old) tell(table, keys, old, undefined, true)
      return old !== undefined
    })
  }

  return {
    call(operation, input) {
      if (operation === 'BatchWriteItem') return writeMany(input as Body)
      return WRITES.includes(operation) ? write(operation, input as Body) : database.call(operation, input)
    },
    items: table => scan(table),
    async sweep(now) {
      let removed = 0
      for (const table of tables) {
        if (!table.ttl) continue
        const names = { ExpressionAttributeNames: { '#ttl': table.ttl } }
        const values = { ExpressionAttributeValues: { ':now': { N: String(Math.floor(now / 1000)) } } }
        for await (const item of scan(table.name, { FilterExpression: '#ttl < :now', ...names, ...values })) {
          // Checked again: an item may have been renewed since it was read.
          const expired = { ConditionExpression: '#ttl < :now', ...names, ...values }
          if (await remove(table, keysOf(table, item), expired)) removed += 1
        }
      }
      return removed
    },
  }
}
const WRITES = ['PutItem', 'UpdateItem', 'DeleteItem']

export const keysOf = (table: Table, item: WireItem): WireItem => ({
  [table.hashKey]: item[table.hashKey]!,
  ...(table.rangeKey && { [table.rangeKey]: item[table.rangeKey]! }),
})

/** Runs what has the same key one after the other. */
function keyedQueue() {
  const last = new Map<string, Promise<unknown>>()
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work, work)
    last.set(key, turn)
    try {
      return await turn
    } finally {
      if (last.get(key) === turn) last.delete(key)
    }
  }
}

/** Creates the tables that are not there yet. */
export async function ensureTables(database: Database, tables: readonly Table[]): Promise<void> {
  const { TableNames } = (await database.call('ListTables', {})).body as { TableNames: string[] }
  for (const { name, hashKey, rangeKey } of tables) {
    if (TableNames.includes(name)) continue
    const keys = [hashKey, ...(rangeKey ? [rangeKey] : [])]
    const reply = await database.call('CreateTable', {
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at ? 'RANGE' : 'HASH' })),
      AttributeDefinitions: keys.map(AttributeName => ({ AttributeName, AttributeType: 'S' })),
    })
    if (reply.status !== 200) throw new Error(`Table ${name}: ${JSON.stringify(reply.body)}`)
    while (!(await isActive(database, name))) await new Promise(setImmediate)
  }
}

async function isActive(database: Database, TableName: string): Promise<boolean> {
  const { body } = await database.call('DescribeTable', { TableName })
  return (body as { Table?: { TableStatus: string } }).Table?.TableStatus === 'ACTIVE'
}

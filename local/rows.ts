import { all, type Program } from './declared.ts'
import type { Tables, WireItem } from './services/dynamodb.ts'
import type { Store } from './store.ts'

/** Rows that the program wrote when it was last run: the key of each, by table. */
export type WrittenRows = { [table: string]: WireItem[] }

/** Writes the items that the program declares, and removes those that it no longer does, as a deploy would. */
export async function writeRows(program: Program, tables: Tables, store: Store<WrittenRows>): Promise<void> {
  const written: WrittenRows = {}
  for (const { name, inputs } of all(program, 'aws:dynamodb/tableItem:TableItem')) {
    const item = JSON.parse(inputs.item) as WireItem
    const keys = [inputs.hashKey, ...(inputs.rangeKey ? [inputs.rangeKey] : [])]
    const key = Object.fromEntries(keys.map(attribute => [attribute, item[attribute]!]))
    await succeed(tables.call('PutItem', { TableName: inputs.tableName, Item: item }), name)
    written[inputs.tableName] = [...(written[inputs.tableName] ?? []), key]
  }
  for (const [TableName, keys] of Object.entries(store.read()))
    for (const Key of keys)
      if (!written[TableName]?.some(other => JSON.stringify(other) === JSON.stringify(Key)))
        await succeed(tables.call('DeleteItem', { TableName, Key }), JSON.stringify(Key))
  store.write(written)
}

async function succeed(reply: ReturnType<Tables['call']>, row: string): Promise<void> {
  const { status, body } = await reply
  if (status !== 200) throw new Error(`Row "${row}": ${JSON.stringify(body)}`)
}

import { join } from 'node:path'
import type { Sink } from './change.ts'
import { openDatabase } from './database.ts'
import { all, type Program } from './declared.ts'
import { writeRows } from './rows.ts'
import { createTables, ensureTables, keysOf, type Table, type Tables, type WireChange } from './services/dynamodb.ts'
import { fileStore } from './store.ts'
import { decodeChange } from './wire.ts'

export type Storage = {
  declared: readonly Table[]
  tables: Tables
  /** Who else is told of every change from now on. */
  listen(listener: (change: WireChange) => void): void
  close(): Promise<void>
}

/**
 * The program's tables with their rows. What earlier runs left in them is told to `sink` as inserts, then every change
 * as it happens.
 */
export async function openStorage(program: Program, dataDir: string, sink: Sink): Promise<Storage> {
  const database = await openDatabase(join(dataDir, 'tables'))
  const declared = tablesOf(program)
  await ensureTables(database, declared)
  const listeners: ((change: WireChange) => void)[] = []
  const tables = createTables(database, declared, change => {
    for (const listener of listeners) listener(change)
  })
  await writeRows(program, tables, fileStore(join(dataDir, 'rows.json'), {}))
  const tell = (change: WireChange) => sink.change(decodeChange(change))
  for (const table of declared)
    for await (const item of tables.items(table.name))
      tell({ table: table.name, kind: 'INSERT', ttl: false, keys: keysOf(table, item), new: item })
  listeners.push(tell)
  return { declared, tables, listen: listener => void listeners.push(listener), close: database.close }
}

const tablesOf = (program: Program): Table[] =>
  all(program, 'aws:dynamodb/table:Table').map(({ outputs, inputs }) => ({
    name: outputs.name,
    arn: outputs.arn,
    hashKey: inputs.hashKey ?? 'pk',
    ...(inputs.rangeKey && { rangeKey: inputs.rangeKey }),
    ...(inputs.ttl?.enabled && inputs.ttl.attributeName && { ttl: inputs.ttl.attributeName }),
  }))

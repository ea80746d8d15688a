import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import databases, { type Callback, type Level } from 'dynalite/db/index.js'
import validations from 'dynalite/validations/index.js'
import { takeLock } from './lock.ts'

/** The embedded DynamoDB, called without a socket and without text in between. */
export type Database = {
  /** One operation, `PutItem`, with its input. `status` is 200 or 400, as `body` is the output or says what is wrong. */
  call(operation: string, input: object): Promise<Reply>
  close(): Promise<void>
}
export type Reply = { status: number; body: object }

/** Keeps its data in `path`, or in memory. One process at a time may have a path open; the second one is told so. */
export async function openDatabase(path?: string): Promise<Database> {
  if (path) mkdirSync(path, { recursive: true })
  const release = path ? takeLock(path) : () => {}
  const store = databases.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...(path && { path }) })
  await store.db.open()
  shorten(store.db)
  const calls = new Set<Promise<Reply>>()
  let closing = false
  return {
    call(operation, input) {
      if (closing) return Promise.resolve(CLOSED)
      const call = perform(store, operation, input)
      calls.add(call)
      return call.finally(() => calls.delete(call))
    },
    async close() {
      closing = true
      await Promise.allSettled(calls) // files that close under a call take the whole process with them
      await store.db.close()
      release()
    },
  }
}

const CLOSED: Reply = { status: 400, body: { __type: 'com.amazonaws.dynamodb#ResourceNotFoundException' } }
const UNKNOWN: Reply = { status: 400, body: { __type: 'com.amazon.coral.service#UnknownOperationException' } }

type Store = ReturnType<typeof databases.create>
/** What dynalite answers with when an input is refused. */
type Refusal = Error & { statusCode?: number; body?: object }
type Operation = {
  act(store: Store, input: object, done: Callback<object>): void
  types: object
  custom: unknown
}

/** dynalite's own steps behind its server: the input's types, its rules, the work. Rejects for what no input explains. */
function perform(store: Store, operation: string, input: object): Promise<Reply> {
  const known = operations.get(operation)
  if (!known) return Promise.resolve(UNKNOWN)
  return new Promise((replied, failed) => {
    const refuse = (error: Refusal) =>
      error.statusCode ? replied({ status: error.statusCode, body: error.body ?? {} }) : failed(error)
    try {
      const checked = validations.checkTypes({ ...input }, known.types)
      validations.checkValidations(checked, known.types, known.custom, store)
      known.act(store, checked, (error, body) => (error ? refuse(error) : replied({ status: 200, body: body ?? {} })))
    } catch (error) {
      refuse(error as Refusal)
    }
  })
}

const NAMES = ['BatchGetItem', 'BatchWriteItem', 'CreateTable', 'DeleteItem', 'DescribeTable', 'GetItem', 'ListTables']
const MORE_NAMES = ['PutItem', 'Query', 'Scan', 'UpdateItem']
const require = createRequire(import.meta.url)
const operations = new Map<string, Operation>(
  [...NAMES, ...MORE_NAMES].map(name => {
    const file = `${name[0]!.toLowerCase()}${name.slice(1)}.js`
    const { types, custom } = require(`dynalite/validations/${file}`)
    return [name, { act: require(`dynalite/actions/${file}`), types, custom }]
  }),
)

/**
 * Reads go straight to the files' cache instead of through another thread, which costs more than the read and comes two to four
 * times a call; writes of one turn of the loop go to the files together, and are told when they are there.
 */
function shorten(db: Level): void {
  let asked: { write: object; done: Callback<void> }[] = []
  const batch = db.batch.bind(db)
  const write = (one: object, done: Callback<void>) => {
    if (!asked.length) setImmediate(flush)
    asked.push({ write: one, done })
  }
  const flush = () => {
    const together = asked
    asked = []
    batch(
      together.map(({ write }) => write),
      error => {
        for (const { done } of together) done(error)
      },
    )
  }
  db.put = (key, value, done) => write({ type: 'put', key, value }, done)
  db.del = (key, done) => write({ type: 'del', key }, done)
  db.get = (key, done) => {
    let value: unknown
    try {
      value = db.getSync(key)
    } catch (error) {
      return done(error as Error)
    }
    done(null, value)
  }
}

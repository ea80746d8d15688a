/** What we use of dynalite, which ships no types: https://github.com/architect/dynalite */
declare module 'dynalite' {
  import type { Server } from 'node:http'

  export default function dynalite(options?: {
    /** A folder; in memory without it. */
    path?: string
    createTableMs?: number
    deleteTableMs?: number
    updateTableMs?: number
    maxItemSizeKb?: number
  }): Server
}

/** Its store without the server: where the tables' files are read and written. */
declare module 'dynalite/db/index.js' {
  export type Callback<T> = (error: Error | null, value?: T) => void
  /** https://github.com/Level/abstract-level with callbacks; what `get` does not find is undefined. */
  export type Level = {
    open(): Promise<void>
    close(): Promise<void>
    getSync(key: string): unknown
    get(key: string, done: Callback<unknown>): void
    put(key: string, value: unknown, done: Callback<void>): void
    del(key: string, done: Callback<void>): void
    batch(writes: readonly object[], done: Callback<void>): void
  }
  const databases: { create(options: object): { db: Level } }
  export default databases
}

/** What its server does to an input before the work: both throw what is to be answered. */
declare module 'dynalite/validations/index.js' {
  const validations: {
    checkTypes(input: object, types: object): object
    checkValidations(input: object, types: object, custom: unknown, store: object): void
  }
  export default validations
}

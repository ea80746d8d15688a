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

import type { Mail, Sink } from './change.ts'
import { tableChanged } from './journal/changes.ts'
import { createDestinations, type DestinationStatus } from './journal/destinations.ts'
import { readLine, type Trouble, told } from './journal/lines.ts'
import { createRows, type Row, type RowQuery } from './journal/rows.ts'

export type { DestinationStatus } from './journal/destinations.ts'
export type { Trouble } from './journal/lines.ts'
export type { Row, RowQuery, Track } from './journal/rows.ts'

/** `/status.json`. */
export type Status = { destinations: { readonly [destination: string]: DestinationStatus } }

/**
 * What the live page and the terminal show: where every event is now, told from the changes of the tables and from the
 * lines that functions write, in whatever order the two arrive. Keeps the last events in detail and counts of all; given
 * the items that the tables hold as INSERTs, it is where it was before a restart.
 */
export type Journal = Sink & {
  snapshot(): Status
  /** Events in detail, newest first. */
  events(query: RowQuery): { rows: readonly Row[]; found: number; changes: number }
  /** Newest first. */
  mails(): readonly Mail[]
  /** Warnings and errors that functions wrote, newest first. */
  troubles(): readonly Trouble[]
  /** Calls back after anything has changed. The answer ends it. */
  subscribe(listener: () => void): () => void
}

export type JournalOptions = {
  /** Epoch ms. */
  now(): number
  /** Events kept in detail. Default 5,000. */
  most?: number
}

const MAILS = 500
const TROUBLES = 200

export function createJournal({ now, most = 5_000 }: JournalOptions): Journal {
  const rows = createRows(now, most)
  const destinations = createDestinations(now)
  const context = { now, rows, destinations }
  const mails: Mail[] = []
  const troubles: Trouble[] = []
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of listeners) listener()
  }
  return {
    change(change) {
      tableChanged(context, change)
      changed()
    },
    line(functionName, text) {
      const line = readLine(text)
      if (!line) return
      const trouble = told(context, functionName, line)
      if (trouble) {
        troubles.unshift(trouble)
        troubles.splice(TROUBLES)
      }
      changed()
    },
    mail(mail) {
      mails.unshift(mail)
      mails.splice(MAILS)
      changed()
    },
    snapshot: () => ({ destinations: destinations.status() }),
    events: query => ({ ...rows.query(query), changes: rows.changes() }),
    mails: () => mails,
    troubles: () => troubles,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

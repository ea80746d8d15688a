import type { Envelope } from '../../core/envelope.ts'
import type { LeftBehind } from '../aws/state.ts'

/** Adds up what a run leaves behind in a lane. */
export type Rest = {
  add(envelope: Envelope): void
  /** `unread`: the run ended before it had seen everything, and what it has not seen may be due since then. */
  sum(unread: number | undefined): LeftBehind
}

export function createRest(): Rest {
  let left = 0
  let nextDueAt: number | undefined
  let oldestAt: number | undefined
  return {
    add({ receivedAt, waiting }) {
      if (!waiting.length) return
      left += waiting.length
      oldestAt = Math.min(oldestAt ?? receivedAt, receivedAt)
      for (const { due } of waiting) nextDueAt = Math.min(nextDueAt ?? due, due)
    },
    sum(unread) {
      const next = unread === undefined ? nextDueAt : Math.min(nextDueAt ?? unread, unread)
      return {
        left: unread === undefined ? left : Math.max(1, left),
        ...(next !== undefined && { nextDueAt: next }),
        ...(oldestAt !== undefined && { oldestAt }),
      }
    },
  }
}

import type { Death, Waiting } from './envelope.ts'
import type { Event } from './event.ts'

/** A dead letter: the whole event, why it died, and what has been done about it since. One per destination and event. */
export type Letter = {
  id: string
  /** Absent where the event had been delivered, and so forgotten, before the vendor took it back. */
  event?: Event
  death: Death
  /** The event's, when it died: 0, and one more with each redrive. */
  life: number
  attempts: number
  /** When it was accepted, or last redriven. Epoch ms. */
  receivedAt: number
  status: LetterStatus
  /** While redriving: the ledger no longer holds what a run of this life has claimed. */
  released?: true
  /** Each death, oldest first. */
  history: readonly (Death & { life: number; attempts: number })[]
}
/**
 * `redriving` is written before the event goes back to the buffer and `redriven` after: whoever finds a letter redriving
 * finishes what a dead run began. `delivered`: its outcome was unknown, and the vendor has told since that it arrived.
 */
export type LetterStatus = 'dead' | 'redriving' | 'redriven' | 'delivered'

export const LETTER_DAYS = 90

/** What was not marked dead is dead because nobody ever took it. */
export const deathOf = (waiting: Waiting, now: number): Death => waiting.dead ?? { reason: 'never-processed', at: now }

/** A choice of letters; all that is given must hold. */
export type Wanted = { reason?: string; code?: string; resendUnknown?: boolean }

/**
 * Whether a redrive takes the letter. What may have arrived at the vendor is sent again only by a redrive that says so.
 */
export function isWanted({ death, status }: Letter, { reason, code, resendUnknown }: Wanted): Redrivable {
  if (status === 'redriven' || status === 'delivered') return 'redriven'
  if (reason !== undefined && death.reason !== reason) return 'other'
  if (code !== undefined && death.code !== code) return 'other'
  if (death.reason === 'undelivered') return 'unkept'
  return death.reason === 'outcome-unknown' && !resendUnknown ? 'held' : 'wanted'
}
/** `unkept`: nothing is left to send; the ledger knows the call as made. */
type Redrivable = 'wanted' | 'held' | 'unkept' | 'redriven' | 'other'

/** The event's next life: as it was accepted, with all its time before it. */
export const revived = (event: Event, life: number, now: number): Waiting => ({
  event,
  due: now,
  attempts: 0,
  life: life + 1,
})

/** What may be shown of a letter: who it is about stays inside. */
export type LetterSummary = {
  id: string
  event?: string
  at?: string
  status: LetterStatus
  reason: string
  diedAt: number
  life: number
  attempts: number
  code?: string
  words?: string
}
export const summaryOf = ({ id, event, death, life, attempts, status }: Letter): LetterSummary => ({
  id,
  ...(event && { event: event.name, at: event.at }),
  status,
  reason: death.reason,
  diedAt: death.at,
  life,
  attempts,
  ...(death.code !== undefined && { code: death.code }),
  ...(death.words !== undefined && { words: death.words }),
})

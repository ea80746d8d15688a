import type { Envelope, Waiting } from '../../core/envelope.ts'
import { apply, changeEnvelope, removeEnvelopes } from '../aws/buffer.ts'
import { putLetters } from '../aws/letters.ts'
import type { Session } from './session.ts'

type Holder = Pick<Session, 'world' | 'destination'>

/** An envelope in the hands of a run: what it is known to hold, and what is known of its events but not yet written. */
export type Entry = {
  envelope: Envelope
  changes: Map<string, 'remove' | Waiting>
  /** Events of it that are on their way and untold. */
  open: number
}

export const entryOf = (envelope: Envelope): Entry => ({ envelope, changes: new Map(), open: 0 })

/**
 * Writes what is known of these envelopes. Death takes three steps, each harmless when repeated: the mark, the letter, the
 * removal. Everything else is one write an envelope, and removals of whole envelopes go 25 at a time.
 */
export async function settle(holder: Holder, entries: readonly Entry[]): Promise<void> {
  const changed = entries.filter(({ changes }) => changes.size)
  const dying = changed.filter(({ changes }) => [...changes.values()].some(isDead))
  await Promise.all(dying.map(entry => mark(holder, entry)))
  await putLetters(holder.world, holder.destination, dying.flatMap(lettersOf))
  for (const { changes } of dying) for (const [id, change] of changes) if (isDead(change)) changes.set(id, 'remove')
  await remove(holder, changed)
  for (const { changes } of changed) changes.clear()
}

const isDead = (change: 'remove' | Waiting): change is Waiting => change !== 'remove' && change.dead !== undefined

async function mark(holder: Holder, entry: Entry): Promise<void> {
  const { envelope, changes } = entry
  const marked = new Set(envelope.waiting.filter(({ dead }) => dead).map(({ event }) => event.id))
  const news = [...changes].some(([id, change]) => isDead(change) && !marked.has(id))
  if (!news) return
  const now = await changeEnvelope(holder.world, envelope, changes)
  entry.envelope = now ?? { ...envelope, waiting: [] }
}

const lettersOf = ({ envelope: { receivedAt }, changes }: Entry) =>
  [...changes.values()].filter(isDead).map(waiting => ({ waiting, receivedAt }))

async function remove(holder: Holder, entries: readonly Entry[]): Promise<void> {
  const empty = entries.filter(({ envelope, changes }) => !apply(envelope, changes, '').waiting.length)
  const others = entries.filter(entry => !empty.includes(entry))
  await Promise.all([
    removeEnvelopes(
      holder.world,
      empty.map(({ envelope }) => envelope),
    ),
    ...others.map(async entry => {
      const now = await changeEnvelope(holder.world, entry.envelope, entry.changes)
      entry.envelope = now ?? { ...entry.envelope, waiting: [] }
    }),
  ])
  for (const entry of empty) entry.envelope = { ...entry.envelope, waiting: [] }
}

import { all } from '../../core/all.ts'
import type { Envelope, Waiting } from '../../core/envelope.ts'
import { apply, changeEnvelope, removeEnvelopes } from '../aws/buffer.ts'
import { putLetters } from '../aws/letters.ts'
import type { Session } from './session.ts'

type Holder = Pick<Session, 'world' | 'destination'> & {
  /** Tells of the dead, who have their letters by then: after the removal nobody would know of them any more. */
  tell?(): Promise<void>
}

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
  await all(dying.map(entry => mark(holder, entry)))
  await putLetters(holder.world, holder.destination, dying.flatMap(lettersOf))
  if (dying.length) await holder.tell?.()
  for (const { changes } of dying) for (const [id, change] of changes) if (isDead(change)) changes.set(id, 'remove')
  await remove(holder, changed)
  for (const { changes } of changed) changes.clear()
}

const isDead = (change: 'remove' | Waiting): change is Waiting => change !== 'remove' && change.dead !== undefined

async function mark(holder: Holder, entry: Entry): Promise<void> {
  const { envelope, changes } = entry
  const marked = new Set(envelope.waiting.filter(({ dead }) => dead).map(({ event }) => event.id))
  const news = [...changes].some(([id, change]) => isDead(change) && !marked.has(id))
  if (news) entry.envelope = await write(holder, envelope, changes)
}

/** What the buffer holds once the changes are written: an envelope that is gone holds nothing. */
const write = async ({ world }: Holder, envelope: Envelope, changes: Entry['changes']): Promise<Envelope> =>
  (await changeEnvelope(world, envelope, changes)) ?? { ...envelope, waiting: [] }

/** Only of events that bear the mark now: one that somebody else has settled meanwhile is not ours to bury. */
const lettersOf = ({ envelope: { receivedAt, waiting }, changes }: Entry) =>
  waiting
    .filter(({ dead, event }) => dead && isDead(changes.get(event.id) ?? 'remove'))
    .map(one => ({ waiting: one, receivedAt }))

async function remove(holder: Holder, entries: readonly Entry[]): Promise<void> {
  const there = entries.filter(({ envelope }) => envelope.waiting.length)
  const { empty = [], others = [] } = Object.groupBy(there, ({ envelope, changes }) =>
    apply(envelope, changes, '').waiting.length ? 'others' : 'empty',
  )
  await all([
    removeEnvelopes(
      holder.world,
      empty.map(({ envelope }) => envelope),
    ),
    ...others.map(async entry => {
      entry.envelope = await write(holder, entry.envelope, entry.changes)
    }),
  ])
  for (const entry of empty) entry.envelope = { ...entry.envelope, waiting: [] }
}

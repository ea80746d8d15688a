import { type Parcel, parcelsOf } from '../../core/batch.ts'
import type { Known } from '../../core/connector.ts'
import { type Progress, personOf, type Waiting } from '../../core/envelope.ts'
import type { Event, Lane } from '../../core/event.ts'
import { bury, type Fate, fateOf } from '../../core/fate.ts'
import { isAllowed } from '../../core/tenant.ts'
import { suppressedAmong } from '../aws/suppressions.ts'
import { knownOf } from './known.ts'
import { optOutAll, scopeOf } from './leaving.ts'
import type { Queue } from './queue.ts'
import { deliverRound } from './round.ts'
import type { Session } from './session.ts'
import { type Entry, settle } from './settle.ts'

/** A due event and every envelope of the chunk that holds it: posted twice in different company, it is sent once. */
export type Due = { waiting: Waiting; holders: Entry[] }

/**
 * Delivers the due events of some envelopes and settles them as their outcomes come in. Returns how many of them have left
 * the buffer. For connectors that keep a person's order, `queue` knows whose earlier events wait, and learns whose do afterwards.
 */
export async function deliverChunk(session: Session, lane: Lane, due: readonly Due[], queue: Queue): Promise<number> {
  const { world, destination, connector, log } = session
  const entries = [...new Set(due.flatMap(({ holders }) => holders))]
  const outcomes: OutcomeLine[] = []
  const leaving: Event[] = []
  const left = new Map(due.map(item => [item.waiting.event.id, item]))
  const conclude: Conclude = (item, fate) => {
    for (const entry of item.holders) {
      entry.open--
      note(entry, item.waiting, fate)
    }
    if (fate.kind !== 'waits') left.delete(item.waiting.event.id)
    outcomes.push(count(session, item.waiting, fate))
  }
  const byId = new Map(left)
  const eventOf = ([first]: readonly Parcel[]) => byId.get(first!.eventId)!.waiting.event
  try {
    const parcels = await prepare(session, due, conclude)
    for (const round of connector.ordered ? inOrder(parcels, eventOf) : [parcels]) {
      const ready = round.filter(some => !queue.holds(eventOf(some)))
      await deliverRound(session, lane, ready, {
        conclude(eventId, judgement, progress) {
          const item = byId.get(eventId)!
          const { waiting } = item
          if (judgement.optOut) leaving.push(waiting.event)
          const all = together(waiting, progress)
          conclude(item, fateOf(waiting, judgement, world.now(), world.random(), destination.onUnknown, all))
        },
        async settle() {
          await optOutAll(session, leaving)
          await settle(
            session,
            entries.filter(({ open }) => open === 0),
          )
        },
      })
      for (const some of round) if (left.has(eventOf(some).id)) queue.add(eventOf(some))
    }
    // What was never told goes on waiting as it is; what its envelope's other events came to is written now.
    await optOutAll(session, leaving)
    await settle(session, entries)
  } catch (error) {
    // What is known stays known, if the tables take it.
    await optOutAll(session, leaving)
      .then(() => settle(session, entries))
      .catch(() => {})
    throw error
  } finally {
    if (outcomes.length) log.info('outcomes', { outcomes })
  }
  return due.length - left.size
}

/** What was done before stays done, whatever has become of the others. */
const together = ({ done: before }: Waiting, { jobs, done: now }: Progress): Progress => ({
  ...(jobs && { jobs }),
  ...((before || now) && { done: [...new Set([...(before ?? []), ...(now ?? [])])] }),
})

type Conclude = (item: Due, fate: Fate) => void

function note({ changes }: Entry, waiting: Waiting, fate: Fate): void {
  const { id } = waiting.event
  if (fate.kind === 'gone') changes.set(id, 'remove')
  else if (
    fate.kind === 'dead' ||
    fate.waiting.due !== waiting.due ||
    fate.waiting.attempts !== waiting.attempts ||
    fate.waiting.jobs !== waiting.jobs ||
    fate.waiting.done?.length !== waiting.done?.length
  )
    changes.set(id, fate.waiting)
}

/** Opt-outs, consent and mapping: what is not for this vendor is concluded at once, the rest becomes parcels per event. */
async function prepare(session: Session, due: readonly Due[], conclude: Conclude): Promise<Parcel[][]> {
  const events = due.map(({ waiting }) => waiting.event)
  const suppressed = await suppressedAmong(session.world, session.tenant, events, scopeOf(session))
  const known = await knownOf(session, events)
  return due.flatMap(item => {
    if (suppressed.has(item.waiting.event.id)) {
      conclude(item, { kind: 'gone', why: 'suppressed' })
      return []
    }
    const mapped = map(session, item.waiting, known.get(item.waiting.event.id))
    if (Array.isArray(mapped)) return [mapped]
    conclude(item, mapped)
    return []
  })
}

const MAPPING_FAILED = { code: 'mapping-failed', words: 'The connector could not map this event: a fault of Connect' }

/** What is to be sent of an event; its fate where nothing is. That the connector throws is a fault of ours. */
function map(session: Session, waiting: Waiting, known: Known | undefined): Parcel[] | Fate {
  const { destination, connector, log, world } = session
  const { event } = waiting
  const skipped: Fate = { kind: 'gone', why: 'skipped' }
  if (!isAllowed(destination, event)) return skipped
  try {
    const drafts = connector.map(event, destination.settings, known)
    if ('skip' in drafts) {
      log.debug('skipped', { id: event.id, reason: drafts.skip })
      return skipped
    }
    const parcels = parcelsOf(event.id, drafts, waiting)
    if (parcels.length) return parcels
    return drafts.length ? { kind: 'gone', why: 'delivered' } : skipped
  } catch (error) {
    log.error('mapping threw', { id: event.id, error: String((error as Error)?.stack ?? error) })
    return { kind: 'dead', waiting: bury(waiting, 'rejected', world.now(), MAPPING_FAILED) }
  }
}

/** Rounds in which each person has at most one event, oldest first. */
function inOrder(parcels: readonly Parcel[][], eventOf: (some: readonly Parcel[]) => Event): Parcel[][][] {
  const rounds: Parcel[][][] = []
  const next = new Map<string, number>()
  for (const some of parcels.toSorted((a, b) => (eventOf(a).at < eventOf(b).at ? -1 : 1))) {
    const who = personOf(eventOf(some))
    const round = next.get(who) ?? 0
    next.set(who, round + 1)
    rounds[round] ??= []
    rounds[round].push(some)
  }
  return rounds
}

type OutcomeLine = { id: string; verdict: string; code?: string; due?: string }

function count({ counts, deaths }: Session, { event: { id } }: Waiting, fate: Fate): OutcomeLine {
  if (fate.kind === 'gone') {
    counts[fate.why]++
    return { id, verdict: fate.why }
  }
  const code = fate.kind === 'dead' ? fate.waiting.dead.code : fate.code
  const coded = code === undefined ? {} : { code }
  if (fate.kind === 'dead') {
    counts.dead++
    deaths.push(fate.waiting)
    return { id, verdict: 'dead', ...coded }
  }
  counts.retried++
  return { id, verdict: 'retry', ...coded, due: new Date(fate.waiting.due).toISOString() }
}

import { type Parcel, parcelsOf } from '../../core/batch.ts'
import type { Known } from '../../core/connector.ts'
import { personOf, type Waiting } from '../../core/envelope.ts'
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
        conclude(eventId, judgement, jobs) {
          const item = byId.get(eventId)!
          if (judgement.optOut) leaving.push(item.waiting.event)
          conclude(item, fateOf(item.waiting, judgement, world.now(), world.random(), destination.onUnknown, jobs))
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

type Conclude = (item: Due, fate: Fate) => void

function note({ changes }: Entry, waiting: Waiting, fate: Fate): void {
  const { id } = waiting.event
  if (fate.kind === 'gone') changes.set(id, 'remove')
  else if (
    fate.kind === 'dead' ||
    fate.waiting.due !== waiting.due ||
    fate.waiting.attempts !== waiting.attempts ||
    fate.waiting.jobs !== waiting.jobs
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
    const parcels = map(session, item.waiting, known.get(item.waiting.event.id))
    if (parcels.length) return [parcels]
    const at = session.world.now()
    if (parcels.failed) conclude(item, { kind: 'dead', waiting: bury(item.waiting, 'rejected', at, MAPPING_FAILED) })
    else conclude(item, { kind: 'gone', why: 'skipped' })
    return []
  })
}

const MAPPING_FAILED = { code: 'mapping-failed', words: 'The connector could not map this event: a fault of Connect' }

/** Empty for an event that is not for this vendor; `failed` when the connector threw, which is a fault of ours. */
function map(session: Session, { event, jobs }: Waiting, known: Known | undefined): Parcel[] & { failed?: true } {
  const { destination, connector, log } = session
  if (!isAllowed(destination, event)) return []
  try {
    const drafts = connector.map(event, destination.settings, known)
    if (!('skip' in drafts)) return parcelsOf(event.id, drafts, jobs)
    log.debug('skipped', { id: event.id, reason: drafts.skip })
    return []
  } catch (error) {
    log.error('mapping threw', { id: event.id, error: String((error as Error)?.stack ?? error) })
    return Object.assign([], { failed: true } as const)
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

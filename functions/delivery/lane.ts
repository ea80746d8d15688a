import { sendableMs } from '../../core/destination-state.ts'
import type { Waiting } from '../../core/envelope.ts'
import { personOf } from '../../core/envelope.ts'
import type { Lane } from '../../core/event.ts'
import { bury } from '../../core/fate.ts'
import { bufferPartition } from '../../core/keys.ts'
import { SENDABLE_MS } from '../../core/tenant.ts'
import { type Cursor, readPage } from '../aws/buffer.ts'
import { abandonLease, acquireLease, type LeaseName, type LeftBehind, releaseLease } from '../aws/state.ts'
import { type Due, deliverChunk } from './chunk.ts'
import type { Session } from './session.ts'
import { type Entry, entryOf, settle } from './settle.ts'

/** A lease outlives the function that took it, whatever their clocks say. */
const LEASE_MARGIN_MS = 10_000
/** Due events that are mapped and delivered together; more where a bulk call may take them. */
const CHUNK = 2_000
const BULK_CHUNK = 20_000

/** `taken`: another run has it, and will look again. `unfinished`: due work is left because the run had to end. */
export type LaneEnd = 'done' | 'taken' | 'unfinished'

/** Works off one lane of one shard under its lease, and looks again for as long as somebody asks it to. */
export async function drainLane(session: Session, lane: Lane, shard: number): Promise<LaneEnd> {
  const { world, destination, run, deadline } = session
  const name: LeaseName = { connector: destination.connector, tenant: destination.tenant, lane, shard }
  if (!(await acquireLease(world, name, run, deadline + LEASE_MARGIN_MS))) return 'taken'
  try {
    for (;;) {
      const probe = session.probing()
      const rest = await pass(session, lane, shard)
      if (session.closed()) {
        await abandonLease(world, name, run, rest)
        return rest.left ? 'unfinished' : 'done'
      }
      if (probe && !session.probing()) continue // the probe was one record: now the others
      if ((await releaseLease(world, name, run, rest)) !== 'look-again') return 'done'
    }
  } catch (error) {
    // The next run must not wait for the lease to lapse; if this write fails too, it will, and the tick finds it.
    await abandonLease(world, name, run, { nextDueAt: world.now(), left: 1 }).catch(() => {})
    throw error
  }
}

/** Once through the partition, oldest first. Returns what is left behind. */
async function pass(session: Session, lane: Lane, shard: number): Promise<LeftBehind> {
  const { world, destination } = session
  const pk = bufferPartition(lane, destination.tenant, shard)
  const blocked = new Set<string>()
  const rest = createRest()
  const chunk = Object.values(session.connector.calls).some(({ bulk }) => bulk) ? BULK_CHUNK : CHUNK
  let from: Cursor | undefined
  do {
    const entries: Entry[] = []
    const due = new Map<string, Due>()
    do {
      const page = await readPage(world, pk, from)
      for (const envelope of page.envelopes) {
        const entry = entryOf(envelope)
        entries.push(entry)
        for (const waiting of envelope.waiting) sort(session, entry, waiting, due, blocked)
      }
      from = page.next
    } while (from && due.size < chunk)
    await settle(session, entries) // what was dead or is past its time
    if (due.size && (await session.ready())) await deliverChunk(session, lane, [...due.values()], blocked)
    for (const { envelope } of entries) rest.add(envelope.receivedAt, envelope.waiting)
  } while (from && !session.closed())
  return rest.sum(from ? world.now() : undefined)
}

/** Puts one waiting event where it belongs: among the dead, among those that wait on, or among the due. */
function sort(session: Session, entry: Entry, waiting: Waiting, due: Map<string, Due>, blocked: Set<string>): void {
  const { event, dead } = waiting
  const now = session.world.now()
  const known = due.get(event.id)
  if (dead) entry.changes.set(event.id, waiting)
  else if (sendableMs(session.state(), entry.envelope.receivedAt, now) > SENDABLE_MS) {
    const buried = bury(waiting, 'expired', now)
    entry.changes.set(event.id, buried)
    session.deaths.push(buried)
    session.counts.dead++
  } else if (waiting.due > now) blocked.add(personOf(event))
  else if (known) {
    known.holders.push(entry)
    entry.open++
  } else if (!session.probing() || due.size === 0) {
    due.set(event.id, { waiting, holders: [entry] })
    entry.open++
  }
}

function createRest() {
  let left = 0
  let nextDueAt: number | undefined
  let oldestAt: number | undefined
  return {
    add(receivedAt: number, waiting: readonly Waiting[]) {
      if (!waiting.length) return
      left += waiting.length
      oldestAt = Math.min(oldestAt ?? receivedAt, receivedAt)
      for (const { due } of waiting) nextDueAt = Math.min(nextDueAt ?? due, due)
    },
    sum(unread: number | undefined): LeftBehind {
      const next = unread === undefined ? nextDueAt : Math.min(nextDueAt ?? unread, unread)
      return {
        left: unread === undefined ? left : Math.max(1, left),
        ...(next !== undefined && { nextDueAt: next }),
        ...(oldestAt !== undefined && { oldestAt }),
      }
    },
  }
}

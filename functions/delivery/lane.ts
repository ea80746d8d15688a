import { sendableMs } from '../../core/destination-state.ts'
import { personOf } from '../../core/envelope.ts'
import type { Lane } from '../../core/event.ts'
import { bury } from '../../core/fate.ts'
import { bufferPartition } from '../../core/keys.ts'
import { SENDABLE_MS } from '../../core/tenant.ts'
import { type Cursor, readPage } from '../aws/buffer.ts'
import { abandonLease, acquireLease, type LeaseName, type LeftBehind, releaseLease } from '../aws/state.ts'
import { type Due, deliverChunk } from './chunk.ts'
import { createQueue, type Queue } from './queue.ts'
import { createRest, type Rest } from './rest.ts'
import { LEASE_MARGIN_MS, type Session } from './session.ts'
import { type Entry, entryOf, settle } from './settle.ts'

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
      const { rest, settled } = await pass(session, lane, shard)
      if (session.closed()) {
        await abandonLease(world, name, run, rest)
        return rest.left ? 'unfinished' : 'done'
      }
      // A probe is one record: if it has passed, now the others; if it was not for the vendor, another one.
      if (probe && (!session.probing() || settled)) continue
      if ((await releaseLease(world, name, run, rest)) !== 'look-again') return 'done'
    }
  } catch (error) {
    // The next run must not wait for the lease to lapse; if this write fails too, it will, and the tick finds it.
    await abandonLease(world, name, run, { nextDueAt: world.now(), left: 1 }).catch(() => {})
    throw error
  }
}

/** Once through the partition, oldest first: what is left behind, and how many due events have left the buffer. */
async function pass(session: Session, lane: Lane, shard: number): Promise<{ rest: LeftBehind; settled: number }> {
  const { world, destination, connector } = session
  const pk = bufferPartition(lane, destination.tenant, shard)
  const queue = createQueue(connector.ordered)
  const rest = createRest()
  let settled = 0
  let from: Cursor | undefined
  do {
    const chunk = await gather(session, { lane, pk }, from, queue, rest)
    from = chunk.next
    await settle(session, chunk.entries) // what was dead or is past its time
    const due = session.probing() ? oneOf(session, chunk.due) : chunk.due
    if (due.length && (await session.ready())) settled += await deliverChunk(session, lane, due, queue)
    for (const { envelope } of chunk.entries) rest.add(envelope)
  } while (from && !session.closed() && !session.probing())
  return { rest: rest.sum(from ? world.now() : undefined), settled }
}

type Partition = { lane: Lane; pk: string }
type Chunk = { entries: readonly Entry[]; due: readonly Due[]; next: Cursor | undefined }

/** Reads on until enough is due. Envelopes in which nothing is to be done are counted and forgotten: there may be a million. */
async function gather(
  session: Session,
  { lane, pk }: Partition,
  from: Cursor | undefined,
  queue: Queue,
  rest: Rest,
): Promise<Chunk> {
  const { world, connector, probing } = session
  const bulk = Object.values(connector.calls).some(call => call.bulk)
  const enough = probing() ? 1 : bulk ? BULK_CHUNK : CHUNK
  const entries: Entry[] = []
  const due = new Map<string, Due>()
  let next = from
  do {
    const page = await readPage(world, pk, next)
    for (const envelope of page.envelopes) {
      const entry = entryOf(envelope)
      sort(session, lane, entry, due, queue)
      if (entry.open || entry.changes.size) entries.push(entry)
      else rest.add(envelope)
    }
    next = page.next
  } while (next && due.size < enough && !session.closed())
  return { entries, due: [...due.values()], next }
}

/** DynamoDB may remove an envelope from its `ttl` on; by then no call for its events must be under way. */
const LAST_HOUR_MS = 3_600_000

/** Puts the events of an envelope where they belong: among the dead, among those that wait on, or among the due. */
function sort(session: Session, lane: Lane, entry: Entry, due: Map<string, Due>, queue: Queue): void {
  const { receivedAt, ttl, waiting: events } = entry.envelope
  const now = session.world.now()
  const over = sendableMs(session.state(), lane, receivedAt, now) > SENDABLE_MS || now > ttl * 1000 - LAST_HOUR_MS
  for (const waiting of events) {
    const known = due.get(waiting.event.id)
    if (waiting.dead || over) {
      const dead = waiting.dead ? { ...waiting, dead: waiting.dead } : bury(waiting, 'expired', now)
      entry.changes.set(waiting.event.id, dead)
      session.deaths.push(dead)
      session.counts.dead++
    } else if (known) {
      known.holders.push(entry)
      entry.open++
      // A letter of an earlier life must not be taken for this one's.
      if (waiting.life > known.waiting.life) known.waiting = waiting
    } else if (waiting.due > now) queue.add(waiting.event)
    else {
      due.set(waiting.event.id, { waiting, holders: [entry] })
      entry.open++
    }
  }
}

/**
 * The record that probes: any, so that one which the vendor will never take does not keep the destination shut, but never one
 * that waits behind another of its person. The others are let go.
 */
function oneOf({ world }: Session, due: readonly Due[]): readonly Due[] {
  const first = new Map<string, Due>()
  for (const item of due) {
    const { event } = item.waiting
    const known = first.get(personOf(event))
    if (!known || event.at < known.waiting.event.at) first.set(personOf(event), item)
  }
  const chosen = [...first.values()][Math.floor(world.random() * first.size)]
  for (const item of due) if (item !== chosen) for (const entry of item.holders) entry.open--
  return chosen ? [chosen] : []
}

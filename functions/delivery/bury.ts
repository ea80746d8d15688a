import type { Lane } from '../../core/event.ts'
import { bury } from '../../core/fate.ts'
import { bufferPartition } from '../../core/keys.ts'
import type { Log } from '../../core/log.ts'
import type { Destination } from '../../core/tenant.ts'
import { type Cursor, readPage } from '../aws/buffer.ts'
import { report } from '../aws/notices.ts'
import { abandonLease, acquireLease } from '../aws/state.ts'
import { createRest } from './rest.ts'
import type { DeliveryWorld } from './session.ts'
import { entryOf, settle } from './settle.ts'

type Burial = { world: DeliveryWorld; destination: Destination; run: string; log: Log; deadline: number; since: number }

const MARGIN_MS = 10_000
/** Browsers' clocks may run ahead by so much; keys begin with their time. */
const AHEAD_MS = 86_400_000

/**
 * A destination that has been off for longer than it keeps events: what waited longer than that becomes dead letters, as
 * one cause with one mail. Nothing is sent.
 */
export async function buryOld(burial: Burial, lanes: readonly (readonly [Lane, number])[]): Promise<void> {
  const { world, destination, log, since } = burial
  const examples: string[] = []
  let died = 0
  for (const [lane, shard] of lanes) {
    const dead = await buryLane(burial, lane, shard)
    died += dead.length
    examples.push(...dead.slice(0, 3))
  }
  if (!died) return
  log.warn('destination off for too long: events buried', { died })
  const { connector, tenant } = destination
  await report(world, { connector, tenant }, { reason: 'destination-off', since, died, examples: examples.slice(0, 3) })
}

async function buryLane(burial: Burial, lane: Lane, shard: number): Promise<string[]> {
  const { world, destination, run, deadline } = burial
  const name = { connector: destination.connector, tenant: destination.tenant, lane, shard }
  if (!(await acquireLease(world, name, run, deadline + MARGIN_MS))) return []
  const tooOld = world.now() - destination.keepMs
  const dead: string[] = []
  const rest = createRest()
  let from: Cursor | undefined
  do {
    const page = await readPage(world, bufferPartition(lane, destination.tenant, shard), from)
    const entries = page.envelopes.map(entryOf)
    for (const { envelope, changes } of entries)
      for (const waiting of envelope.waiting) {
        if (envelope.receivedAt > tooOld) continue
        changes.set(waiting.event.id, waiting.dead ? waiting : bury(waiting, 'destination-off', world.now()))
        dead.push(waiting.event.id)
      }
    await settle(burial, entries)
    for (const { envelope } of entries) rest.add(envelope)
    const last = page.envelopes.at(-1)
    from = last && Date.parse(last.sk.slice(0, 24)) > tooOld + AHEAD_MS ? undefined : page.next
  } while (from && world.now() < deadline - MARGIN_MS)
  // Due as ever, for when the gate opens; `oldestAt` tells the tick when there is something to bury again.
  const left = rest.sum(from && world.now())
  const oldestAt = from ? tooOld : left.oldestAt
  const due = left.left ? { nextDueAt: world.now(), ...(oldestAt !== undefined && { oldestAt }) } : {}
  await abandonLease(world, name, run, { ...due, left: left.left })
  return dead
}

import { all } from '../../core/all.ts'
import { offSince, savingOf } from '../../core/destination-state.ts'
import type { Lane } from '../../core/event.ts'
import { destinationName } from '../../core/tenant.ts'
import { startProcess } from '../aws/start.ts'
import type { ProcessEvent } from '../world.ts'
import { buryOld } from './bury.ts'
import type { Credentials } from './credential.ts'
import { drainLane, type LaneEnd } from './lane.ts'
import { type About, type DeliveryWorld, openSession, type Session } from './session.ts'

export type RunEvent = Extract<ProcessEvent, { do: 'run' }>

/** Shards that are worked off side by side. */
const SIDE_BY_SIDE = 4
/** Successors of one chain; the tick carries on after that. */
const CHAIN = 10

/** One run for one destination: through its lanes and shards, or no further than what keeps the destination shut. */
export async function run(
  world: DeliveryWorld,
  credentials: Credentials,
  about: About,
  event: RunEvent,
): Promise<void> {
  const { destination, log } = about
  const opened = await openSession(world, credentials, about)
  const state = 'shut' in opened ? opened.state : opened.session.state()
  const shards = event.shards ?? Array.from({ length: Math.max(destination.shards, state.shards) }, (_, i) => i)
  const lanes = (event.lanes ?? ['urgent', 'normal']).map(lane => shards.map(shard => [lane, shard] as const))
  if ('shut' in opened) {
    const { reason } = opened.shut
    const since = offSince(opened.state, world.now()) ?? opened.shut.since
    log.info('destination is shut', { reason, since: new Date(since).toISOString() })
    if (world.now() - since > destination.keepMs) await buryOld({ world, ...about, since }, lanes.flat())
    return
  }
  const { session } = opened
  try {
    await session.remember(destination.shards)
    const unfinished: (readonly [Lane, number])[] = []
    // What nobody waits for stays where it is while the account's allowance is nearly used up.
    const urgentOnly = savingOf(session.state(), world.now()) === 'urgent-only'
    if (urgentOnly) log.info('only urgent events go: the allowance of the account is nearly used up')
    const open = lanes.map(some => some.filter(([lane]) => lane === 'urgent' || !urgentOnly))
    for (const lane of open) unfinished.push(...(await drainAll(session, lane)))
    await session.unprobed()
    await succeed(session, event, unfinished)
  } finally {
    await session.end()
    tellCounts(session)
  }
}

/** While the run is a probe, one lane after the other until its one record is found; then side by side. */
async function drainAll(session: Session, lanes: readonly (readonly [Lane, number])[]) {
  const unfinished: (readonly [Lane, number])[] = []
  const left = [...lanes]
  const drain = async (lane: readonly [Lane, number]): Promise<void> => {
    const end: LaneEnd = await drainLane(session, ...lane)
    if (end === 'unfinished') unfinished.push(lane)
  }
  while (left.length && !session.closed()) {
    if (session.probing()) await drain(left.shift()!)
    else await all(left.splice(0, SIDE_BY_SIDE).map(drain))
  }
  return [...unfinished, ...left]
}

/** Out of time with work left: another run goes on at once. Shut: the tick starts the next when the gate opens. */
async function succeed(session: Session, event: RunEvent, unfinished: readonly (readonly [Lane, number])[]) {
  const chain = (event.chain ?? 0) + 1
  if (session.closed() !== 'time' || !unfinished.length || chain > CHAIN) return
  await startProcess(session.world, {
    do: 'run',
    why: 'successor',
    tenant: session.destination.tenant,
    lanes: [...new Set(unfinished.map(([lane]) => lane))],
    shards: [...new Set(unfinished.map(([, shard]) => shard))],
    chain,
  })
}

function tellCounts({ counts, log, world, destination }: Session): void {
  const { calls, callMs, accepted: _, rejected: __, ...events } = counts
  if (!calls && !Object.values(events).some(Boolean)) return
  log.metrics(
    { Stack: world.env.CONNECT_STACK, Destination: destinationName(destination.tenant, destination.connector) },
    { ...events, calls, ...(calls && { vendorMs: Math.round(callMs / calls) }) },
  )
}

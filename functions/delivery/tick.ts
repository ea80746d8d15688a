import { all } from '../../core/all.ts'
import type { AnyConnector } from '../../core/connector.ts'
import { type DestinationState, gate, offSince, savingOf } from '../../core/destination-state.ts'
import { bufferPartition } from '../../core/keys.ts'
import type { Log } from '../../core/log.ts'
import { type Destination, destinationName } from '../../core/tenant.ts'
import { newestIsDue } from '../aws/buffer.ts'
import { digest } from '../aws/notices.ts'
import { startProcess } from '../aws/start.ts'
import { type LaneState, readAll } from '../aws/state.ts'
import type { Credentials } from './credential.ts'
import type { DeliveryWorld } from './session.ts'

/**
 * Once a minute for each destination: starts what is due, what somebody asked for while a run was ending, what a dead run has
 * abandoned, and leads whose wake-up was lost; sends the mails that are owed. A handful of reads, whatever waits.
 */
export async function tick(
  world: DeliveryWorld,
  credentials: Credentials,
  connector: AnyConnector,
  destination: Destination,
  log: Log,
): Promise<void> {
  const { tenant } = destination
  const { state, lanes } = await readAll(world, connector.name, tenant)
  const now = world.now()
  const urgentOnly = savingOf(state, now) === 'urgent-only'
  const open = urgentOnly ? lanes.filter(({ lane }) => lane === 'urgent') : lanes
  const wanting = [...open.filter(lane => wants(lane, now)), ...(await unheard(world, destination, state, lanes))]
  if (wanting.length && (await mayStart(credentials, connector, destination, state, wanting, now)))
    for (const [lane, some] of Map.groupBy(wanting, each => each.lane))
      await startProcess(world, { do: 'run', why: 'tick', tenant, lanes: [lane], shards: some.map(each => each.shard) })
  await digest(world, { connector: connector.name, tenant }, now, state)
  gauge(log, world, destination, lanes, state, now)
}

/** A held lane is its holder's, even if marked: the holder looks again. A lapsed lease is a run that died. */
function wants({ until, marked, nextDueAt }: LaneState, now: number): boolean {
  if (until !== undefined) return until < now
  return marked || (nextDueAt !== undefined && nextDueAt <= now)
}

/** Urgent lanes that nobody works on and no row speaks of, in which something waits all the same. */
async function unheard(
  world: DeliveryWorld,
  { tenant, urgent, shards }: Destination,
  state: DestinationState,
  lanes: readonly LaneState[],
): Promise<readonly LaneState[]> {
  if (!urgent.length) return []
  const idle = Array.from({ length: Math.max(shards, state.shards) }, (_, shard) => shard).filter(shard => {
    const known = lanes.find(each => each.lane === 'urgent' && each.shard === shard)
    return !known || (known.until === undefined && !wants(known, world.now()))
  })
  const found = await all(
    idle.map(async shard => ({ shard, due: await newestIsDue(world, bufferPartition('urgent', tenant, shard)) })),
  )
  return found.filter(({ due }) => due).map(({ shard }) => ({ lane: 'urgent', shard, marked: false, left: 1 }))
}

/** Open, or due for a probe, or off for so long that its oldest events have to be buried. */
async function mayStart(
  credentials: Credentials,
  connector: AnyConnector,
  destination: Destination,
  state: DestinationState,
  wanting: readonly LaneState[],
  now: number,
): Promise<boolean> {
  const credential = state.stopped ? await credentials.id(connector, destination) : ''
  const found = gate(state, now, { revision: destination.revision, credential })
  if (found.open || found.probe) return true
  const tooOld = now - destination.keepMs
  return (
    (offSince(state, now) ?? found.since) < tooOld &&
    wanting.some(({ oldestAt }) => oldestAt === undefined || oldestAt <= tooOld)
  )
}

function gauge(
  log: Log,
  world: DeliveryWorld,
  destination: Destination,
  lanes: readonly LaneState[],
  state: DestinationState,
  now: number,
): void {
  const waiting = lanes.reduce((sum, { left }) => sum + left, 0)
  const oldest = Math.min(now, ...lanes.map(({ oldestAt }) => oldestAt ?? now))
  log.metrics(
    { Stack: world.env.CONNECT_STACK, Destination: destinationName(destination.tenant, destination.connector) },
    {
      waiting,
      oldestMs: now - oldest,
      breakerOpen: state.breaker.openedAt === undefined ? 0 : 1,
      stopped: state.stopped ? 1 : 0,
      paused: state.paused ? 1 : 0,
    },
  )
}

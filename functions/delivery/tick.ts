import type { AnyConnector } from '../../core/connector.ts'
import { type DestinationState, gate, offSince } from '../../core/destination-state.ts'
import type { Log } from '../../core/log.ts'
import { type Destination, destinationName } from '../../core/tenant.ts'
import { digest } from '../aws/notices.ts'
import { startProcess } from '../aws/start.ts'
import { type LaneState, readAll } from '../aws/state.ts'
import type { Credentials } from './credential.ts'
import type { DeliveryWorld } from './session.ts'

/**
 * Once a minute for each destination: starts what is due, what somebody asked for while a run was ending, and what a dead
 * run has abandoned; sends the mails that are owed. One query a destination, whatever waits.
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
  const wanting = lanes.filter(lane => wants(lane, now))
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

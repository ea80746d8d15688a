import type { AnyConnector } from '../core/connector.ts'
import { createLog } from '../core/log.ts'
import { destinationName } from '../core/tenant.ts'
import { createTenants } from './aws/tenants.ts'
import { createCredentials } from './delivery/credential.ts'
import { run } from './delivery/run.ts'
import type { DeliveryWorld } from './delivery/session.ts'
import { tick } from './delivery/tick.ts'
import type { ProcessEvent } from './world.ts'

type Context = { awsRequestId: string; getRemainingTimeInMillis(): number }

/**
 * Delivers what waits for one connector's destinations. Called by each destination's schedule, by the minute's tick, by
 * `wake` for urgent events, by its own predecessor when that ran out of time, and by `operate`.
 */
export function createProcess(world: DeliveryWorld, connector: AnyConnector) {
  const tenants = createTenants(world)
  const credentials = createCredentials(world)
  const sink = { write: world.write, now: world.now, level: world.env.LOG_LEVEL }

  return async (event: ProcessEvent, context: Context): Promise<void> => {
    const deadline = world.now() + context.getRemainingTimeInMillis()
    const log = createLog(sink, 'process', { requestId: context.awsRequestId, connector: connector.name })
    const about = async (tenantId: string) => {
      const [destination, tenant] = await Promise.all([
        tenants.destination(connector.name, tenantId),
        tenants.tenant(tenantId),
      ])
      const name = destinationName(tenantId, connector.name)
      if (!destination || !tenant) log.error('no such destination', { destination: name })
      return destination && tenant && { destination, tenant, log: log.with({ tenant: tenantId, destination: name }) }
    }
    if (event.do === 'run') {
      const found = await about(event.tenant)
      if (found) await run(world, credentials, { connector, run: world.uuid(), deadline, ...found }, event)
      return
    }
    const ids = (world.env.TENANTS ?? '').split(',').filter(Boolean)
    const ticks = ids.map(async id => {
      const found = await about(id)
      if (found) await tick(world, credentials, connector, found.destination, found.log)
    })
    // One destination's trouble must not keep the others from being looked after.
    for (const result of await Promise.allSettled(ticks))
      if (result.status === 'rejected')
        log.error('tick failed', { error: String(result.reason?.stack ?? result.reason) })
  }
}

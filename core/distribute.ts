import type { Event } from './event.ts'
import { isAllowed, type Route, type Tenant } from './tenant.ts'

/** What one request means for one destination. `skipped`: the destination wants the event, the person has not allowed it. */
export type Share = { connector: string; route: Route; take: Event[]; skipped: Event[]; suppressed: Event[] }

/** Who gets which events: every destination of the tenant, or the one that the request names. */
export function distribute(
  events: readonly Event[],
  suppressed: ReadonlySet<string>,
  tenant: Tenant,
  only?: string,
): Share[] {
  const connectors = only === undefined ? Object.keys(tenant.destinations) : [only]
  return connectors.map(connector => {
    const route = tenant.destinations[connector]!
    const share: Share = { connector, route, take: [], skipped: [], suppressed: [] }
    for (const event of events) {
      if (!route.wants.includes(event.name)) continue
      if (suppressed.has(event.id)) share.suppressed.push(event)
      else if (isAllowed(route, event)) share.take.push(event)
      else share.skipped.push(event)
    }
    return share
  })
}

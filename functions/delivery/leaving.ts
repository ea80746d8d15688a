import type { AnyConnector } from '../../core/connector.ts'
import type { Event } from '../../core/event.ts'
import { personHashes } from '../../core/person.ts'
import { idHashes, optOut } from '../aws/suppressions.ts'
import type { Session } from './session.ts'

/** Whom its vendor has told of counts where a vendor tells at all: two keys to look up for each identity. */
export const scopeOf = ({ connector }: Session): AnyConnector | undefined =>
  connector.webhook || connector.rules.some(rule => rule.optOut) ? connector : undefined

/** Remembers the people who want no more, before their events are settled: the vendor may say so only once. */
export async function optOutAll({ world, tenant, connector }: Session, leaving: Event[]): Promise<void> {
  while (leaving.length) {
    const event = leaving[0]!
    const known = event.user ? personHashes(tenant.salt, event.user) : []
    const hashes = [...known, ...idHashes(tenant.salt, event, connector)]
    await optOut(world, { tenant: tenant.id, connector: connector.name, hashes })
    leaving.shift()
  }
}

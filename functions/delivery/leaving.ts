import type { Event } from '../../core/event.ts'
import { personHashes } from '../../core/person.ts'
import { optOut } from '../aws/suppressions.ts'
import type { Session } from './session.ts'

/** Whom its vendor has told of counts where a vendor tells at all: two keys to look up for each identity. */
export const scopeOf = ({ connector }: Session): string | undefined =>
  connector.webhook || connector.rules.some(rule => rule.optOut) ? connector.name : undefined

/** Remembers the people who want no more, before their events are settled: the vendor may say so only once. */
export async function optOutAll({ world, tenant, destination }: Session, leaving: Event[]): Promise<void> {
  while (leaving.length) {
    const { user } = leaving[0]!
    const hashes = user ? personHashes(tenant.salt, user) : []
    await optOut(world, { tenant: tenant.id, connector: destination.connector, hashes })
    leaving.shift()
  }
}

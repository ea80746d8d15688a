import type { Event, Known } from '../../core/connector.ts'
import { spellingHashes } from '../../core/person.ts'
import { lastInbounds } from '../aws/heard.ts'
import type { Session } from './session.ts'

/** By event id: what `map` has to know of people, read for all of these events at once. Nothing is read unless the connector asks. */
export async function knownOf(session: Session, events: readonly Event[]): Promise<ReadonlyMap<string, Known>> {
  const { world, connector, destination, tenant } = session
  const asked = events.flatMap(event => {
    const person = connector.repliesTo?.(event, destination.settings)
    return person ? [{ id: event.id, hashes: spellingHashes(tenant.salt, person) }] : []
  })
  if (!asked.length) return new Map()
  const hashes = [...new Set(asked.flatMap(one => one.hashes))]
  const listener = { connector: connector.name, tenant: tenant.id, salt: tenant.salt }
  const times = await lastInbounds(world, listener, hashes)
  const knownBy = (all: readonly string[]): Known => {
    const found = all.flatMap(hash => times.get(hash) ?? [])
    return found.length ? { wroteMsAgo: world.now() - Math.max(...found) } : {}
  }
  return new Map(asked.map(({ id, hashes }) => [id, knownBy(hashes)]))
}

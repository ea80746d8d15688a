import type { Secrets, Webhook } from '../core/connector.ts'
import type { Destination } from '../core/tenant.ts'
import { readSecrets, webhookName } from './aws/credentials.ts'
import type { World } from './world.ts'

const FRESH_MS = 300_000
/** A stranger may call as often as he likes; an operator has just put the secret there. */
const MISSING_MS = 15_000

type Found = { secrets: Secrets | undefined; until: number }

/** Secrets of webhooks by account, read again after five minutes; undefined, and told, while an operator has not set one. */
export function createHookSecrets(
  world: Pick<World, 'secrets' | 'now'>,
  missing: (problem: string) => void,
): (webhook: Webhook<object>, destination: Destination) => Promise<Secrets | undefined> {
  const known = new Map<string, Promise<Found>>()

  async function read(webhook: Webhook<object>, { connector, account }: Destination): Promise<Found> {
    const found = await readSecrets(world, webhookName(connector, account), webhook.secrets)
    if (found.ok) return { secrets: found.secrets, until: world.now() + FRESH_MS }
    missing(found.problem)
    return { secrets: undefined, until: world.now() + MISSING_MS }
  }

  return async (webhook, destination) => {
    const name = `${destination.connector} ${destination.account}`
    const cached = await known.get(name)
    if (cached && world.now() < cached.until) return cached.secrets
    const reading = read(webhook, destination)
    known.set(name, reading)
    reading.catch(() => known.delete(name))
    return (await reading).secrets
  }
}

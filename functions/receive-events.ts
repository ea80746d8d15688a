import { type Answer, image, json, type Reader, refusal, unavailable } from '../core/answer.ts'
import { type Body, oversize } from '../core/body.ts'
import { distribute, type Share } from '../core/distribute.ts'
import type { Event } from '../core/event.ts'
import type { Log } from '../core/log.ts'
import { normalise, type Rejection } from '../core/normalise.ts'
import { namesPerson } from '../core/person.ts'
import { isObject } from '../core/spellings.ts'
import { destinationName, type Tenant } from '../core/tenant.ts'
import { envelopesFor, storeEnvelopes } from './aws/accept.ts'
import { suppressedAmong } from './aws/suppressions.ts'
import type { World } from './world.ts'

/** A request whose sender may send it. */
export type Admitted = {
  body: Body
  tenant: Tenant
  /** Of older tags: the `clientId` that the tenant was known by. */
  clientId: string | undefined
  /** Only this destination; every one of the tenant without it. */
  connector: string | undefined
  requestId: string
  bot: boolean
  /** Came in an address, to be answered with a picture. */
  image: boolean
  reader: Reader
}

type Rejected = Rejection & { index: number }

/** Takes each event of a request on its own merit, and answers once everything that is to be kept is kept. */
export function createAccept(
  world: Pick<World, 'env' | 'now' | 'uuid' | 'dynamo'>,
  log: Log,
  tables: { readonly [connector: string]: string },
): (request: Admitted) => Promise<Answer> {
  return async request => {
    const { events, rejected, repeated } = read(request, world)
    const { tenant, reader } = request
    if (request.image && events.some(namesPerson))
      return refusal(400, 'personal data must not travel in an address: post it instead', reader)
    const suppressed = request.bot ? new Set(ids(events)) : await suppressedAmong(world, tenant, events)
    const shares = distribute(events, suppressed, tenant, request.connector)
    const stored = await Promise.all(shares.map(share => store(request, share)))
    if (stored.includes(false)) return unavailable(reader)

    tell(request, events, rejected, suppressed, shares)
    if (!events.length) return refusal(400, 'no event that can be used', reader, { rejected })
    if (request.image) return image(reader)
    return json(200, { accepted: events.length + repeated, rejected }, reader)
  }

  async function store({ tenant, requestId }: Admitted, { connector, route, take }: Share): Promise<boolean> {
    if (!take.length) return true
    try {
      const table = tables[connector]
      if (!table) throw new Error(`BUFFER_TABLES names no table for "${connector}"`)
      await storeEnvelopes(world, table, envelopesFor(world, tenant.id, route, take))
      return true
    } catch (error) {
      const destination = destinationName(tenant.id, connector)
      log.error('not stored', { requestId, tenant: tenant.id, destination, error: String(error) })
      return false
    }
  }

  /**
   * One line of what became of each event, and the counts of each destination. Logs are paid for by the byte: an id stands there
   * again only where a list is not of all, and what is empty or 0 is left out.
   */
  function tell(
    { tenant, requestId }: Admitted,
    events: readonly Event[],
    rejected: readonly Rejected[],
    suppressed: ReadonlySet<string>,
    shares: readonly Share[],
  ): void {
    log.info('accepted', {
      tenant: tenant.id,
      requestId,
      ids: ids(events),
      names: events.map(({ name }) => name),
      stored: byConnector(shares, ({ take }) => (take.length === events.length ? 'all' : ids(take))),
      ...filled({
        skipped: byConnector(shares, ({ skipped }) => ids(skipped)),
        suppressed: [...suppressed],
        rejected,
      }),
    })
    const Stack = world.env.CONNECT_STACK
    if (rejected.length) log.metrics({ Stack, Tenant: tenant.id }, { rejected: rejected.length })
    for (const { connector, take, skipped, suppressed } of shares) {
      const counts = { received: take.length, skipped: skipped.length, suppressed: suppressed.length }
      const seen = Object.fromEntries(Object.entries(counts).filter(([, count]) => count))
      if (Object.keys(seen).length) log.metrics({ Stack, Destination: destinationName(tenant.id, connector) }, seen)
    }
  }
}

/** The events that can be used, each id once, and why the others cannot. */
function read({ body, clientId }: Admitted, world: Pick<World, 'now' | 'uuid'>) {
  const events = new Map<string, Event>()
  const rejected: Rejected[] = []
  const now = world.now()
  for (const [index, raw] of body.events.entries()) {
    const result = refusedUnread(raw, body.bytes, clientId) ?? normalise(raw, { now, uuid: world.uuid })
    if ('reason' in result) rejected.push({ index, ...result })
    else if (!events.has(result.event.id)) events.set(result.event.id, result.event)
  }
  return { events: [...events.values()], rejected, repeated: body.events.length - rejected.length - events.size }
}

function refusedUnread(raw: unknown, bytes: number, clientId: string | undefined): Rejection | undefined {
  const tooLarge = oversize(raw, bytes)
  if (tooLarge) return { reason: tooLarge, path: '' }
  if (clientId !== undefined && isObject(raw) && typeof raw.clientId === 'string' && raw.clientId.trim() !== clientId)
    return { reason: 'another clientId than the rest of the request', path: '/clientId' }
  return undefined
}

const ids = (events: readonly Event[]) => events.map(({ id }) => id)

/** What is told of each destination that has something to tell. */
const byConnector = <T extends { length: number }>(shares: readonly Share[], told: (share: Share) => T) =>
  Object.fromEntries(shares.map(share => [share.connector, told(share)] as const).filter(([, { length }]) => length))

const filled = (lists: { readonly [name: string]: object }) =>
  Object.fromEntries(Object.entries(lists).filter(([, list]) => Object.keys(list).length))

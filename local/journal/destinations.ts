import { type Cause, isTrouble } from '../../core/cause.ts'
import { type DestinationState, freshState } from '../../core/destination-state.ts'
import { type Counts, createTally, type Tally } from './tally.ts'

/** One destination as `/status.json` tells it. Times are epoch ms. */
export type DestinationStatus = Counts & {
  accepted: number
  breaker: 'closed' | 'open' | 'half-open'
  /** Consecutive failures that the breaker has counted. */
  failures: number
  /** Why it does not send now, if it does not. */
  shut?: { reason: 'paused' | 'stopped' | 'throttled' | 'breaker'; since: number; until?: number; words?: string }
  /** Troubles that mails have told of, or are about to, and that are not over. */
  troubles: { reason: string; since: number; code?: string; words?: string }[]
  /** A run holds a lease. */
  sending: boolean
  /** Events in the buffer: how long the oldest envelope has been there and when the first is due. */
  backlog: { events: number; oldestAt?: number; nextDueAt?: number }
  /** The account's access token; absent for vendors with static keys and before the first login. */
  token?: TokenStatus
  account?: string
}
export type TokenStatus = { version: number; expiresAt: number; expired: boolean }

export type Destinations = ReturnType<typeof createDestinations>
export type Destination = {
  name: string
  tally: Tally
  state: DestinationState
  /** Lane rows: until when a run holds each. */
  leases: Map<string, number>
  /** By reason. */
  causes: Map<string, Cause>
  envelopes: Map<string, { receivedAt: number; dueAt: number }>
  account?: string
}

/** Enough to know the oldest: what arrives beyond it is younger, and is looked at once there is room again. */
const ENVELOPES = 10_000

export function createDestinations(now: () => number) {
  const destinations = new Map<string, Destination>()
  /** By connector and account, `rdstation#loja-abc`. */
  const tokens = new Map<string, { version: number; expiresAt: number }>()

  const get = (name: string): Destination => {
    const known = destinations.get(name)
    if (known) return known
    const fresh: Destination = {
      name,
      tally: createTally(),
      state: freshState(),
      leases: new Map(),
      causes: new Map(),
      envelopes: new Map(),
    }
    destinations.set(name, fresh)
    return fresh
  }
  return {
    get,
    names: () => Array.from(destinations.keys()).sort(),
    ofTenant: (tenant: string) => Array.from(destinations.values()).filter(({ name }) => name.startsWith(`${tenant}/`)),
    envelope(destination: Destination, key: string, image: { receivedAt: number; dueAt: number } | undefined) {
      if (!image) destination.envelopes.delete(key)
      else if (destination.envelopes.has(key) || destination.envelopes.size < ENVELOPES)
        destination.envelopes.set(key, { receivedAt: image.receivedAt, dueAt: image.dueAt })
    },
    token: (account: string, token: { version: number; expiresAt: number }) => void tokens.set(account, token),
    status: (): Record<string, DestinationStatus> =>
      Object.fromEntries(
        Array.from(destinations.values())
          .sort((a, b) => (a.name < b.name ? -1 : 1))
          .map(destination => [destination.name, status(destination, tokens, now())]),
      ),
  }
}

function status(
  destination: Destination,
  tokens: ReadonlyMap<string, { version: number; expiresAt: number }>,
  now: number,
): DestinationStatus {
  const { tally, state, leases, envelopes, account } = destination
  const counts = tally.counts()
  const [tenant, connector] = destination.name.split('/')
  const token = tokens.get(`${connector}#${account ?? tenant}`)
  const shut = whyShut(state, now)
  const waiting = Array.from(envelopes.values())
  const least = (times: number[]) => (times.length ? times.reduce((a, b) => Math.min(a, b)) : undefined)
  const oldestAt = least(waiting.map(({ receivedAt }) => receivedAt))
  const nextDueAt = least(waiting.map(({ dueAt }) => dueAt))
  return {
    accepted: Object.values(counts).reduce((sum, count) => sum + count, 0),
    ...counts,
    breaker: breakerOf(state, now),
    failures: state.breaker.failures,
    ...(shut && { shut }),
    troubles: Array.from(destination.causes.values()).filter(goesOn).map(trouble),
    sending: Array.from(leases.values()).some(until => until > now),
    backlog: {
      events: counts.waiting + counts.retrying,
      ...(oldestAt !== undefined && { oldestAt }),
      ...(nextDueAt !== undefined && { nextDueAt }),
    },
    ...(token && { token: { ...token, expired: token.expiresAt <= now } }),
    ...(account && { account }),
  }
}

const goesOn = ({ open, reason }: Cause) => open && isTrouble(reason)
const trouble = ({ reason, since, code, words }: Cause) => ({
  reason,
  since,
  ...(code && { code }),
  ...(words && { words }),
})

function breakerOf({ breaker }: DestinationState, now: number): DestinationStatus['breaker'] {
  if (breaker.openedAt === undefined) return 'closed'
  return now >= (breaker.probeAt ?? breaker.openedAt) ? 'half-open' : 'open'
}

function whyShut(state: DestinationState, now: number): DestinationStatus['shut'] {
  const { paused, stopped, throttled, breaker } = state
  if (paused) return { reason: 'paused', since: paused.since, words: `by ${paused.by}: ${paused.reason}` }
  if (stopped)
    return {
      reason: 'stopped',
      since: stopped.since,
      until: stopped.probeAt,
      words: `${stopped.code}: ${stopped.words}`,
    }
  if (throttled && now < throttled.until)
    return { reason: 'throttled', since: throttled.since, until: throttled.until, words: throttled.code }
  if (breaker.openedAt === undefined) return undefined
  return {
    reason: 'breaker',
    since: breaker.openedAt,
    ...(breaker.probeAt !== undefined && { until: breaker.probeAt }),
    words: `${breaker.failures} failures in a row`,
  }
}

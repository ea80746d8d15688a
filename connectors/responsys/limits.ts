import type { HttpRequest, Rate, RawAnswer, Token } from '../../core/connector.ts'
import { isObject } from './errors.ts'
import type { CallName, Settings } from './settings.ts'

// Oracle's page names 200 a minute for the functions that are used most:
// https://docs.oracle.com/en/cloud/saas/marketing/responsys-rest-api/Throttling.html
const PER_MINUTE = 200
const MINUTE_MS = 60_000

const perMinute = (requests: number): readonly Rate[] => [{ requests, perMs: MINUTE_MS }]

/** Each function is counted by itself, for the account as a whole. */
export const ratesOf =
  (call: CallName) =>
  ({ requestsPerMinute }: Settings): readonly Rate[] =>
    perMinute(requestsPerMinute?.[call] ?? PER_MINUTE)

/** Unversioned, unlike everything else: with v1.3 in its path it is not found. */
export const askLimits = ({ loginUrl }: Settings, token: Token): HttpRequest => ({
  method: 'GET',
  url: `${token.baseUrl ?? loginUrl}/rest/api/ratelimit`,
  headers: { accept: 'application/json' },
})

/** How the limits name the functions that we call; what needs a query or is another API ends otherwise. */
const FUNCTIONS: readonly [CallName, RegExp][] = [
  ['profile', /\/lists\/[^/]+\/members\/?$/],
  ['extension', /\/lists\/[^/]+\/listExtensions\/[^/]+\/members\/?$/],
  ['table', /\/folders\/[^/]+\/suppData\/[^/]+\/members\/?$/],
  ['program', /\/events\/[^/]+\/?$/],
]

/** What the account says of itself; nothing for functions that it does not mention, the least where it mentions one twice. */
export function readLimits(
  { status, body }: RawAnswer,
  { requestsPerMinute }: Settings,
): { readonly [call: string]: readonly Rate[] } {
  if (status !== 200) return {}
  const found: { [call: string]: readonly Rate[] } = {}
  for (const entry of entriesOf(body)) {
    const limit = Number(entry.limit)
    const path = `/${entry.resource_path}`
    const call = FUNCTIONS.find(([, pattern]) => pattern.test(path))?.[0]
    if (!call || entry.verb !== 'POST' || !(limit >= 1) || /asyncApi|haApi|\/rei\//i.test(path)) continue
    const least = Math.min(limit, found[call]?.[0]?.requests ?? Number.POSITIVE_INFINITY)
    if (requestsPerMinute?.[call] === undefined) found[call] = perMinute(least) // an operator knows better
  }
  return found
}

/** A list, or an object around one: the page shows its entries, not what holds them. */
function entriesOf(body: unknown): readonly { readonly [field: string]: unknown }[] {
  const list = Array.isArray(body) ? body : isObject(body) ? Object.values(body).find(Array.isArray) : undefined
  return (list ?? []).filter(isObject)
}

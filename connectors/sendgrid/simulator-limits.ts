import type { VendorAnswer } from '../../core/simulator.ts'

type Said = Exclude<VendorAnswer, string>
type Window = { requests: number; perMs: number }
type Endpoint = 'mail' | 'contacts' | 'asm'

/** As the settings have it by default: see their sources there. */
const MAIL: Window = { requests: 10_000, perMs: 1000 }
const OTHERS: Window = { requests: 90, perMs: 60_000 }
/** SendGrid publishes no numbers, so that an account may well have lower ones. */
const SMALL_MAIL: Window = { requests: 20, perMs: 10_000 }
const SMALL_OTHERS: Window = { requests: 30, perMs: 60_000 }

function windowOf(account: string, endpoint: Endpoint): Window {
  const small = account.endsWith('-small')
  return endpoint === 'mail' ? (small ? SMALL_MAIL : MAIL) : small ? SMALL_OTHERS : OTHERS
}

/** Windows slide, which is the stricter reading. https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits */
export function createLimits(clock: { now(): number }) {
  const taken = new Map<string, number[]>()
  const recently = (account: string, endpoint: Endpoint) => {
    const key = `${account} ${endpoint}`
    const recent = (taken.get(key) ?? []).filter(time => time > clock.now() - windowOf(account, endpoint).perMs)
    taken.set(key, recent)
    return recent
  }
  /** What every answer says of its endpoint's window. */
  const headers = (account: string, endpoint: Endpoint) => {
    const { requests, perMs } = windowOf(account, endpoint)
    const recent = recently(account, endpoint)
    return told(requests, requests - recent.length, (recent[0] ?? clock.now()) + perMs, clock.now())
  }
  return {
    headers,
    /** Counts one request of an account, or answers that it is one too many. */
    take(account: string, endpoint: Endpoint): Said | undefined {
      const recent = recently(account, endpoint)
      if (recent.length >= windowOf(account, endpoint).requests) return tooMany(headers(account, endpoint))
      recent.push(clock.now())
      return undefined
    },
    over: (): Said => tooMany(told(OTHERS.requests, 0, clock.now() + OTHERS.perMs, clock.now())),
  }
}

const told = (limit: number, remaining: number, resetAt: number, now: number) => ({
  Date: new Date(now).toUTCString(),
  'X-RateLimit-Limit': String(limit),
  'X-RateLimit-Remaining': String(remaining),
  'X-RateLimit-Reset': String(Math.ceil(resetAt / 1000)),
})

const tooMany = (headers: ReturnType<typeof told>): Said => ({
  status: 429,
  headers,
  body: { errors: [{ field: null, message: 'too many requests' }] },
})

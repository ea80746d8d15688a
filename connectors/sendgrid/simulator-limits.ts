import type { VendorAnswer } from '../../core/simulator.ts'

type Said = Exclude<VendorAnswer, string>
type Window = { requests: number; perMs: number }

/** As the settings have it by default: see their sources there. */
const MAIL: Window = { requests: 10_000, perMs: 1000 }
const OTHERS: Window = { requests: 90, perMs: 60_000 }

/** Windows slide, which is the stricter reading. https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits */
export function createLimits(clock: { now(): number }) {
  const taken = new Map<string, number[]>()
  return {
    /** Counts one request of an account, or answers that it is one too many. */
    take(account: string, endpoint: 'mail' | 'contacts' | 'asm'): Said | undefined {
      const { requests, perMs } = endpoint === 'mail' ? MAIL : OTHERS
      const key = `${account} ${endpoint}`
      const recent = (taken.get(key) ?? []).filter(time => time > clock.now() - perMs)
      taken.set(key, recent)
      if (recent.length >= requests) return tooMany(requests, (recent[0] ?? clock.now()) + perMs, clock.now())
      recent.push(clock.now())
      return undefined
    },
    over: (): Said => tooMany(OTHERS.requests, clock.now() + OTHERS.perMs, clock.now()),
  }
}

const tooMany = (limit: number, resetAt: number, now: number): Said => ({
  status: 429,
  headers: {
    Date: new Date(now).toUTCString(),
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': String(Math.ceil(resetAt / 1000)),
  },
  body: { errors: [{ field: null, message: 'too many requests' }] },
})

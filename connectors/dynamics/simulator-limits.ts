import type { PartAnswer } from './simulator-batch.ts'

const WINDOW_MS = 300_000
const REQUESTS = 6000
const EXECUTION_MS = 1_200_000
const AT_ONCE = 52 // the 52nd is refused
const OPERATION_MS = 2
const REQUEST_MS = 5

type Limit = Pick<PartAnswer, 'status'> & { headers: { 'retry-after': string }; body: object }
type Spent = { at: number; until: number }

/**
 * Service protection of one application user on one server, in windows that slide:
 * https://learn.microsoft.com/power-apps/developer/data-platform/api-limits
 */
export function createLimits(clock: { now(): number }) {
  const spent = new Map<string, Spent[]>()
  return {
    /** Counts one request; what Dataverse answers if that is one too many, else how long it takes. */
    take(account: string, operations: number): Limit | number {
      const now = clock.now()
      const recent = (spent.get(account) ?? []).filter(({ at }) => at > now - WINDOW_MS)
      spent.set(account, recent)
      const oldest = recent[0]?.at ?? now
      const waitS = Math.max(1, Math.ceil((oldest + WINDOW_MS - now) / 1000))
      if (recent.length >= REQUESTS) return tooMany(waitS)
      const executed = recent.reduce((sum, { at, until }) => sum + until - at, 0)
      const takesMs = REQUEST_MS + operations * OPERATION_MS
      if (executed + takesMs > EXECUTION_MS)
        return limit(
          '0x80072321',
          `Combined execution time of incoming requests exceeded limit of ${EXECUTION_MS} milliseconds over time window of 300 seconds. Decrease number of concurrent requests or reduce the duration of requests and try again later.`,
          waitS,
        )
      if (recent.filter(({ until }) => until > now).length >= AT_ONCE - 1)
        return limit('0x80072326', `Number of concurrent requests exceeded the limit of ${AT_ONCE}.`, 1)
      recent.push({ at: now, until: now + takesMs })
      return takesMs
    },
  }
}

export const tooMany = (waitS: number): Limit =>
  limit('0x80072322', `Number of requests exceeded the limit of ${REQUESTS} over time window of 300 seconds.`, waitS)

const limit = (code: string, message: string, waitS: number): Limit => ({
  status: 429,
  headers: { 'retry-after': String(waitS) },
  body: { error: { code, message } },
})

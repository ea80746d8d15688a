const DAY_MS = 86_400_000
const EVENTS_A_DAY = 120
const PERIOD_MS = 60_000

/** https://developers.rdstation.com/reference/limite-de-requisicoes-da-api; windows slide, which is the stricter reading. */
export function createCounters(clock: { now(): number }) {
  const requests = new Map<string, number[]>()
  const events = new Map<string, number[]>()
  const within = (times: Map<string, number[]>, key: string, periodMs: number) => {
    const recent = (times.get(key) ?? []).filter(time => time > clock.now() - periodMs)
    times.set(key, recent)
    return recent
  }
  const contactKey = (account: string, email: string) => `${account} ${email}`
  return {
    /** Counts one request; false if the account has had its share of this minute. */
    takeRequest(account: string): boolean {
      const recent = within(requests, account, PERIOD_MS)
      if (recent.length >= (account.endsWith('-advanced') ? 500 : 120)) return false
      recent.push(clock.now())
      return true
    },
    /** What RD Station says if one of these contacts would have more than 120 events in 24 hours. */
    firstOver(account: string, emails: readonly string[]): object | undefined {
      const more = Map.groupBy(emails, email => email)
      for (const [email, added] of more) {
        const recent = within(events, contactKey(account, email), DAY_MS)
        if (recent.length + added.length > EVENTS_A_DAY)
          return {
            error: `'lead_limiter' rate limit exceeded for 86400 second(s) period for key '${email}'`,
            max: EVENTS_A_DAY,
            usage: recent.length + added.length,
            remaining_time: Math.ceil(((recent[0] ?? clock.now()) + DAY_MS - clock.now()) / 1000),
          }
      }
      return undefined
    },
    takeEvents(account: string, emails: readonly string[]) {
      for (const email of emails) within(events, contactKey(account, email), DAY_MS).push(clock.now())
    },
  }
}

const DAY_MS = 86_400_000
/** Of a developer org; a full sandbox has more than any test needs. https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm */
const DEVELOPER = 15_000
const SANDBOX = 5_000_000

/** API requests of the last 24 hours, by account: one whose name ends in "-developer" has a developer org's allowance. */
export function createAllowance(clock: { now(): number }) {
  const requests = new Map<string, number[]>()
  const limitOf = (account: string) => (account.endsWith('-developer') ? DEVELOPER : SANDBOX)
  const within = (account: string) => {
    const recent = requests.get(account) ?? []
    while (recent.length && recent[0]! <= clock.now() - DAY_MS) recent.shift()
    requests.set(account, recent)
    return recent
  }
  return {
    /** Counts one request; false if the org has had its share of the last 24 hours. */
    take(account: string): boolean {
      const recent = within(account)
      if (recent.length >= limitOf(account)) return false
      recent.push(clock.now())
      return true
    },
    /** What every answer says of it. */
    header: (account: string) => ({ 'sforce-limit-info': `api-usage=${within(account).length}/${limitOf(account)}` }),
  }
}

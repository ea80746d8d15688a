const MINUTE_MS = 60_000

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-rest-api/Throttling.html */
const FUNCTIONS = [
  { api: 'login', resource_path: '/auth/token', description: 'Login', standard: 10, fast: 10 },
  {
    api: 'mergeListMembers',
    resource_path: '/lists/{listName}/members',
    description: 'Merge List Recipients',
    standard: 200,
    fast: 1000,
  },
  {
    api: 'retrieveListMembers',
    resource_path: '/lists/{listName}/members?action=get',
    description: 'Retrieve List Recipients',
    standard: 100,
    fast: 100,
  },
  {
    api: 'mergeProfileExtensionRecipients',
    resource_path: '/lists/{listName}/listExtensions/{petName}/members',
    description: 'Merge Profile Extension Recipients',
    standard: 200,
    fast: 500,
  },
  {
    api: 'mergeTableRecords',
    resource_path: '/folders/{folderName}/suppData/{tableName}/members',
    description: 'Merge Table Records',
    standard: 200,
    fast: 400,
  },
  {
    api: 'triggerCustomEvent',
    resource_path: '/events/{eventName}',
    description: 'Trigger Custom Event',
    standard: 200,
    fast: 300,
  },
  {
    api: 'asyncMergeListMembers',
    resource_path: '/asyncApi/lists/{listName}/members',
    description: 'Merge List Recipients, asynchronous',
    standard: 50,
    fast: 50,
  },
] as const
export type ApiName = (typeof FUNCTIONS)[number]['api']

const plan = (account: string) => (account.endsWith('-fast') ? 'fast' : 'standard')

/** Requests of each function in any minute: whether Oracle's windows slide is not said, sliding is the stricter reading. */
export function createCounters(clock: { now(): number }) {
  const taken = new Map<string, number[]>()
  return {
    /** Counts one request; false if the account has had its share of this function. */
    take(account: string, name: ApiName): boolean {
      const key = `${account} ${name}`
      const recent = (taken.get(key) ?? []).filter(time => time > clock.now() - MINUTE_MS)
      taken.set(key, recent)
      if (recent.length >= FUNCTIONS.find(({ api }) => api === name)![plan(account)]) return false
      recent.push(clock.now())
      return true
    },
    /** What `GET /rest/api/ratelimit` says to this account. */
    list: (account: string) =>
      FUNCTIONS.map(({ api, resource_path, description, ...limits }) => ({
        limit: limits[plan(account)],
        api,
        resource_path,
        verb: 'POST',
        description,
      })),
  }
}

import type { HttpRequest, Secrets } from '../../core/connector.ts'
import type { Simulator, Vendor, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { createBulk } from './simulator-bulk.ts'
import { cases } from './simulator-cases.ts'
import { PRIVATE_KEY } from './simulator-key.ts'
import { createAllowance } from './simulator-limits.ts'
import { createLogins } from './simulator-login.ts'
import { createStore } from './simulator-store.ts'
import { refuse, upsertCollection } from './simulator-upsert.ts'

const HOST = 'acme.my.salesforce.com'
const LOGIN = 'login.salesforce.com'
const OLDEST = 46
const NEWEST = 67

const simulator: Simulator<Settings> = {
  hosts: [HOST, LOGIN],
  settings: { loginUrl: `https://${HOST}`, placeholder: 'Unknown' },
  credentials,
  vendor: createVendor,
  cases,
}

/** The fake takes any account that keeps to this pattern; see simulator-limits.ts for what its name decides. */
function credentials({ auth }: Settings, account = 'demo'): Secrets {
  const clientId = `app-of-${account}`
  if (auth === 'jwt') return { clientId, username: `connect@${account}.example.com`, privateKey: PRIVATE_KEY }
  const app = { clientId, clientSecret: `secret-of-${account}` }
  return auth === 'refresh_token' ? { ...app, refreshToken: `refresh-of-${account}.0` } : app
}

type Said = Exclude<VendorAnswer, string>

/** One Salesforce org as far as this connector sees it: logins, upserts of collections, bulk jobs, its refusals and its allowance. */
function createVendor(clock: { now(): number; random(): number }): Vendor {
  const store = createStore(clock)
  const logins = createLogins(clock, `https://${HOST}`)
  const allowance = createAllowance(clock)
  const bulk = createBulk(clock, store)
  const vendor: Vendor = {
    received: store.received,
    mode: 'up',
    tokensIssued: 0,
    expireTokens: logins.expireAll,
    handle: async request => answerTo(request),
  }

  function answerTo(request: HttpRequest): VendorAnswer {
    if (vendor.mode === 'refused' || vendor.mode === 'hang') return vendor.mode
    if (vendor.mode === 'down') return { status: 503, body: '<html><h1>Down For Maintenance</h1></html>' }
    const { hostname, pathname } = new URL(request.url)
    if (request.method === 'POST' && pathname === '/services/oauth2/token') return issueToken(request)
    if (hostname !== HOST) return refuse(404, 'NOT_FOUND', 'The requested resource does not exist')
    const account = logins.accountOf(request)
    if (account === null) return refuse(401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE')
    if (account === undefined) return refuse(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
    if (vendor.mode === 'throttled' || !allowance.take(account))
      return refuse(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
    const answer = api(request, account, pathname)
    return { ...answer, headers: { ...answer.headers, ...allowance.header(account) } }
  }

  function issueToken(request: HttpRequest): Said {
    const answer = logins.issue(request)
    if (answer.status === 200) vendor.tokensIssued++
    return answer
  }

  function api(request: HttpRequest, account: string, pathname: string): Said {
    const [, version, path = ''] = /^\/services\/data\/v(\d+)\.0(\/.*)$/.exec(pathname) ?? []
    if (!(Number(version) >= OLDEST && Number(version) <= NEWEST)) return NOT_FOUND
    const [, object, externalId] = /^\/composite\/sobjects\/(\w+)\/(\w+)$/.exec(path) ?? []
    if (object && externalId)
      return request.method === 'PATCH'
        ? upsertCollection(store, account, [object, externalId], request)
        : refuse(405, 'METHOD_NOT_ALLOWED', `HTTP Method '${request.method}' not allowed. Allowed are PATCH`)
    const [, rest] = /^\/jobs\/ingest(\/.*|)$/.exec(path) ?? []
    return (rest === undefined ? undefined : bulk.answer(account, rest, request)) ?? NOT_FOUND
  }

  return vendor
}

const NOT_FOUND = refuse(404, 'NOT_FOUND', 'The requested resource does not exist')

export default simulator

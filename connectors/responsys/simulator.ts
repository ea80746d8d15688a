import type { HttpRequest, Secrets } from '../../core/connector.ts'
import type { Simulator, Vendor, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { type Body, bodyOf } from './simulator-body.ts'
import { cases } from './simulator-cases.ts'
import { envelope } from './simulator-envelope.ts'
import { type ApiName, createCounters } from './simulator-limits.ts'
import { createLogins } from './simulator-login.ts'
import { mergeExtension, mergeList, mergeTable } from './simulator-merge.ts'
import { createStore } from './simulator-store.ts'
import { trigger } from './simulator-trigger.ts'

const LOGIN_HOSTS = ['login5.responsys.net', 'login2.responsys.net', 'login.rsys8.net', 'login.rsys9.net']
const API_HOST = 'api5-009.responsys.net'

const simulator: Simulator<Settings> = {
  hosts: [...LOGIN_HOSTS, API_HOST],
  settings: { loginUrl: `https://${LOGIN_HOSTS[0]}`, list: 'CONTACTS_LIST' },
  credentials,
  vendor: createVendor,
  cases,
}

/** The fake takes any account that keeps to this pattern; one whose name ends in "-fast" has higher limits. */
function credentials(_settings: Settings, account = 'demo'): Secrets {
  return { username: `api-of-${account}`, password: `secret-of-${account}` }
}

type Api = { name: ApiName; answer(account: string, body: Body): Exclude<VendorAnswer, string> }

/** Responsys as far as this connector sees it: logins, merges, custom events, its refusals and its limits. */
function createVendor(clock: { now(): number; random(): number }): Vendor {
  const store = createStore(clock)
  const logins = createLogins(clock, `https://${API_HOST}`)
  const counters = createCounters(clock)
  const vendor: Vendor = {
    received: store.received,
    mode: 'up',
    tokensIssued: 0,
    expireTokens: logins.expireAll,
    handle: async request => answerTo(request),
  }

  function answerTo(request: HttpRequest): VendorAnswer {
    if (vendor.mode === 'refused' || vendor.mode === 'hang') return vendor.mode
    if (vendor.mode === 'down') return { status: 503, body: '<html><h1>503 Service Unavailable</h1></html>' }
    const { hostname, pathname, search } = new URL(request.url)
    if (request.method === 'POST' && pathname === '/rest/api/v1.3/auth/token')
      return login(request, hostname === API_HOST)
    if (hostname !== API_HOST) return NOT_FOUND
    if (request.method === 'GET' && pathname === '/rest/api/ratelimit') return limits(request)
    const api = request.method === 'POST' && search === '' ? apiAt(pathname) : undefined
    return api ? call(request, api) : NOT_FOUND
  }

  function login(request: HttpRequest, renewing: boolean): VendorAnswer {
    const { answer } = logins.issue(request, renewing)
    if (answer.status === 200) vendor.tokensIssued++
    return answer
  }

  function limits(request: HttpRequest): VendorAnswer {
    const account = logins.accountOf(request)
    if (!account)
      return envelope(500, 'UNEXPECTED_EXCEPTION', 'Unexpected exception', 'Not a valid authentication token')
    return { status: 200, body: counters.list(account) }
  }

  function call(request: HttpRequest, api: Api): VendorAnswer {
    const account = logins.accountOf(request)
    if (!account) return envelope(401, 'INVALID_TOKEN', 'Not a valid token', 'Not a valid authentication token')
    if (vendor.mode === 'throttled' || !counters.take(account, api.name)) return overLimit(api.name)
    const read = bodyOf(request)
    return 'refused' in read ? read.refused : api.answer(account, read.body)
  }

  function apiAt(pathname: string): Api | undefined {
    const [root, rest, version, kind, ...names] = pathname.slice(1).split('/').map(decodeURIComponent)
    if (root !== 'rest' || rest !== 'api' || version !== 'v1.3') return undefined
    const [first = '', second, third = '', fourth] = names
    if (kind === 'events' && names.length === 1)
      return { name: 'triggerCustomEvent', answer: (account, body) => trigger(store, account, first, body) }
    if (kind === 'lists' && names.length === 2 && second === 'members')
      return { name: 'mergeListMembers', answer: (account, body) => mergeList(store, account, first, body) }
    if (names.length !== 4 || fourth !== 'members') return undefined
    if (kind === 'lists' && second === 'listExtensions')
      return {
        name: 'mergeProfileExtensionRecipients',
        answer: (account, body) => mergeExtension(store, account, first, third, body),
      }
    if (kind === 'folders' && second === 'suppData')
      return { name: 'mergeTableRecords', answer: (account, body) => mergeTable(store, account, first, third, body) }
    return undefined
  }

  return vendor
}

const NOT_FOUND: VendorAnswer = { status: 404, body: '<html><h1>HTTP Status 404 - Not Found</h1></html>' }

/** 401, because that is the harder one of the two statuses in Oracle's tables: a new token would be no help. */
const overLimit = (name: string): VendorAnswer =>
  envelope(
    401,
    'API_LIMIT_EXCEEDED',
    'Request limit exceeded',
    `You exceeded your allowable limit to call the ${name} API function. Please try again in a minute.`,
  )

export default simulator

import type { HttpRequest, Secrets } from '../../../core/connector.ts'
import type { Received, Simulator, Vendor, VendorAnswer } from '../../../core/simulator.ts'
import type { Person } from './map.ts'
import type { Settings } from './settings.ts'
import { cases } from './simulator-cases.ts'

const HOST = 'api.sample.example'
const LIST = 'shop'
const FIELDS = 'email phone first_name last_name last_event last_event_at order value currency source city plan'.split(
  ' ',
)
const MOST_PEOPLE = 100
const MOST_BYTES = 1_000_000
const MOST_REQUESTS = 600
const MINUTE_MS = 60_000
const TOKEN_LIFE_S = 3600

const simulator: Simulator<Settings> = {
  hosts: [HOST],
  settings: { list: LIST },
  credentials,
  vendor: createVendor,
  cases,
}

/** The fake takes any account that keeps to this pattern. */
function credentials(_settings: Settings, account = 'demo'): Secrets {
  return { clientId: `app-of-${account}`, clientSecret: `secret-of-${account}` }
}

type Said = Exclude<VendorAnswer, string>

/** The vendor as far as this connector sees it: tokens, upserts of people, its refusals and its limits. */
function createVendor(clock: { now(): number; random(): number }): Vendor {
  const received: Received[] = []
  const tokens = new Map<string, { account: string; expiresAt: number }>()
  const requests = new Map<string, number[]>()
  const vendor: Vendor = {
    received,
    mode: 'up',
    tokensIssued: 0,
    expireTokens: () => tokens.clear(),
    handle: async request => answerTo(request),
  }

  function answerTo(request: HttpRequest): VendorAnswer {
    if (vendor.mode === 'refused' || vendor.mode === 'hang') return vendor.mode
    if (vendor.mode === 'down') return { status: 503, body: '<html><body>Service Unavailable</body></html>' }
    const { hostname, pathname } = new URL(request.url)
    const list = /^\/v1\/lists\/([a-z0-9-]+)\/people$/.exec(pathname)?.[1]
    if (hostname !== HOST || request.method !== 'POST') return refusal(404, 'not_found', 'There is nothing here.')
    if (pathname === '/oauth/token') return issueToken(request)
    return list === undefined ? refusal(404, 'not_found', 'There is nothing here.') : takePeople(request, list)
  }

  function issueToken({ headers, body = '' }: HttpRequest): Said {
    if (headers['content-type'] !== 'application/x-www-form-urlencoded')
      return refusal(415, 'unsupported_type', 'Send a form.')
    const form = new URLSearchParams(body)
    const account = /^app-of-([a-z0-9-]+)$/.exec(form.get('client_id') ?? '')?.[1]
    if (!account || form.get('client_secret') !== `secret-of-${account}`)
      return refusal(401, 'invalid_client', 'The client is not known.')
    const value = `access-of-${account}.${++vendor.tokensIssued}`
    tokens.set(value, { account, expiresAt: clock.now() + TOKEN_LIFE_S * 1000 })
    return { status: 200, body: { access_token: value, token_type: 'Bearer', expires_in: TOKEN_LIFE_S } }
  }

  /** All or nothing: one person that is not taken refuses the request. */
  function takePeople(request: HttpRequest, list: string): Said {
    const account = accountOf(request)
    if (account === undefined) return refusal(401, 'invalid_token', 'The token is not valid.')
    if (vendor.mode === 'throttled' || !mayAsk(account))
      return { ...refusal(429, 'rate_limit', 'Too many requests.'), headers: { 'retry-after': '30' } }
    if (list !== LIST) return refusal(404, 'unknown_list', 'There is no such list.')
    if (Buffer.byteLength(request.body ?? '') > MOST_BYTES) return refusal(413, 'too_large', 'The body is too large.')
    const people = peopleIn(request)
    if (!people) return refusal(400, 'invalid_body', 'The body is not what it should be.')
    const errors = people.flatMap(faultsOf)
    if (errors.length) return { status: 422, body: { errors } }
    for (const data of people)
      received.push({ at: clock.now(), kind: 'person', key: String(data.email), account, data })
    return { status: 200, body: { taken: people.length } }
  }

  function accountOf({ headers }: HttpRequest): string | undefined {
    const token = tokens.get(/^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? '')
    return token && token.expiresAt > clock.now() ? token.account : undefined
  }

  function mayAsk(account: string): boolean {
    const recent = (requests.get(account) ?? []).filter(at => at > clock.now() - MINUTE_MS)
    if (recent.length < MOST_REQUESTS) recent.push(clock.now())
    else return false
    requests.set(account, recent)
    return true
  }

  return vendor
}

const refusal = (status: number, code: string, message: string): Said => ({
  status,
  body: { errors: [{ code, message }] },
})

function peopleIn({ headers, body = '' }: HttpRequest): readonly Person[] | undefined {
  if (headers['content-type'] !== 'application/json') return undefined
  try {
    const { people } = JSON.parse(body)
    return Array.isArray(people) && people.length > 0 && people.length <= MOST_PEOPLE ? people : undefined
  } catch {
    return undefined
  }
}

function faultsOf(person: Person, index: number): readonly object[] {
  const unknown = Object.keys(person).find(field => !FIELDS.includes(field))
  if (unknown) return [{ index, code: 'unknown_field', message: `There is no field ${unknown}.` }]
  const email = String(person.email ?? '')
  return /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email)
    ? []
    : [{ index, code: 'invalid_value', message: 'email is not an address' }]
}

export default simulator

import type { HttpRequest, Secrets } from '../../core/connector.ts'
import type { Received, Simulator, Vendor, VendorAnswer } from '../../core/simulator.ts'
import { ACME_HOST, type AcmeData, type AcmeSettings } from './acme.ts'
import { acmeCases } from './acme-cases.ts'

/** A request that reached the fake, whatever became of it. */
export type AcmeRequest = { at: number; path: string; events: readonly string[]; status: number | string }
export type AcmeVendor = Vendor & { requests: readonly AcmeRequest[] }

export const acmeSettings: AcmeSettings = { account: 'shop' }

export const acmeSimulator: Omit<Simulator<AcmeSettings>, 'vendor'> & { vendor(clock: Clock): AcmeVendor } = {
  hosts: [ACME_HOST],
  settings: acmeSettings,
  credentials: ({ account }): Secrets => ({ user: account, password: `password of ${account}` }),
  vendor: clock => createVendor(clock),
  cases: acmeCases,
}
/** Credentials for `acme({ auth: 'static' })`. */
export const acmeKey = ({ account }: AcmeSettings): Secrets => ({ key: account })
type Clock = { now(): number }

const TOKEN_LIFE_MS = 3_600_000

/** Renews by rotation: a refresh token is dead as soon as it was used. Refuses what Acme would; else does what `acme` says. */
export function createVendor(clock: Clock): AcmeVendor {
  const requests: AcmeRequest[] = []
  const received: Received[] = []
  const tokens = new Map<string, { account: string; expiresAt: number }>()
  const refreshes = new Map<string, string>()
  const seen = new Set<string>()
  const vendor: AcmeVendor = {
    requests,
    received,
    mode: 'up',
    tokensIssued: 0,
    expireTokens: () => tokens.clear(),
    async handle(request) {
      const answer = answerTo(request)
      const at = clock.now()
      const path = new URL(request.url).pathname
      const status = typeof answer === 'string' ? answer : answer.status
      requests.push({ at, path, events: path === '/token' ? [] : recordsIn(request).map(({ event }) => event), status })
      return answer
    },
  }

  function answerTo(request: HttpRequest): VendorAnswer {
    if (vendor.mode === 'refused' || vendor.mode === 'hang') return vendor.mode
    if (vendor.mode === 'down') return { status: 503 }
    const { hostname, pathname } = new URL(request.url)
    if (hostname !== ACME_HOST || request.method !== 'POST') return { status: 404 }
    if (pathname === '/token') return issue(JSON.parse(request.body ?? '{}'))
    const account = accountOf(request.headers.authorization ?? '')
    if (account === undefined) return { status: 401, body: { code: 'bad-token' } }
    if (vendor.mode === 'throttled') return { status: 429, headers: { 'retry-after': '60' } }
    return take(pathname.slice(1), account, recordsIn(request))
  }

  function issue(body: { user?: string; password?: string; refresh?: string }): VendorAnswer {
    const { user = '', password, refresh } = body
    const known = refresh === undefined ? password === `password of ${user}` : refreshes.get(refresh) === user
    if (!known) return { status: 400, body: { code: 'bad-credentials' } }
    vendor.tokensIssued++
    if (refresh !== undefined) refreshes.delete(refresh)
    const next = { token: `token-${vendor.tokensIssued}`, refresh: `refresh-${vendor.tokensIssued}` }
    tokens.set(next.token, { account: user, expiresAt: clock.now() + TOKEN_LIFE_MS })
    refreshes.set(next.refresh, user)
    return { status: 200, body: { ...next, lifeMs: TOKEN_LIFE_MS } }
  }

  function accountOf(authorization: string): string | undefined {
    const value = authorization.replace(/^Bearer /, '')
    if (value.startsWith('key-')) return value.slice(4)
    const token = tokens.get(value)
    return token && token.expiresAt > clock.now() ? token.account : undefined
  }

  function take(call: string, account: string, records: readonly AcmeData[]): VendorAnswer {
    const wishes = records.map(record => wishOf(call, record))
    for (const [index, wish] of wishes.entries()) {
      const whole = wholeAnswer(wish, index)
      if (whole) return whole
    }
    for (const [index, data] of records.entries())
      if (rowOf(wishes[index]).status === 200 || wishes[index] === 'silent')
        received.push({
          at: clock.now(),
          kind: call,
          key: call === 'profile' ? data.person : data.event,
          account,
          data,
        })
    const rows = records.map(({ event }, index) => ({ event, ...rowOf(wishes[index]) }))
    return { status: 200, body: rows.filter((_, index) => wishes[index] !== 'silent') }
  }

  /** `x-once` is x for the first request that brings the record, and nothing afterwards. */
  function wishOf(call: string, { event, acme }: AcmeData): string | undefined {
    if (!acme?.endsWith('-once')) return acme
    const sight = `${call} ${event}`
    if (seen.has(sight)) return undefined
    seen.add(sight)
    return acme.slice(0, -'-once'.length)
  }

  return vendor
}

const recordsIn = ({ body }: HttpRequest): readonly AcmeData[] => JSON.parse(body ?? '[]')

function wholeAnswer(wish: string | undefined, index: number): VendorAnswer | undefined {
  switch (wish) {
    case 'refuse':
      return { status: 400, body: { code: 'refused', words: `record ${index} is wrong`, culprit: index } }
    case 'refuse-silently':
      return { status: 400, body: { code: 'refused', words: 'something is wrong' } }
    case 'throttle':
      return { status: 429, headers: { 'retry-after': '60' }, body: { code: 'rate' } }
    case 'unauthorized':
      return { status: 401, body: { code: 'bad-token' } }
    case 'misconfigure':
      return { status: 403, body: { code: 'not-allowed', words: 'this account may not' } }
    case 'down':
      return { status: 503 }
    case 'not-processed':
      return { status: 503, body: { code: 'not-processed' } }
    case 'moved':
      return { status: 302, headers: { location: 'https://elsewhere.example/' } }
    case 'reset':
    case 'refused':
    case 'hang':
      return wish
    default:
      return undefined
  }
}

function rowOf(wish: string | undefined): { status: number; code?: string; words?: string } {
  if (wish === 'reject') return { status: 400, code: 'bad-value', words: 'a value is wrong' }
  if (wish === 'retry') return { status: 409, code: 'locked' }
  if (wish === 'stale') return { status: 401, code: 'bad-token' }
  if (wish === 'busy') return { status: 429, code: 'busy' }
  if (wish === 'later') return { status: 500, code: 'trouble' }
  return { status: 200 }
}

import type { HttpRequest, Secrets } from '../../core/connector.ts'
import type { Received, Simulator, Vendor, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { cases } from './simulator-cases.ts'
import { createCounters } from './simulator-limits.ts'
import { complaintsOf } from './simulator-refusals.ts'
import { createTokens } from './simulator-tokens.ts'

const HOST = 'api.rd.services'
const MOST_BYTES = 200_000

const simulator: Simulator<Settings> = {
  hosts: [HOST],
  settings: { plan: 'pro', tags: ['site'] },
  credentials,
  webhookSecrets: (_settings, account = 'demo') => ({ hookKey: `hook-key-of-${account}` }),
  vendor: createVendor,
  cases,
}

/** The fake takes any account that keeps to this pattern; one whose name ends in "-advanced" has that plan's rate. */
function credentials(settings: Settings, account = 'demo'): Secrets {
  const name = settings.plan === 'advanced' ? `${account}-advanced` : account
  return settings.auth === 'api_key'
    ? { apiKey: `key-of-${name}` }
    : { clientId: `app-of-${name}`, clientSecret: `secret-of-${name}`, refreshToken: `refresh-of-${name}.0` }
}

type Said = Exclude<VendorAnswer, string>
type Posted = { event_type: string; event_family: string; payload: { email: string; [field: string]: unknown } }

/** RD Station Marketing as far as this connector sees it: tokens, events, its refusals and its limits. */
function createVendor(clock: { now(): number; random(): number }): Vendor {
  const received: Received[] = []
  const contacts = new Set<string>()
  const tokens = createTokens(clock)
  const counters = createCounters(clock)
  const vendor: Vendor = {
    received,
    mode: 'up',
    tokensIssued: 0,
    expireTokens: tokens.expireAll,
    handle: async request => answerTo(request),
  }

  function answerTo(request: HttpRequest): VendorAnswer {
    if (vendor.mode === 'refused' || vendor.mode === 'hang') return vendor.mode
    if (vendor.mode === 'down') return refusal(503, 'SERVICE_UNAVAILABLE', 'The service is unavailable.')
    const url = new URL(request.url)
    if (url.hostname !== HOST) return { status: 404, body: 'Not Found' }
    if (request.method !== 'POST') return refusal(405, 'METHOD_NOT_ALLOWED', 'Method not allowed.')
    if (url.pathname === '/auth/token' || url.pathname === '/oauth2/token') return issueToken(request)
    if (url.pathname === '/platform/conversions') return takeOne(request, url.searchParams.get('api_key'))
    if (url.pathname === '/platform/events/batch') return takeBatch(request)
    return refusal(404, 'RESOURCE_NOT_FOUND', 'The resource could not be found.')
  }

  function issueToken(request: HttpRequest): VendorAnswer {
    const answer = tokens.issue(request)
    if (answer.status === 200) vendor.tokensIssued++
    return answer
  }

  function takeOne(request: HttpRequest, apiKey: string | null): VendorAnswer {
    const account = apiKey === null ? tokens.accountOf(request) : /^key-of-([a-z0-9-]+)$/.exec(apiKey)?.[1]
    const read = open(request, account)
    if ('status' in read) return read
    const complaints = complaintsOf(read.body, '$')
    if (complaints.length) return { status: 400, body: { errors: complaints } }
    const event = read.body as Posted
    if (event.event_type !== 'CONVERSION') return { status: 400, body: { errors: [notAConversion] } }
    return keep([event], read.account) ?? { status: 200, body: { event_uuid: uuid() } }
  }

  function takeBatch(request: HttpRequest): VendorAnswer {
    const read = open(request, tokens.accountOf(request))
    if ('status' in read) return read
    if (!Array.isArray(read.body) || read.body.length === 0) return refusal(400, 'BAD_REQUEST', 'The body is no list.')
    const complaints = read.body.flatMap((event, index) => complaintsOf(event, `$[${index}]`))
    if (complaints.length) return { status: 400, body: { errors: complaints } }
    const events = read.body as Posted[]
    const refused = keep(events, read.account)
    return (
      refused ?? {
        status: 200,
        body: { event_batch_uuid: uuid(), events: events.map(() => ({ event_uuid: uuid() })) },
      }
    )
  }

  /** What comes before anyone looks at the events: who it is, how often, how large, and whether it is JSON at all. */
  function open(request: HttpRequest, account: string | undefined): Said | { account: string; body: unknown } {
    if (account === undefined) return unauthorized
    if (!request.headers['content-type']?.startsWith('application/json'))
      return refusal(415, 'UNSUPPORTED_MEDIA_TYPE', 'The content type is not supported.')
    if (vendor.mode === 'throttled' || !counters.takeRequest(account))
      return { status: 429, body: { message: 'API rate limit exceeded' } }
    if (Buffer.byteLength(request.body ?? '') > MOST_BYTES)
      return refusal(413, 'PAYLOAD_TOO_LARGE', 'The request body is too large.')
    try {
      return { account, body: JSON.parse(request.body ?? '') }
    } catch {
      return refusal(400, 'BAD_REQUEST', 'The request body could not be read.')
    }
  }

  /** All or nothing: one contact over its day's events refuses the request, as does a sale of somebody unknown. */
  function keep(events: readonly Posted[], account: string): VendorAnswer | undefined {
    const emails = events.map(({ payload }) => payload.email.toLowerCase())
    const over = counters.firstOver(account, emails)
    if (over) return { status: 429, body: over }
    if (events.some((event, index) => !createsContact(event) && !contacts.has(`${account} ${emails[index]}`)))
      return refusal(404, 'RESOURCE_NOT_FOUND', 'Lead not found.')
    counters.takeEvents(account, emails)
    for (const [index, data] of events.entries()) {
      contacts.add(`${account} ${emails[index]}`)
      received.push({ at: clock.now(), kind: data.event_type, key: keyOf(data), account, data })
    }
    return undefined
  }

  const uuid = () =>
    'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(clock.random() * 16).toString(16))
  return vendor
}

const notAConversion = {
  error_type: 'INVALID_OPTION',
  error_message: 'must be CONVERSION',
  path: '$.event_type',
}
const unauthorized: Said = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer error="expired_token", error_description="The access token expired"' },
  body: { errors: { error_type: 'UNAUTHORIZED', error_message: 'Invalid token.' } },
}
const refusal = (status: number, error_type: string, error_message: string): Said => ({
  status,
  body: { errors: { error_type, error_message } },
})

const createsContact = ({ event_type: type }: Posted) => type === 'CONVERSION' || type.startsWith('ECOMMERCE_')
const keyOf = ({ payload }: Posted) =>
  `${payload.email.toLowerCase()} ${payload.identifier ?? payload.conversion_identifier ?? ''}`.trimEnd()

export default simulator

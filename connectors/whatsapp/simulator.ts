import type { HttpRequest, Secrets } from '../../core/connector.ts'
import type { Hook, Received, Simulator, Vendor, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { cases } from './simulator-cases.ts'
import { appSecretOf, hookOf, inboundOf, statusOf } from './simulator-hooks.ts'
import { createLimits, overThroughput } from './simulator-limits.ts'
import { NEVER_ARRIVES, NOT_ON_WHATSAPP, NUMBER_ID, OWN_NUMBER, STOPPED } from './simulator-people.ts'
import { type Fault, isObject, TEMPLATES, templateFault } from './simulator-templates.ts'
import { createWindows, textFault, waIdOf } from './simulator-windows.ts'

const HOST = 'graph.facebook.com'

const simulator: Simulator<Settings> = {
  hosts: [HOST],
  settings: { phoneNumberId: NUMBER_ID },
  credentials,
  webhookSecrets: (_settings, account = 'demo') => ({
    appSecret: appSecretOf(account),
    verifyToken: `verify-${account}`,
  }),
  vendor: createVendor,
  cases,
}

/** The fake takes any account whose token keeps to this pattern; `.2` behind it makes a new one after it expired. */
function credentials(_settings: Settings, account = 'demo'): Secrets {
  return { accessToken: `token-of-${account}` }
}

type Message = { to?: string; recipient?: string; biz_opaque_callback_data?: string } & (
  | { type: 'text' }
  | { type: 'template'; template: { name: string } }
)

/** The Cloud API as far as this connector sees it: messages, what is wrong with them, its rates, and the webhooks that follow. */
function createVendor(clock: { now(): number; random(): number }): Vendor {
  const received: Received[] = []
  const hooks: Hook[] = []
  const limits = createLimits(clock)
  const windows = createWindows(clock)
  const seen = new Set<string>()
  const dead = new Set<string>()
  let written = 0
  const vendor: Vendor = {
    received,
    mode: 'up',
    tokensIssued: 0,
    expireTokens() {
      for (const token of seen) dead.add(token)
    },
    write({ account, to, from, text }) {
      windows.open(to, from)
      hooks.push(hookOf(account, to, inboundOf(from, text, clock.now(), ++written)))
    },
    takeHooks: () => hooks.splice(0),
    handle: async request => answerTo(request),
  }

  function answerTo(request: HttpRequest): VendorAnswer {
    if (vendor.mode === 'refused' || vendor.mode === 'hang') return vendor.mode
    if (vendor.mode === 'down') return { status: 503, body: '<html><body>Sorry, something went wrong.</body></html>' }
    const { hostname, pathname } = new URL(request.url)
    if (hostname !== HOST) return { status: 404, body: 'Not Found' }
    const account = accountOf(request)
    if (account === undefined) return refusal(EXPIRED)
    const [, number] = /^\/v\d{2}\.\d\/(\d{5,20})\/messages$/.exec(pathname) ?? []
    if (request.method !== 'POST' || !number) return refusal(NO_SUCH_OBJECT)
    if (vendor.mode === 'throttled') return refusal(overThroughput)
    const message = read(request)
    if ('code' in message) return refusal(message)
    return take(account, number, message)
  }

  function accountOf({ headers }: HttpRequest): string | undefined {
    const [, token = '', account] = /^Bearer (token-of-([a-z0-9-]+)(?:\.\d+)?)$/.exec(headers.authorization ?? '') ?? []
    if (!account || dead.has(token)) return undefined
    seen.add(token)
    return account
  }

  function take(account: string, number: string, message: Message): VendorAnswer {
    const key = message.to ?? message.recipient ?? ''
    const shut = message.type === 'text' ? windows.fault(number, key) : undefined
    const fault = personFault(message, key) ?? shut ?? limits.take(number, key)
    if (fault) return refusal(fault)
    const id = `wamid.${Buffer.from(`${key} ${received.length}`).toString('base64url')}`
    const wa = waIdOf(key)
    received.push({ at: clock.now(), kind: kindOf(message), key, account, data: message })
    const ends = key === NEVER_ARRIVES ? [{ status: 'failed', errors: [UNDELIVERABLE] }] : ARRIVES
    for (const { status, ...more } of [{ status: 'sent' }, ...ends])
      hooks.push(
        hookOf(account, number, {
          statuses: [statusOf(id, status, wa, message.biz_opaque_callback_data, clock.now(), more)],
        }),
      )
    return {
      status: 200,
      body: {
        messaging_product: 'whatsapp',
        contacts: [{ input: key, wa_id: wa }],
        messages: [{ id, message_status: 'accepted' }],
      },
    }
  }
  return vendor
}

const ARRIVES = [{ status: 'delivered' }]
const UNDELIVERABLE = { code: 131026, title: 'Message undeliverable', message: 'Message undeliverable' }

const kindOf = (message: Message) => (message.type === 'text' ? 'text' : message.template.name)

const FIELDS = [
  'messaging_product',
  'recipient_type',
  'to',
  'recipient',
  'type',
  'template',
  'text',
  'biz_opaque_callback_data',
]
const invalid = (details: string): Fault => ({ status: 400, code: 100, message: '(#100) Invalid parameter', details })

/** The message of a request, or the first thing that is wrong with its form. */
function read({ headers, body = '' }: HttpRequest): Message | Fault {
  if (!headers['content-type']?.startsWith('application/json'))
    return invalid('The content type is not application/json')
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return invalid('The body is not JSON')
  }
  if (!isObject(value)) return invalid('The body is not an object')
  const strange = Object.keys(value).find(name => !FIELDS.includes(name))
  if (strange) return invalid(`Unexpected key "${strange}"`)
  if (value.messaging_product !== 'whatsapp') return invalid('The parameter messaging_product is required.')
  if (
    !/^\+?[1-9]\d{6,14}$/.test(String(value.to ?? '')) &&
    !/^[A-Z]{2}\.\w{1,128}$/.test(String(value.recipient ?? ''))
  )
    return invalid('The parameter to is required.')
  const note = value.biz_opaque_callback_data
  if (note !== undefined && (typeof note !== 'string' || note.length > 512)) return invalid('biz_opaque_callback_data')
  if (value.type === 'text') return textFault(value.text) ?? (value as Message)
  if (value.type !== 'template')
    return { status: 400, code: 131051, message: '(#131051) Unsupported message type', details: String(value.type) }
  return templateFault(value.template) ?? (value as Message)
}

/** Numbers by which the fake knows who cannot be written to. */
function personFault(message: Message, key: string): Fault | undefined {
  if (key === OWN_NUMBER) return { status: 400, code: 131021, message: '(#131021) Recipient cannot be the sender' }
  if (key === NOT_ON_WHATSAPP) return { status: 400, code: 131026, message: '(#131026) Message undeliverable' }
  if (key === STOPPED && TEMPLATES[kindOf(message)]?.category === 'MARKETING')
    return { status: 400, code: 131050, message: '(#131050) User has stopped receiving marketing messages' }
  return undefined
}

const EXPIRED: Fault = { status: 401, code: 190, message: 'Error validating access token: Session has expired' }
const NO_SUCH_OBJECT: Fault = {
  status: 400,
  code: 33,
  message: 'Unsupported post request. Object does not exist or cannot be loaded due to missing permissions',
}

const refusal = ({ status, code, message, details }: Fault): VendorAnswer => ({
  status,
  headers: { 'www-authenticate': 'OAuth "Facebook Platform"' },
  body: {
    error: {
      message,
      type: 'OAuthException',
      code,
      ...(details && { error_data: { messaging_product: 'whatsapp', details } }),
      fbtrace_id: 'AbCdEf123',
    },
  },
})

export default simulator

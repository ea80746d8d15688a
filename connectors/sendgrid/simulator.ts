import type { HttpRequest, Secrets } from '../../core/connector.ts'
import type { Hook, Received, Simulator, Vendor, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { cases } from './simulator-cases.ts'
import { createContacts, FILES_HOST } from './simulator-contacts.ts'
import { fault, isEmail, isObject } from './simulator-faults.ts'
import { hookOf, publicKeyOf } from './simulator-hooks.ts'
import { createLimits } from './simulator-limits.ts'
import { type Mail, mailFault } from './simulator-mail.ts'
import { GROUP, LISTS, OTHER_GROUP, SENDER, TEMPLATES } from './simulator-people.ts'

const HOSTS = ['api.sendgrid.com', 'api.eu.sendgrid.com']
const MOST_MAIL_BYTES = 30_000_000
const MOST_CONTACT_BYTES = 6_000_000

const simulator: Simulator<Settings> = {
  hosts: [...HOSTS, FILES_HOST],
  settings: {
    from: SENDER,
    mails: { purchase: { template: TEMPLATES.receipt, kind: 'transactional' } },
    lists: [LISTS[0]],
  },
  credentials,
  webhookSecrets: (_settings, account = 'demo') => ({ publicKey: publicKeyOf(account) }),
  vendor: createVendor,
  cases,
}

/** The fake takes any key of this form; another number behind it makes a new one after it was revoked. */
function credentials(_settings: Settings, account = 'demo'): Secrets {
  return { apiKey: `SG.${account}.1` }
}

type Said = Exclude<VendorAnswer, string>

/** SendGrid as far as this connector sees it: mail, contacts and their jobs, suppression lists, rates, and the webhooks that follow. */
function createVendor(clock: { now(): number; random(): number }): Vendor {
  const received: Received[] = []
  const hooks: Hook[] = []
  const limits = createLimits(clock)
  const contacts = createContacts(clock, received)
  const suppressed = new Set<string>()
  const seen = new Set<string>()
  const dead = new Set<string>()
  let messages = 0
  const vendor: Vendor = {
    received,
    mode: 'up',
    tokensIssued: 0,
    expireTokens() {
      for (const key of seen) dead.add(key)
    },
    takeHooks: () => hooks.splice(0),
    handle: async request => answerTo(request),
  }

  function answerTo(request: HttpRequest): VendorAnswer {
    if (vendor.mode === 'refused' || vendor.mode === 'hang') return vendor.mode
    if (vendor.mode === 'down')
      return { status: 503, body: '<html><body>503 Service Temporarily Unavailable</body></html>' }
    const { hostname, pathname } = new URL(request.url)
    if (hostname === FILES_HOST) return readFile(request, pathname)
    if (!HOSTS.includes(hostname)) return { status: 404, body: 'Not Found' }
    const account = accountOf(request)
    if (account === undefined) return fault(401, 'The provided authorization grant is invalid, expired, or revoked')
    if (vendor.mode === 'throttled') return limits.over()
    const endpoint = endpointOf(pathname)
    const refused = limits.take(account, endpoint)
    if (refused) return refused
    const said = route(account, pathname, request)
    return { ...said, headers: { ...limits.headers(account, endpoint), ...said.headers } }
  }

  /** The storage behind the errors' address refuses two ways of proving oneself at once. */
  const readFile = ({ method, headers }: HttpRequest, path: string): Said =>
    method === 'GET' && !headers.authorization
      ? contacts.file(path)
      : { status: 400, body: '<Error><Code>InvalidArgument</Code></Error>' }

  function accountOf({ headers }: HttpRequest): string | undefined {
    const [, key = '', account] = /^Bearer (SG\.([a-z0-9-]+)\.\d+)$/.exec(headers.authorization ?? '') ?? []
    if (!account || dead.has(key)) return undefined
    seen.add(key)
    return account
  }

  function route(account: string, path: string, request: HttpRequest): Said {
    const [, job] = /^\/v3\/marketing\/contacts\/imports\/([\w-]+)$/.exec(path) ?? []
    if (job) return request.method === 'GET' ? contacts.status(account, job) : fault(405, 'method not allowed')
    if (path === '/v3/mail/send') return taking('POST', request, MOST_MAIL_BYTES, body => send(account, body))
    if (path === '/v3/marketing/contacts')
      return taking('PUT', request, MOST_CONTACT_BYTES, body => contacts.put(account, body))
    const [, group] = /^\/v3\/asm\/(suppressions\/global|groups\/\d+\/suppressions)$/.exec(path) ?? []
    if (group) return taking('POST', request, MOST_CONTACT_BYTES, body => suppress(account, group, body))
    return fault(404, 'not found')
  }

  function send(account: string, body: unknown): Said {
    const found = mailFault(body)
    if (found) return found
    const mail = body as Mail
    if (mail.mail_settings?.sandbox_mode?.enable) return { status: 200 }
    const id = `msg${++messages}`
    const { personalizations, ...shared } = mail
    const events = personalizations.flatMap(one => {
      received.push({
        at: clock.now(),
        kind: 'mail',
        key: one.to[0]!.email,
        account,
        data: { ...shared, ...one },
      })
      return eventsOf(account, id, one, mail)
    })
    hooks.push(hookOf(account, events, clock.now()))
    return { status: 202, headers: { 'X-Message-Id': id } }
  }

  /** Accepted is not delivered: who is on a suppression list is dropped. */
  function eventsOf(account: string, id: string, { to, custom_args }: Mail['personalizations'][number], mail: Mail) {
    const { email } = to[0]!
    const group = mail.asm?.group_id
    const gone = [`global ${email}`, `${group} ${email}`].some(entry => suppressed.has(`${account} ${entry}`))
    const names = gone ? ['dropped'] : ['processed', 'delivered']
    return names.map(name => ({
      email,
      timestamp: Math.floor(clock.now() / 1000),
      event: name,
      category: mail.categories ?? [],
      sg_event_id: `${id}-${custom_args?.connect_event ?? ''}-${name}`,
      sg_message_id: `${id}.filter-1-2-0`,
      ...(group !== undefined && { asm_group_id: group }),
      ...(gone && { reason: 'Unsubscribed Address' }),
      ...(name === 'delivered' && { response: '250 OK' }),
      ...custom_args,
    }))
  }

  function suppress(account: string, path: string, body: unknown): Said {
    const emails = isObject(body) ? body.recipient_emails : undefined
    if (!Array.isArray(emails) || emails.length === 0)
      return fault(400, 'recipient_emails is required', 'recipient_emails')
    const wrong = emails.findIndex(email => !isEmail(email))
    if (wrong >= 0) return fault(400, 'is not a valid email address', `recipient_emails.${wrong}`)
    const number = Number(/\d+/.exec(path)?.[0])
    const list = [GROUP, OTHER_GROUP].includes(number) ? String(number) : 'global' // a group that is gone: from everything
    for (const email of emails) {
      const entry = `${account} ${list} ${email}`
      if (!suppressed.has(entry))
        received.push({ at: clock.now(), kind: 'suppression', key: email, account, data: { list, email } })
      suppressed.add(entry)
    }
    return { status: 201, body: { recipient_emails: emails } }
  }
  return vendor
}

const endpointOf = (path: string) =>
  path === '/v3/mail/send' ? 'mail' : path.startsWith('/v3/asm/') ? 'asm' : 'contacts'

/** What comes before anyone looks at what is said: method, type, size, and whether it is JSON at all. */
function taking(method: string, request: HttpRequest, mostBytes: number, take: (body: unknown) => Said): Said {
  if (request.method !== method) return fault(405, 'method not allowed')
  if (!request.headers['content-type']?.startsWith('application/json')) return fault(415, 'unsupported media type')
  if (!/json|\*\/\*/.test(request.headers.accept ?? '*/*')) return fault(406, 'not acceptable')
  if (Buffer.byteLength(request.body ?? '') > mostBytes) return fault(413, 'content too large')
  let body: unknown
  try {
    body = JSON.parse(request.body ?? '')
  } catch {
    return fault(400, 'Bad Request')
  }
  return take(body)
}

export default simulator

import { createPublicKey, verify } from 'node:crypto'
import type { HookCall, StatusUpdate, Update, Webhook } from '../../core/connector.ts'
import { MAIL_RECORD, mailOf, type Settings } from './settings.ts'

const HOUR_MS = 3_600_000

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event */
export const webhook: Webhook<Settings> = {
  secrets: {
    publicKey:
      'Verification key of the event webhook (Settings, Mail Settings, Event Webhooks, Security features, Signature verification)',
  },
  verify: ({ raw, headers }, { publicKey = '' }, now) => {
    const signature = headers['x-twilio-email-event-webhook-signature'] ?? ''
    const timestamp = headers['x-twilio-email-event-webhook-timestamp'] ?? ''
    return isRecent(timestamp, now) && isSigned(raw, timestamp, signature, publicKey)
  },
  read(body, settings) {
    const mails = Object.keys(settings.mails ?? {}).flatMap(event => mailOf(event, settings) ?? [])
    const groups = new Set(mails.map(({ group }) => group))
    return (Array.isArray(body) ? body : []).flatMap(event => (isObject(event) ? updatesOf(event, groups) : []))
  },
}

/** SendGrid repeats a call for 24 hours, and does not say whether with the first time or a new one. */
function isRecent(timestamp: string, now: number): boolean {
  const age = now - Number(timestamp) * 1000
  return /^\d{1,12}$/.test(timestamp) && age < 25 * HOUR_MS && age > -HOUR_MS
}

/** ECDSA on P-256 with SHA-256 over timestamp and body: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features */
function isSigned(raw: HookCall['raw'], timestamp: string, signature: string, publicKey: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
    if (key.asymmetricKeyType !== 'ec') return false
    return verify('sha256', Buffer.concat([Buffer.from(timestamp), raw]), key, Buffer.from(signature, 'base64'))
  } catch {
    return false // no key, or no signature, in that form
  }
}

type Event = { readonly [field: string]: unknown }

function updatesOf(event: Event, groups: ReadonlySet<number | undefined>): readonly Update[] {
  const { event: name, timestamp } = event
  if (typeof name !== 'string') return []
  const at = Number.isFinite(Number(timestamp)) ? Number(timestamp) * 1000 : 0
  if (name === 'account_status_change')
    return [{ kind: 'notice', code: 'account_status_change', words: text(event.type) ?? text(event.status) ?? '' }]
  return [...statusOf(name, event, at), ...choiceOf(name, event, at, groups)]
}

/** An address may bounce hours after its server took the mail; `open` and `click` need tracking. */
const STAGES: { readonly [status: string]: number } = {
  processed: 1,
  deferred: 2,
  delivered: 3,
  open: 4,
  click: 5,
  dropped: 9,
  bounce: 9,
}

/** Only of mail that we sent: an account may send much else. */
function statusOf(name: string, event: Event, at: number): readonly StatusUpdate[] {
  const { connect_event: eventId, sg_message_id: message } = event
  const stage = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined
  if (stage === undefined || typeof eventId !== 'string' || eventId === '') return []
  const failed = stage === 9
  const [request = ''] = typeof message === 'string' ? message.split('.') : [] // missing where a bounce comes late
  const words = text(event.reason) ?? text(event.response)
  return [
    {
      kind: 'status',
      message: `${request}/${eventId}`,
      at,
      status: name,
      stage,
      ...(failed && { failed: true, code: [name, text(event.type), text(event.status)].filter(Boolean).join(' ') }),
      ...(failed && words !== undefined && { words }),
      record: { eventId, name: MAIL_RECORD },
    },
  ]
}

/**
 * Who leaves everything, reports spam, or leaves the one group that all our mails belong to, wants nothing more of us. Where
 * mails have other groups or none, SendGrid itself keeps the person from the group's, and the rest goes on.
 */
function choiceOf(name: string, event: Event, at: number, groups: ReadonlySet<number | undefined>): readonly Update[] {
  const email = text(event.email)?.trim().toLowerCase()
  if (!email) return []
  const group = Number(event.asm_group_id)
  const whole = groups.size === 1 && groups.has(group)
  const gone = name === 'dropped' && /^(unsubscribed|spam reporting) address$/i.test(text(event.reason) ?? '')
  const leaves =
    name === 'unsubscribe' ||
    name === 'spamreport' ||
    (name === 'group_unsubscribe' && whole) ||
    (gone && leftAll(event, whole))
  if (leaves) return [{ kind: 'opt-out', person: { emails: [email] }, at }]
  return name === 'group_resubscribe' && whole ? [{ kind: 'opt-in', person: { emails: [email] }, at }] : []
}

/** A mail of a group may be dropped for the group alone. */
const leftAll = (event: Event, whole: boolean) =>
  whole || event.asm_group_id === undefined || /^spam/i.test(text(event.reason) ?? '')

const isObject = (value: unknown): value is Event =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

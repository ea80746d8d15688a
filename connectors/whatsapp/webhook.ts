import { createHmac } from 'node:crypto'
import { type Person, sameSecret, type Update, type Webhook } from '../../core/connector.ts'
import { DEFAULTS, type Settings, USER_ID } from './settings.ts'

/** https://developers.facebook.com/docs/whatsapp/cloud-api/guides/set-up-webhooks */
export const webhook: Webhook<Settings> = {
  secrets: {
    appSecret: 'App secret (App Dashboard, App settings, Basic): what Meta signs its calls with',
    verifyToken: 'A word of your own, entered beside the callback URL: what Meta proves itself with when it is set',
  },
  handshake(query, { verifyToken = '' }) {
    const { 'hub.mode': mode, 'hub.verify_token': token = '', 'hub.challenge': challenge = '' } = query
    const known = sameSecret(token, verifyToken)
    return mode === 'subscribe' && known && /^[\w-]{1,256}$/.test(challenge) ? challenge : undefined
  },
  verify({ raw, headers }, { appSecret = '' }) {
    const given = headers['x-hub-signature-256'] ?? ''
    return appSecret !== '' && sameSecret(given, `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}`)
  },
  read(body, settings) {
    const told: Update[] = []
    for (const entry of list(field(body, 'entry')))
      for (const change of list(field(entry, 'changes'))) told.push(...changeOf(change, settings))
    return told
  },
}

type Fields = { readonly [name: string]: unknown }

function changeOf(change: unknown, settings: Settings): readonly Update[] {
  const { field: about, value } = fields(change)
  const number = field(field(value, 'metadata'), 'phone_number_id')
  if (number !== undefined && number !== settings.phoneNumberId) return [] // an app hears of all its numbers
  if (about === 'messages')
    return [
      ...list(field(value, 'statuses')).flatMap(statusOf),
      ...list(field(value, 'messages')).flatMap(message => inboundOf(message, settings)),
      ...list(field(value, 'errors')).map(error => noticeOf(String(field(error, 'code')), field(error, 'title'))),
    ]
  if (about === 'user_preferences') return list(field(value, 'user_preferences')).flatMap(preferenceOf)
  return typeof about === 'string' ? accountOf(about, fields(value)) : []
}

/** `read` may come without `delivered` before it, `played` is of voice messages; a failure is the end of a message. */
const STAGES: { readonly [status: string]: number } = { sent: 1, delivered: 2, read: 3, played: 4, failed: 9 }
const STOPPED_MARKETING = '131050'

function statusOf(value: unknown): readonly Update[] {
  const { id, status, timestamp, biz_opaque_callback_data: eventId, errors } = fields(value)
  const stage = typeof status === 'string' && Object.hasOwn(STAGES, status) ? STAGES[status] : undefined
  if (typeof id !== 'string' || stage === undefined) return []
  const [error] = list(errors)
  const code = error === undefined ? undefined : String(field(error, 'code'))
  const words = field(field(error, 'error_data'), 'details') ?? field(error, 'title')
  const at = timeOf(timestamp)
  const told: Update = {
    kind: 'status',
    message: id,
    at,
    status: String(status),
    stage,
    ...(status === 'failed' && { failed: true }),
    ...(code !== undefined && { code }),
    ...(typeof words === 'string' && { words }),
    ...(typeof eventId === 'string' && eventId && { record: { eventId, name: RECORD } }),
  }
  return code === STOPPED_MARKETING
    ? [told, ...choice('opt-out', personOf(value, 'recipient_id', 'recipient_user_id'), at)]
    : [told]
}

/** An event makes one message: the first record of its call. */
const RECORD = 'message#0'

function inboundOf(value: unknown, { stopWords = DEFAULTS.stopWords }: Settings): readonly Update[] {
  const { id, timestamp, type, text, button } = fields(value)
  if (type === 'system') return [] // WhatsApp's own: the person has another number now
  const person = personOf(value, 'from', 'from_user_id')
  if (typeof id !== 'string' || !person) return []
  const at = timeOf(timestamp)
  const said = [field(text, 'body'), field(button, 'text')].find(one => typeof one === 'string')
  const stops = typeof said === 'string' && stopWords.some(word => plain(word) === plain(said))
  return [{ kind: 'inbound', message: id, person, at }, ...(stops ? choice('opt-out', person, at) : [])]
}

const plain = (text: string) =>
  text
    .trim()
    .replace(/[.!]+$/, '')
    .toLowerCase()

function preferenceOf(value: unknown): readonly Update[] {
  const { value: chosen, timestamp } = fields(value)
  const person = personOf(value, 'wa_id', 'user_id')
  if (chosen === 'stop') return choice('opt-out', person, timeOf(timestamp))
  return chosen === 'resume' ? choice('opt-in', person, timeOf(timestamp)) : []
}

const choice = (kind: 'opt-out' | 'opt-in', person: Person | undefined, at: number): readonly Update[] =>
  person ? [{ kind, person, at }] : []

const QUIET = /^(APPROVED|PENDING|UNFLAGGED|IN_APPEAL|ONBOARDING|UPGRADE)$/

/** Templates paused, quality going down, limits and bans: https://developers.facebook.com/docs/graph-api/webhooks/reference/whatsapp-business-account */
function accountOf(about: string, value: Fields): readonly Update[] {
  const { event, message_template_name: template, reason, current_limit: limit, ban_info: ban } = value
  if (typeof event !== 'string' || QUIET.test(event)) return []
  const words = [template, reason, limit, field(ban, 'waba_ban_state')].filter(one => typeof one === 'string')
  return [noticeOf(`${about} ${event}`, words.join(', '))]
}

const noticeOf = (code: string, words: unknown): Update => ({
  kind: 'notice',
  code,
  words: typeof words === 'string' ? words : '',
})

/** By number and id, either of which may be missing: people may hide the number. Undefined if both are. */
function personOf(value: unknown, numberIn: string, idIn: string): Person | undefined {
  const phones = numbersOf(field(value, numberIn))
  const id = field(value, idIn)
  const ids = typeof id === 'string' && USER_ID.test(id) ? [id] : []
  return phones.length || ids.length ? { ...(phones.length && { phones }), ...(ids.length && { ids }) } : undefined
}

/**
 * WhatsApp's own number of a person, as our events may have it: Brazil and Mexico have digits of mobile numbers that WhatsApp
 * leaves out or puts in. https://developers.facebook.com/docs/whatsapp/cloud-api/reference/phone-numbers
 */
function numbersOf(id: unknown): readonly string[] {
  if (typeof id !== 'string' || !/^\d{7,15}$/.test(id)) return []
  const spellings = [
    id,
    id.replace(/^55(\d\d)([6-9]\d{7})$/, '55$19$2'),
    id.replace(/^55(\d\d)9([6-9]\d{7})$/, '55$1$2'),
    id.replace(/^521(\d{10})$/, '52$1'),
    id.replace(/^52(\d{10})$/, '521$1'),
  ]
  return [...new Set(spellings)].map(number => `+${number}`)
}

/** Unix seconds, as text. */
const timeOf = (timestamp: unknown) => (Number.isFinite(Number(timestamp)) ? Number(timestamp) * 1000 : 0)

const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const field = (value: unknown, name: string): unknown => fields(value)[name]
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

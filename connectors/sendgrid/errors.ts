import type { Batch, Explanation, RawAnswer, Rule } from '../../core/connector.ts'
import type { Record } from './map.ts'
import { addressOf, isSendable, merged } from './requests.ts'
import type { Settings } from './settings.ts'

const MAIL = 'https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send'
const ERRORS = 'https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors'
const CODES = 'https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses'
const LIMITS = 'https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits'
const SENDER = 'https://www.twilio.com/docs/sendgrid/for-developers/sending-email/sender-identity'
const CONTACTS = 'https://www.twilio.com/docs/sendgrid/api-reference/contacts/add-or-update-a-contact'

/** SendGrid has no codes: those here are what `explain` makes of the field that it blames, or of its words. */
export const rules: readonly Rule[] = [
  {
    code: 'credits-exceeded',
    verdict: 'misconfigured', // comes with 401, and is no fault of the key: the next month or a larger plan heals it
    why: 'the mails of the plan are used up: one mail to you, and a try every hour',
    source: CODES,
  },
  {
    status: 401,
    verdict: 'unauthorized',
    why: 'the API key is wrong, revoked or of another region',
    source: ERRORS,
  },
  {
    status: 403,
    code: 'sender-not-verified',
    verdict: 'misconfigured',
    why: 'the address of the setting from is no verified sender of the account',
    source: SENDER,
  },
  {
    status: 403,
    code: 'temporarily-blocked',
    verdict: 'throttled',
    waitMs: 600_000, // ours: SendGrid names no time
    why: 'too many bad requests: SendGrid takes none of this account for a while',
    source: CODES,
  },
  {
    status: 403,
    verdict: 'misconfigured',
    why: 'the API key lacks a scope: mail.send, marketing or asm.groups',
    source: CODES,
  },
  {
    status: [400, 404],
    code: [
      'from',
      'reply_to',
      'template_id',
      'asm',
      'categories',
      'mail_settings',
      'content',
      'subject',
      'custom_args',
    ],
    verdict: 'misconfigured',
    why: 'what all mails of the event share is wrong: its sender, template, unsubscribe group or categories',
    source: ERRORS,
  },
  {
    status: [400, 404],
    code: ['list_ids', 'custom_fields'],
    verdict: 'misconfigured',
    why: 'a list or a custom field of the settings does not exist in the account',
    source: CONTACTS,
  },
  {
    status: 400,
    code: 'invalid-email',
    verdict: 'rejected',
    why: 'the address is none; with it SendGrid refuses everything else in the request',
    source: ERRORS,
  },
  {
    status: 400,
    verdict: 'rejected',
    why: 'a value of this record is not what SendGrid takes',
    source: ERRORS,
  },
  {
    status: [404, 405, 406, 415],
    verdict: 'misconfigured',
    why: 'the request as such was not understood: a fault of the connector',
    source: CODES,
  },
  {
    status: 413,
    verdict: 'rejected',
    halve: true,
    why: 'the request is too large',
    source: MAIL,
  },
  {
    status: 429,
    verdict: 'throttled',
    waitMs: 10_000, // ours, where X-RateLimit-Reset is missing
    why: 'over the rate of this endpoint',
    source: LIMITS,
  },
  {
    status: [500, 502, 503, 504],
    verdict: 'retry',
    why: 'SendGrid is in trouble; whether it took the request it does not say',
    source: CODES,
  },
]

type Fault = { words: string; field?: string; id?: string }

export function explain(answer: RawAnswer, batch: Batch<Settings, Record>): Explanation {
  const left = leftOf(answer.headers)
  if (answer.status < 300) return left ? { left } : {}
  const faults = faultsOf(answer.body)
  const [first] = faults
  const code = first && codeOf(first, answer.status)
  const alike = faults.filter(fault => codeOf(fault, answer.status) === code) // others have their turn in the next answer
  const culprits = [...new Set(alike.flatMap(fault => blamed(fault, batch)))]
  const words = [...new Set(alike.map(({ field, words }) => (field ? `${field}: ${words}` : words)))].join('; ')
  const waitMs = answer.status === 429 ? untilReset(answer.headers) : undefined
  return {
    ...(code && { code }),
    ...(words && { words }),
    ...(waitMs !== undefined && { waitMs }),
    ...(culprits.length > 0 && { culprits }),
    ...(left && { left }),
  }
}

/** `{errors: [{message, field, error_id}]}`; one object in place of the list; `{error}`; a page. */
function faultsOf(body: unknown): readonly Fault[] {
  if (typeof body === 'string') return body.trim() ? [{ words: body.trim() }] : []
  if (!isObject(body)) return []
  const { errors, error, message } = body
  const told = errors ?? error ?? message
  return [told].flat().flatMap(faultOf)
}

function faultOf(told: unknown): readonly Fault[] {
  if (typeof told === 'string') return told ? [{ words: told }] : []
  if (!isObject(told)) return []
  const { message, field = told.parameter, error_id: id } = told
  return [
    {
      words: typeof message === 'string' ? message : '',
      ...(typeof field === 'string' && field !== '' && field !== 'null' && { field }),
      ...(typeof id === 'string' && id !== '' && { id }),
    },
  ]
}

function codeOf({ words, field = '', id }: Fault, status: number): string | undefined {
  if (/maximum credits exceeded/i.test(words)) return 'credits-exceeded'
  if (status === 403 && /verified sender/i.test(words)) return 'sender-not-verified'
  if (status === 403 && /block|temporar|too many/i.test(words)) return 'temporarily-blocked'
  const [head = ''] = /^[a-z_]{2,40}(?=[.[]|$)/.exec(field) ?? []
  if (/custom.?field/i.test(`${field} ${words}`)) return 'custom_fields'
  const ofRecord = head === '' || /^(?:personalizations|contacts|recipient_emails|email)$/.test(head)
  if (ofRecord && /\bemail\b|address/i.test(`${field} ${words}`) && /valid|match|malformed/i.test(words))
    return 'invalid-email'
  if (/\blist.?ids?\b/i.test(`${field} ${words}`)) return 'list_ids'
  return head || id
}

/** The records at the place that the field names, else those whose address the words name. */
function blamed({ field = '', words }: Fault, batch: Batch<Settings, Record>): readonly string[] {
  if (batch.job !== undefined) return []
  const records = batch.records.filter(isSendable)
  const [, list, place] = /^(personalizations|contacts|recipient_emails)[.[](\d+)/.exec(field) ?? []
  if (list === 'contacts') return merged(records)[Number(place)]?.ids ?? []
  if (list) return records.slice(Number(place), Number(place) + 1).map(({ id }) => id)
  const named = new Set(
    words
      .toLowerCase()
      .match(/[^\s@'"<>(),;:]+@[^\s@'"<>(),;:]+/g)
      ?.map(one => one.replace(/\.+$/, '')),
  )
  return named.size ? records.filter(record => named.has(addressOf(record) ?? '')).map(({ id }) => id) : []
}

const DAY_S = 86_400
/** Both headers count whole seconds. */
const ROUNDING_MS = 1000

/** `X-RateLimit-Reset` is a time in unix seconds, told against the answer's own clock; what a day has seconds for is taken as a wait. */
function untilReset(headers: RawAnswer['headers']): number | undefined {
  const reset = Number(headers['x-ratelimit-reset'])
  if (!(reset > 0)) return undefined
  if (reset <= DAY_S) return reset * 1000
  const sentAt = Date.parse(headers.date ?? '')
  return Number.isNaN(sentAt) ? undefined : Math.max(0, reset * 1000 - sentAt) + ROUNDING_MS
}

/** Told with successes too: https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits */
function leftOf(headers: RawAnswer['headers']): Explanation['left'] {
  const remaining = headers['x-ratelimit-remaining'] ?? ''
  const ms = untilReset(headers)
  return /^\d{1,9}$/.test(remaining) && ms !== undefined ? { requests: Number(remaining), ms } : undefined
}

export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

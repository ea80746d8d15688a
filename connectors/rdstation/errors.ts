import type { Batch, Explanation, RawAnswer, Rule } from '../../core/connector.ts'
import type { Record } from './map.ts'
import type { Settings } from './settings.ts'

const TABLE = 'https://developers.rdstation.com/reference/mensagens-de-erro-rdsm'
const LIMITS = 'https://developers.rdstation.com/reference/limite-de-requisicoes-da-api'
const LOGIN = 'https://developers.rdstation.com/reference/erros-autenticacao'
const BATCH = 'https://developers.rdstation.com/reference/batch-eventos'

export const rules: readonly Rule[] = [
  {
    status: 401,
    verdict: 'unauthorized',
    why: 'the access token is missing, wrong or older than a day',
    source: LOGIN,
  },
  {
    status: 429,
    code: 'lead_limiter',
    verdict: 'throttled',
    scope: 'record',
    waitMs: 3_600_000,
    halve: true,
    why: 'this contact has had its 120 events in 24 hours; the others go on',
    source: LIMITS,
  },
  {
    status: 429,
    verdict: 'throttled',
    waitMs: 60_000,
    why: 'the account is over its requests per minute',
    source: LIMITS,
  },
  {
    status: 413,
    verdict: 'rejected',
    halve: true,
    why: 'the body is over 0.2 MB',
    source: BATCH,
  },
  {
    status: [400, 415],
    code: ['BAD_REQUEST', 'UNSUPPORTED_MEDIA_TYPE'],
    verdict: 'misconfigured',
    why: 'the request as such was not understood: a fault of the connector',
    source: TABLE,
  },
  {
    status: [400, 422],
    code: 'INVALID_OPTION event_type',
    verdict: 'misconfigured',
    why: 'the event type is unknown or retired: see the setting events',
    source: TABLE,
  },
  {
    code: 'UNABLE_TO_LOAD_CDP_SCHEMA',
    verdict: 'misconfigured',
    why: 'the key belongs to an RD Station CRM account, not to Marketing',
    source: 'https://developers.rdstation.com/reference/autenticacao-api-key',
  },
  {
    status: [400, 422],
    code: ['INVALID_FIELDS', 'CONFLICTING_FIELD', 'INCLUSION', 'WORKFLOW_STATUS_ERROR'],
    verdict: 'misconfigured',
    why: 'a field of the mapping does not exist in the account (custom fields are created there first)',
    source: TABLE,
  },
  {
    code: 'ACCOUNT_REQUIREMENT_MISSING',
    verdict: 'misconfigured',
    why: "the account's plan does not include this",
    source: TABLE,
  },
  {
    status: [400, 422],
    code: [
      'CANNOT_BE_NULL',
      'CANNOT_BE_BLANK',
      'INVALID',
      'INVALID_EMAIL_FORMAT',
      'INVALID_FORMAT',
      'INVALID_DATA_TYPE',
      'INVALID_OPTION',
      'INVALID_USER',
      'TOO_SHORT',
      'TOO_LONG',
      'VALUES_MUST_BE_LOWERCASE',
      'VALUES_MUST_BE_UNIQUE',
      'MUST_BE_STRING',
      'MUST_BE_BOOLEAN',
      'MUST_BE_STRING_ARRAY',
      'MUST_BE_VALID_OPTION',
      'MUST_BE_LESS_THAN_OR_EQUAL',
    ],
    verdict: 'rejected',
    why: 'a value of this record is not what RD Station takes',
    source: TABLE,
  },
  {
    status: [400, 422],
    code: ['TAKEN', 'EXCLUSION', 'EMAIL_ALREADY_IN_USE'],
    verdict: 'rejected',
    why: 'a value is reserved or belongs to another contact',
    source: TABLE,
  },
  {
    status: 404,
    code: 'RESOURCE_NOT_FOUND',
    verdict: 'rejected',
    why: 'an opportunity or a sale of a contact that RD Station does not have',
    source: TABLE,
  },
  {
    status: [405, 406, 414],
    verdict: 'misconfigured',
    why: 'the request as such was not understood: a fault of the connector',
    source: TABLE,
  },
  {
    status: 409,
    verdict: 'retry',
    tries: 2,
    why: 'two changes of one contact met; documented as worth one more try',
    source: TABLE,
  },
  {
    status: [500, 501, 502, 503, 504],
    verdict: 'retry',
    why: 'RD Station is in trouble; whether it took the events it does not say',
    source: TABLE,
  },
]

/** One complaint of an answer, whichever of RD Station's eight shapes it came in. */
type Fault = { code?: string; words?: string; path?: string }

export function explain(answer: RawAnswer, batch: Batch<Settings, Record>): Explanation {
  if (answer.status < 300) return {}
  const faults = faultsOf(answer.body)
  const first = faults.find(({ code }) => code) ?? faults[0]
  const limit = rateLimit(answer)
  const code = limit?.code ?? first?.code
  const alike = faults.filter(one => one.code === first?.code) // others have their turn in the next answer
  const culprits = limit ? limitedContacts(limit, batch) : blamed(alike, batch)
  const words = [...new Set(alike.map(one => one.words))].filter(Boolean).join('; ')
  return {
    ...(code && { code }),
    ...(words && { words }),
    ...(limit?.waitMs !== undefined && { waitMs: limit.waitMs }),
    ...(culprits.length > 0 && { culprits }),
  }
}

export function faultsOf(body: unknown): readonly Fault[] {
  if (typeof body === 'string') return body.trim() ? [{ words: body.trim() }] : []
  if (Array.isArray(body)) return body.flatMap(faultsOf)
  if (!isObject(body)) return []
  const { error_type: type, error_message: message, path, errors, error, error_description: description } = body
  if (typeof type === 'string') return [fault(type, message, path)]
  if (errors !== undefined) return isTyped(errors) || Array.isArray(errors) ? faultsOf(errors) : byField(errors)
  if (typeof error === 'string') return [fault(/^\w+$/.test(error) ? error : undefined, description ?? error)]
  if (error !== undefined) return faultsOf(error)
  return typeof body.message === 'string' ? [{ words: body.message }] : []
}

/** `{email: [{error_type, ...}]}`, or `{name: {"pt-BR": ["..."]}}`. */
function byField(errors: unknown): readonly Fault[] {
  if (!isObject(errors)) return faultsOf(errors)
  return Object.entries(errors).flatMap(([field, inner]) => {
    const found = (Array.isArray(inner) ? inner : [inner]).flatMap(one =>
      isObject(one) && !isTyped(one) ? Object.values(one).flatMap(faultsOf) : faultsOf(one),
    )
    return found.map(one => ({ ...one, words: `${field}: ${one.words ?? one.code ?? ''}` }))
  })
}

function fault(type: string | undefined, message: unknown, path?: unknown): Fault {
  const place = typeof path === 'string' ? path : undefined
  const ofType = type === 'INVALID_OPTION' && place && /\.event_type$/.test(place)
  const code = ofType ? 'INVALID_OPTION event_type' : type
  return {
    ...(code && { code }),
    ...(typeof message === 'string' && { words: message }),
    ...(place && { path: place }),
  }
}

type Limit = { code: string; contact?: string; waitMs?: number }

/** "'lead_limiter' rate limit exceeded for 86400 second(s) period for key 'ana@example.com'": a contact's limit, else the account's. */
function rateLimit({ status, headers, body }: RawAnswer): Limit | undefined {
  if (status !== 429) return undefined
  const { error, remaining_time: remaining } = isObject(body) ? body : {}
  const [, name, key] = /^'(\w+)' rate limit exceeded.*?(?:for key '([^']*)')?$/s.exec(String(error ?? '')) ?? []
  const quota = Number(headers['retry-after-quotas'])
  const waitMs = remaining === undefined ? (quota > 0 ? quota * 1000 : undefined) : remainingMs(Number(remaining))
  return {
    code: name ?? 'rate_limit',
    ...(key && { contact: key }),
    ...(waitMs !== undefined && { waitMs }),
  }
}

/** Documented as milliseconds, but its examples are seconds of a day: what a day has no seconds for can only be milliseconds. */
const remainingMs = (remaining: number) =>
  remaining > 0 ? (remaining > 86_400 ? remaining : remaining * 1000) : undefined

const limitedContacts = ({ code, contact }: Limit, { records }: Batch<Settings, Record>) =>
  code === 'lead_limiter' && contact
    ? records.filter(({ data }) => data.payload.email === contact.toLowerCase()).map(({ id }) => id)
    : []

/** The records whose place in the request the complaints name. */
function blamed(faults: readonly Fault[], { records }: Batch<Settings, Record>) {
  const places = new Set(faults.map(({ path }) => placeOf(path)))
  return [...places].flatMap(place => records[place ?? -1]?.id ?? [])
}

/** `$[3].payload.email`, `$.3.payload`, `[3].event_type`: the 3. */
function placeOf(path: string | undefined): number | undefined {
  const place = /^\$?\.?(?:\[(\d+)\]|(\d+)(?=\.|$))/.exec(path ?? '')
  return place ? Number(place[1] ?? place[2]) : undefined
}

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isTyped = (value: unknown) => isObject(value) && typeof value.error_type === 'string'

import type { Explanation, RawAnswer, Rule } from '../../core/connector.ts'

const DOCS = 'https://docs.oracle.com/en/cloud/saas/marketing'
const CODES = `${DOCS}/responsys-develop/API/GetStarted/FAQs/faqs-error-status-codes.htm`
const TABLE = `${DOCS}/cx-audience-rest-api/handlingError1.html`
const LIMITS = `${DOCS}/responsys-rest-api/Throttling.html`
const CAPACITY = `${DOCS}/responsys-rest-api/InternalCapacityLimits.html`
const ASYNC = `${DOCS}/responsys-develop/API/REST/AFTM/errors-async.htm`
const LOGIN = `${DOCS}/responsys-develop/API/GetStarted/Authentication/authenticating.htm`
const TIPS = `${DOCS}/responsys-develop/API/GetStarted/Tips/tips-troubleshooting.htm`
const LIST = `${DOCS}/responsys-develop/API/REST/api-v1.3-lists-listName-members-post.htm`
const EVENT = `${DOCS}/responsys-develop/API/REST/api-v1.3-events-eventName-post.htm`

/** An answer without Responsys's envelope: whatever stands before it has spoken. */
const NO_CODE = 'no-error-code'
const DEAD_TOKEN = 'UNEXPECTED_EXCEPTION authentication token'

/** By code alone: Oracle's own pages disagree about the statuses (API_LIMIT_EXCEEDED is 400 in one table and 401 in another). */
export const rules: readonly Rule[] = [
  {
    code: ['INVALID_TOKEN', 'TOKEN_EXPIRED', DEAD_TOKEN],
    verdict: 'unauthorized',
    why: 'the token is wrong or older than two or three hours',
    source: LOGIN,
  },
  {
    code: 'API_LIMIT_EXCEEDED',
    verdict: 'throttled',
    waitMs: 60_000,
    why: 'the account is over its requests per minute of this function; there is no Retry-After',
    source: LIMITS,
  },
  {
    code: 'INTERNAL_CAPACITY_LIMIT_EXCEEDED',
    verdict: 'throttled',
    waitMs: 600_000,
    why: 'the account is over its share of the platform, which is counted anew every ten minutes',
    source: CAPACITY,
  },
  {
    code: ['UNEXPECTED_EXCEPTION', 'UNRECOVERABLE_EXCEPTION'],
    verdict: 'retry',
    why: 'Responsys is in trouble; whether it did anything it does not say',
    source: CODES,
  },
  {
    code: 'DUPLICATE_API_REQUEST',
    verdict: 'retry',
    waitMs: 60_000,
    why: 'the same request is under way already: merges may be repeated, a program must not be entered twice',
    source: TABLE,
  },
  {
    code: ['UNABLE_TO_SUBMIT_ASYNC_REQUEST', 'PROCESSING_REQUEST', 'ASYNC_REQUEST_EXPIRED'],
    verdict: 'retry',
    notProcessed: true,
    why: 'the queue of Responsys is full, or has not come to this request',
    source: ASYNC,
  },
  {
    code: 'RESPONSE_PURGED',
    verdict: 'rejected',
    why: 'Responsys has forgotten what became of the request',
    source: ASYNC,
  },
  {
    code: [
      ...['API_BLOCKED', 'API_DISABLED_FOR_USER', 'ASYNC_API_DISABLED_FOR_USER'],
      ...['INSUFFICIENT_ACCESS', 'ACCOUNT_SUSPENDED'],
    ],
    verdict: 'misconfigured',
    why: 'the account or its API user may not do this; a new token would not help, though the status is 401',
    source: TABLE,
  },
  {
    code: ['INVALID_USER_NAME_PASSWORD', 'PASSWORD_LOCKOUT', 'PASSWORD_EXPIRED'],
    verdict: 'misconfigured',
    why: 'the password is wrong, too old or locked: trying again would lock it for longer',
    source: LOGIN,
  },
  {
    code: [
      ...['LIST_NOT_FOUND', 'PROFILE_LIST_NOT_FOUND', 'RESOURCE_NOT_FOUND', 'TABLE_NOT_FOUND', 'FOLDER_NOT_FOUND'],
      ...['PROFILE_EXTENSION_NOT_FOUND', 'CAMPAIGN_NOT_FOUND', 'CAMPAIGN_IS_INVALID'],
    ],
    verdict: 'misconfigured',
    why: 'a list, table, folder or event of the settings does not exist in the account',
    source: CODES,
  },
  {
    code: ['INVALID_FIELD_NAME', 'INVALID_OBJECT'],
    verdict: 'misconfigured',
    why: 'a column of the mapping does not exist in the account; names of table columns are case sensitive',
    source: TABLE,
  },
  {
    code: ['INVALID_PARAMETER', 'INVALID_REQUEST_CONTENT'],
    verdict: 'misconfigured',
    why: 'the request as such was not understood: a match column, a primary key, or a fault of the connector',
    source: TABLE,
  },
  {
    code: ['RECIPIENT_LIMIT_EXCEEDED', 'RECORD_LIMIT_EXCEEDED'],
    verdict: 'misconfigured',
    halve: true,
    why: 'more records than the account takes in one request: see the setting recordsPerRequest',
    source: TABLE,
  },
  {
    code: ['INVALID_NUMBER', 'INVALID_DATE'],
    verdict: 'rejected',
    why: 'a value of one of the records is no number or no date as the account writes it',
    source: TABLE,
  },
  {
    code: 'MERGEFAILED',
    verdict: 'rejected',
    why: 'a value of this record is not what its column takes, or the list does not know the person',
    source: LIST,
  },
  {
    code: ['NO_RECIPIENT_FOUND', 'MULTIPLE_RECIPIENTS_FOUND', 'FAILURE'],
    verdict: 'rejected',
    why: 'the list has nobody of this identity, or several',
    source: EVENT,
  },
  {
    code: 'RECIPIENT_STATUS_UNDELIVERABLE',
    verdict: 'rejected',
    why: 'the person cannot be reached on this channel',
    source: TIPS,
  },
  {
    code: NO_CODE,
    verdict: 'misconfigured',
    why: 'a refusal that is not from Responsys itself: a wrong address, a gateway, a list of allowed IP addresses',
    source: CODES,
  },
]

type Said = { code?: string; words?: string }

/** Also inside a 200: some of Responsys's refusals come so. */
export function explain(answer: RawAnswer): Explanation {
  const { code, words } = saidIn(answer)
  const correlation = answer.headers['x-correlationid']
  const told = [words, words && correlation && `(X-CorrelationID ${correlation})`].filter(Boolean).join(' ')
  return { ...(code && { code }), ...(told && { words: told }) }
}

/** `{type, title, errorCode, detail, errorDetails}`; anything else is a page of somebody else's. */
export function saidIn({ status, body }: RawAnswer): Said {
  const { errorCode, title, detail } = isObject(body) ? body : {}
  const words = [title, detail]
    .filter((one, at, all) => typeof one === 'string' && one && all.indexOf(one) === at)
    .join(': ')
  if (typeof errorCode === 'string' && errorCode) {
    const code = errorCode === 'UNEXPECTED_EXCEPTION' && /authentication token/i.test(words) ? DEAD_TOKEN : errorCode
    return { code, ...(words && { words }) }
  }
  if (status < 300) return {}
  const page = words || (typeof body === 'string' ? body.trim() : '')
  return { ...(STRANGE(status) && { code: NO_CODE }), ...(page && { words: page }) }
}

/** Statuses that speak for themselves are left to: 401, 408, 413, 429 and 5xx. */
const STRANGE = (status: number) => status < 500 && ![401, 408, 413, 429].includes(status)

/**
 * "MERGEFAILED: Record 0 = The value "x" is not valid", in the first cell of a row; undefined for a row that was merged.
 * What is quoted is the person's: it stays out of mails and letters' reasons, the letter has the event itself.
 */
export function mergeFailure(row: readonly unknown[]): Said | undefined {
  const [first] = row
  if (typeof first !== 'string' || !first.startsWith('MERGEFAILED')) return undefined
  const words = first.replace(/^MERGEFAILED:?\s*(?:Record\s+\d+\s*=\s*)?/, '').trim()
  return { code: 'MERGEFAILED', words: words.replace(/"[^"]*"/g, '"..."') }
}

/** "NO_RECIPIENT_FOUND: Recipient Not Found" of one recipient; undefined for one who was taken. */
export function recipientFailure(row: { readonly [field: string]: unknown }): Said | undefined {
  if (row.success === true) return undefined
  const text = typeof row.errorMessage === 'string' ? row.errorMessage : ''
  const [, code = 'FAILURE', words = ''] = /^([A-Z][A-Z_]+)\s*:?\s*(.*)$/s.exec(text) ?? [undefined, undefined, text]
  return { code, ...(words.trim() && { words: words.trim() }) }
}

export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

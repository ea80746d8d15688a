import type { Explanation, RawAnswer, Rule } from '../../core/connector.ts'
import { partsOf } from './batch.ts'

const DOCS = 'https://learn.microsoft.com/power-apps/developer/data-platform'
const CODES = `${DOCS}/reference/web-service-error-codes`
const HTTP = `${DOCS}/webapi/compose-http-requests-handle-errors#parse-errors-from-the-response`
const LIMITS = `${DOCS}/api-limits#service-protection-api-limit-errors-returned`
const KEYS = `${DOCS}/use-alternate-key-reference-record`
const BATCH = `${DOCS}/webapi/execute-batch-operations-using-web-api`
const CONDITIONS = `${DOCS}/webapi/perform-conditional-operations-using-web-api`
const DUPLICATES = `${DOCS}/webapi/manage-duplicate-detection-create-update`
const SQL = 'https://learn.microsoft.com/troubleshoot/power-platform/dataverse/bulk-deleting-data/bulk-operation-errors'

/** The window slides over five minutes: what an answer does not say is over after that. */
const WINDOW_MS = 300_000

/** Codes in lower case. They come before the status: 500 can be a refusal, and 400 a fault of the settings. */
export const rules: readonly Rule[] = [
  {
    code: '0x8005f101',
    verdict: 'unauthorized',
    why: 'the access token is too old, whatever the status says',
    source: CODES,
  },
  {
    status: 401,
    verdict: 'unauthorized',
    why: 'the access token is missing, wrong or over its hour',
    source: HTTP,
  },
  {
    code: ['0x80072322', '0x80072321', '0x80072326'],
    verdict: 'throttled',
    waitMs: WINDOW_MS,
    why: 'the application user is over its requests, its execution time or its 52 requests at once',
    source: LIMITS,
  },
  {
    status: 429,
    verdict: 'throttled',
    waitMs: WINDOW_MS,
    why: 'too many requests; which of the limits it was is not said',
    source: LIMITS,
  },
  {
    code: '0x80040333',
    verdict: 'rejected',
    why: 'a duplicate detection rule of the environment refuses the record, and will again: documented as HTTP 500',
    source: DUPLICATES,
  },
  {
    code: '0x80044151',
    verdict: 'retry',
    halve: true,
    why: 'the database took too long: half as many records may pass',
    source: SQL,
  },
  {
    code: ['0x80044150', '0x80040255', '0x80040251'],
    verdict: 'retry',
    why: 'a deadlock or a rolled back transaction in the database: nothing was kept',
    source: SQL,
  },
  {
    status: 413,
    verdict: 'rejected',
    halve: true,
    why: 'the body is too large',
    source: HTTP,
  },
  {
    code: 'unknown-column',
    verdict: 'misconfigured',
    why: 'the table has no such column or lookup (names of lookups keep their case): see the settings columns and mapping',
    source: HTTP,
  },
  {
    code: 'unknown-key',
    verdict: 'misconfigured',
    why: 'the table has no alternate key of this column, or its index is not active yet: see leadKey, contactKey, orders, activities',
    source: KEYS,
  },
  {
    code: ['unknown-table', 'no-web-api'],
    verdict: 'misconfigured',
    why: 'the environment has no such table, or there is no environment at this address: see environment, orders, activities',
    source: HTTP,
  },
  {
    code: ['0x80040220', '0x80048306'],
    verdict: 'misconfigured',
    why: "the application user's security role does not let it write to this table",
    source: CODES,
  },
  {
    code: ['0x80072560', '0x80040225', '0x8004d24b'],
    verdict: 'misconfigured',
    why: 'the app has no application user in this environment, or a disabled one',
    source: CODES,
  },
  {
    status: 403,
    verdict: 'misconfigured',
    why: 'the application user may not do this',
    source: HTTP,
  },
  {
    code: '0x80060888',
    verdict: 'misconfigured',
    why: 'the request as such was not understood: a fault of the connector',
    source: BATCH,
  },
  {
    status: 400,
    code: '0x80048d19',
    verdict: 'rejected',
    why: 'a value is not of the type that its column has',
    source: CODES,
  },
  {
    status: 400,
    code: '0x80044331',
    verdict: 'rejected',
    why: 'a text is longer than its column',
    source: CODES,
  },
  {
    status: 400,
    code: '0x8004431a',
    verdict: 'rejected',
    why: 'a choice column has no such value',
    source: CODES,
  },
  {
    code: '0x80040265',
    verdict: 'rejected',
    why: "a plug-in or business rule of the environment refuses the record; the vendor's words say why",
    source: CODES,
  },
  {
    status: 404,
    code: ['0x80040217', '0x80060891'],
    verdict: 'rejected',
    why: 'the lead to be changed, or the campaign, currency or person that the record points to, is not there',
    source: CODES,
  },
  {
    status: 404,
    verdict: 'rejected',
    why: 'the lead to be changed is not there',
    source: CONDITIONS,
  },
  {
    status: 412,
    code: 'already-there',
    verdict: 'delivered',
    why: 'the row of this event was written before',
    source: CONDITIONS,
  },
  {
    status: 412,
    code: '0x80060892',
    verdict: 'retry',
    tries: 2,
    why: 'two writers made the same key at once: the second try finds the row',
    source: `${DOCS}/use-upsert-insert-update-record`,
  },
  {
    status: 412,
    code: '0x80060882',
    verdict: 'retry',
    tries: 3,
    why: 'somebody changed the row in the same moment',
    source: CONDITIONS,
  },
  {
    status: 412,
    code: '0x80040237',
    verdict: 'rejected',
    why: 'another row already has one of the values that must be unique',
    source: CODES,
  },
  {
    status: 501,
    verdict: 'misconfigured',
    why: 'the environment does not offer this operation',
    source: HTTP,
  },
  {
    status: [500, 502, 503, 504],
    verdict: 'retry',
    why: 'Dataverse is in trouble; a repeat finds what was kept',
    source: HTTP,
  },
]

/** Of a request as a whole. One that stopped at its first failure in spite of `continue-on-error` answers with the parts so far. */
export function explain(answer: RawAnswer): Explanation {
  if (answer.status < 300) return {}
  const last = partsOf(answer)?.at(-1)
  if (last) return faultOf(last)
  const fault = faultOf(answer)
  return answer.status === 404 ? { ...fault, code: 'no-web-api' } : fault
}

export type Fault = { code?: string; words?: string }

/** What is wrong, of a whole answer or of a part: Dataverse's code, or a name of ours for what only its words tell. */
export function faultOf({ status, body }: RawAnswer): Fault {
  const { error, Message: plain } = fieldsOf(body)
  const { code: told, message } = fieldsOf(error)
  const said = [message, plain, body].find(one => typeof one === 'string')
  const words = typeof said === 'string' ? said.trim() : ''
  const code = byWords(status, words) ?? codeOf(told)
  return { ...(code && { code }), ...(words && { words }) }
}

/** One code stands for several faults, and some have none that is documented: these are told apart by what is said. */
function byWords(status: number, words: string): string | undefined {
  if (/the key in the request URI is not valid/i.test(words)) return 'unknown-key'
  if (/resource not found for the segment/i.test(words)) return 'unknown-table'
  if (/\bproperty '[^']*' does not exist|could not find a property named|\bundeclared property\b/i.test(words))
    return status === 400 ? 'unknown-column' : undefined
  return undefined
}

/** `0x80044331`, in any case; as a signed number in some answers: -2147204303. */
function codeOf(told: unknown): string | undefined {
  const text = typeof told === 'number' || typeof told === 'string' ? String(told).trim() : ''
  if (/^-?\d{6,}$/.test(text)) return `0x${(Number(text) >>> 0).toString(16).padStart(8, '0')}`
  return text.toLowerCase() || undefined
}

const fieldsOf = (value: unknown): { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null ? (value as { [name: string]: unknown }) : {}

import type { Batch, Explanation, RawAnswer, Rule } from '../../core/connector.ts'
import type { Record } from './map.ts'
import { recordAt } from './requests.ts'
import type { Settings } from './settings.ts'
import { withoutValues } from './words.ts'

const REST = 'https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest'
const HTTP = `${REST}/errorcodes.htm`
const UPSERT = `${REST}/resources_composite_sobjects_collections_upsert.htm`
const CODES =
  'https://developer.salesforce.com/docs/atlas.en-us.api.meta/api/sforce_api_calls_concepts_core_data_objects.htm'
const BULK = 'https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/get_job_info.htm'
const LIMITS =
  'https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta/salesforce_app_limits_cheatsheet/salesforce_app_limits_platform_api.htm'

/** Codes that mean different things by what is said with them have a second word, which is ours: see `codeOf`. */
export const rules: readonly Rule[] = [
  {
    status: 401,
    code: ['INVALID_AUTH_HEADER', 'INVALID_SESSION_ID for-good'],
    verdict: 'misconfigured',
    why: 'no fresh token helps: the header is wrong, or the user or app may not use the API',
    source: HTTP,
  },
  { status: 401, verdict: 'unauthorized', why: 'the session has ended or was revoked', source: HTTP },
  {
    code: 'REQUEST_LIMIT_EXCEEDED concurrent',
    verdict: 'throttled',
    waitMs: 60_000,
    why: 'too many requests of the org have been running for 20 seconds or longer',
    source: LIMITS,
  },
  {
    code: 'REQUEST_LIMIT_EXCEEDED',
    verdict: 'throttled',
    waitMs: 900_000,
    why: 'the org has used up its API requests of the last 24 hours; they come back bit by bit',
    source: LIMITS,
  },
  {
    code: ['API_DISABLED_FOR_ORG', 'API_CURRENTLY_DISABLED', 'INSUFFICIENT_ACCESS', 'FUNCTIONALITY_NOT_ENABLED'],
    verdict: 'misconfigured',
    why: 'the org has no API, or the user no right to use it for this',
    source: HTTP,
  },
  {
    code: ['UNABLE_TO_LOCK_ROW', 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY busy'],
    verdict: 'retry',
    why: 'another process holds this record or its parent, or was too busy; only this record waits',
    source: CODES,
  },
  {
    status: 503,
    verdict: 'retry',
    waitMs: 300_000,
    why: 'the instance is overloaded or in maintenance: no hurry helps',
    source: HTTP,
  },
  {
    status: 409,
    verdict: 'misconfigured',
    why: 'the request does not go with the state or version of the resource',
    source: HTTP,
  },
  {
    code: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
    verdict: 'rejected',
    why: 'a trigger or flow of the org refuses this record',
    source: CODES,
  },
  {
    code: ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 'PROCESSING_HALTED'],
    verdict: 'retry',
    why: 'nothing is wrong with this record: another one of the request took it along',
    source: CODES,
  },
  {
    code: ['QUERY_TIMEOUT', 'REQUEST_RUNNING_TOO_LONG'],
    verdict: 'retry',
    halve: true,
    why: 'the triggers and flows of the org take too long for so many records',
    source: HTTP,
  },
  {
    code: 'DUPLICATE_VALUE in-request',
    verdict: 'rejected',
    why: 'Salesforce holds two external ids of one request for the same',
    source: UPSERT,
  },
  {
    code: 'DUPLICATE_VALUE',
    verdict: 'retry',
    tries: 2,
    why: 'two upserts of one new record met; the second try finds it, or the value belongs to another record for good',
    source: CODES,
  },
  {
    code: 'INVALID_FIELD parent',
    verdict: 'retry',
    tries: 5,
    why: 'the parent that the record names is not there yet; after an hour or so it will not come any more',
    source: UPSERT,
  },
  {
    code: [
      'DUPLICATES_DETECTED',
      'REQUIRED_FIELD_MISSING',
      'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      'STRING_TOO_LONG',
      'INVALID_EMAIL_ADDRESS',
      'MALFORMED_ID',
      'INVALID_CROSS_REFERENCE_KEY',
      'NUMBER_OUTSIDE_VALID_RANGE',
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      'INVALID_TYPE_ON_FIELD_IN_RECORD',
      'FIELD_INTEGRITY_EXCEPTION',
      'FIELD_FILTER_VALIDATION_EXCEPTION',
      'ENTITY_IS_DELETED',
      'CANNOT_UPDATE_CONVERTED_LEAD',
    ],
    verdict: 'rejected',
    why: 'a value of this record, a rule of the org or the state of the record speaks against it',
    source: CODES,
  },
  {
    status: 300,
    verdict: 'rejected',
    why: 'several records have this external id: the field is not marked as unique',
    source: HTTP,
  },
  {
    code: [
      'INVALID_FIELD',
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      'INVALID_TYPE',
      'INSUFFICIENT_ACCESS_OR_READONLY',
      'INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY',
      'MISSING_ARGUMENT',
    ],
    verdict: 'misconfigured',
    why: 'an object or field of the settings does not exist, or the user may not write it',
    source: CODES,
  },
  {
    code: 'JSON_PARSER_ERROR value',
    verdict: 'rejected',
    why: 'a value of one record is of another type than its field',
    source: HTTP,
  },
  {
    code: ['JSON_PARSER_ERROR', 'MALFORMED_QUERY', 'INVALID_BATCH_SIZE', 'EXCEEDED_ID_LIMIT'],
    verdict: 'misconfigured',
    why: 'the request as such was not understood: a fault of the connector',
    source: HTTP,
  },
  {
    status: [404, 410],
    verdict: 'misconfigured',
    why: 'the object, its external-id field or the version of the API does not exist, or not for this user',
    source: HTTP,
  },
  { code: 'STORAGE_LIMIT_EXCEEDED', verdict: 'misconfigured', why: 'the org has no storage left', source: CODES },
  {
    status: [405, 412, 414, 415, 428, 431],
    verdict: 'misconfigured',
    why: 'the request as such was not understood: a fault of the connector',
    source: HTTP,
  },
  {
    status: 420,
    verdict: 'retry',
    waitMs: 300_000,
    why: "Salesforce's edge knows no way to the org: it moves, or its address has changed",
    source: HTTP,
  },
  {
    code: 'InvalidBatch',
    verdict: 'misconfigured',
    why: 'a column of the upload is no field of the object, or the user may not write it',
    source: BULK,
  },
  {
    code: ['UNKNOWN_EXCEPTION', 'SERVER_UNAVAILABLE'],
    verdict: 'retry',
    why: 'Salesforce is in trouble, with this record at least',
    source: HTTP,
  },
  { status: [500, 502, 504], verdict: 'retry', why: 'Salesforce or something before it is in trouble', source: HTTP },
]

/** One complaint: `errorCode` where it is about the request, `statusCode` where it is about a record. */
type Complaint = { code: string; words: string }

export function explain(answer: RawAnswer, batch: Batch<Settings, Record>): Explanation {
  const used = usedOf(answer.headers['sforce-limit-info'])
  const share = used === undefined ? {} : { used }
  if (answer.status < 300) return share
  const [first] = complaintsIn(answer.body)
  const code = first?.code && codeOf(first.code, first.words)
  const told = first?.words ?? (typeof answer.body === 'string' ? answer.body.trim() : '')
  const words = withoutValues(
    told,
    batch.records.map(({ data }) => data),
  )
  const culprit = code === 'JSON_PARSER_ERROR value' ? recordAt(batch, columnIn(told)) : undefined
  return { ...(code && { code }), ...(words && { words }), ...(culprit && { culprits: [culprit] }), ...share }
}

/** A list of complaints; a single one, or OAuth's two fields, where something before the API answers. */
export function complaintsIn(body: unknown): readonly Complaint[] {
  if (Array.isArray(body)) return body.flatMap(complaintsIn)
  if (!isObject(body)) return []
  const code = body.statusCode ?? body.errorCode ?? body.error
  const words = body.message ?? body.error_description
  if (typeof code !== 'string' && typeof words !== 'string') return []
  return [{ code: typeof code === 'string' ? code : '', words: typeof words === 'string' ? words : '' }]
}

/** What the words say beyond the code. */
const SECOND: { readonly [code: string]: readonly [words: RegExp, second: string] } = {
  INVALID_SESSION_ID: [/not valid for use with the REST API|not attached to Agent/i, 'for-good'],
  REQUEST_LIMIT_EXCEEDED: [/concurrent/i, 'concurrent'],
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: [/UNABLE_TO_LOCK_ROW|Too many SOQL queries/i, 'busy'],
  DUPLICATE_VALUE: [/duplicate external id specified/i, 'in-request'],
  INVALID_FIELD: [/foreign key external id/i, 'parent'],
  JSON_PARSER_ERROR: [/cannot deserialize instance of/i, 'value'],
}

export function codeOf(code: string, words: string): string {
  const second = Object.hasOwn(SECOND, code) ? SECOND[code] : undefined
  return second?.[0].test(words) ? `${code} ${second[1]}` : code
}

/** `... at [line:1, column:146]` */
const columnIn = (words: string): number => Number(/\[line:\s*1, column:\s*(\d+)\]/.exec(words)?.[1])

/**
 * `api-usage=4321/100000; per-app-api-usage=17/250(appName=connect)`: the share of whichever is nearer to its end.
 * https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/headers_api_usage.htm
 */
function usedOf(header: string | undefined): number | undefined {
  const shares = [...(header ?? '').matchAll(/(?:^|[;,\s])(?:per-app-)?api-usage=(\d+)\/(\d+)/g)]
    .map(([, used, limit]) => Number(used) / Number(limit))
    .filter(Number.isFinite)
  return shares.length ? Math.min(1, Math.max(...shares)) : undefined
}

export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

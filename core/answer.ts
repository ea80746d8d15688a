/** An answer of the ingestion endpoint, in the shape that a Lambda function URL gives back. */
export type Answer = {
  statusCode: number
  headers: { [name: string]: string }
  body: string
  isBase64Encoded?: boolean
}

/** Which site may read the answer; none where the tenant does not know the site. */
export type Reader = { readonly origin?: string | undefined }

const cors = ({ origin }: Reader): { [name: string]: string } => ({
  vary: 'Origin',
  ...(origin && { 'access-control-allow-origin': origin }),
})
const PRIVATE = { 'cache-control': 'no-store' }
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }

export const json = (statusCode: number, value: unknown, reader: Reader): Answer => ({
  statusCode,
  headers: { ...JSON_TYPE, ...PRIVATE, ...cors(reader) },
  body: JSON.stringify(value),
})

export const refusal = (statusCode: number, error: string, reader: Reader, more: object = {}): Answer =>
  json(statusCode, { error, ...more }, reader)

const RETRY_AFTER_SECONDS = 5

/** Nothing of the request counts as accepted: the sender keeps it and sends it again. */
export function unavailable(reader: Reader): Answer {
  const answer = refusal(503, 'cannot store events at the moment: send the same again', reader)
  return {
    ...answer,
    headers: {
      ...answer.headers,
      'retry-after': String(RETRY_AFTER_SECONDS),
      'access-control-expose-headers': 'Retry-After',
    },
  }
}

export function wrongMethod(allowed: readonly string[], reader: Reader): Answer {
  const answer = refusal(405, `send ${allowed.join(' or ')}`, reader)
  return { ...answer, headers: { ...answer.headers, allow: [...allowed, 'OPTIONS'].join(', ') } }
}

/** Permission to ask; whether a site may send is decided with the events, where the tenant is known. */
export const preflight = (): Answer => ({
  statusCode: 204,
  headers: {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
    'access-control-allow-headers': 'content-type, x-connect-key',
    'access-control-max-age': '86400',
    ...PRIVATE,
  },
  body: '',
})

/** One transparent pixel. */
const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'
export const image = (reader: Reader): Answer => ({
  statusCode: 200,
  headers: { 'content-type': 'image/gif', ...PRIVATE, ...cors(reader) },
  body: GIF,
  isBase64Encoded: true,
})

/** The same for everybody, readable by every site, kept by caches for `seconds`. */
export const asset = (type: string, body: string, seconds: number, immutable = false): Answer => ({
  statusCode: 200,
  headers: {
    'content-type': `${type}; charset=utf-8`,
    'cache-control': seconds ? `public, max-age=${seconds}${immutable ? ', immutable' : ''}` : 'no-store',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  },
  body,
})

/** What HEAD gets where GET gets this. */
export const withoutBody = (answer: Answer): Answer => ({
  statusCode: answer.statusCode,
  headers: answer.headers,
  body: '',
})

import { randomUUID } from 'node:crypto'
import type { EdgeRequest } from './edge-request.ts'
import type { Outcome } from './invocation.ts'

/** An answer on its way to the browser. Header names in lower case. */
export type EdgeResponse = {
  status: number
  headers: { [name: string]: string }
  cookies?: readonly string[]
  body: Buffer
}

const TEXT = /^text\/|\bjson\b|\bxml\b|javascript|x-www-form-urlencoded/
// A function URL sees the edge's address; the browser's is in x-forwarded-for.
const EDGE_ADDRESS = '130.176.0.1'

/** The event that a function URL makes of a request: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html */
export function toEvent(request: EdgeRequest, host: string, now: number): object {
  const { cookie, ...headers } = request.headers
  const isText = TEXT.test(headers['content-type'] ?? '')
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookie && { cookies: cookie.split(/; ?/) }),
    headers: { ...headers, host, 'x-forwarded-proto': 'https', 'x-forwarded-port': '443' },
    ...(request.query && { queryStringParameters: joined(request.query) }),
    requestContext: {
      accountId: 'anonymous',
      apiId: host.split('.')[0],
      domainName: host,
      domainPrefix: host.split('.')[0],
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        sourceIp: EDGE_ADDRESS,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: '$default',
      stage: '$default',
      time: new Date(now).toUTCString(),
      timeEpoch: now,
    },
    ...(request.body.length && { body: request.body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: request.body.length > 0 && !isText,
  }
}

/** Values of one name joined by commas. */
function joined(query: string): { [name: string]: string } {
  const values: { [name: string]: string } = {}
  for (const [name, value] of new URLSearchParams(query))
    values[name] = name in values ? `${values[name]},${value}` : value
  return values
}

type Result = {
  statusCode?: number
  headers?: { [name: string]: unknown }
  body?: string
  isBase64Encoded?: boolean
  cookies?: string[]
}

/** What the function URL answers: the function's result, 502 for one that failed, 429 for one that may not run. */
export function fromOutcome(outcome: Outcome | 'throttled'): EdgeResponse {
  if (outcome === 'throttled')
    return plain(429, '{"Reason":"ConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}')
  if (!outcome.ok) return plain(502, '{"Message":"Internal Server Error"}')
  const result = JSON.parse(outcome.payload) as Result | null
  if (typeof result?.statusCode !== 'number') return plain(200, outcome.payload)
  const headers = Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)])
  return {
    status: result.statusCode,
    headers: { 'content-type': 'application/json', ...Object.fromEntries(headers) },
    ...(result.cookies && { cookies: result.cookies }),
    body: Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8'),
  }
}

const plain = (status: number, body: string): EdgeResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(body),
})

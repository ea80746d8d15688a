import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EdgeRequest } from '../local/edge-request.ts'
import { fromOutcome, toEvent } from '../local/function-url.ts'
import { addHeaders, type HeadersPolicy } from '../local/response-headers.ts'
import { createViewerFunction } from '../local/viewer-function.ts'

const request = (more: Partial<EdgeRequest> = {}): EdgeRequest => ({
  address: '127.0.0.1',
  country: 'BR',
  method: 'POST',
  path: '/v1/events/a',
  query: 'a=1&b=%2F&a=2',
  headers: { 'user-agent': 'x', 'content-type': 'text/plain', cookie: 'c=1; d=2' },
  body: Buffer.from('olá'),
  ...more,
})

test('a function URL gets a request as Lambda describes it', () => {
  const event = toEvent(request(), 'abc.lambda-url.sa-east-1.on.aws', 0) as Record<string, unknown>
  const { requestContext, headers, ...rest } = event
  assert.deepEqual(rest, {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/v1/events/a',
    rawQueryString: 'a=1&b=%2F&a=2',
    cookies: ['c=1', 'd=2'],
    queryStringParameters: { a: '1,2', b: '/' },
    body: 'olá',
    isBase64Encoded: false,
  })
  assert.equal((headers as { host: string }).host, 'abc.lambda-url.sa-east-1.on.aws')
  assert.equal((headers as { cookie?: string }).cookie, undefined)
  assert.equal((requestContext as { http: { method: string } }).http.method, 'POST')
})

test('a body that is no text arrives as base64', () => {
  const headers = { 'content-type': 'application/octet-stream' }
  const event = toEvent(request({ headers, body: Buffer.from([0, 255]) }), 'h', 0) as Record<string, unknown>
  assert.deepEqual([event.body, event.isBase64Encoded], ['AP8=', true])
})

test('what a function returns becomes the answer; a failure is 502, a throttle 429', () => {
  const result = { statusCode: 201, headers: { 'X-A': 1 }, body: 'R0lG', isBase64Encoded: true, cookies: ['a=b'] }
  assert.deepEqual(fromOutcome({ ok: true, payload: JSON.stringify(result) }), {
    status: 201,
    headers: { 'content-type': 'application/json', 'x-a': '1' },
    cookies: ['a=b'],
    body: Buffer.from('GIF'),
  })
  assert.equal(fromOutcome({ ok: true, payload: '"text"' }).body.toString(), '"text"')
  assert.equal(fromOutcome({ ok: false, error: { errorType: 'E', errorMessage: 'm' } }).status, 502)
  assert.equal(fromOutcome('throttled').status, 429)
})

test('an edge function may answer', async () => {
  const answer = createViewerFunction(
    'f',
    "function handler(event) { return { statusCode: 302, headers: { location: { value: '/x' + event.request.querystring.a.value } }, body: { encoding: 'base64', data: 'b2s=' } } }",
  )
  assert.deepEqual(await answer(request()), { status: 302, headers: { location: '/x1' }, body: Buffer.from('ok') })
})

test('an edge function may change what passes, and what it leaves alone stays as it was written', async () => {
  const code =
    "async function handler(event) { const r = event.request; r.uri = '/y'; r.headers['x-new'] = { value: '1' }; return r }"
  const passed = (await createViewerFunction('f', code)(request())) as EdgeRequest
  assert.deepEqual(
    [passed.path, passed.query, passed.headers['x-new'], passed.headers.cookie],
    ['/y', 'a=1&b=%2F&a=2', '1', 'c=1; d=2'],
  )
  const dropping = 'function handler(event) { delete event.request.querystring.b; return event.request }'
  assert.equal(((await createViewerFunction('f', dropping)(request())) as EdgeRequest).query, 'a=1&a=2')
})

test('an edge function sees nothing of this process', async () => {
  const code = 'function handler() { return { statusCode: 200, body: typeof process + typeof require + typeof fetch } }'
  const { body } = (await createViewerFunction('f', code)(request())) as { body: Buffer }
  assert.equal(body.toString(), 'undefinedundefinedundefined')
})

const policy: HeadersPolicy = {
  corsConfig: {
    accessControlAllowOrigins: { items: ['*'] },
    accessControlAllowMethods: { items: ['GET'] },
    accessControlAllowHeaders: { items: ['x'] },
    accessControlExposeHeaders: { items: ['Retry-After'] },
    accessControlAllowCredentials: false,
    originOverride: false,
  },
  securityHeadersConfig: {
    strictTransportSecurity: { accessControlMaxAgeSec: 10, includeSubdomains: true, override: true },
    contentTypeOptions: { override: true },
  },
  customHeadersConfig: { items: [{ header: 'X-Own', value: '1', override: false }] },
}
const response = (headers: { [name: string]: string }) => ({ status: 200, headers, body: Buffer.alloc(0) })

test('the headers policy is the net under an answer without CORS, and leaves an answer with it alone', () => {
  const fromPage = { origin: 'https://shop.example' }
  assert.deepEqual(addHeaders(response({}), policy, fromPage).headers, {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'Retry-After',
    'strict-transport-security': 'max-age=10; includeSubDomains',
    'x-content-type-options': 'nosniff',
    'x-own': '1',
  })
  const own = { 'access-control-allow-origin': 'https://shop.example', 'x-own': '2' }
  const { headers } = addHeaders(response(own), policy, fromPage)
  assert.equal(headers['access-control-allow-origin'], 'https://shop.example')
  assert.equal(headers['access-control-expose-headers'], undefined)
  assert.equal(headers['x-own'], '2')
})

test('a request that names no origin gets no CORS headers', () => {
  assert.equal(addHeaders(response({}), policy, {}).headers['access-control-allow-origin'], undefined)
})

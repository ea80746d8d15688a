import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'

type Request = { method: string; uri: string; headers: Record<string, { value: string }> }
type Answer = { statusCode: number; headers: Record<string, { value: string }> }

const code = readFileSync(new URL('../components/edge.js', import.meta.url), 'utf8')
const handler = runInNewContext(`${code}\nhandler`) as (event: { request: Request }) => Request | Answer
const request = (method: string): Request => ({ method, uri: '/v1/events/loja-abc', headers: { host: { value: 'x' } } })

test('a preflight is answered at the edge, for any site, for a day', () => {
  const answer = handler({ request: request('OPTIONS') }) as Answer
  assert.equal(answer.statusCode, 204)
  assert.equal(answer.headers['access-control-allow-origin']?.value, '*')
  assert.match(answer.headers['access-control-allow-methods']?.value ?? '', /\bPOST\b/)
  assert.match(answer.headers['access-control-allow-headers']?.value ?? '', /\bcontent-type\b/)
  assert.equal(answer.headers['access-control-max-age']?.value, '86400')
})

for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'])
  test(`a ${method} goes on unchanged`, () => {
    const given = request(method)
    assert.equal(handler({ request: given }), given)
    assert.deepEqual(given, request(method))
  })

test('the code is what CloudFront takes: below 10 KB, nothing imported, headers in lower case', () => {
  assert.ok(Buffer.byteLength(code) <= 10_240) // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
  assert.doesNotMatch(code, /\b(import|require|process|fetch|setTimeout)\b/)
  const { headers } = handler({ request: request('OPTIONS') }) as Answer
  for (const name of Object.keys(headers)) assert.equal(name, name.toLowerCase())
})

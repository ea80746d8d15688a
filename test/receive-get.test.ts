import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Answer } from '../core/answer.ts'
import { bodyOf, image, purchase, type Receiving, SITE, startReceiving, TAG } from './tools/receiving.ts'

let receiving: Receiving
before(async () => {
  receiving = await startReceiving()
})
after(() => receiving.stop())

const waitingIds = async (connector: 'rdstation' | 'salesforce') =>
  new Set((await receiving.waiting(connector)).map(({ id }) => id))

test('an image stores its event, is known by its referrer and answers a picture that nobody caches', async () => {
  const event = { ...purchase('by-image'), user: { id: 'visitor-1' } }
  const answer = await receiving.ask({
    path: '/v1/events/loja-abc/p',
    d: image(event),
    headers: { origin: undefined, referer: `${SITE}/checkout?x=1` },
  })
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.headers['content-type'], 'image/gif')
  assert.equal(answer.headers['cache-control'], 'no-store')
  assert.equal(answer.isBase64Encoded, true)
  assert.equal(Buffer.from(answer.body, 'base64').subarray(0, 6).toString(), 'GIF89a')
  assert((await waitingIds('rdstation')).has('by-image'))
})

for (const [what, more] of Object.entries({
  'an e-mail address': { user: { email: 'ana@example.com' } },
  'a phone': { user: { phone: '+5511987654321' } },
  'a name': { user: { firstName: 'Ana' } },
  'a phone that is no number': { user: { phone: 'call me' } },
  'an address in a page\u2019s own address': {
    user: {},
    page: { url: 'https://www.loja-abc.example/?mail=ana%40example.com' },
  },
}))
  test(`an image with ${what} is refused and stores nothing`, async () => {
    const answer = await receiving.ask({ path: '/v1/events/loja-abc/p', d: image(purchase('personal', more)) })
    assert.equal(answer.statusCode, 400)
    assert.match(bodyOf(answer).error ?? '', /personal data/)
    assert(!(await waitingIds('rdstation')).has('personal'))
  })

test('HEAD of an image asks and stores nothing', async () => {
  const d = image({ ...purchase('head'), user: {} })
  const answer = await receiving.ask({ method: 'HEAD', path: '/v1/events/loja-abc/p', d })
  assert.equal(answer.statusCode, 200)
  assert.equal(answer.body, '')
  assert(!(await waitingIds('rdstation')).has('head'))
})

const get = (path: string, method = 'GET'): Promise<Answer> =>
  receiving.ask({ path, method, headers: { origin: undefined } })

test('the tag is served for minutes at its address and for ever at its version\u2019s', async () => {
  const latest = await get('/tag.js')
  assert.equal(latest.body, TAG.source)
  assert.equal(latest.headers['content-type'], 'text/javascript; charset=utf-8')
  assert.equal(latest.headers['cache-control'], 'public, max-age=300')
  const fixed = await get(`/tag/${TAG.version}/tag.js`)
  assert.equal(fixed.body, TAG.source)
  assert.equal(fixed.headers['cache-control'], 'public, max-age=31536000, immutable')
  assert.equal((await get('/tag/another/tag.js')).statusCode, 404)
})

test('both addresses of the tag name its source map, which is kept for ever', async () => {
  for (const path of ['/tag.js', `/tag/${TAG.version}/tag.js`])
    assert.equal((await get(path)).headers.sourcemap, `/tag/${TAG.version}/tag.js.map`)
  const path = `/tag/${TAG.version}/tag.js.map`
  const map = await get(path)
  assert.equal(map.body, TAG.map)
  assert.equal(map.headers['content-type'], 'application/json; charset=utf-8')
  assert.equal(map.headers['cache-control'], 'public, max-age=31536000, immutable')
  assert.equal(map.headers['access-control-allow-origin'], '*')
  assert.deepEqual(await get(path, 'HEAD'), { ...map, body: '' })
  assert.equal((await get('/tag/another/tag.js.map')).statusCode, 404)
})

test('robots are sent away, health is told, and HEAD gets what GET gets without the body', async () => {
  assert.equal((await get('/robots.txt')).body, 'User-agent: *\nDisallow: /\n')
  assert.equal((await get('/healthz')).statusCode, 200)
  const { headers } = await get('/tag.js')
  assert.deepEqual(await get('/tag.js', 'HEAD'), { statusCode: 200, headers, body: '' })
})

import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { fromItem } from '../core/envelope.ts'
import { type Asked, bodyOf, image, NOW, purchase, type Receiving, SITE, startReceiving } from './tools/receiving.ts'

let receiving: Receiving
before(async () => {
  receiving = await startReceiving()
})
after(() => receiving.stop())
beforeEach(() => {
  receiving.lines.length = 0
})

const stored = async () => (await receiving.waiting('rdstation')).map(({ id }) => id)

/** Requests that are refused whole: what is sent, the status, and what the answer says. */
const REFUSED: { [what: string]: [asked: Asked, status: number, says: RegExp] } = {
  'no body': [{}, 400, /empty/],
  'text that is not JSON': [{ body: 'event=purchase&id=1' }, 400, /not JSON/],
  'JSON that ends too soon': [{ body: '{"name":"purchase"' }, 400, /not JSON/],
  'a number': [{ body: '5' }, 400, /neither an object nor a list/],
  null: [{ body: 'null' }, 400, /neither an object nor a list/],
  'an empty list': [{ body: '[]' }, 400, /no events/],
  'events that are no list': [{ body: '{"events":{"0":{}}}' }, 400, /not a list/],
  '100,000 open brackets': [{ body: '['.repeat(100_000) }, 400, /deeper than 16/],
  '100,000 brackets, closed': [{ body: '['.repeat(100_000) + ']'.repeat(100_000) }, 400, /deeper than 16/],
  'objects 17 deep': [{ body: `${'{"a":'.repeat(17)}1${'}'.repeat(17)}` }, 400, /deeper than 16/],
  'bytes that are no UTF-8': [{ body: '\ufffd\ufffd{', base64: true }, 400, /not JSON/],
  '300 KiB': [
    { body: JSON.stringify(purchase('huge', { properties: { text: 'x'.repeat(300 * 1024) } })) },
    413,
    /256 KiB/,
  ],
  '200 KiB of letters that are three bytes each': [
    { body: JSON.stringify({ text: '\u20ac'.repeat(90_000) }) },
    413,
    /256 KiB/,
  ],
  '101 events': [
    { body: JSON.stringify(Array.from({ length: 101 }, (_, n) => purchase(`n-${n}`))) },
    413,
    /100 events/,
  ],
  'a tenant that does not exist': [{ path: '/v1/events/nobody', body: '{}' }, 404, /tenant/],
  'a connector that the tenant has not': [{ path: '/v1/events/loja-abc/responsys', body: '{}' }, 404, /connector/],
  'a connector named like a property of every object': [
    { path: '/v1/events/loja-abc/constructor', body: '{}' },
    404,
    /connector/,
  ],
  'a path that climbs': [{ path: '/v1/events/../../etc/passwd', body: '{}' }, 404, /nothing at this address/],
  'an older request without a tenant': [{ path: '/rdstation', body: '{"eventType":"lead"}' }, 404, /tenant/],
  'an older request of an unknown tid': [
    { path: '/rdstation', body: '{"eventType":"lead","tid":"no-such-tid"}' },
    404,
    /tenant/,
  ],
  'a method that the address does not take': [{ method: 'PUT', body: '{}' }, 405, /POST/],
  'a DELETE of the tag': [{ method: 'DELETE', path: '/tag.js' }, 405, /GET or HEAD/],
  'a POST of an image': [{ path: '/v1/events/loja-abc/p', body: '{}' }, 405, /GET or HEAD/],
  'an image of nothing': [{ path: '/v1/events/loja-abc/p', d: '' }, 400, /empty/],
  'an image that is no base64': [{ path: '/v1/events/loja-abc/p', d: '%%%' }, 400, /empty|not JSON/],
  'the origin of another site': [{ body: '{}', headers: { origin: 'https://evil.example' } }, 403, /not a site/],
  'the origin that sandboxed frames send': [{ body: '{}', headers: { origin: 'null' } }, 403, /not a site/],
  'an origin that begins like the tenant\u2019s': [
    { body: '{}', headers: { origin: `${SITE}.evil.example` } },
    403,
    /not a site/,
  ],
  'no origin and no key': [{ body: '{}', headers: { origin: undefined } }, 403, /not a site/],
  'a server key that is wrong': [
    { body: '{}', headers: { origin: undefined, 'x-connect-key': 'guess' } },
    403,
    /not a site/,
  ],
  'no secret of the edge': [{ body: '{}', headers: { 'x-connect-origin': undefined } }, 403, /edge/],
  'a wrong secret of the edge': [
    { path: '/healthz', method: 'GET', headers: { 'x-connect-origin': 'guess' } },
    403,
    /edge/,
  ],
  'an empty secret of the edge': [{ body: '{}', headers: { 'x-connect-origin': '' } }, 403, /edge/],
}
for (const [what, [asked, status, says]] of Object.entries(REFUSED))
  test(`${what} is answered ${status} and stores nothing`, async () => {
    const before = await stored()
    const answer = await receiving.ask(asked)
    assert.equal(answer.statusCode, status)
    assert.match(bodyOf(answer).error ?? '', says)
    assert.deepEqual(await stored(), before)
    if (status === 405) assert.match(answer.headers.allow ?? '', /OPTIONS/)
  })

/** Events that are refused by themselves: what is sent, and where the answer points. JSON text where JavaScript has no word for it. */
const REJECTED: { [what: string]: [event: unknown, path: string, says: RegExp] } = {
  'an event that is a number': [7, '', /object/],
  'an event that is a list': [[], '', /object/],
  'an event without a name': [{ id: 'bad' }, '/name', /no event name/],
  'a push without an event': [{ ecommerce: null }, '/name', /no event name/],
  'a name that is an object': [{ id: 'bad', event: {} }, '/event', /name/],
  'a name of 200 letters': [{ id: 'bad', name: 'n'.repeat(200) }, '/name', /at most 100/],
  'an id with a space': [purchase('a b'), '/id', /an id is/],
  'an id of 200 characters': [purchase('x'.repeat(200)), '/id', /an id is/],
  'an id that is a list': [{ ...purchase('bad'), id: ['a'] }, '/id', /an id is/],
  'a time that is none': [purchase('bad', { at: 'yesterday' }), '/at', /not a time/],
  'a time two days ahead': [purchase('bad', { at: NOW + 2 * 86_400_000 }), '/at', /future/],
  'a time of 1970': [purchase('bad', { at: 0 }), '/at', /7 days/],
  'a time far beyond the calendar': [purchase('bad', { at: '9999999999999999' }), '/at', /future/],
  'a user that is text': [purchase('bad', { user: 'ana' }), '/user', /object/],
  'an e-mail address that is none': [purchase('bad', { user: { email: 'ana@' } }), '/user/email', /e-mail/],
  'a phone that is an object': [purchase('bad', { user: { phone: {} } }), '/user/phone', /phone/],
  'a hash that is too short': [purchase('bad', { user: { emailHash: 'abc' } }), '/user/emailHash', /SHA-256/],
  'a price that is a word': [
    purchase('bad', { commerce: { items: [{ price: 'free' }] } }),
    '/commerce/items/0/price',
    /number/,
  ],
  'a dataLayer value that is a list': [{ event: 'purchase', ecommerce: { value: [1] } }, '/ecommerce/value', /number/],
  'items that are text': [{ event: 'purchase', ecommerce: { items: 'one' } }, '/ecommerce/items', /list/],
  '201 items': [purchase('bad', { commerce: { items: Array(201).fill({ id: 'a' }) } }), '/commerce/items', /200/],
  'a currency that is a word': [purchase('bad', { commerce: { currency: 'reais' } }), '/commerce/currency', /ISO 4217/],
  'a consent that is neither yes nor no': [
    purchase('bad', { consent: { marketing: 'maybe' } }),
    '/consent/marketing',
    /boolean/,
  ],
  'properties that are text': [purchase('bad', { properties: 'x' }), '/properties', /object/],
  'an event of 40 KiB': [purchase('bad', { properties: { text: 'x'.repeat(40 * 1024) } }), '', /32 KiB/],
  'an older price that is a word': [
    { eventType: 'product_view', productId: '1', productPrice: 'free' },
    '/productPrice',
    /number/,
  ],
}
let n = 0
for (const [what, [event, path, says]] of Object.entries(REJECTED))
  test(`${what} is refused at ${path || 'its root'} and does not stop the good events beside it`, async () => {
    const good = [purchase(`good-${++n}-a`), purchase(`good-${n}-b`)]
    const answer = await receiving.post([good[0], event, good[1]])
    assert.equal(answer.statusCode, 200)
    const { accepted, rejected } = bodyOf(answer)
    assert.equal(accepted, 2)
    assert.equal(rejected?.length, 1)
    assert.equal(rejected[0]?.index, 1)
    assert.equal(rejected[0]?.path, path)
    assert.match((rejected[0] as unknown as { reason: string }).reason, says)
    const ids = await stored()
    for (const { id } of good) assert(ids.includes(id))
    assert(!ids.includes('bad'))

    const alone = await receiving.post([event])
    assert.equal(alone.statusCode, 400)
    assert.equal(bodyOf(alone).rejected?.[0]?.path, path)
  })

/** Events that look dangerous and are taken, harmless: JSON text in, what is stored out. */
const CLEANED: { [what: string]: [event: string, stored: object] } = {
  'a NUL byte': ['{"name":"purchase","properties":{"note":"a\\u0000b"}}', { note: 'ab' }],
  'lone surrogates': ['{"name":"purchase","properties":{"note":"a\\ud800b\\udc00"}}', { note: 'a\ufffdb\ufffd' }],
  __proto__: [
    '{"name":"purchase","__proto__":{"admin":true},"properties":{"__proto__":{"admin":true},"note":"x"}}',
    { note: 'x' },
  ],
  '__proto__ behind a NUL byte': [
    '{"name":"purchase","properties":{"__proto\\u0000__":1,"constructor":{},"note":"x"}}',
    { note: 'x' },
  ],
  'constructor, deep inside': [
    '{"name":"purchase","properties":{"note":[{"constructor":{"prototype":{"admin":true}},"ok":1}]}}',
    { note: [{ ok: 1 }] },
  ],
  'a number that is too large': ['{"name":"purchase","properties":{"note":1e999}}', { note: null }],
  'a name that SQL would read': [
    '{"name":"purchase","properties":{"note":"\'; DROP TABLE x;--"}}',
    { note: "'; DROP TABLE x;--" },
  ],
}
for (const [what, [event, expected]] of Object.entries(CLEANED))
  test(`${what} is taken and stored without its sting`, async () => {
    const id = `clean-${++n}`
    const answer = await receiving.post(event.replace('{', `{"id":"${id}",`))
    assert.equal(answer.statusCode, 200)
    const items = (await receiving.dynamo.items(receiving.tables.rdstation)).map(item => fromItem(item as never))
    const { event: kept } = items.flatMap(({ waiting }) => waiting).find(waiting => waiting.event.id === id)!
    assert.deepEqual(kept.properties, expected)
    assert.equal(({} as { admin?: boolean }).admin, undefined)
  })

test('errors can be read by the tenant\u2019s site and not by another', async () => {
  const own = await receiving.ask({ body: 'x' })
  assert.equal(own.headers['access-control-allow-origin'], SITE)
  assert.equal(own.headers.vary, 'Origin')
  const other = await receiving.ask({ body: 'x', headers: { origin: 'https://evil.example' } })
  assert.equal(other.headers['access-control-allow-origin'], undefined)
  assert.equal(other.headers.vary, 'Origin')
})

test('a hit that did not come through the edge is counted, and nothing is looked up for it', async () => {
  receiving.failing.add(receiving.tables.tenants)
  const answer = await receiving.ask({
    body: JSON.stringify(purchase('direct')),
    headers: { 'x-connect-origin': 'guess' },
  })
  receiving.failing.clear()
  assert.equal(answer.statusCode, 403)
  assert.deepEqual(
    receiving.lines.map(({ Stack, directHits }) => ({ Stack, directHits })),
    [{ Stack: 'test', directHits: 1 }],
  )
})

test('either of the two secrets of the edge is let in while it is rotated', async () => {
  const answer = await receiving.post(purchase('rotated'), { headers: { 'x-connect-origin': 'the secret before it' } })
  assert.equal(answer.statusCode, 200)
})

test('brackets inside texts nest nothing', async () => {
  const note = `${'['.repeat(50)}"\\${'{'.repeat(50)}`
  assert.equal((await receiving.post(purchase('brackets', { properties: { note } }))).statusCode, 200)
})

test('an image with a rejected event says so instead of showing a picture', async () => {
  const answer = await receiving.ask({ path: '/v1/events/loja-abc/p', d: image({ id: 'x' }) })
  assert.equal(answer.statusCode, 400)
  assert.equal(bodyOf(answer).rejected?.length, 1)
})

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import { fromItem, shardOf } from '../core/envelope.ts'
import { suppress } from '../functions/aws/suppressions.ts'
import { createReceive } from '../functions/receive.ts'
import {
  bodyOf,
  KEY,
  LOJA,
  NOW,
  purchase,
  type Receiving,
  SECRET,
  SITE,
  startReceiving,
  TAG,
} from './tools/receiving.ts'

let receiving: Receiving
before(async () => {
  receiving = await startReceiving()
})
after(() => receiving.stop())
beforeEach(() => {
  receiving.failing.clear()
  receiving.clock.now = NOW
  receiving.lines.length = 0
})

const told = () => receiving.lines.find(({ message }) => message === 'accepted')
const counted = (destination: string) => receiving.lines.find(line => line.Destination === destination)
const waitingIds = async (connector: 'rdstation' | 'salesforce') =>
  new Set((await receiving.waiting(connector)).map(({ id }) => id))

test('an event is answered as accepted and waits for every destination that wants it', async () => {
  const answer = await receiving.post(purchase('for-all'))
  assert.equal(answer.statusCode, 200)
  assert.deepEqual(bodyOf(answer), { accepted: 1, rejected: [] })
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  for (const connector of ['rdstation', 'salesforce'] as const) assert((await waitingIds(connector)).has('for-all'))
})

test('the address of one connector reaches that one only', async () => {
  await receiving.post(purchase('for-one'), { path: '/v1/events/loja-abc/salesforce' })
  assert((await waitingIds('salesforce')).has('for-one'))
  assert(!(await waitingIds('rdstation')).has('for-one'))
})

test('an array, a batch and a body in base64 are read alike', async () => {
  const events = [purchase('list-1'), purchase('list-2')]
  assert.equal(bodyOf(await receiving.post(events)).accepted, 2)
  assert.equal(bodyOf(await receiving.post({ batch: 'b-1', events })).accepted, 2)
  assert.equal(bodyOf(await receiving.post(events, { base64: true })).accepted, 2)
})

test('a body is read by its content, whatever its header says', async () => {
  const headers = { 'content-type': 'text/plain;charset=UTF-8' }
  assert.equal((await receiving.post(purchase('as-text'), { headers })).statusCode, 200)
})

test('the same request sent again is accepted again and stored once', async () => {
  const events = [purchase('again-1', { user: { id: 'p' } }), purchase('again-2', { user: { id: 'p' } })]
  await receiving.post({ batch: 'x', events })
  const { rdstation } = receiving.tables
  const before = await receiving.dynamo.items(rdstation)
  receiving.clock.now += 60_000
  const answer = await receiving.post({ batch: 'another', events: events.toReversed() })
  assert.deepEqual(bodyOf(answer), { accepted: 2, rejected: [] })
  assert.deepEqual(await receiving.dynamo.items(rdstation), before)
})

test('an id that comes twice in one request is accepted twice and stored once, as it came first', async () => {
  const answer = await receiving.post([purchase('twin'), purchase('twin', { name: 'generate_lead' })])
  assert.deepEqual(bodyOf(answer), { accepted: 2, rejected: [] })
  const stored = (await receiving.waiting('rdstation')).filter(({ id }) => id === 'twin')
  assert.deepEqual(
    stored.map(({ name }) => name),
    ['purchase'],
  )
})

test('envelopes are due at once, expire long after the destination gave up, and are parted by lane and shard', async () => {
  const slow = { ...purchase('lane-slow'), name: 'view_item' }
  await receiving.post([purchase('lane-fast'), slow])
  const items = (await receiving.dynamo.items(receiving.tables.rdstation)).map(item => fromItem(item as never))
  const of = (id: string) => items.find(({ waiting }) => waiting.some(({ event }) => event.id === id))!
  const fast = of('lane-fast')
  assert.equal(fast.pk, `u#loja-abc#${shardOf(fast.waiting[0]!.event, 4)}`)
  assert.equal(of('lane-slow').pk, `loja-abc#${shardOf(of('lane-slow').waiting[0]!.event, 4)}`)
  assert.equal(fast.waiting[0]!.due, NOW)
  assert.equal(fast.waiting[0]!.attempts, 0)
  assert.equal(fast.ttl, NOW / 1000 + (7 + 3 + 1) * 86_400)
})

test('a request of a hundred people is parted over all shards and loses nobody', async () => {
  const events = Array.from({ length: 100 }, (_, n) => purchase(`crowd-${n}`))
  assert.equal(bodyOf(await receiving.post(events)).accepted, 100)
  const stored = (await receiving.waiting('rdstation')).filter(({ id }) => id.startsWith('crowd-'))
  assert.equal(new Set(stored.map(({ id }) => id)).size, 100)
  assert.equal(new Set(stored.map(({ pk }) => pk)).size, 4)
})

test('events that would pass the size of an item become several items', async () => {
  const numbers = Array.from({ length: 1_400 }, () => 1e20) // five bytes each as sent, 22 as stored
  const body = JSON.stringify(
    Array.from({ length: 30 }, (_, n) => purchase(`large-${n}`, { user: { id: 'large' }, properties: { numbers } })),
  ).replaceAll('100000000000000000000', '1e20')
  assert.equal(bodyOf(await receiving.post(body)).accepted, 30)
  const stored = (await receiving.waiting('rdstation')).filter(({ id }) => id.startsWith('large-'))
  assert.equal(stored.length, 30)
  assert.equal(new Set(stored.map(({ pk }) => pk)).size, 1)
  assert(new Set(stored.map(({ sk }) => sk)).size > 1)
})

test('an event that no destination wants is accepted and kept nowhere', async () => {
  assert.deepEqual(bodyOf(await receiving.post({ ...purchase('unwanted'), name: 'scroll' })), {
    accepted: 1,
    rejected: [],
  })
  assert(!(await waitingIds('rdstation')).has('unwanted'))
  assert.deepEqual(told()?.stored, {})
})

test('a destination that needs a consent skips and counts who has not given it', async () => {
  await receiving.post([
    purchase('yes'),
    purchase('no', { consent: { marketing: false } }),
    purchase('unasked', { consent: {} }),
  ])
  const stored = await waitingIds('salesforce')
  assert(stored.has('yes') && !stored.has('no') && !stored.has('unasked'))
  assert.deepEqual(told()?.skipped, { salesforce: ['no', 'unasked'] })
  assert.equal(counted('loja-abc/salesforce')?.skipped, 2)
  assert.equal(counted('loja-abc/rdstation')?.received, 3)
})

test('whoever opted out is answered like everybody else, by any of their identities, and stored nowhere', async () => {
  await suppress(receiving.world, LOJA, { email: ' Out@Example.com', phone: '(11) 98765-4321' }, 'a test')
  const hash = '9ffd5a39c9b2af4e1d1f6a5ef3d1bbd5ed86cd3c7ee2bb8c5ea49c9c26d3d0a1'
  const events = [
    purchase('out-mail', { user: { email: 'out@example.com' } }),
    purchase('out-phone', { user: { phone: '+5511987654321' } }),
    purchase('in', { user: { emailHash: hash } }),
  ]
  assert.deepEqual(bodyOf(await receiving.post(events)), { accepted: 3, rejected: [] })
  const stored = await waitingIds('rdstation')
  assert(stored.has('in') && !stored.has('out-mail') && !stored.has('out-phone'))
  assert.deepEqual(told()?.suppressed, ['out-mail', 'out-phone'])
  assert.equal(counted('loja-abc/rdstation')?.suppressed, 2)
})

test('an opt-out is recognised in the hash of an address, with the dots that Google drops', async () => {
  await suppress(receiving.world, LOJA, { email: 'ana.out@gmail.com' }, 'a test')
  const sha = (text: string) => createHash('sha256').update(text).digest('hex')
  await receiving.post([
    purchase('out-hash', { user: { emailHash: sha('ana.out@gmail.com') } }),
    purchase('out-undotted', { user: { emailHash: sha('anaout@gmail.com') } }),
  ])
  assert.deepEqual(told()?.suppressed, ['out-hash', 'out-undotted'])
})

test('an opt-out holds at its own tenant only', async () => {
  await suppress(receiving.world, LOJA, { email: 'only-there@example.com' }, 'a test')
  const answer = await receiving.post(purchase('only-there'), {
    path: '/v1/events/outra',
    headers: { origin: 'https://outra.example' },
  })
  assert.equal(answer.statusCode, 200)
  assert((await waitingIds('rdstation')).has('only-there'))
})

test('a bot is answered as accepted and stored nowhere', async () => {
  const headers = { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' }
  assert.deepEqual(bodyOf(await receiving.post(purchase('of-a-bot'), { headers })), { accepted: 1, rejected: [] })
  assert(!(await waitingIds('rdstation')).has('of-a-bot'))
  assert.deepEqual(told()?.suppressed, ['of-a-bot'])
})

test('a server with the tenant\u2019s key needs no origin, and its user agent is nobody\u2019s', async () => {
  const headers = { origin: undefined, 'x-connect-key': KEY, 'user-agent': 'some bot' }
  assert.equal((await receiving.post(purchase('from-a-server'), { headers })).statusCode, 200)
  assert((await waitingIds('rdstation')).has('from-a-server'))
})

test('when a buffer cannot be written the answer is 503 with Retry-After, and the same request later stores what is missing', async () => {
  receiving.failing.add(receiving.tables.salesforce)
  const answer = await receiving.post(purchase('half'))
  assert.equal(answer.statusCode, 503)
  assert.match(answer.headers['retry-after'] ?? '', /^\d+$/)
  assert.equal(answer.headers['access-control-expose-headers'], 'Retry-After')
  assert.equal(answer.headers['access-control-allow-origin'], SITE)
  assert.equal(told(), undefined)
  assert((await waitingIds('rdstation')).has('half'))

  receiving.failing.clear()
  assert.equal((await receiving.post(purchase('half'))).statusCode, 200)
  assert.equal((await receiving.waiting('rdstation')).filter(({ id }) => id === 'half').length, 1)
  assert((await waitingIds('salesforce')).has('half'))
})

test('no answer is sent before the last write is acknowledged', async () => {
  const writes: (() => void)[] = []
  const { world } = receiving
  const held: typeof world = {
    ...world,
    dynamo: {
      send: (async (command: object) => {
        if (command.constructor.name === 'PutItemCommand') await new Promise<void>(go => writes.push(go))
        return world.dynamo.send(command as never)
      }) as never,
    },
  }
  const receive = createReceive(held, TAG)
  let answered = false
  const asking = receive({
    headers: { 'x-connect-origin': SECRET, origin: SITE },
    rawPath: '/v1/events/loja-abc',
    requestContext: { requestId: 'r', http: { method: 'POST' } },
    body: JSON.stringify(purchase('held')),
    isBase64Encoded: false,
  } as never).then(answer => {
    answered = true
    return answer
  })
  while (writes.length < 2) await new Promise(setImmediate)
  writes[0]!()
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  assert.equal(answered, false)
  writes[1]!()
  assert.equal((await asking).statusCode, 200)
})

test('tenants are read again after a minute, believed when they cannot be, and strangers are asked for again sooner', async () => {
  receiving.clock.now += 86_400_000 // past whatever other tests left in the cache
  await receiving.post(purchase('cached'))
  receiving.failing.add(receiving.tables.tenants)
  receiving.clock.now += 59_000
  assert.equal((await receiving.post(purchase('cached-2'))).statusCode, 200)
  receiving.clock.now += 3_000
  assert.equal((await receiving.post(purchase('stale'))).statusCode, 200)
  receiving.clock.now += 2 * 3_600_000
  assert.equal((await receiving.post(purchase('unknowable'))).statusCode, 503)
})

const OLDER = {
  email: 'ana@example.com',
  eventType: 'product_view',
  productId: 'SKU-1',
  productName: 'Tee',
  productPrice: '19,90',
  productImage: 'https://img.example/1.png',
  productUrl: 'https://www.loja-abc.example/p/1',
}
const older = (more: object, path = '/rdstation') =>
  receiving.post({ recordId: `older-${JSON.stringify(more).length}`, ...OLDER, ...more }, { path })

test('older tags post to a connector and name the tenant by its id', async () => {
  const answer = await older({ recordId: 'older-by-client', clientId: 'loja-abc' })
  assert.equal(answer.statusCode, 200)
  const stored = (await receiving.waiting('rdstation')).find(({ id }) => id === 'older-by-client')
  assert.equal(stored?.name, 'view_item')
  assert(!(await waitingIds('salesforce')).has('older-by-client'))
})

for (const tid of ['UA-123', 'UA-123-45', 'loja-abc_site1'])
  test(`older tags are known by a tid, or by its leading part: ${tid}`, async () => {
    assert.equal((await older({ recordId: `by-${tid}`, tid })).statusCode, 200)
    assert((await waitingIds('rdstation')).has(`by-${tid}`))
  })

test('an older batch may not smuggle in another tenant\u2019s event', async () => {
  const events = [
    { ...OLDER, recordId: 'own', clientId: 'loja-abc' },
    { ...OLDER, recordId: 'foreign', clientId: 'outra' },
  ]
  const answer = await receiving.post({ events }, { path: '/rdstation' })
  assert.deepEqual(bodyOf(answer).rejected, [
    { index: 1, reason: 'another clientId than the rest of the request', path: '/clientId' },
  ])
})

test('an older address is 404 where the tenant has no such destination', async () => {
  const answer = await receiving.post(
    { ...OLDER, clientId: 'outra' },
    { path: '/salesforce', headers: { origin: 'https://outra.example' } },
  )
  assert.equal(answer.statusCode, 404)
})

test('OPTIONS is answered anywhere, should the edge not have', async () => {
  const answer = await receiving.ask({ method: 'OPTIONS', path: '/rdstation' })
  assert.equal(answer.statusCode, 204)
  assert.equal(answer.headers['access-control-allow-methods'], 'GET, HEAD, POST, OPTIONS')
})

test('the log tells what became of each event by id, and nothing of the person', async () => {
  await receiving.post([purchase('logged'), { id: 'wrong', name: '1' }])
  const line = told()!
  assert.deepEqual(line.ids, ['logged'])
  assert.deepEqual(line.stored, { rdstation: 'all', salesforce: 'all' })
  assert.equal(line.tenant, 'loja-abc')
  assert.match(String(line.requestId), /^request-/)
  assert.deepEqual(
    (line.rejected as { id: string }[]).map(({ id }) => id),
    ['wrong'],
  )
  assert.doesNotMatch(JSON.stringify(receiving.lines), /example\.com/)
})

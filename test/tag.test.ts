import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { normalise } from '../core/normalise.ts'
import { type BuiltTag, buildTag, GZIP_BYTES } from '../tag/build.ts'
import { FakeBrowser } from './tools/fake-browser.ts'

let tag: BuiltTag
before(async () => {
  tag = await buildTag()
})
const browser = () => new FakeBrowser(tag.source)

const GRANTED = {
  ad_storage: 'granted',
  analytics_storage: 'granted',
  ad_user_data: 'granted',
  ad_personalization: 'denied',
}
const DENIED = Object.fromEntries(Object.keys(GRANTED).map(flag => [flag, 'denied']))
/** A page whose banner was answered with yes on an earlier one. */
const CONSENTED = `window.dataLayer = []; function gtag() { dataLayer.push(arguments) }
gtag('consent', 'default', ${JSON.stringify(DENIED)}); gtag('consent', 'update', ${JSON.stringify(GRANTED)})`
const consented = { before: CONSENTED }
const names = (events: readonly { [key: string]: unknown }[]) => events.map(({ event, name }) => event ?? name)

test('the library stays within its size, and the same sources make the same bytes', async () => {
  const again = await buildTag()
  assert.equal(again.source, tag.source)
  assert.equal(again.version, tag.version)
  assert.match(tag.version, /^[0-9a-f]{12}$/)
  assert.ok(tag.gzipBytes <= GZIP_BYTES, `${tag.gzipBytes} bytes gzipped`)
  assert.deepEqual(JSON.parse(tag.map).sources.includes('tag.ts'), true)
})

test('an event goes as text/plain without credentials, and may outlive its page', async () => {
  const world = browser()
  world.open(consented).push({ event: 'purchase' })
  await world.pass(0)
  const { url, init, body } = world.sent[0]!
  assert.equal(url, 'https://hub.example/v1/events/loja-abc')
  assert.equal(typeof init.body, 'string') // what a string body is sent as: text/plain;charset=UTF-8, without a preflight
  assert.deepEqual([init.method, init.credentials, init.keepalive, init.headers], ['POST', 'omit', true, undefined])
  assert.match(JSON.parse(body).batch, /^[0-9a-f-]{36}$/)
})

test('an event says when, where, by whom, with what consent and campaign, and which one of its tab it is', async () => {
  const world = browser()
  const tab = world.open({
    ...consented,
    url: 'https://www.loja-abc.example/produto?utm_source=google&utm_campaign=black&gclid=g1&other=x',
    cookie: 'a=b; _ga=GA1.2.1234.5678; _ga_ABC=GS2.1.s1700000001$o3$g1; z=1',
  })
  await world.pass(5)
  tab.push({ event: 'purchase', ecommerce: { value: 10 } })
  await world.pass(0)
  const [event] = world.events
  assert.match(String(event!.id), /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.equal(Number.parseInt(String(event!.id).replace('-', '').slice(0, 12), 16), world.now)
  assert.equal(event!.at, new Date(world.now).toISOString())
  assert.deepEqual(event!.page, { url: tab.location.href, referrer: '', title: 'Loja ABC' })
  assert.deepEqual(event!.campaign, { source: 'google', campaign: 'black', gclid: 'g1' })
  assert.deepEqual(event!.consent, GRANTED)
  assert.deepEqual([event!.client_id, event!.session_id], ['1234.5678', '1700000001'])
  assert.equal(event!.seq, 1)
  assert.match(String(event!.stream), /^[0-9a-f-]{36}$/)
})

test('what the tag sends is understood by the server, field by field', async () => {
  const world = browser()
  const tab = world.open({
    ...consented,
    url: 'https://www.loja-abc.example/?utm_campaign=black',
    cookie: '_ga=GA1.1.1.2',
  })
  tab.push({
    event: 'purchase',
    'gtm.uniqueEventId': 7,
    user_data: { email: 'Ana@Example.com' },
    ecommerce: { transaction_id: 'T1', currency: 'BRL', value: 10, items: [{ item_id: 'S', price: 10 }] },
  })
  tab.connect({ name: 'generate_lead', user: { email: 'ana@example.com' }, properties: { form: 'contato' } })
  await world.pass(0)
  const [purchase, lead] = world.events.map(raw => {
    const read = normalise(raw, { now: world.now, uuid: () => 'none' })
    return 'event' in read ? read.event : assert.fail(read.reason)
  })
  assert.equal(purchase!.id, world.events[0]!.id)
  assert.equal(purchase!.user?.email, 'ana@example.com')
  assert.equal(purchase!.commerce?.transactionId, 'T1')
  assert.equal(purchase!.commerce?.items?.[0]?.id, 'S')
  assert.deepEqual(purchase!.consent, { analytics: true, marketing: false, userData: true })
  assert.equal(purchase!.campaign?.name, 'black')
  assert.deepEqual({ ...purchase!.properties, stream: '' }, { client_id: '1.2', seq: 1, stream: '' })
  assert.deepEqual([lead!.name, lead!.properties?.form, lead!.properties?.seq], ['generate_lead', 'contato', 2])
})

test('events share a request for three seconds', async () => {
  const world = browser()
  const tab = world.open(consented)
  tab.push({ event: 'view_item' })
  await world.pass(2900)
  tab.push({ event: 'add_to_cart' })
  await world.pass(99)
  assert.equal(world.sent.length, 0)
  await world.pass(1)
  assert.equal(world.sent.length, 1)
  assert.deepEqual(names(world.events), ['view_item', 'add_to_cart'])
})

for (const name of ['purchase', 'generate_lead', 'sign_up'])
  test(`${name} goes at once, after what waits before it`, async () => {
    const world = browser()
    const tab = world.open(consented)
    tab.push({ event: 'view_item' })
    tab.push({ event: name })
    await world.pass(0)
    assert.deepEqual(names(world.events), ['view_item', name])
  })

test('a batch goes when it holds twenty events, and before it is too large', async () => {
  const world = browser()
  const tab = world.open(consented)
  for (let n = 0; n < 20; n++) tab.push({ event: 'scroll', n })
  await world.pass(0)
  assert.equal(world.events.length, 20)
  tab.push({ event: 'big', text: 'x'.repeat(17_000) })
  await world.pass(0)
  assert.equal(world.events.length, 21)
})

test('what waits goes when the page is hidden, and when it goes away', async () => {
  const world = browser()
  const tab = world.open(consented)
  tab.push({ event: 'view_item' })
  tab.hide()
  await world.pass(0)
  assert.deepEqual(names(world.events), ['view_item'])
  tab.push({ event: 'pushed_while_hidden' })
  await world.pass(0)
  assert.equal(world.events.length, 2)
  tab.show()
  tab.push({ event: 'add_to_cart' })
  tab.leave()
  await world.pass(0)
  assert.deepEqual(names(world.events).at(-1), 'add_to_cart')
})

test('what waits goes with pagehide alone: not every browser hides a page before it leaves it', async () => {
  const world = browser()
  const tab = world.open(consented)
  tab.push({ event: 'view_item' })
  tab.emit('pagehide')
  await world.pass(0)
  assert.deepEqual(names(world.events), ['view_item'])
})

test('no listener keeps a page out of the back/forward cache', () => {
  const tab = browser().open(consented)
  assert.deepEqual([...tab.listeners.keys()].sort(), ['online', 'pagehide', 'pageshow', 'visibilitychange'])
})

test('requests in flight never ask for more than the browser lets pass, and nothing is left behind', async () => {
  const world = browser()
  world.answer = () => 'hang'
  const tab = world.open(consented)
  for (let n = 0; n < 12; n++) tab.push({ event: 'purchase', n, text: 'é'.repeat(8200) })
  await world.pass(0)
  const inFlight = world.sent.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0)
  assert.ok(inFlight > 40_000 && inFlight < 65_536, `${inFlight} bytes in flight`)
  world.answer = () => ({ status: 200 })
  await world.release()
  await world.pass(100)
  assert.deepEqual(
    world.events.map(({ n }) => n),
    Array.from({ length: 12 }, (_, n) => n),
  )
  assert.equal(world.refused, 0)
})

test('an event larger than the browser lets outlive its page is sent without that', async () => {
  const world = browser()
  world.open(consented).push({ event: 'purchase', text: 'x'.repeat(70_000) })
  await world.pass(0)
  assert.equal(world.sent[0]!.init.keepalive, false)
})

test('a browser without keepalive gets a beacon when the page goes away, and the stored copy is sent again', async () => {
  const world = browser()
  const old = { ...consented, keepalive: false }
  const tab = world.open(old)
  tab.push({ event: 'view_item' })
  tab.leave()
  assert.deepEqual(
    world.sent.map(({ by }) => by),
    ['beacon'],
  )
  await world.pass(11_000)
  world.open(old)
  await world.pass(0)
  assert.deepEqual([world.sent[1]!.by, world.sent[1]!.body], ['fetch', world.sent[0]!.body])
})

test('a page has one global more, and two with the dataLayer it reads', () => {
  assert.deepEqual(browser().open({ data: {} }).newGlobals(), ['connect'])
  assert.deepEqual(browser().open().newGlobals().sort(), ['connect', 'dataLayer'])
})

test('entries that were pushed before the library arrived count', async () => {
  const world = browser()
  world.open({
    data: {},
    before: `connect = [{ name: 'generate_lead' }, { tenant: 'loja-xyz', endpoint: 'https://eu.hub.example', needs: '' }]`,
  })
  await world.pass(0)
  assert.deepEqual(
    world.sent.map(({ url }) => url),
    ['https://eu.hub.example/v1/events/loja-xyz'],
  )
})

test('an element with the id "connect" is not taken for the queue', async () => {
  const world = browser()
  const tab = world.open({ ...consented, before: `${CONSENTED}; connect = { nodeType: 1 }` })
  tab.connect({ name: 'generate_lead' })
  await world.pass(0)
  assert.equal(world.events.length, 1)
})

test('a library that is loaded twice sends once, and a page that has a "connect" of its own keeps it', async () => {
  const world = browser()
  const tab = world.open(consented)
  tab.document.currentScript = { src: 'https://hub.example/tag.js', dataset: { tenant: 'loja-abc' } }
  tab.run(tag.source)
  tab.push({ event: 'purchase' })
  await world.pass(0)
  assert.equal(world.events.length, 1)
  assert.equal(browser().open({ before: 'function connect() { return 7 }' }).run('connect()'), 7)
})

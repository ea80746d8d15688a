import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { buildTag } from '../tag/build.ts'
import { FakeBrowser } from './tools/fake-browser.ts'

let source: string
before(async () => {
  ;({ source } = await buildTag())
})
const GRANT = `window.dataLayer = []; function gtag() { dataLayer.push(arguments) }
gtag('consent', 'update', { analytics_storage: 'granted' });`

/** What the tag makes of a page whose dataLayer is filled by this code: its events, without what it adds itself. */
async function read(code: string) {
  const world = new FakeBrowser(source)
  const tab = world.open({ before: GRANT })
  tab.run(code)
  tab.hide()
  await world.pass(0)
  return world.events.map(({ id, at, page, consent, stream, seq, ...own }) => own)
}

test('pushes from before the library came are read as those after it', async () => {
  const world = new FakeBrowser(source)
  const tab = world.open({ before: `${GRANT} dataLayer.push({ event: 'first' })` })
  tab.push({ event: 'purchase' })
  await world.pass(0)
  assert.deepEqual(
    world.events.map(({ event }) => event),
    ['first', 'purchase'],
  )
})

test('an event carries what earlier pushes said of commerce and of the person', async () => {
  const events = await read(`
    dataLayer.push({ user_data: { email: 'ana@example.com' }, user_id: 'u1', pageType: 'cart' })
    dataLayer.push({ ecommerce: { currency: 'BRL' } })
    dataLayer.push({ event: 'begin_checkout', ecommerce: { value: 10 } })`)
  assert.deepEqual(events, [
    {
      event: 'begin_checkout',
      ecommerce: { currency: 'BRL', value: 10 },
      user_data: { email: 'ana@example.com' },
      user_id: 'u1',
    },
  ])
})

test('lists are merged place by place until the page clears them, as Tag Manager does it', async () => {
  const [list, view, cleared] = await read(`
    dataLayer.push({ event: 'a', ecommerce: { items: [{ id: 1, color: 'red' }, { id: 2 }] } })
    dataLayer.push({ event: 'b', ecommerce: { items: [{ id: 3 }] } })
    dataLayer.push({ ecommerce: null })
    dataLayer.push({ event: 'c', ecommerce: { items: [{ id: 4 }] } })`)
  assert.deepEqual((list!.ecommerce as { items: object[] }).items, [{ id: 1, color: 'red' }, { id: 2 }])
  assert.deepEqual((view!.ecommerce as { items: object[] }).items, [{ id: 3, color: 'red' }, { id: 2 }])
  assert.deepEqual((cleared!.ecommerce as { items: object[] }).items, [{ id: 4 }])
})

test('a push with _clear replaces, and a dotted key is a path', async () => {
  const events = await read(`
    dataLayer.push({ event: 'a', ecommerce: { value: 1, tax: 2 } })
    dataLayer.push({ event: 'b', ecommerce: { value: 3 }, _clear: true })
    dataLayer.push({ event: 'c', 'ecommerce.tax': 4, 'form.name': 'contato' })`)
  assert.deepEqual(events.slice(1), [
    { event: 'b', ecommerce: { value: 3 } },
    { event: 'c', ecommerce: { value: 3, tax: 4 }, form: { name: 'contato' } },
  ])
})

test("Tag Manager's own events and keys are not sent, nor callbacks and elements", async () => {
  const events = await read(`
    dataLayer.push({ event: 'gtm.js', 'gtm.start': 1 })
    var element = { nodeType: 1, [Symbol.toStringTag]: 'HTMLDivElement' }; element.fiber = { element }
    dataLayer.push({ event: 'x', 'gtm.uniqueEventId': 3, eventCallback: function () {}, element })`)
  assert.deepEqual(events, [{ event: 'x' }])
})

test('gtag commands count: set and event', async () => {
  const events = await read(`
    gtag('js', new Date()); gtag('config', 'G-1')
    gtag('set', 'user_data', { email: 'ana@example.com' }); gtag('set', { user_id: 'u1' })
    gtag('event', 'purchase', { transaction_id: 'T1', value: 3 })
    gtag('event', 'scroll')`)
  const person = { user_data: { email: 'ana@example.com' }, user_id: 'u1' }
  assert.deepEqual(events, [
    { event: 'purchase', transaction_id: 'T1', value: 3, ...person },
    { event: 'scroll', ...person },
  ])
})

test('a function that is pushed reads and changes the model of the data layer, as in Tag Manager', async () => {
  const events = await read(`
    dataLayer.push({ ecommerce: { currency: 'BRL', items: [{ id: 1 }] }, user_id: 'u1' })
    dataLayer.push(function () {
      this.set('ecommerce.value', this.get('ecommerce.items').length * 10)
      this.set('user_data', { email: 'ana@example.com' })
      this.set('seen', [this.get('ecommerce.currency'), this.get('nothing.here') === undefined])
    })
    dataLayer.push({ event: 'view_cart' })
    dataLayer.push(function () { dataLayer.push({ event: 'from_within', seen: this.get('seen') }) })
    dataLayer.push(function () { this.reset() })
    dataLayer.push({ event: 'purchase', ecommerce: { value: 1 } })`)
  const person = { user_data: { email: 'ana@example.com' }, user_id: 'u1' }
  const ecommerce = { currency: 'BRL', items: [{ id: 1 }], value: 10 }
  assert.deepEqual(events, [
    { event: 'view_cart', ecommerce, ...person },
    { event: 'from_within', ecommerce, ...person, seen: ['BRL', true] },
    { event: 'purchase', ecommerce: { value: 1 } },
  ])
})

test('functions that were pushed before the library came run once, in their place', async () => {
  const world = new FakeBrowser(source)
  const tab = world.open({
    before: `${GRANT} var runs = 0
dataLayer.push({ user_id: 'u1' }, function () { runs++; this.set('user_id', this.get('user_id') + '!') }, { event: 'a' })`,
  })
  tab.hide()
  await world.pass(0)
  assert.deepEqual([world.events[0]!.user_id, tab.run('runs')], ['u1!', 1])
})

test('what the page does to its objects afterwards changes no event, and we change no object of the page', async () => {
  const events = await read(`
    var cart = { items: [{ id: 1 }] }
    dataLayer.push({ event: 'a', ecommerce: cart })
    cart.items[0].id = 9
    dataLayer.push({ event: 'b', ecommerce: { items: [{ id: 2 }] } })
    if (cart.items[0].id !== 9) throw new Error('changed')`)
  assert.deepEqual((events[0]!.ecommerce as { items: object[] }).items, [{ id: 1 }])
})

test('ids and places of our own are not overwritten by a push that uses the same names', async () => {
  const world = new FakeBrowser(source)
  const tab = world.open({ before: GRANT })
  tab.push({ event: 'purchase', id: 5, at: 'home', page: { type: 'cart' }, seq: 'x' })
  await world.pass(0)
  const [event] = world.events
  assert.match(String(event!.id), /^[0-9a-f-]{36}$/)
  assert.equal(event!.at, new Date(world.now).toISOString())
  assert.equal((event!.page as { title: string }).title, 'Loja ABC')
  assert.equal(event!.seq, 1)
})

test('an event in our own shape keeps the id that its writer gave it', async () => {
  const world = new FakeBrowser(source)
  const tab = world.open({ before: GRANT })
  tab.connect({ name: 'purchase', id: 'order-1', page: { url: 'https://www.loja-abc.example/app' } })
  await world.pass(0)
  assert.deepEqual(
    [world.events[0]!.id, world.events[0]!.page],
    ['order-1', { url: 'https://www.loja-abc.example/app' }],
  )
})

test('a push cannot reach the prototype of all objects', async () => {
  const world = new FakeBrowser(source)
  const tab = world.open({ before: GRANT })
  tab.run(`dataLayer.push(JSON.parse('{"event":"x","__proto__":{"polluted":1},"a":{"__proto__":{"polluted":1}}}'))`)
  tab.run(`dataLayer.push({ event: 'y', '__proto__.polluted': 1 })`)
  assert.equal(tab.run('({}).polluted'), undefined)
})

test('nothing that a page pushes makes the push throw, and the page gets its own answer', async () => {
  const world = new FakeBrowser(source)
  const tab = world.open({ before: GRANT })
  for (const odd of [
    'undefined',
    'null',
    '7',
    '"text"',
    '[]',
    'function () { throw new Error() }',
    '{ get event() { throw new Error() } }',
    '{ event: 5 }',
    '{ event: {} }',
    '{ event: "x", n: 1n }',
    '(function (a) { a.event = "x"; a.self = a; return a })({})',
    '(function () { return arguments })("consent")',
    '(function () { return arguments })("set")',
    '(function () { return arguments })()',
  ]) {
    assert.equal(tab.run(`dataLayer.push(${odd})`), tab.run('dataLayer.length'), odd)
    assert.doesNotThrow(() => tab.run(`connect.push(${odd})`), odd)
  }
  tab.push({ event: 'purchase' })
  await world.pass(0)
  assert.equal(world.events.at(-1)!.event, 'purchase')
})

for (const [what, options] of Object.entries({
  'forbids storage': { storage: 'forbidden' as const },
  'has no locks': { locks: false },
}))
  test(`a browser that ${what} still sends`, async () => {
    const world = new FakeBrowser(source)
    world.answer = () => (world.sent.length < 2 ? 'offline' : { status: 200 })
    const tab = world.open({ before: GRANT, ...options })
    tab.push({ event: 'purchase' })
    tab.consent('update', { analytics_storage: 'denied' })
    tab.consent('update', { analytics_storage: 'granted' })
    tab.push({ event: 'purchase', second: true })
    await world.pass(60_000)
    assert.equal(world.events.at(-1)!.second, true)
  })

test('the campaign of a page without events is that of the lead on the next one', async () => {
  const world = new FakeBrowser(source)
  const container = {
    data: {},
    before: `connect = [{ tenant: 'loja-abc', default: { analytics_storage: 'granted' } }]`,
  }
  const landing = world.open({ ...container, url: 'https://www.loja-abc.example/?utm_source=google' })
  landing.leave()
  world.open(container).connect({ event: 'generate_lead' })
  await world.pass(0)
  assert.deepEqual(
    world.events.map(({ event, campaign }) => [event, campaign]),
    [['generate_lead', { source: 'google' }]],
  )
})

test('the campaign of a visit follows the person to other pages and tabs, for thirty minutes', async () => {
  const world = new FakeBrowser(source)
  const campaigns: unknown[] = []
  const visit = async (url: string) => {
    const tab = world.open({ before: GRANT, url: `https://www.loja-abc.example/${url}` })
    tab.push({ event: 'purchase' })
    await world.pass(0)
    campaigns.push(world.events.at(-1)!.campaign)
    tab.leave()
  }
  await visit('?utm_source=google&utm_medium=cpc&utm_term=a+b')
  await world.pass(29 * 60_000)
  await visit('produto')
  await world.pass(29 * 60_000)
  await visit('checkout?color=red')
  await visit('?fbclid=f1')
  await visit('produto')
  await world.pass(31 * 60_000)
  await visit('produto')
  const google = { source: 'google', medium: 'cpc', term: 'a b' }
  assert.deepEqual(campaigns, [google, google, google, { fbclid: 'f1' }, { fbclid: 'f1' }, undefined])
})

test('the numbers of a tab go on from page to page, and each tab has its own', async () => {
  const world = new FakeBrowser(source)
  const first = world.open({ before: GRANT })
  first.push({ event: 'purchase' })
  first.push({ event: 'purchase' })
  first.leave()
  world.open({ before: GRANT, session: { ...first.session } }).push({ event: 'purchase' })
  world.open({ before: GRANT }).push({ event: 'purchase' })
  await world.pass(0)
  const numbers = world.events.map(({ seq }) => seq)
  const streams = world.events.map(({ stream }) => stream)
  assert.deepEqual(numbers, [1, 2, 3, 1])
  assert.equal(new Set(streams.slice(0, 3)).size, 1)
  assert.equal(new Set(streams).size, 2)
})

test('GA4 cookies of both generations give the same ids, and other cookies none', async () => {
  const cases: [string, string | undefined, string | undefined][] = [
    ['_ga=GA1.1.11.22; _ga_ABC=GS1.1.1700000001.3.1.1700000002.0.0.0', '11.22', '1700000001'],
    ['_ga_ABC=GS2.1.s1700000001$o3$g1$t1700000002; _ga=GA1.1-2.11.22', '11.22', '1700000001'],
    ['my_ga=GA1.1.11.22; _gat=1; x_ga_ABC=GS1.1.5', undefined, undefined],
  ]
  for (const [cookie, client, session] of cases) {
    const world = new FakeBrowser(source)
    world.open({ before: GRANT, cookie }).push({ event: 'purchase' })
    await world.pass(0)
    assert.deepEqual([world.events[0]!.client_id, world.events[0]!.session_id], [client, session], cookie)
  }
})

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { buildTag } from '../tag/build.ts'
import { FakeBrowser, type Tab } from './tools/fake-browser.ts'

let source: string
before(async () => {
  ;({ source } = await buildTag())
})
const browser = () => new FakeBrowser(source)
const flags = (value: string) => ({
  ad_storage: value,
  analytics_storage: value,
  ad_user_data: value,
  ad_personalization: value,
})
const campaignUrl = 'https://www.loja-abc.example/?utm_source=google'
const traces = (world: FakeBrowser, tab: Tab) => [
  Object.keys(world.local),
  Object.keys(tab.session),
  tab.document.cookie,
]

test('without consent nothing is sent, stored or set', async () => {
  for (const state of ['unknown', 'denied by default', 'denied'] as const) {
    const world = browser()
    const tab = world.open({ url: campaignUrl })
    if (state !== 'unknown') tab.consent(state === 'denied' ? 'update' : 'default', flags('denied'))
    tab.push({ event: 'purchase' })
    await world.pass(60_000)
    tab.leave()
    await world.pass(60_000)
    assert.equal(world.sent.length, 0, state)
    assert.deepEqual(traces(world, tab), [[], [], ''], state)
  }
})

test('with consent given later the waiting events go, with their own time and place and the flags of now', async () => {
  const world = browser()
  const tab = world.open({ url: campaignUrl })
  const at = new Date(world.now).toISOString()
  tab.consent('default', flags('denied'))
  tab.push({ event: 'view_item' })
  tab.location.href = 'https://www.loja-abc.example/checkout'
  await world.pass(5000)
  tab.push({ event: 'purchase' })
  tab.consent('update', flags('granted'))
  await world.pass(0)
  const [view, purchase] = world.events
  assert.deepEqual([view!.event, view!.at, view!.consent], ['view_item', at, flags('granted')])
  assert.deepEqual(view!.page, { url: campaignUrl, referrer: '', title: 'Loja ABC' })
  assert.deepEqual([purchase!.event, purchase!.campaign], ['purchase', { source: 'google' }])
})

test('with consent withdrawn the queue is emptied, and the storage of every page', async () => {
  const world = browser()
  world.answer = () => 'offline'
  const tab = world.open({ url: campaignUrl })
  tab.consent('update', flags('granted'))
  tab.push({ event: 'purchase' })
  await world.pass(20_000)
  tab.push({ event: 'view_item' })
  tab.consent('update', flags('denied'))
  const tries = world.sent.length
  await world.pass(600_000)
  tab.leave()
  assert.equal(world.sent.length, tries)
  assert.deepEqual(traces(world, tab), [[], [], ''])
})

test('a page that begins with a denial by default keeps what an earlier one could not send', async () => {
  const world = browser()
  world.answer = () => 'offline'
  const first = world.open()
  first.consent('update', flags('granted'))
  first.push({ event: 'purchase' })
  await world.pass(0)
  first.crash()
  await world.pass(20_000)
  world.answer = () => ({ status: 200 })
  const second = world.open()
  second.consent('default', flags('denied'))
  await world.pass(500)
  assert.equal(world.sent.length, 1)
  second.consent('update', flags('granted'))
  await world.pass(0)
  assert.equal(world.sent[1]!.body, world.sent[0]!.body)
})

test('a site may ask for more than one flag', async () => {
  const world = browser()
  const tab = world.open({ data: { tenant: 'loja-abc', needs: 'analytics_storage ad_user_data' } })
  tab.consent('default', { ...flags('denied'), analytics_storage: 'granted' })
  tab.push({ event: 'purchase' })
  await world.pass(0)
  assert.equal(world.sent.length, 0)
  tab.consent('update', { ad_user_data: 'granted' })
  await world.pass(0)
  assert.equal(world.sent.length, 1)
})

test('where no consent is needed events go with the flags as they are, and nothing is stored without one', async () => {
  const world = browser()
  const tab = world.open({ data: { tenant: 'loja-abc', needs: '' }, cookie: '_ga=GA1.1.1.2', url: campaignUrl })
  world.answer = () => (world.sent.length < 3 ? 'offline' : { status: 200 })
  tab.consent('default', flags('denied'))
  tab.push({ event: 'purchase' })
  await world.pass(60_000)
  assert.equal(world.sent.length, 3)
  const [event] = world.events
  assert.deepEqual([event!.consent, event!.client_id, event!.seq], [flags('denied'), undefined, 1])
  tab.push({ event: 'purchase' })
  await world.pass(0)
  const last = world.events.at(-1)!
  assert.deepEqual([last.seq, last.stream], [2, event!.stream])
  assert.deepEqual(traces(world, tab).slice(0, 2), [[], []])
})

test('among defaults a denial wins, and a grant for some regions is not believed', async () => {
  const cases: [object[], string | undefined][] = [
    [[flags('granted')], 'granted'],
    [[{ ...flags('granted'), region: ['US'] }], undefined],
    [[{ ...flags('denied'), region: ['BR'] }, flags('granted')], 'denied'],
    [[flags('granted'), { ...flags('denied'), region: ['BR'] }], 'denied'],
  ]
  for (const [defaults, expected] of cases) {
    const world = browser()
    const tab = world.open({ data: { tenant: 'loja-abc', needs: '' } })
    for (const given of defaults) tab.consent('default', given)
    tab.push({ event: 'purchase' })
    await world.pass(0)
    assert.equal((world.events[0]!.consent as { ad_storage?: string }).ad_storage, expected, JSON.stringify(defaults))
  }
})

test('a template tells consent through the queue: the state first, then every choice', async () => {
  const world = browser()
  const tab = world.open({ data: {} })
  tab.connect({ tenant: 'loja-abc', default: flags('denied') })
  tab.connect({ event: 'purchase' })
  await world.pass(0)
  assert.equal(world.sent.length, 0)
  tab.connect({ consent: flags('granted') })
  await world.pass(0)
  assert.equal(world.sent.length, 1)
})

test('what an event in our own shape says of consent stays, beside what the page has told', async () => {
  const world = browser()
  const tab = world.open({ data: { tenant: 'loja-abc', needs: '' } })
  tab.connect({ name: 'purchase', consent: { marketing: true } })
  tab.consent('update', { ad_user_data: 'granted' })
  tab.connect({ name: 'purchase', consent: { marketing: true } })
  await world.pass(0)
  assert.deepEqual(
    world.events.map(({ consent }) => consent),
    [{ marketing: true }, { marketing: true, ad_user_data: 'granted' }],
  )
})

test('flags of other things do not travel along', async () => {
  const world = browser()
  const tab = world.open()
  tab.consent('update', { ...flags('granted'), functionality_storage: 'granted', wait_for_update: 500 })
  tab.push({ event: 'purchase' })
  await world.pass(0)
  assert.deepEqual(world.events[0]!.consent, flags('granted'))
})

test('at most a hundred events wait for consent: the newest', async () => {
  const world = browser()
  const tab = world.open()
  for (let n = 0; n < 120; n++) tab.push({ event: 'scroll', n })
  tab.consent('update', flags('granted'))
  tab.hide()
  await world.pass(10_000)
  assert.deepEqual(
    world.events.map(({ n }) => n),
    Array.from({ length: 100 }, (_, index) => index + 20),
  )
})

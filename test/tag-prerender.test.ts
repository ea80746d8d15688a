import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { buildTag } from '../tag/build.ts'
import { FakeBrowser } from './tools/fake-browser.ts'

let source: string
before(async () => {
  ;({ source } = await buildTag())
})
const prepared = (needs: string) => ({
  prerendering: true,
  url: 'https://www.loja-abc.example/?utm_source=google',
  data: { tenant: 'loja-abc', needs },
  before: `window.dataLayer = []; function gtag() { dataLayer.push(arguments) }
gtag('consent', 'update', { analytics_storage: 'granted' }); dataLayer.push({ event: 'view_item' })`,
})

for (const needs of ['analytics_storage', ''])
  test(`a page that nobody has seen sends and stores nothing (consent it needs: ${needs || 'none'})`, async () => {
    const world = new FakeBrowser(source)
    const tab = world.open(prepared(needs))
    tab.push({ event: 'purchase' })
    tab.consent('update', { analytics_storage: 'granted' })
    await world.pass(60_000)
    tab.leave()
    await world.pass(60_000)
    assert.equal(world.sent.length, 0)
    assert.deepEqual([Object.keys(world.local), Object.keys(tab.session)], [[], []])
  })

test('what a page pushed before it was shown goes when it is shown, once and with that moment as its time', async () => {
  const world = new FakeBrowser(source)
  const tab = world.open(prepared('analytics_storage'))
  await world.pass(5_000)
  tab.push({ event: 'scroll' })
  await world.pass(5_000)
  const shown = world.now
  tab.activate()
  tab.push({ event: 'purchase' })
  await world.pass(60_000)
  assert.deepEqual(
    world.events.map(({ event, seq }) => [event, seq]),
    [
      ['view_item', 1],
      ['scroll', 2],
      ['purchase', 3],
    ],
  )
  assert.deepEqual(new Set(world.events.map(({ at }) => at)), new Set([new Date(shown).toISOString()]))
  assert.deepEqual(world.events[0]!.campaign, { source: 'google' })
  assert.equal(world.sent.length, 1)
})

test('a page that pushes as it is shown has each event sent once, and a library that was loaded twice too', async () => {
  const world = new FakeBrowser(source)
  const tab = world.open({
    ...prepared('analytics_storage'),
    before: `${prepared('').before}
addEventListener('prerenderingchange', () => dataLayer.push({ event: 'page_shown' }))`,
  })
  tab.document.currentScript = { src: 'https://hub.example/tag.js', dataset: { tenant: 'loja-abc' } }
  tab.run(source)
  tab.activate()
  tab.push({ event: 'purchase' })
  await world.pass(10_000)
  assert.deepEqual(
    world.events.map(({ event }) => event),
    ['view_item', 'page_shown', 'purchase'],
  )
})

test('what an earlier page could not send waits until the prepared one is shown', async () => {
  const world = new FakeBrowser(source)
  world.answer = () => 'offline'
  const first = world.open({ before: prepared('').before })
  first.push({ event: 'purchase' })
  await world.pass(1)
  first.crash()
  await world.pass(20_000)
  world.answer = () => ({ status: 200 })
  const before = world.sent.length
  const second = world.open(prepared('analytics_storage'))
  await world.pass(60_000)
  assert.equal(world.sent.length, before)
  second.activate()
  await world.pass(0)
  assert.equal(world.sent[before]!.body, world.sent[0]!.body)
})

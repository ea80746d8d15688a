import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { buildTag } from '../tag/build.ts'
import { FakeBrowser, setQuota } from './tools/fake-browser.ts'

let source: string
before(async () => {
  ;({ source } = await buildTag())
})
const browser = () => new FakeBrowser(source)
const consented = {
  before: `window.dataLayer = []; function gtag() { dataLayer.push(arguments) }
gtag('consent', 'update', { analytics_storage: 'granted' })`,
}
const HOUR = 3_600_000
const stored = (world: FakeBrowser) => Object.keys(world.local).filter(key => /^connect:0/.test(key))
const times = (world: FakeBrowser) => world.sent.map(({ at }) => at - world.sent[0]!.at)

for (const status of [429, 503])
  test(`after a ${status} the same body goes again, and not before the server said`, async () => {
    const world = browser()
    world.answer = ({ at }) => (at < start + 20_000 ? { status, retryAfter: '20' } : { status: 200 })
    const start = world.now
    world.open(consented).push({ event: 'purchase' })
    await world.pass(19_999)
    assert.equal(world.sent.length, 1)
    await world.pass(1)
    assert.equal(world.sent.length, 2)
    assert.equal(world.sent[1]!.body, world.sent[0]!.body)
    await world.pass(HOUR)
    assert.equal(world.sent.length, 2)
    assert.deepEqual(stored(world), [])
  })

test('a date says as well as seconds how long to wait', async () => {
  const world = browser()
  const until = new Date(world.now + 60_000).toUTCString()
  world.answer = () => (world.sent.length === 1 ? { status: 503, retryAfter: until } : { status: 200 })
  world.open(consented).push({ event: 'purchase' })
  await world.pass(120_000)
  assert.deepEqual(times(world), [0, 60_000])
})

test('an unreadable or zero Retry-After does not make the tag hammer', async () => {
  for (const retryAfter of ['soon', '0', '-5']) {
    const world = browser()
    world.answer = () => ({ status: 503, retryAfter })
    world.open(consented).push({ event: 'purchase' })
    await world.pass(10_000)
    assert.ok(world.sent.length > 1 && world.sent.length <= 6, `${retryAfter}: ${world.sent.length} requests in 10 s`)
  }
})

test('new events wait too while the server wants to be left alone, on the next page as well', async () => {
  const world = browser()
  world.answer = () => (world.sent.length === 1 ? { status: 503, retryAfter: '30' } : { status: 200 })
  const tab = world.open(consented)
  tab.push({ event: 'purchase', n: 1 })
  await world.pass(1000)
  tab.push({ event: 'purchase', n: 2 })
  tab.leave()
  await world.pass(1000)
  world.open(consented).push({ event: 'purchase', n: 3 })
  await world.pass(27_999)
  assert.equal(world.sent.length, 1)
  await world.pass(20_000)
  assert.deepEqual(new Set(world.events.map(({ n }) => n)), new Set([1, 2, 3]))
})

for (const status of [200, 400, 403, 404, 413, 422])
  test(`a ${status} is the end of it`, async () => {
    const world = browser()
    world.answer = () => ({ status })
    world.open(consented).push({ event: 'purchase' })
    await world.pass(HOUR)
    assert.equal(world.sent.length, 1)
    assert.deepEqual(stored(world), [])
  })

for (const answer of ['offline', { status: 500 }, { status: 502 }] as const)
  test(`after ${JSON.stringify(answer)} the pauses double, up to five minutes`, async () => {
    const world = browser()
    world.answer = () => answer
    world.open(consented).push({ event: 'purchase' })
    await world.pass(HOUR)
    const at = times(world)
    const pauses = at.slice(1).map((time, index) => time - at[index]!)
    for (const [index, pause] of pauses.entries()) {
      const most = Math.min(300_000, 1000 * 2 ** index)
      assert.ok(pause >= most / 2 && pause <= most, `pause ${index}: ${pause}`)
    }
    assert.ok(pauses.length > 15)
    assert.equal(new Set(world.sent.map(({ body }) => body)).size, 1)
  })

test('back on line it goes at once', async () => {
  const world = browser()
  world.answer = () => 'offline'
  const tab = world.open(consented)
  tab.push({ event: 'purchase' })
  await world.pass(HOUR)
  world.answer = () => ({ status: 200 })
  const tries = world.sent.length
  tab.emit('online')
  await world.pass(0)
  assert.equal(world.sent.length, tries + 1)
  assert.deepEqual(stored(world), [])
})

test('one success lets the others go, in the order in which they happened', async () => {
  const world = browser()
  world.answer = () => 'offline'
  const tab = world.open(consented)
  for (let n = 0; n < 5; n++) {
    tab.push({ event: 'purchase', n })
    await world.pass(1000)
  }
  const failed = world.sent.length
  world.answer = () => ({ status: 200 })
  await world.pass(60_000)
  const delivered = world.events.slice(failed).map(({ n }) => n)
  assert.deepEqual(delivered.toSorted(), [0, 1, 2, 3, 4])
  assert.equal(delivered[0], 0)
})

test('a tab that dies with events waiting leaves them to the next page, as they were', async () => {
  const world = browser()
  world.answer = () => 'hang'
  const tab = world.open(consented)
  tab.push({ event: 'purchase', n: 1 })
  await world.pass(1)
  tab.push({ event: 'view_item', n: 2 })
  tab.crash()
  world.answer = () => ({ status: 200 })
  await world.pass(1000)
  world.open(consented)
  await world.pass(0)
  assert.equal(world.sent.length, 1, 'the batches are too young: their tab might still be alive')
  await world.pass(11_000)
  assert.deepEqual(
    world.events.slice(1).map(({ n }) => n),
    [1, 2],
  )
  assert.equal(world.sent[1]!.body, world.sent[0]!.body)
  assert.deepEqual(stored(world), [])
})

test('a batch takes no event up that comes after another page may have sent it', async () => {
  const world = browser()
  const tab = world.open(consented)
  tab.push({ event: 'view_item', n: 1 })
  const thaw = tab.freeze()
  await world.pass(20_000)
  world.open(consented)
  await world.pass(0)
  tab.push({ event: 'view_item', n: 2 })
  thaw()
  await world.pass(30_000)
  const bodies = new Map<string, string>()
  for (const { body } of world.sent) {
    const { batch } = JSON.parse(body)
    assert.equal(bodies.get(batch) ?? body, body)
    bodies.set(batch, body)
  }
  assert.deepEqual(new Set(world.events.map(({ n }) => n)), new Set([1, 2]))
})

test('what fails together counts as one failure', async () => {
  const world = browser()
  world.answer = () => 'offline'
  const tab = world.open(consented)
  for (let n = 0; n < 5; n++) tab.push({ event: 'purchase', n })
  await world.pass(1000)
  assert.ok(world.sent.length > 5, 'the first pause is a second at most')
})

test('a request that takes long is not made twice', async () => {
  const world = browser()
  world.answer = () => 'hang'
  const tab = world.open(consented)
  tab.push({ event: 'purchase' })
  await world.pass(15_000)
  tab.hide()
  tab.show()
  await world.pass(60_000)
  assert.equal(world.sent.length, 1)
})

test('a success beside it does not cut short what a Retry-After said', async () => {
  const world = browser()
  const start = world.now
  world.answer = ({ body, at }) => {
    if (body.includes('"slow":1')) return released ? { status: 200 } : 'hang'
    return at === start ? { status: 429, retryAfter: '60' } : { status: 200 }
  }
  let released = false
  const tab = world.open({ data: { tenant: 'loja-abc', needs: '' } }) // nothing stored: it must know by itself
  tab.push({ event: 'purchase', slow: 1 })
  tab.push({ event: 'purchase', n: 2 })
  await world.pass(1000)
  released = true
  await world.release()
  await world.pass(58_999)
  assert.equal(world.sent.length, 2)
  await world.pass(1)
  assert.equal(world.sent.length, 3)
})

test('while one tab repeats, the others leave the queue to it', async () => {
  const world = browser()
  world.answer = () => 'offline'
  const first = world.open(consented)
  first.push({ event: 'purchase' })
  await world.pass(60_000)
  first.crash()
  world.answer = () => 'hang'
  world.sent = []
  const second = world.open(consented)
  const third = world.open(consented)
  await world.pass(20_000)
  assert.equal(world.sent.length, 1)
  world.answer = () => ({ status: 200 })
  await world.release()
  await world.pass(60_000)
  assert.equal(world.sent.length, 1)
  assert.deepEqual(stored(world), [])
  for (const tab of [second, third]) tab.leave()
  assert.equal(world.sent.length, 1)
})

test('a tab forgets what another has delivered for it', async () => {
  const world = browser()
  world.answer = ({ tab }) => (tab === first.name ? 'offline' : { status: 200 })
  const first = world.open(consented)
  first.push({ event: 'purchase' })
  await world.pass(120_000)
  world.open(consented)
  await world.pass(0)
  const tries = world.sent.length
  assert.equal(world.sent.at(-1)!.tab !== first.name, true)
  world.answer = () => ({ status: 200 })
  await world.pass(HOUR)
  assert.equal(world.sent.length, tries)
})

test('without locks a page repeats by itself', async () => {
  const world = browser()
  world.answer = () => (world.sent.length < 3 ? 'offline' : { status: 200 })
  world.open({ ...consented, locks: false }).push({ event: 'purchase' })
  await world.pass(HOUR)
  assert.equal(world.sent.length, 3)
})

test('after three days nobody wants it any more', async () => {
  const world = browser()
  world.answer = () => 'offline'
  const tab = world.open(consented)
  tab.push({ event: 'purchase' })
  await world.pass(0)
  tab.crash()
  world.now += 72 * HOUR + 1
  world.sent = []
  world.open(consented)
  await world.pass(HOUR)
  assert.equal(world.sent.length, 0)
  assert.deepEqual(stored(world), [])
})

test('the newest 256,000 characters are kept', async () => {
  const world = browser()
  world.answer = () => 'offline'
  for (let n = 0; n < 12; n++) {
    const tab = world.open(consented)
    tab.push({ event: 'purchase', n, text: 'x'.repeat(30_000) })
    await world.pass(0)
    tab.crash()
    await world.pass(11_000)
  }
  const tab = world.open(consented)
  await world.pass(0)
  tab.crash()
  const kept = stored(world).map(key => world.local[key]!)
  assert.ok(kept.join('').length <= 256_000)
  assert.deepEqual(
    kept.map(body => JSON.parse(body).events[0].n).toSorted((a, b) => a - b),
    [4, 5, 6, 7, 8, 9, 10, 11],
  )
})

test('a full storage stops nothing', async () => {
  const world = browser()
  setQuota(world.local, 50)
  world.answer = () => (world.sent.length < 4 ? 'offline' : { status: 200 })
  const tab = world.open(consented)
  tab.push({ event: 'view_item' })
  tab.push({ event: 'purchase' })
  await world.pass(HOUR)
  assert.equal(world.sent.length, 4)
  assert.equal(JSON.parse(world.sent[3]!.body).events.length, 2)
})

test('a batch that outgrows the storage leaves no smaller copy there', async () => {
  const world = browser()
  const tab = world.open(consented)
  tab.push({ event: 'view_item' })
  assert.equal(stored(world).length, 1)
  setQuota(world.local, 1200)
  tab.push({ event: 'view_item', text: 'x'.repeat(2000) })
  assert.deepEqual(stored(world), [])
})

test('a Retry-After that was stored while the clock was far ahead is not believed', async () => {
  const world = browser()
  world.local['connect:wait'] = String(world.now + 2 * HOUR)
  world.open(consented).push({ event: 'purchase' })
  await world.pass(0)
  assert.equal(world.sent.length, 1)
})

test('a page that comes back from the back/forward cache goes on with what it has', async () => {
  const world = browser()
  world.answer = () => 'offline'
  const tab = world.open(consented)
  tab.push({ event: 'view_item' })
  tab.emit('pagehide')
  await world.pass(1000)
  world.answer = () => ({ status: 200 })
  tab.emit('pageshow')
  tab.push({ event: 'add_to_cart' })
  await world.pass(60_000)
  assert.deepEqual(stored(world), [])
  assert.deepEqual(new Set(world.events.map(({ event }) => event)), new Set(['view_item', 'add_to_cart']))
})

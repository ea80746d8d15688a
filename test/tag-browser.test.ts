import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { buildTag } from '../tag/build.ts'
import { launchChromium, openUndriven } from './tools/chromium.ts'
import { openShop, type Shop } from './tools/shop.ts'

let browser: Browser
let source: string
before(async () => {
  ;[browser, { source }] = await Promise.all([launchChromium(), buildTag()])
})
after(() => browser.close())

type Visit = { shop: Shop; context: BrowserContext; open(path?: string): Promise<Page> }

/** One person with a browser of their own, whose banner was answered with yes on an earlier visit. */
const visit = (name: string, story: (visit: Visit) => Promise<void>) =>
  test(name, { timeout: 30_000 }, async () => {
    const shop = await openShop(source)
    const context = await browser.newContext()
    try {
      await context.addCookies([{ name: 'yes', value: '1', url: shop.url }])
      const open = async (path = '/') => {
        const page = await context.newPage()
        await page.goto(shop.url + path)
        return page
      }
      await story({ shop, context, open })
      assert.deepEqual(shop.faults(), [])
    } finally {
      await context.close()
      await shop.close()
    }
  })

const push = (page: Page, ...events: { event: string; n: number; text?: string }[]) =>
  page.evaluate(entries => {
    const { dataLayer } = globalThis as unknown as { dataLayer: object[] }
    for (const entry of entries) dataLayer.push(entry)
  }, events)
const numbers = (shop: Shop) => [...shop.stored.values()].map(({ n }) => n).sort((a, b) => a - b)
const all = (shop: Shop, count: number) => shop.until(() => shop.stored.size >= count, `${count} events`)

visit('events pushed just before the tab is closed arrive', async ({ shop, open }) => {
  const page = await open()
  await push(page, { event: 'view_item', n: 1 }, { event: 'add_to_cart', n: 2 })
  await page.close({ runBeforeUnload: false })
  await all(shop, 2)
  assert.deepEqual(numbers(shop), [1, 2])
})

visit('events pushed by the click that leaves the page arrive, and those of the next page', async ({ shop, open }) => {
  const page = await open()
  await page.evaluate(
    `document.querySelector('a').onclick = () => { for (let n = 1; n <= 5; n++) dataLayer.push({ event: 'select_item', n }) }`,
  )
  await page.click('a')
  await page.waitForURL('**/next')
  await push(page, { event: 'purchase', n: 6 })
  await all(shop, 6)
  assert.deepEqual(numbers(shop), [1, 2, 3, 4, 5, 6])
  assert.equal(new Set([...shop.stored.values()].map(({ stream }) => stream)).size, 1)
})

visit('events pushed just before a reload arrive, again and again', async ({ shop, open }) => {
  const page = await open()
  for (let n = 1; n <= 5; n++) {
    await push(page, { event: 'view_item', n })
    await page.reload()
  }
  await all(shop, 5)
  assert.deepEqual(numbers(shop), [1, 2, 3, 4, 5])
})

visit('back and forth nothing is lost', async ({ shop, open }) => {
  const page = await open()
  await push(page, { event: 'view_item', n: 1 })
  await page.goto(`${shop.url}/next`)
  await push(page, { event: 'view_item', n: 2 })
  await page.goBack()
  await push(page, { event: 'purchase', n: 3 })
  await all(shop, 3)
  assert.deepEqual(numbers(shop), [1, 2, 3])
})

// Headless Chromium keeps no page in that cache, but it says why: what it says without the tag, it must say with it.
visit('the tag is no reason to keep a page out of the back/forward cache', async ({ shop, context, open }) => {
  const page = await open()
  const protocol = await context.newCDPSession(page)
  await protocol.send('Page.enable')
  const reasons = async () => {
    const told = new Promise<string[]>(resolve =>
      protocol.once('Page.backForwardCacheNotUsed', ({ notRestoredExplanations }) =>
        resolve(notRestoredExplanations.map(({ reason }) => reason).sort()),
      ),
    )
    await page.goto(`${shop.url}/next`)
    await page.goBack()
    return told
  }
  await push(page, { event: 'purchase', n: 1 })
  await all(shop, 1)
  const withTag = await reasons()
  await page.goto(`${shop.url}/without-tag`)
  assert.equal(await page.evaluate('typeof connect'), 'undefined')
  assert.deepEqual(withTag, await reasons())
  await page.evaluate(`addEventListener('unload', () => {})`)
  assert.notDeepEqual(withTag, await reasons())
})

visit('a page that the browser prepares sends nothing before somebody sees it', async ({ shop }) => {
  const undriven = await openUndriven(`${shop.url}/prepares`)
  try {
    await all(shop, 1)
    const [{ at, kept } = { at: 0, kept: 'nothing was prepared' }] = shop.prepared
    assert.equal(kept, '')
    assert.ok(Date.parse([...shop.stored.values()][0]!.at) >= at)
  } finally {
    await undriven.close()
  }
})

visit('developer tools are told where the source map is', async ({ context, open }) => {
  const page = await open()
  const protocol = await context.newCDPSession(page)
  const told = new Promise<string>(resolve =>
    protocol.on(
      'Debugger.scriptParsed',
      ({ url, sourceMapURL = '' }) => url.endsWith('/tag.js') && resolve(sourceMapURL),
    ),
  )
  await protocol.send('Debugger.enable')
  assert.equal(await told, '/tag/0/tag.js.map')
})

visit('a request is simple: text/plain, no preflight, no cookies', async ({ shop, context, open }) => {
  await context.addCookies([{ name: 'secret', value: 's', url: shop.ingestUrl }])
  await push(await open(), { event: 'purchase', n: 1 })
  await all(shop, 1)
  assert.deepEqual(
    shop.posts.map(({ method, headers }) => [method, headers['content-type'], headers.cookie, headers.origin]),
    [['POST', 'text/plain;charset=UTF-8', undefined, shop.url]],
  )
})

visit('a server that says 503 gets the same batch when it said it would be back', async ({ shop, open }) => {
  shop.state.refuse = { status: 503, retryAfter: '1' }
  const page = await open()
  await push(page, { event: 'view_item', n: 1 }, { event: 'purchase', n: 2 })
  await shop.until(() => shop.posts.length > 0, 'a first request')
  shop.state.refuse = undefined
  await all(shop, 2)
  assert.deepEqual(
    shop.posts.map(({ status }) => status),
    [503, 200],
  )
})

visit('what was pushed off line arrives once the line is back', async ({ shop, context, open }) => {
  const page = await open()
  await context.setOffline(true)
  await push(page, { event: 'purchase', n: 1 }, { event: 'purchase', n: 2 })
  await context.setOffline(false)
  await all(shop, 2)
  assert.deepEqual(numbers(shop), [1, 2])
})

visit('two tabs lose nothing and mix nothing up, whichever is closed', async ({ shop, open }) => {
  const [first, second] = [await open(), await open()]
  await push(first, { event: 'view_item', n: 1 })
  await push(second, { event: 'view_item', n: 2 })
  await first.close()
  await push(second, { event: 'purchase', n: 3 })
  await all(shop, 3)
  assert.deepEqual(numbers(shop), [1, 2, 3])
  assert.equal(new Set([...shop.stored.values()].map(({ stream }) => stream)).size, 2)
})

visit('what a crashed tab left behind arrives at the next visit', async ({ shop, context, open }) => {
  const page = await open()
  await push(page, { event: 'view_item', n: 1 }, { event: 'view_item', n: 2 })
  await context.addInitScript('const real = Date.now; Date.now = () => real() + 11000') // for the next page: eleven seconds later
  const crashed = page.waitForEvent('crash')
  page.goto('chrome://crash').catch(() => {})
  await crashed
  assert.equal(shop.posts.length, 0)
  await open()
  await all(shop, 2)
  assert.deepEqual(numbers(shop), [1, 2])
})

visit(
  'what could not be sent before the last tab was closed arrives at the next visit',
  async ({ shop, context, open }) => {
    shop.state.refuse = { status: 503, retryAfter: '2' }
    const page = await open()
    await push(page, { event: 'purchase', n: 1 })
    await shop.until(() => shop.posts.length > 0, 'a first request')
    await page.close()
    shop.state.refuse = undefined
    await context.addInitScript('const real = Date.now; Date.now = () => real() + 11000')
    await open()
    await all(shop, 1)
  },
)

visit('more than the browser lets be in flight arrives all the same', async ({ shop, open }) => {
  const page = await open()
  const events = Array.from({ length: 12 }, (_, index) => ({ event: 'purchase', n: index + 1, text: 'é'.repeat(7000) }))
  await push(page, ...events)
  await all(shop, 12)
  assert.equal(shop.posts.length, 12)
})

visit('without consent the browser keeps and sends nothing, with consent it goes', async ({ shop, context, open }) => {
  await context.clearCookies()
  const page = await open()
  await push(page, { event: 'purchase', n: 1 })
  const kept = '[Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]'
  assert.deepEqual(await page.evaluate(kept), [[], [], ''])
  assert.equal(shop.posts.length, 0)
  await page.evaluate(`gtag('consent', 'update', { analytics_storage: 'granted' })`)
  await all(shop, 1)
})

visit(
  'a strict content security policy needs the script and the endpoint, and a page without them stays whole',
  async ({ shop, open }) => {
    shop.state.csp = `default-src 'none'; script-src 'nonce-n'; connect-src ${shop.ingestUrl}`
    await push(await open(), { event: 'purchase', n: 1 })
    await all(shop, 1)
    shop.state.csp = `default-src 'none'; script-src 'nonce-n'`
    const page = await open('/strict')
    const errors: unknown[] = []
    page.on('pageerror', error => errors.push(error))
    await push(page, { event: 'purchase', n: 2 })
    await push(page, { event: 'purchase', n: 3 })
    assert.equal(await page.evaluate('dataLayer.length'), 4)
    assert.deepEqual(errors, [])
    assert.deepEqual(numbers(shop), [1])
  },
)

/**
 * `node test/specs/back-forward-cache.ts`: goes back and forward in a whole Chromium, if this machine has one, and fails
 * where a page with tag.js does not come out of the browser's cache or an event gets lost. Not part of `npm test`: the
 * Chromium that comes with the packages keeps no pages.
 */
import type { BrowserContext, Page } from 'playwright-core'
import { buildTag } from '../../tag/build.ts'
import { findInstalled, launchInstalled } from '../tools/chromium.ts'
import { openShop, type Shop } from '../tools/shop.ts'

/** What is under way when the person leaves the page. */
const STORIES: { readonly [name: string]: (shop: Shop, page: Page) => Promise<unknown> } = {
  'nothing under way': async (shop, page) => {
    await push(page, 1)
    await shop.until(() => shop.stored.size === 1, 'the first event')
  },
  'a batch that still takes events up': (_shop, page) => push(page, 1, 'view_item'),
  'a batch in flight': async (shop, page) => {
    shop.state.hold = Promise.withResolvers<void>()
    await push(page, 1)
    await shop.until(() => shop.posts.length === 1, 'a request')
  },
  'a batch that waits to be tried again': async (shop, page) => {
    shop.state.refuse = { status: 503, retryAfter: '1' }
    await push(page, 1)
    await shop.until(() => shop.posts.length === 1, 'a request')
  },
}

const push = (page: Page, n: number, event = 'purchase') =>
  page.evaluate(entry => (globalThis as unknown as { dataLayer: object[] }).dataLayer.push(entry), { event, n })

/**
 * The library has looked after what is left to send. A page that goes away in the milliseconds of that holds a lock, and is
 * dropped from the cache when the next one asks for it (see DECISIONS.md); no person is as fast as this script.
 */
const started = (page: Page) => page.waitForFunction('navigator.locks.query().then(({ held }) => !held.length)')

async function play(context: BrowserContext, shop: Shop, leave: (typeof STORIES)[string]) {
  await context.addCookies([{ name: 'yes', value: '1', url: shop.url }])
  await context.addInitScript(
    `globalThis.shown = []; addEventListener('pageshow', event => shown.push(event.persisted))`,
  )
  const page = await context.newPage()
  await page.goto(shop.url)
  await leave(shop, page)
  await started(page)
  await page.goto(`${shop.url}/next`)
  await push(page, 2)
  await started(page)
  /** Says why not, where the browser knows. */
  const fromCache = () =>
    page.waitForFunction('shown.at(-1) === true', undefined, { timeout: 10_000 }).catch(async () => {
      const reasons = `JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons)`
      throw new Error(`not out of the cache: ${await page.evaluate(reasons)}`)
    })
  await page.goBack({ waitUntil: 'commit' }) // there is no load
  await fromCache()
  shop.state.refuse = undefined
  shop.state.hold?.resolve()
  await push(page, 3)
  await page.goForward({ waitUntil: 'commit' })
  await fromCache()
  await push(page, 4)
  await shop.until(() => shop.stored.size === 4, 'four events')
  return shop.faults()
}

const executable = findInstalled()
if (executable === undefined) {
  console.log('back/forward cache: not tried, there is no chromium, chromium-browser or google-chrome on the PATH')
  process.exit()
}
const { source } = await buildTag()
const browser = await launchInstalled(executable)
for (const [name, leave] of Object.entries(STORIES)) {
  const shop = await openShop(source)
  const context = await browser.newContext()
  const trouble = await play(context, shop, leave).catch(error => [String(error)])
  console.log(`back/forward cache, ${name}: ${trouble.length ? trouble.join('; ') : 'kept, nothing lost'}`)
  if (trouble.length) process.exitCode = 1
  await context.close()
  await shop.close()
}
await browser.close()

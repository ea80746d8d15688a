import type { BrowserContext, Page } from 'playwright-core'
import { launchChromium, launchInstalled } from '../test/tools/chromium.ts'
import { evaluateDemo, openDemo } from '../test/tools/demo.ts'
import { openGate } from './unload/gate.ts'
import { tellTable } from './unload/table.ts'

/**
 * The unload matrix: every way for a page to end or to lose its line, in a real browser, against the demo shop, its
 * container and the local stack. Counts by the events' own numbers what was pushed, what the buffer holds, what it holds
 * twice, and holes in the tag's sequences. `node bench/unload.ts [times]`; exits with 1 if anything is lost or double.
 * `CHROMIUM=/usr/bin/chromium` has a whole browser play, with a back/forward cache, instead of the package's.
 */
const TIMES = Number(process.argv[2] ?? 20)
const AT_ONCE = 10
const INSTALLED = process.env.CHROMIUM
const PATIENCE_MS = 45_000
/** Another page takes a batch over when it is ten seconds old: its clock is put forward. */
const LATER = 'const real = Date.now; Date.now = () => real() + 11_000'

type Run = {
  id: string
  context: BrowserContext
  /** A page of the shop, loaded. */
  open(): Promise<Page>
  /** Pushes so many numbered events. */
  push(page: Page, count: number): Promise<void>
  /** Waits until all that was pushed so far is in the buffer. */
  stored(): Promise<void>
}
type Story = (run: Run) => Promise<unknown>

/** Leaves by a link of the menu: its page is gone as soon as the next one answers. */
async function follow(page: Page, name: string): Promise<void> {
  const before = page.url()
  await page.getByRole('navigation').getByRole('link', { name }).click()
  await page.waitForURL(url => url.href !== before)
}

const turnBack = (page: Page) => arrive(page, page.goBack({ waitUntil: 'commit' }))
const turnForward = (page: Page) => arrive(page, page.goForward({ waitUntil: 'commit' }))

/** A page out of the cache is as it was left, and says so; there is no load. */
async function arrive(page: Page, commit: Promise<unknown>): Promise<void> {
  await commit
  if (INSTALLED) await page.waitForFunction('shown.at(-1) === true', undefined, { timeout: PATIENCE_MS })
  else await page.waitForLoadState()
}

const STORIES: { readonly [name: string]: Story } = {
  'close the tab': async ({ open, push, stored, context }) => {
    const page = await open()
    await push(page, 3)
    await page.close()
    await stored()
    await context.addInitScript(LATER) // nobody heard the answer: the next visit sends it again
    await open()
  },
  'navigate away': async ({ open, push }) => {
    const page = await open()
    await push(page, 3)
    await follow(page, 'Produtos')
    await follow(page, 'Fale conosco')
    await push(page, 2)
  },
  [INSTALLED ? 'back/forward cache' : 'back, forward']: async ({ open, push }) => {
    const page = await open()
    await push(page, 2)
    await follow(page, 'Carrinho')
    await push(page, 1)
    await turnBack(page)
    await push(page, 2)
    await turnForward(page)
    await push(page, 2)
  },
  reload: async ({ open, push }) => {
    const page = await open()
    for (let times = 0; times < 3; times++) {
      await push(page, 2)
      await page.reload()
    }
  },
  'crash, next visit': async ({ open, push, context }) => {
    const page = await open()
    await push(page, 3)
    await context.addInitScript(LATER) // for the next page
    const crashed = page.waitForEvent('crash')
    page.goto('chrome://crash').catch(() => {})
    await crashed
    await open()
  },
  'offline, online': async ({ open, push, context }) => {
    const page = await open()
    await context.setOffline(true)
    await push(page, 3)
    await context.setOffline(false)
    await push(page, 1)
  },
  '503, then back': async ({ id, open, push }) => {
    gate.refuse(id)
    const page = await open()
    await push(page, 3)
    await gate.refused(id)
    gate.letIn(id)
  },
  'two tabs': async ({ open, push }) => {
    const [first, second] = [await open(), await open()]
    await Promise.all([push(first, 2), push(second, 2)])
    await first.close()
    await push(second, 2)
  },
}

const gate = await openGate()
const browser = await (INSTALLED ? launchInstalled(INSTALLED) : launchChromium())
const demo = await openDemo(await evaluateDemo(['salesforce']), { before: ingestUrl => gate.open(ingestUrl) })

/** Ids of stored events by their number; more than one envelope with the same id is one too many. */
function storedIn(id: string) {
  const found = demo.stored.flatMap(({ events }) => events).filter(({ properties }) => properties?.item_list_id === id)
  return { numbers: new Set(found.map(({ properties }) => Number(properties?.item_list_name))), times: found.length }
}

async function play(name: string, story: Story, time: number) {
  const id = `${name.replaceAll(/\W+/g, '-')}-${time}`
  const context = await browser.newContext()
  await context.addInitScript(
    `globalThis.shown = []; addEventListener('pageshow', event => shown.push(event.persisted))`,
  )
  await context.addCookies([{ name: 'shop_consent', value: 'analytics.marketing', url: demo.shop.url }])
  let pushed = 0
  const run: Run = {
    id,
    context,
    async open() {
      const page = await context.newPage()
      await page.goto(`${demo.shop.url}/pt/contact`)
      return page
    },
    async push(page, count) {
      const events = Array.from({ length: count }, () => {
        const list = { item_list_id: id, item_list_name: String(++pushed), items: [{ item_id: 'X', price: 1 }] }
        return { event: 'view_item_list', ecommerce: { currency: 'BRL', value: 1, ...list } }
      })
      await page.evaluate(entries => {
        const { dataLayer } = globalThis as unknown as { dataLayer: object[] }
        for (const entry of entries) dataLayer.push({ ecommerce: null }, entry)
      }, events)
    },
    async stored() {
      const until = Date.now() + PATIENCE_MS
      while (storedIn(id).numbers.size < pushed && Date.now() < until) await new Promise(done => setTimeout(done, 20))
    },
  }
  await story(run)
  await run.stored()
  await emptied(context)
  await context.close()
  const { numbers, times } = storedIn(id)
  return { pushed, stored: numbers.size, twice: times - numbers.size }
}

/** What was sent again is answered too before the browser goes: only then is it known that it was not stored again. */
async function emptied(context: BrowserContext): Promise<void> {
  const until = Date.now() + PATIENCE_MS / 3
  const queue = `Object.keys(localStorage).filter(key => /^connect:.*-/.test(key)).length`
  const page = context.pages().at(-1)
  while (page && Date.now() < until && ((await page.evaluate(queue).catch(() => 0)) as number) > 0)
    await new Promise(done => setTimeout(done, 50))
}

async function playAll(name: string, story: Story) {
  const since = Date.now()
  const results: Awaited<ReturnType<typeof play>>[] = []
  let next = 0
  const worker = async () => {
    while (next < TIMES) results.push(await play(name, story, next++))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  const sum = (key: 'pushed' | 'stored' | 'twice') => results.reduce((all, result) => all + result[key], 0)
  return {
    name,
    runs: results.length,
    pushed: sum('pushed'),
    stored: sum('stored'),
    twice: sum('twice'),
    ms: Date.now() - since,
  }
}

const rows = []
for (const [name, story] of Object.entries(STORIES)) rows.push(await playAll(name, story))
const holes = gate.holes()
const version = browser.version()
await browser.close()
await demo.close()
await gate.close()
console.log(tellTable(rows, holes))
console.log(
  INSTALLED
    ? `Chromium ${version}; each page that was gone back or forward to came out of the back/forward cache`
    : `Chromium ${version} out of the package: it has no back/forward cache, so back and forward were played without`,
)
if (holes.length || rows.some(({ pushed, stored, twice }) => pushed !== stored || twice)) process.exitCode = 1

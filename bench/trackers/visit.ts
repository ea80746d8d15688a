import type { Browser, CDPSession, Page } from 'playwright-core'
import { type Collected, openCollector } from './collector.ts'
import type { Job, openSite, Sizes } from './site.ts'

/** How much slower than this machine the visitor's is. */
export const THROTTLE = 4
const PATIENCE_MS = 20_000

/** Which page, and what it is told. */
export type Setting = Pick<Job, 'batch' | 'stores'> & { page: string }

/** Milliseconds are of the main thread's own CPU time, with the throttle; `calls` and `longTasks` of the page's clock. */
export type Visit = {
  /** From the navigation until the tracker is ready for events. */
  load: number
  /** Of the whole visit. */
  task: number
  /** Of each call, page view first. */
  calls: readonly number[]
  /** Those above 50 ms. */
  longTasks: readonly number[]
  heapBytes: number
  /** Keys in both storages, and cookies. */
  stored: number
  sizes: Sizes
  collected: Collected
}

/** One visit in a browser context of its own. Throws when the collector did not get every event once. */
export async function visit(
  browser: Browser,
  site: Awaited<ReturnType<typeof openSite>>,
  { page: name, ...told }: Setting,
  plan: Pick<Job, 'products' | 'every' | 'until'>,
): Promise<Visit> {
  const collector = await openCollector()
  const context = await browser.newContext()
  const page = await context.newPage()
  const strangers = strangersOf(page, [site.url, collector.url])
  const cdp = await context.newCDPSession(page)
  site.begin({ ...plan, ...told, collector: collector.url })
  await page.goto(site.url) // the process that the visit stays in
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE })

  const before = await busyOf(cdp)
  await page.goto(`${site.url}/page/${name}`)
  await page.evaluate('job.ready()')
  const loaded = await busyOf(cdp)
  const calls: number[] = await page.evaluate('job.play()')
  const expected = name === 'empty' ? 0 : plan.products + 1
  await until(() => collector.events() >= expected)
  const end = await page.evaluate<Pick<Visit, 'longTasks' | 'stored'>>('job.over()')
  const over = await busyOf(cdp)
  const heapBytes = await heapOf(cdp)

  await context.close()
  const collected = await collector.close()
  check(name, expected, collected, strangers)
  return {
    load: loaded - before,
    task: over - before,
    calls,
    ...end,
    heapBytes,
    sizes: site.sizes(),
    collected,
  }
}

/** Addresses that the page asks for and that are not ours: a tracker that needs them is not measured alone. */
function strangersOf(page: Page, known: readonly string[]): string[] {
  const found: string[] = []
  page.on('request', request => {
    if (!known.includes(new URL(request.url()).origin)) found.push(request.url())
  })
  return found
}

/** `TaskDuration`, ms. `ScriptDuration` leaves out what runs after an `await`, so that it says little of what is asynchronous. */
async function busyOf(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics')
  return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
}

async function heapOf(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage')
  return (await cdp.send('Runtime.getHeapUsage')).usedSize
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!holds() && Date.now() < end) await new Promise(done => setTimeout(done, 20))
}

function check(name: string, expected: number, collected: Collected, strangers: readonly string[]): void {
  const { events, pageViews, products } = collected
  if (strangers.length) throw new Error(`${name} asks for ${strangers.join(', ')}`)
  if (expected && (events !== expected || pageViews !== 1 || products.size !== expected - 1))
    throw new Error(`${name}: ${events} events, ${pageViews} page views, ${products.size} products of ${expected - 1}`)
}

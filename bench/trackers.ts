import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { launchChromium } from '../test/tools/chromium.ts'
import { figuresOf } from './tools/measure.ts'
import { installPeers } from './tools/peers.ts'
import { type Report, report, round } from './tools/report.ts'
import { openSite } from './trackers/site.ts'
import { type Setting, THROTTLE, type Visit, visit } from './trackers/visit.ts'

/**
 * tag.js beside open trackers that do the same job: collect events in the page, put them into batches, send them to one's
 * own collector, try again. Each makes the same visit in a real browser: a page view and products put into the cart, until
 * a collector on this machine has every one of them. `node bench/trackers.ts [rounds]`.
 */
const ROUNDS = Number(process.argv[2] ?? 9)
const PLAN = { products: 39, every: 20, until: 2500 }
/** What tag.js does by itself; two requests of so many are the whole visit. */
const BATCH = 20

const peers = installPeers()
if (!peers) process.exit() // the reason has been said

const version = (name: string) =>
  JSON.parse(readFileSync(join(peers, 'node_modules', name, 'package.json'), 'utf8')).version as string
const PEERS: { readonly [page: string]: string } = {
  snowplow: `Snowplow ${version('@snowplow/browser-tracker')}`,
  rudderstack: `RudderStack ${version('@rudderstack/analytics-js')} lite`,
  segment: `Segment ${version('@segment/analytics-next')}`,
}

type Contestant = Setting & { name: string }
const each = (named: (name: string) => string, told: Omit<Setting, 'page'>): Contestant[] =>
  Object.entries(PEERS).map(([page, name]) => ({ name: named(name), page, ...told }))

const empty: Contestant = { name: 'no tracker', page: 'empty', batch: 0, stores: true }
const ours: Contestant = { name: 'tag.js', page: 'connect', batch: BATCH, stores: true }
const contestants: readonly Contestant[] = [
  ours,
  ...each(name => name, { batch: BATCH, stores: true }),
  { ...ours, name: 'tag.js, storage denied', stores: false },
  ...each(name => `${name}, storage off`, { batch: BATCH, stores: false }),
  ...each(name => `${name}, as it comes`, { batch: 0, stores: true }),
]

/** A visit, and that of the same round to the page without a tracker. */
type Pair = { own: Visit; none: Visit }

async function playAll(): Promise<ReadonlyMap<Contestant, readonly Pair[]>> {
  const site = await openSite(['empty', 'connect', ...Object.keys(PEERS)])
  const browser = await launchChromium()
  const pairs = new Map(contestants.map(contestant => [contestant, [] as Pair[]]))
  for (let time = -1; time < ROUNDS; time++) {
    const none = await visit(browser, site, empty, PLAN)
    for (const contestant of contestants) {
      const own = await visit(browser, site, contestant, PLAN)
      if (time >= 0) pairs.get(contestant)!.push({ own, none })
    }
  }
  await browser.close()
  await site.close()
  return pairs
}

const all = await playAll()
const figures = (contestant: Contestant, read: (pair: Pair) => number) => figuresOf(all.get(contestant)!.map(read))
const median = (contestant: Contestant, read: (pair: Pair) => number) => figures(contestant, read).median
const ratio = (contestant: Contestant, read: (pair: Pair) => number) =>
  `${round(median(contestant, read) / median(ours, read))} x`

const load = ({ own, none }: Pair) => own.load - none.load
const task = ({ own, none }: Pair) => own.task - none.task
const call = ({ own }: Pair) => figuresOf(own.calls).median
const slowest = ({ own }: Pair) => figuresOf(own.calls).most
const longest = ({ own }: { own: Visit }) => Math.max(0, ...own.longTasks)
const heap = ({ own, none }: Pair) => (own.heapBytes - none.heapBytes) / 1000
const bytes = ({ own }: Pair) => own.collected.bytes / 1000
const gzip = ({ own }: Pair) => own.sizes.gzip / 1000

const sizes: Report = {
  title: 'What the page loads, kB',
  columns: ['tracker', 'files', 'minified', 'gzip -9', 'brotli', 'gzip, against ours'],
  rows: contestants
    .filter(({ batch, stores }) => batch && stores)
    .map(contestant => [
      contestant.name,
      median(contestant, ({ own }) => own.sizes.files),
      median(contestant, ({ own }) => own.sizes.minified / 1000),
      median(contestant, gzip),
      median(contestant, ({ own }) => own.sizes.brotli / 1000),
      ratio(contestant, gzip),
    ]),
  notes: [
    'Counted from what the browser asked for, the page’s own calls included; peers from npm by the bundler of tag.js, chunks apart.',
  ],
}
const mainThread: Report = {
  title: `Main thread of a machine ${THROTTLE} times slower than this, ms above the page without a tracker`,
  columns: [
    'tracker',
    'load',
    'a call',
    'slowest',
    'visit',
    'least to most',
    'against ours',
    'longest task',
    'heap, kB',
    'keys kept',
  ],
  rows: contestants.map(contestant => {
    const { least, most, median: middle } = figures(contestant, task)
    return [
      contestant.name,
      median(contestant, load),
      median(contestant, call),
      median(contestant, slowest),
      middle,
      `${round(least)} to ${round(most)}`,
      ratio(contestant, task),
      median(contestant, longest) || '< 50',
      median(contestant, heap),
      median(contestant, ({ own }) => own.stored),
    ]
  }),
  notes: [
    `Visit: ${PLAN.products + 1} events, each in a task of its own, every one at the collector, at least ${PLAN.until / 1000} s; load is part of it. CPU time of the main thread; the calls on the page's clock, which other work on the machine slows down.`,
    `The page without a tracker takes ${round(median(ours, ({ none }) => none.task))} ms, its longest task ${median(ours, ({ none }) => longest({ own: none })) || '< 50'}. Medians of ${ROUNDS} rounds after one, taking turns, a new browser context each.`,
    'Keys kept: in both storages, and cookies, when the visit is over.',
  ],
}
const wire: Report = {
  title: `What ${PLAN.products + 1} events take to send`,
  columns: ['tracker', 'requests', 'preflights', 'kB with headers', 'against ours'],
  rows: contestants.map(contestant => [
    contestant.name,
    median(contestant, ({ own }) => own.collected.requests),
    median(contestant, ({ own }) => own.collected.preflights),
    median(contestant, bytes),
    ratio(contestant, bytes),
  ]),
  notes: ['HTTP/1.1 to another origin without cookies of its own; a preflight is good for ten minutes.'],
}
report('trackers', sizes, mainThread, wire)

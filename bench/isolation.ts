import { setTimeout as wait } from 'node:timers/promises'
import dynamicsSimulator from '../connectors/dynamics/simulator.ts'
import { load } from './tools/load.ts'
import { quantiles } from './tools/measure.ts'
import { report } from './tools/report.ts'
import { benchStack, site } from './tools/stack.ts'

/**
 * What one destination feels of the others' trouble: leads to Dynamics from their 200 to their arrival, while RD Station answers nobody
 * and while another tenant floods, against quiet times in between in the same run.
 */
const SECONDS = 5
const LEADS_PER_SECOND = 20
const FLOOD_PER_SECOND = 40
const OTHER = 'flooding'
const TENANT = 'loja-abc'
const rdstation = {
  schedule: 'rate(15 minutes)',
  requires: [],
  urgent: ['generate_lead'],
  settings: { auth: 'api_key', plan: 'advanced', tags: ['bench'] },
}

const stack = await benchStack({
  [TENANT]: {
    origins: [site(TENANT)],
    destinations: {
      dynamics: {
        schedule: 'rate(15 minutes)',
        requires: [],
        urgent: ['generate_lead'],
        settings: dynamicsSimulator.settings,
      },
      rdstation,
    },
  },
  [OTHER]: { origins: [site(OTHER)], destinations: { rdstation } },
})
const vendor = stack.vendors.get('dynamics')!
const troubled = stack.vendors.get('rdstation')!

/** Leads of both destinations at a steady rate; how long those of Dynamics take from their 200 to the vendor. */
async function phase(people: string): Promise<{ times: number[]; missing: number }> {
  const from = vendor.received.length
  const { answered } = await load({
    url: `${stack.ingestUrl}/v1/events/${TENANT}`,
    origin: site(TENANT),
    connections: 16,
    people,
    perSecond: LEADS_PER_SECOND,
    seconds: SECONDS,
    events: 1,
    name: 'generate_lead',
  })
  const arrivals = () =>
    new Map(
      vendor.received.slice(from).map(({ data, at }) => [(data as { emailaddress1?: string }).emailaddress1 ?? '', at]),
    )
  for (let waited = 0; waited < 50 && answered.some(([email]) => !arrivals().has(email)); waited++) await wait(100)
  const found = arrivals()
  const times = answered.flatMap(([email, at]) => (found.has(email) ? [found.get(email)! - at] : []))
  return { times, missing: answered.length - times.length }
}

async function flooded(people: string) {
  const flood = load({
    url: `${stack.ingestUrl}/v1/events/${OTHER}`,
    origin: site(OTHER),
    connections: 32,
    people: `${people}x`,
    perSecond: FLOOD_PER_SECOND,
    seconds: SECONDS,
    events: 10,
    name: 'add_to_cart',
  })
  const measured = await phase(people)
  await flood
  return measured
}

await phase('warm')
const phases: { what: string; times: number[]; missing: number }[] = []
const add = async (what: string, work: Promise<{ times: number[]; missing: number }>) =>
  phases.push({ what, ...(await work) })
for (const round of [1, 2, 3]) {
  await add('quiet', phase(`quiet${round}-`))
  troubled.mode = 'hang'
  await add('RD Station answers nobody', phase(`hang${round}-`))
  troubled.mode = 'up'
  if (round < 3) await add('another tenant floods', flooded(`flood${round}-`))
}
await stack.end()

const kinds = [...Map.groupBy(phases, ({ what }) => what)].map(([what, some]) => ({
  what,
  ...quantiles(some.flatMap(({ times }) => times)),
  missing: some.reduce((sum, { missing }) => sum + missing, 0),
}))
const quiet = kinds.find(({ what }) => what === 'quiet')!
report('isolation', {
  title: 'isolation: another destination’s leads, from their 200 to their arrival',
  columns: ['', 'leads', 'p50 ms', 'p95 ms', 'p99 ms', 'p50 against quiet', 'p95', 'p99', 'not there after 5 s'],
  rows: kinds.map(({ what, n, p50, p95, p99, missing }) => [
    what,
    n,
    p50,
    p95,
    p99,
    percent(p50 / quiet.p50),
    percent(p95 / quiet.p95),
    percent(p99 / quiet.p99),
    missing,
  ]),
  notes: [
    `phases of ${SECONDS} s in turn, ${LEADS_PER_SECOND} leads a second for both destinations; the flood is ${FLOOD_PER_SECOND * 10} events a second`,
    'everything shares two cores here, which AWS does not let it: the flood costs CPU, not a place in a queue',
    'number to reach: less than 10 % more at p99 while one vendor is black-holed',
  ],
})

function percent(ratio: number): string {
  return `${ratio >= 1 ? '+' : ''}${Math.round((ratio - 1) * 100)} %`
}

import { setTimeout as wait } from 'node:timers/promises'
import dynamicsSimulator from '../connectors/dynamics/simulator.ts'
import { load } from './tools/load.ts'
import { quantile, quantiles } from './tools/measure.ts'
import { report } from './tools/report.ts'
import { benchStack, site } from './tools/stack.ts'

/**
 * What one destination feels of the others' trouble: leads to Dynamics from their 200 to their arrival, while RD Station answers nobody
 * and while another tenant floods as well, against quiet times in between in the same run.
 */
const ROUNDS = 8
const SECONDS = 6
/** Fewer than Dynamics' documented 20 requests a second, so that no lead waits for its turn. */
const LEADS_PER_SECOND = 15
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

type Phase = { times: number[]; missing: number }

/** Leads of both destinations at a steady rate; how long those of Dynamics take from their 200 to the vendor. */
async function phase(people: string): Promise<Phase> {
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

async function flooded(people: string): Promise<Phase> {
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
  const felt = await phase(people)
  await flood
  return felt
}

const QUIET = 'quiet'
const HOLE = 'RD Station answers nobody'
const BOTH = 'the same, and another tenant floods'
const measured = new Map<string, Phase[]>([QUIET, HOLE, BOTH].map(what => [what, []]))
const add = async (what: string, work: Promise<Phase>) => {
  measured.get(what)!.push(await work)
  troubled.mode = 'up'
  await wait(1_000) // what hung is let go, and is nobody's neighbour in the next phase
}

await phase('warm')
for (let round = 0; round < ROUNDS; round++) {
  await add(QUIET, phase(`quiet${round}-`))
  troubled.mode = 'hang'
  await add(HOLE, phase(`hole${round}-`))
  troubled.mode = 'hang'
  await add(BOTH, flooded(`both${round}-`))
}
await stack.end()

report('isolation', {
  title: 'isolation: another destination’s leads, from their 200 to their arrival',
  columns: [
    '',
    'leads',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'p50 against quiet',
    'p99',
    '80 % of rounds drawn anew',
    'not there after 5 s',
  ],
  rows: [...measured].map(([what, phases]) => {
    const { n, p50, p95, p99 } = quantiles(phases.flatMap(({ times }) => times))
    const missing = phases.reduce((sum, phase) => sum + phase.missing, 0)
    const against = (share: 'p50' | 'p99') => percent(ratioOf(phases, measured.get(QUIET)!, share))
    return [what, n, p50, p95, p99, against('p50'), against('p99'), drawnAnew(phases, measured.get(QUIET)!), missing]
  }),
  notes: [
    `${ROUNDS} rounds of phases of ${SECONDS} s in turn, ${LEADS_PER_SECOND} leads a second for both destinations; the flood is ${FLOOD_PER_SECOND * 10} events a second`,
    'everything shares two cores here, which AWS does not let it: the flood costs CPU, not a place in a queue',
    'number to reach: less than 10 % more at p99 while one vendor is black-holed',
  ],
})

function ratioOf(some: readonly Phase[], others: readonly Phase[], share: 'p50' | 'p99'): number {
  const of = (phases: readonly Phase[]) => quantiles(phases.flatMap(({ times }) => times))[share]
  return of(some) / of(others)
}

/** The p99's ratio in eight of ten samples of as many rounds, drawn with repetition: what chance alone does to it. */
function drawnAnew(some: readonly Phase[], others: readonly Phase[]): string {
  const draw = () => Array.from({ length: ROUNDS }, () => Math.floor(Math.random() * ROUNDS))
  const ratios = Array.from({ length: 1_000 }, () => {
    const rounds = draw()
    return ratioOf(
      rounds.map(round => some[round]!),
      rounds.map(round => others[round]!),
      'p99',
    )
  }).toSorted((a, b) => a - b)
  return `${percent(quantile(ratios, 0.1))} to ${percent(quantile(ratios, 0.9))}`
}

function percent(ratio: number): string {
  return `${ratio >= 1 ? '+' : ''}${Math.round((ratio - 1) * 100)} %`
}

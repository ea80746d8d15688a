import { setTimeout as wait } from 'node:timers/promises'
import { load } from './tools/load.ts'
import { quantiles } from './tools/measure.ts'
import { report } from './tools/report.ts'
import { benchStack, site } from './tools/stack.ts'

/**
 * From a lead's 200 to the vendor's first call, by the table's stream and nothing else, with an idle destination and with 20,000 other
 * events of the same destination on their way through the normal lane.
 */
const TENANT = 'loja-abc'
const SECONDS = 12
const LEADS_PER_SECOND = 5
const BACKLOG = 20_000

const stack = await benchStack({
  [TENANT]: {
    origins: [site(TENANT)],
    destinations: {
      rdstation: {
        schedule: 'rate(15 minutes)',
        requires: [],
        urgent: ['generate_lead'],
        shards: 4,
        settings: { auth: 'api_key', plan: 'advanced', tags: ['bench'], events: { add_to_cart: ['CONVERSION'] } },
      },
    },
  },
})
const vendor = stack.vendors.get('rdstation')!
const ask = { url: `${stack.ingestUrl}/v1/events/${TENANT}`, origin: site(TENANT), connections: 16 }

async function phase(people: string) {
  const from = vendor.received.length
  const { answered } = await load({
    ...ask,
    people,
    perSecond: LEADS_PER_SECOND,
    seconds: SECONDS,
    events: 1,
    name: 'generate_lead',
  })
  const arrivals = () => new Map(vendor.received.slice(from).map(({ data, at }) => [emailIn(data), at]))
  for (let waited = 0; waited < 100 && answered.some(([email]) => !arrivals().has(email)); waited++) await wait(100)
  const found = arrivals()
  const late = answered.filter(([email]) => !found.has(email)).length
  return { late, ...quantiles(answered.flatMap(([email, at]) => (found.has(email) ? [found.get(email)! - at] : []))) }
}
const emailIn = (data: unknown) => (data as { payload: { email: string } }).payload.email

await phase('warm')
const idle = await phase('idle')
await load({
  ...ask,
  people: 'bulk',
  perSecond: 0,
  seconds: 60,
  requests: BACKLOG / 100,
  events: 100,
  name: 'add_to_cart',
})
const before = vendor.received.length
for (const schedule of stack.schedules) if (!schedule.includes('refresh')) stack.fire(schedule)
const busy = await phase('busy')
const bulk = vendor.received.length - before
await stack.end()

report('urgent', {
  title: 'urgent: from the 200 of a lead to the first call at the vendor',
  columns: ['', 'leads', 'p50 ms', 'p99 ms', 'most ms', 'not there after 10 s'],
  rows: [
    ['idle destination', idle.n, idle.p50, idle.p99, idle.most, idle.late],
    [`${BACKLOG} events in the normal lane, a run delivering them`, busy.n, busy.p50, busy.p99, busy.most, busy.late],
  ],
  notes: [
    `${LEADS_PER_SECOND} leads a second; one call a worker, as Lambda does it; RD Station's fake at its documented 500 requests a minute`,
    `${bulk} records reached the vendor in the second phase`,
    `warnings and errors of the functions: ${stack.trouble.length}`,
    'number to reach: at most 2 s at p99',
  ],
})
for (const line of stack.trouble.slice(0, 3)) console.log(line)

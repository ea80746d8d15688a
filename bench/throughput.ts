import { type Loaded, load } from './tools/load.ts'
import { report, round } from './tools/report.ts'
import { benchStack, site } from './tools/stack.ts'

/**
 * Accept, buffer and deliver on this machine: the whole local stack with the bundles that would be deployed, the embedded DynamoDB and
 * the vendor's fake in one process, the load in another, all on the same cores. Requests of ten events of one visitor.
 */
const EVENTS = 10
const SECONDS = 6
const CALLS_PER_WORKER = 16
const CORES = 2
const TENANT = 'loja-abc'
const only = process.argv[2]?.split(',').map(Number)
const RATES = only ?? [100, 200, 300] // requests a second

const stack = await benchStack(
  {
    [TENANT]: {
      origins: [site(TENANT)],
      destinations: {
        salesforce: {
          schedule: 'rate(15 minutes)',
          requires: [],
          urgent: [],
          shards: 1, // and a run every quarter of a second: a backlog of more than 2,000 would go by a job, whose pace is the vendor's
          settings: { loginUrl: 'https://acme.my.salesforce.com', placeholder: 'Unknown', requestsPerMinute: 6_000 },
        },
      },
    },
  },
  { concurrency: 1, callsPerWorker: CALLS_PER_WORKER },
)
const vendor = stack.vendors.get('salesforce')!
const ask = { url: `${stack.ingestUrl}/v1/events/${TENANT}`, origin: site(TENANT), connections: 64, events: EVENTS }
const deliveries = setInterval(() => {
  for (const schedule of stack.schedules) if (!schedule.includes('refresh')) stack.fire(schedule)
}, 250)

await load({ ...ask, people: 'warm', perSecond: 200, seconds: 10 })
const rows: (string | number)[][] = []
const phase = async (what: string, perSecond: number, connections: number) => {
  const before = vendor.received.length
  const startCpu = process.cpuUsage()
  const loaded = await load({ ...ask, people: `p${perSecond}-`, perSecond, connections, seconds: SECONDS })
  const { user, system } = process.cpuUsage(startCpu)
  const delivered = (vendor.received.length - before) / loaded.seconds
  const cpuMs = (user + system) / 1000 / loaded.ok
  const capacity = ((CORES * 1000) / (cpuMs + loaded.cpuMs)) * EVENTS
  rows.push([...rowOf(what, loaded), delivered, cpuMs, loaded.cpuMs, capacity])
}
for (const perSecond of RATES) await phase(`offered ${round(perSecond * EVENTS)} events/s`, perSecond, 64)
await phase('saturated, 16 connections', 0, 16)
clearInterval(deliveries)
await stack.end()

function rowOf(what: string, { sent, ok, seconds, mean, p50, p99, others }: Loaded) {
  const failed = sent - ok + (others['not sent: too many under way'] ?? 0)
  return [what, (ok * EVENTS) / seconds, mean, p50, p99, failed]
}
report('throughput', {
  title: 'throughput: accept, buffer and deliver on one machine',
  columns: [
    'load',
    'accepted events/s',
    'mean ms',
    'p50 ms',
    'p99 ms',
    'failed',
    'records at the vendor/s',
    'CPU ms a request, stack',
    'CPU ms, load',
    'events/s that 2 free cores have CPU for',
  ],
  rows,
  notes: [
    `requests of ${EVENTS} events, ${SECONDS} s each; one worker a function, ${CALLS_PER_WORKER} calls a worker at once (the local stack does one, as Lambda does)`,
    'times are from when a request was due to leave; the load runs on the same cores',
    `warnings and errors of the functions: ${stack.trouble.length}`,
    'numbers to reach: 3,000 events/s offered with a p99 of at most 30 ms, 8,000 saturated',
  ],
})
for (const line of stack.trouble.slice(0, 3)) console.log(line)

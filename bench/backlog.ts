import { bufferPartition } from '../core/keys.ts'
import { ttlSeconds } from '../core/tenant.ts'
import { type AcmeData, acme } from '../test/tools/acme.ts'
import { acmeSimulator } from '../test/tools/acme-vendor.ts'
import { chanceOf } from '../test/tools/chance.ts'
import { killWithin, MOMENTS } from '../test/tools/faults.ts'
import { createRig, type Hook, START } from '../test/tools/rig.ts'
import { paperBuffer } from './tools/paper-buffer.ts'
import { report } from './tools/report.ts'

/** What a run costs while very many events wait, and what draining them takes: reads, memory, and the order of each person's events. */
const PER_ENVELOPE = 10
const PEOPLE = 1_000
const TENANT = 'loja-abc'
const HOUR_MS = 3_600_000
/** After so long nobody believes any more that a run of 900 s lives. */
const LEASE_MS = 1_000_000

/** `events` events of 1,000 people, ten an envelope, in the order in which they happened. */
async function waiting(events: number, due: number) {
  const receivedAt = START - HOUR_MS
  const buffer = paperBuffer(events / PER_ENVELOPE, bufferPartition('normal', TENANT, 0), n => ({
    receivedAt,
    ttl: ttlSeconds(receivedAt, 7 * 24 * HOUR_MS),
    waiting: Array.from({ length: PER_ENVELOPE }, (_, i) => ({
      event: eventOf(n * PER_ENVELOPE + i, receivedAt),
      due,
      attempts: 1,
      life: 0,
    })),
  }))
  const rig = await createRig(
    {
      connector: acme({ ordered: true, timeoutMs: 10_000 }),
      simulator: acmeSimulator,
      timeoutMs: 900_000,
      destination: { shards: 1, settings: { account: 'shop', records: 200, perMinute: 60_000 } },
    },
    buffer.dynamo,
  )
  return { rig, ...buffer }
}
const eventOf = (n: number, receivedAt: number) => ({
  id: `${n % PEOPLE}-${String(Math.floor(n / PEOPLE)).padStart(6, '0')}`,
  name: 'visit',
  at: new Date(receivedAt - HOUR_MS + n * 10).toISOString(),
  user: { email: `person${n % PEOPLE}@example.com` },
  page: { url: `https://www.loja-abc.example/cafes/grao-${n % 40}`, title: 'Cafés especiais | Loja ABC' },
  properties: { note: 'what an event of a shop weighs, more or less: a page, a product, a campaign, a person' },
})

/** Reads and calls of one run that has nothing to send. */
async function idleRun(events: number, shut: boolean) {
  const { rig, counted } = await waiting(events, START + 48 * HOUR_MS)
  if (shut) await rig.operate({ do: 'pause', tenant: TENANT, by: 'bench', reason: 'bench' })
  await rig.run() // what a first run learns of the destination is not what a run costs
  const before = { ...counted }
  const startCpu = process.cpuUsage()
  await rig.run()
  const { user, system } = process.cpuUsage(startCpu)
  return [
    counted.commands - before.commands,
    counted.pages - before.pages,
    counted.units - before.units,
    (user + system) / 1000,
  ]
}

/** Sends everything that waits: how long, how much memory beyond what was there before, and whether each person's order held. */
async function drain(events: number) {
  const { rig, counted, left } = await waiting(events, START - 1)
  const last = new Map<string, string>()
  let sent = 0
  let disordered = 0
  let peak = 0
  const { gc } = globalThis
  const vendor: Hook = async (step, perform) => {
    if (step.kind !== 'vendor' || step.name === '/token') return perform()
    const records = JSON.parse((step.input as { body: string }).body) as AcmeData[]
    for (const { event, person } of records) {
      if (event <= (last.get(person) ?? '')) disordered++
      last.set(person, event)
    }
    sent += records.length
    if (sent % 2_000 === 0) {
      gc?.()
      peak = Math.max(peak, process.memoryUsage().heapUsed)
    }
    return { answered: true, status: 200, headers: {}, body: records.map(({ event }) => ({ event, status: 200 })) }
  }
  rig.setHook(vendor)
  gc?.()
  const before = process.memoryUsage().heapUsed
  const startCpu = process.cpuUsage()
  for (let runs = 0; runs < 20 && left(); runs++) {
    await rig.run()
    await rig.runInvoked()
    rig.lines.length = 0
  }
  const { user, system } = process.cpuUsage(startCpu)
  return [events, sent, left(), disordered, (peak - before) / 1e6, (user + system) / events, counted.pages]
}

/** The same drain, by runs that die at one of their next awaits, before or after the call, again and again. */
async function drainKilled(events: number) {
  const { rig, left } = await waiting(events, START - 1)
  const chance = chanceOf(1)
  const last = new Map<string, string>()
  const seen = new Set<string>()
  let disordered = 0
  let twice = 0
  const take = (records: readonly AcmeData[]) => {
    for (const { event, person } of records) {
      if (seen.has(event)) twice++
      else if (event < (last.get(person) ?? '')) disordered++
      seen.add(event)
      last.set(person, event)
    }
    return { answered: true, status: 200, headers: {}, body: records.map(({ event }) => ({ event, status: 200 })) }
  }
  let deaths = 0
  let most = 0
  while (left()) {
    const before = twice
    const step = await killWithin(
      kill =>
        rig.runWith((step, perform) =>
          kill(step, async () =>
            step.kind === 'vendor' && step.name !== '/token'
              ? take(JSON.parse((step.input as { body: string }).body))
              : perform(),
          ),
        ),
      chance.upTo(60),
      MOMENTS[chance.upTo(2)]!,
    )
    if (step) deaths++
    most = Math.max(most, twice - before)
    rig.advance(LEASE_MS)
    rig.lines.length = 0
    rig.invoked.length = 0
  }
  return [events, deaths, seen.size, events - seen.size, twice, most, disordered]
}

const idle: (string | number)[][] = []
for (const [shut, what] of [
  [true, 'shut (paused)'],
  [false, 'open, none due'],
] as const)
  for (const events of [20_000, 200_000, 1_000_000]) idle.push([what, events, ...(await idleRun(events, shut))])
const drained = [await drain(20_000), await drain(100_000)]
const killed = [await drainKilled(100_000)]
report(
  'backlog',
  {
    title: 'backlog: one run with nothing to send',
    columns: ['destination', 'events waiting', 'calls of DynamoDB', 'pages of the buffer', 'read units', 'CPU ms'],
    rows: idle,
    notes: ['number to reach: flat, a handful of reads'],
  },
  {
    title: 'backlog: drained, each person’s events in order',
    columns: [
      'events',
      'sent',
      'envelopes left',
      'out of order',
      'heap beyond the start, MB',
      'CPU µs an event',
      'pages',
    ],
    rows: drained,
    notes: [
      `${PEOPLE} people, ${PER_ENVELOPE} events an envelope, 1 shard, 200 records a request; heap after a collection, log lines and what is remembered for this check included`,
    ],
  },
  {
    title: 'backlog: drained by runs that are killed',
    columns: ['events', 'deaths', 'sent', 'lost', 'sent twice', 'by one run at most', 'out of order'],
    rows: killed,
    notes: [
      'at one of the first 60 awaits of a run, before or after the call; what is sent twice was in flight at a death, 200 a request',
    ],
  },
)

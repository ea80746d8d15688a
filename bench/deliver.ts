import { connectors } from '../connectors/index.ts'
import { limitsOf, pack, parcelsOf } from '../core/batch.ts'
import type { AnyConnector, Event, HttpRequest } from '../core/connector.ts'
import { type Carrier, deliver } from '../core/deliver.ts'
import type { Ended } from '../core/judge.ts'
import type { Simulator, Vendor } from '../core/simulator.ts'
import { endOf, login } from '../local/rehearse.ts'
import { type Candidate, compare, cpuPer } from './tools/measure.ts'
import { startWalker, walkerPackages } from './tools/peers.ts'
import { report } from './tools/report.ts'
import { visitorEvent } from './tools/visitors.ts'

/**
 * CPU of an event on its way out: map, pack, the connector's own requests, its reading of the vendor's answers, judging. The
 * answers are those of the vendor's fake to the very same requests, kept beforehand as text; they are parsed anew each time.
 */
const BATCH = 150
const REPEATS = 30
const NOW = Date.now()

type Recorded = { status: number; headers: { readonly [name: string]: string }; text: string }
type Subject = {
  connector: AnyConnector
  settings: object
  events: readonly Event[]
  baseUrl: string | undefined
  answers: readonly Recorded[]
}

/** One batch: everything between the buffer's events and their outcomes, but tables and network. */
async function once(
  { connector, settings, events, baseUrl }: Omit<Subject, 'answers'>,
  send: Carrier['send'],
): Promise<number> {
  const parcels = events.flatMap(event => {
    const mapped = connector.map(event, settings)
    return 'skip' in mapped ? [] : parcelsOf(event.id, mapped)
  })
  const carrier: Carrier = {
    now: () => NOW,
    send,
    renew: async () => false,
    judged: async () => {},
    used: async () => {},
    left: async () => {},
    baseUrl: () => baseUrl,
    closed: () => false,
    broken(error) {
      throw error
    },
  }
  let taken = 0
  for (const step of [...new Set(parcels.map(({ draft }) => draft.step))].sort((a, b) => a - b)) {
    const ready = parcels.filter(({ draft }) => draft.step === step)
    for (const load of pack(ready, limitsOf(connector.calls, settings)))
      await deliver(connector, settings, load, carrier, async told => {
        for (const { verdict, code } of told)
          if (verdict === 'delivered' || verdict === 'pending') taken++
          else throw new Error(`${connector.name}: ${verdict} ${code}`)
      })
  }
  if (taken !== parcels.length) throw new Error(`${connector.name} took ${taken} of ${parcels.length}`)
  return parcels.length
}

async function subjectOf(connector: AnyConnector): Promise<{ subject: Subject; records: number }> {
  const { default: simulator }: { default: Simulator<object> } = await import(
    `../connectors/${connector.name}/simulator.ts`
  )
  const { settings } = simulator
  let vendorNow = NOW
  const vendor: Vendor = simulator.vendor({ now: () => vendorNow, random: () => 0.5 })
  const secrets = simulator.credentials(settings)
  const token = await login({ connector, settings, secrets, vendor, events: [], now: NOW })
  const auth = connector.auth(settings)
  const events: Event[] = []
  for (let n = 0; events.length < BATCH; n++) {
    const event = visitorEvent(n * 7, NOW) // a person each: what one vendor call may not hold together is another bench
    if (!('skip' in connector.map(event, settings))) events.push(event)
    if (n > 100 * BATCH) throw new Error(`${connector.name} wants none of the traffic`)
  }
  const answers: Recorded[] = []
  const records = await once(
    { connector, settings, events, baseUrl: token?.baseUrl },
    async (_, request: HttpRequest) => {
      const signed = auth.kind === 'static' ? auth.sign(request, secrets) : auth.sign(request, token!)
      vendorNow += 50 // within the vendor's rate
      const ended = endOf(await vendor.handle(signed))
      if (!ended.answered) throw new Error(`${connector.name}: ${ended.code}`)
      answers.push({ ...ended, text: JSON.stringify(ended.body) })
      return ended
    },
  )
  return { subject: { connector, settings, events, baseUrl: token?.baseUrl, answers }, records }
}

const cpu = (subject: Subject): Promise<number> =>
  cpuPer(REPEATS, () => {
    let asked = 0
    return once(subject, async (): Promise<Ended> => {
      const { status, headers, text } = subject.answers[asked++]!
      return { answered: true, status, headers, body: JSON.parse(text) }
    })
  }).then(micros => micros / BATCH)

const subjects = await Promise.all(Object.values(connectors).map(subjectOf))
const packages = walkerPackages()
let sent = 0
const elb = packages && (await startWalker(packages, () => void sent++))
const events = Array.from({ length: BATCH * REPEATS }, (_, n) => ({
  name: 'product view',
  data: visitorEvent(n * 7, NOW),
}))
const walkerCpu = async () => {
  const before = sent
  const figure = await cpuPer(events.length, i => elb!(events[i]!))
  if (sent === before) throw new Error('walkerOS delivered nothing')
  return figure
}
const candidates: Candidate[] = [
  ...subjects.map(({ subject }) => ({ name: subject.connector.name, measure: () => cpu(subject) })),
  ...(elb ? [{ name: 'walkerOS 4.2.1, API destination, event by event', measure: walkerCpu }] : []),
]
const figures = await compare(candidates, 9)
const about = new Map(
  subjects.map(({ subject, records }) => [
    subject.connector.name,
    [(records / BATCH).toFixed(2), subject.answers.length],
  ]),
)
report('deliver', {
  title: `deliver: CPU of an event on its way out, ${BATCH} events a batch`,
  columns: ['connector', 'µs an event, median of 9', 'least', 'most', 'records an event', 'requests a batch'],
  rows: [...figures].map(([name, { median, least, most }]) => [
    name,
    median,
    least,
    most,
    ...(about.get(name) ?? ['1', events.length / REPEATS]),
  ]),
  notes: [
    'mapping, packing, JSON of the requests, parsing and judging of the answers',
    'number to reach: at most 20 µs',
  ],
})

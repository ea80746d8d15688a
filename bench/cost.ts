import { createHash } from 'node:crypto'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import { rdstation } from '../connectors/rdstation/index.ts'
import rdstationSimulator from '../connectors/rdstation/simulator.ts'
import { responsys } from '../connectors/responsys/index.ts'
import responsysSimulator from '../connectors/responsys/simulator.ts'
import type { AnyConnector } from '../core/connector.ts'
import { tenantKey } from '../core/keys.ts'
import type { Simulator } from '../core/simulator.ts'
import { rowItem } from '../core/tenant.ts'
import { createReceive } from '../functions/receive.ts'
import type { World } from '../functions/world.ts'
import { type Dynamo, startDynamo } from '../test/tools/dynamo.ts'
import { SECRET, SITE, TAG } from '../test/tools/receiving.ts'
import { createRig, type Hook, type Rig, START } from '../test/tools/rig.ts'
import { PRICES, type Prices } from './tools/prices.ts'
import { report, round } from './tools/report.ts'
import { functionUrlEvent } from './tools/request.ts'
import { counting, noUnits, type Units } from './tools/units.ts'
import { requestsOf } from './tools/visitors.ts'

/**
 * USD for a million events: what DynamoDB says that the deployed functions consumed in a run, what they logged, what they were asked and
 * answered, and how often they asked the vendor, times the prices. Durations of the functions are the only assumptions.
 */
const EVENTS = 4
const REQUESTS = 300
const ASSUMED = {
  receive: { seconds: 0.012, gb: 1 }, // a read and a write of DynamoDB, one after the other; Pulumi.prod.yaml
  process: { secondsACall: 0.3, secondsARun: 1, gb: 1 }, // Pulumi.prod.yaml; its own work is 37 µs of CPU an event (backlog.ts)
  wake: { seconds: 0.02, gb: 0.25 },
  /** Of a browser's request and of the answer, beside the bodies. */
  headerBytes: 800,
} as const

type Measured = {
  requests: number
  events: number
  bodyBytes: number
  answerBytes: number
  envelopeBytes: number
  /** Of `receive`: reads that all destinations share, and writes of this one. */
  accepted: Units
  acceptedLogBytes: number
  delivered: Units
  deliveredLogBytes: number
  calls: number
  runs: number
}

type Subject = {
  connector: AnyConnector
  // biome-ignore lint/suspicious/noExplicitAny: any connector's simulator
  simulator: Simulator<any>
  onUnknown?: 'resend' | 'hold'
  urgent?: readonly string[]
  /** What every event is; a shop's mixture without it. */
  name?: string
}

async function rigFor({ connector, simulator, onUnknown, urgent = [] }: Subject, dynamo: Dynamo): Promise<Rig> {
  const destination = { wants: connector.wants(simulator.settings), urgent, shards: 4, ...(onUnknown && { onUnknown }) }
  const tenant = { origins: [SITE] }
  return createRig({ connector, simulator, destination, tenant, timeoutMs: 60_000 }, dynamo)
}

/** The ingestion function over the rig's tables, each call of DynamoDB through `hook`. */
function receiveOver(rig: Rig, connector: string, hook: Hook, write: (line: string) => void) {
  const { client } = rig.database
  const dynamo = {
    send: (command: { input: object; constructor: { name: string } }) =>
      hook({ kind: 'dynamo', name: command.constructor.name, input: command.input }, input =>
        client.send(new (command.constructor as new (input: object) => never)(input ?? command.input)),
      ),
  } as unknown as World['dynamo']
  return createReceive(
    {
      env: {
        ...rig.world.env,
        LOG_LEVEL: 'info',
        BUFFER_TABLES: JSON.stringify({ [connector]: rig.tables.buffer }),
        ORIGIN_SECRET_HASHES: createHash('sha256').update(SECRET).digest('hex'),
      },
      now: rig.now,
      uuid: () => crypto.randomUUID(),
      write,
      dynamo,
    },
    TAG,
  )
}

async function measure(subject: Subject, dynamo: Dynamo): Promise<Measured> {
  const rig = await rigFor(subject, dynamo)
  const { connector } = subject
  const known = { ...rig.tenant, destinations: { [connector.name]: rig.destination } }
  await dynamo.client.send(
    new PutItemCommand({ TableName: rig.tables.tenants, Item: rowItem(tenantKey(rig.tenant.id), known) }),
  )
  const measured: Measured = {
    requests: REQUESTS,
    events: 0,
    bodyBytes: 0,
    answerBytes: 0,
    envelopeBytes: 0,
    accepted: noUnits(),
    acceptedLogBytes: 0,
    delivered: noUnits(),
    deliveredLogBytes: 0,
    calls: 0,
    runs: 0,
  }
  const receive = receiveOver(rig, connector.name, counting(measured.accepted), line => {
    measured.acceptedLogBytes += line.length
  })
  for (const events of requestsOf(REQUESTS, EVENTS, START - 1000, subject.name)) {
    const body = JSON.stringify({ batch: events[0]?.id, events })
    const answer = await receive(functionUrlEvent(body, `/v1/events/${rig.tenant.id}`))
    if (answer.statusCode !== 200) throw new Error(answer.body)
    measured.bodyBytes += body.length
    measured.answerBytes += answer.body.length
  }
  const items = await dynamo.items(rig.tables.buffer)
  measured.envelopeBytes =
    items.reduce((sum, item) => sum + (item.events?.B?.length ?? item.events?.S?.length ?? 0), 0) / items.length
  measured.events = (await rig.waiting()).length
  if (measured.events !== REQUESTS * EVENTS)
    throw new Error(`${connector.name} wants ${measured.events} of ${REQUESTS * EVENTS}`)
  const count = counting(measured.delivered)
  rig.setHook((step, perform) => {
    if (step.kind === 'vendor') measured.calls++
    return count(step, perform)
  })
  const logged = rig.lines.length
  for (; (await rig.waiting()).length; measured.runs++) {
    if (measured.runs === 20) throw new Error(`${connector.name} does not drain`)
    await rig.run()
    await rig.runInvoked()
  }
  const lines = rig.lines.slice(logged).filter(({ level }) => level !== 'debug')
  measured.deliveredLogBytes = lines.reduce((sum, line) => sum + JSON.stringify(line).length, 0)
  return measured
}

/** One urgent event after the other, each with a run of its own: what the tables take for that run. */
async function measureUrgent(subject: Subject, dynamo: Dynamo) {
  const rig = await rigFor({ ...subject, urgent: ['generate_lead'] }, dynamo)
  const units = noUnits()
  await rig.accept(requestsOf(1, 1, START, 'generate_lead')[0]!)
  await rig.run() // the first run knows nothing yet of its destination
  rig.setHook(counting(units))
  const times = 20
  const logged = rig.lines.length
  for (const [n, events] of requestsOf(times, 1, START, 'generate_lead').entries()) {
    await rig.accept(events.map(event => ({ ...event, user: { email: `urgent${n}@example.com` } })))
    const shard = Number((await rig.envelopes())[0]!.pk.split('#').at(-1))
    await rig.run({ why: 'wake', lanes: ['urgent'], shards: [shard] })
  }
  if ((await rig.waiting()).length) throw new Error('an urgent event is still waiting')
  const bytes = rig.lines.slice(logged).filter(({ level }) => level !== 'debug')
  return {
    writes: units.writes / times,
    reads: units.reads / times,
    logBytes: bytes.reduce((sum, line) => sum + JSON.stringify(line).length, 0) / times,
  }
}

/** A run that finds nothing, and a tick: what a destination costs while nobody is there. */
async function measureIdle(subject: Subject, dynamo: Dynamo) {
  const rig = await rigFor(subject, dynamo)
  await rig.run()
  await rig.tick()
  const [run, tick] = [noUnits(), noUnits()]
  rig.setHook(counting(run))
  await rig.run()
  rig.setHook(counting(tick))
  await rig.tick()
  return { run, tick }
}

const dynamo = await startDynamo()
const ledgered = { connector: rdstation, simulator: rdstationSimulator, name: 'generate_lead' }
const keyedSubject = { connector: responsys, simulator: responsysSimulator }
const keyed = await measure(keyedSubject, dynamo)
const resent = await measure({ ...ledgered, onUnknown: 'resend' }, dynamo)
const held = await measure({ ...ledgered, onUnknown: 'hold' }, dynamo)
const urgent = await measureUrgent(keyedSubject, dynamo)
const idle = await measureIdle(keyedSubject, dynamo)
await dynamo.stop()

const units = (p: Prices, { writes, reads }: Units) => writes * p.writeUnit + reads * p.readUnit
const compute = (p: Prices, { seconds, gb }: { seconds: number; gb: number }) => p.call + seconds * gb * p.gbSecond
const runOf = ({ calls }: Measured) => ({
  seconds: calls * ASSUMED.process.secondsACall + ASSUMED.process.secondsARun,
  gb: ASSUMED.process.gb,
})

/** USD of the whole run, by what it is for. */
function parts(p: Prices, m: Measured): { [part: string]: number } {
  const { headerBytes } = ASSUMED
  return {
    'edge: requests, bytes, function':
      m.requests * (p.edgeRequest + p.edgeFunction) +
      (m.bodyBytes + m.requests * headerBytes) * p.edgeByteToOrigin +
      (m.answerBytes + m.requests * headerBytes) * p.edgeByteOut,
    firewall: m.requests * p.firewallRequest,
    'receive: calls and time': m.requests * compute(p, ASSUMED.receive),
    'receive: DynamoDB': units(p, m.accepted),
    'receive: log': m.acceptedLogBytes * p.logByte,
    'process: calls and time': compute(p, runOf(m)) * m.runs,
    'process: DynamoDB': units(p, m.delivered),
    'process: log': m.deliveredLogBytes * p.logByte,
  }
}
const million = (usd: number, m: Measured) => (usd / m.events) * 1e6
const sum = (all: readonly number[]) => all.reduce((a, b) => a + b, 0)
const regions = Object.entries(PRICES)
const names = Object.keys(parts(regions[0]![1], keyed))

/** What one more keyed destination adds to an event that is there already. */
const further = (p: Prices) =>
  million(
    sum(names.filter(name => name.startsWith('process')).map(name => parts(p, keyed)[name]!)) +
      keyed.accepted.writes * p.writeUnit,
    keyed,
  )
/** What the ledger of a call that is not repeatable adds to an event. */
const ledger = (p: Prices, m: Measured) =>
  (units(p, m.delivered) / m.events - units(p, keyed.delivered) / keyed.events) * 1e6
/** What an event costs more because it does not wait for others. */
const hurry = (p: Prices) =>
  1e6 *
  (units(p, urgent) +
    p.writeUnit +
    urgent.logBytes * p.logByte +
    compute(p, ASSUMED.wake) +
    compute(p, { seconds: ASSUMED.process.secondsACall + 0.1, gb: ASSUMED.process.gb }) -
    units(p, keyed.delivered) / keyed.events)

const MONTH_MINUTES = 30 * 24 * 60
const perEvent = ({ writes, reads }: Units, { events }: Measured) =>
  `${round(writes / events)} writes, ${round(reads / events)} reads`
report(
  'cost',
  {
    title: `cost: USD for a million events, ${EVENTS} a request, one keyed destination`,
    columns: ['', ...regions.map(([region]) => region)],
    rows: [
      ...names.map(name => [name, ...regions.map(([, p]) => million(parts(p, keyed)[name]!, keyed))]),
      ['together', ...regions.map(([, p]) => million(sum(Object.values(parts(p, keyed))), keyed))],
      ['each further keyed destination', ...regions.map(([, p]) => further(p))],
      ['ledger, onUnknown: resend (a million ledgered events more)', ...regions.map(([, p]) => ledger(p, resent))],
      ['ledger, onUnknown: hold', ...regions.map(([, p]) => ledger(p, held))],
      ['urgent, alone in its run (a million urgent events more)', ...regions.map(([, p]) => hurry(p))],
      [
        'a destination for a month, nobody there: a run each 15 minutes, a tick each minute',
        ...regions.map(
          ([, p]) =>
            (MONTH_MINUTES / 15) * (units(p, idle.run) + compute(p, { seconds: 0.2, gb: ASSUMED.process.gb })) +
            MONTH_MINUTES * (units(p, idle.tick) + compute(p, { seconds: 0.05, gb: ASSUMED.process.gb })),
        ),
      ],
    ],
    notes: [
      'number to reach: at most 1.00 in us-east-1',
      'no free tiers, no discounts; fixed costs of web ACL, secrets and alarms are beside it',
    ],
  },
  {
    title: 'cost: what was counted',
    columns: ['', 'an event'],
    rows: [
      ['receive, DynamoDB', perEvent(keyed.accepted, keyed)],
      ['process, DynamoDB', perEvent(keyed.delivered, keyed)],
      ['process with a ledger, resend', perEvent(resent.delivered, resent)],
      ['process with a ledger, hold', perEvent(held.delivered, held)],
      ['process, an urgent event alone', `${round(urgent.writes)} writes, ${round(urgent.reads)} reads`],
      ['a run that finds nothing', `${idle.run.writes} writes, ${idle.run.reads} reads (a run)`],
      ['a tick', `${idle.tick.writes} writes, ${idle.tick.reads} reads (a tick)`],
      ['events in an envelope, bytes', keyed.envelopeBytes],
      ['bytes of a request’s body', keyed.bodyBytes / keyed.requests],
      ['log of receive, bytes', keyed.acceptedLogBytes / keyed.events],
      ['log of process, bytes', keyed.deliveredLogBytes / keyed.events],
      ['requests to the vendor', keyed.calls / keyed.events],
    ],
    notes: [
      `${REQUESTS} requests, ${keyed.events} events in one run; assumed: receive ${ASSUMED.receive.seconds * 1000} ms at ${ASSUMED.receive.gb} GB, process ${ASSUMED.process.secondsACall} s a vendor's call and ${ASSUMED.process.secondsARun} s a run at ${ASSUMED.process.gb} GB, headers ${ASSUMED.headerBytes} bytes each way`,
    ],
  },
)

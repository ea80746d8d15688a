import type { AnyConnector, Event, Verdict } from '../../core/connector.ts'
import type { Simulator } from '../../core/simulator.ts'
import { openHttp } from '../../functions/aws/http.ts'
import type { Http } from '../../functions/world.ts'
import { endOf } from '../../local/rehearse.ts'
import { type Fault, openLine } from './faulty-server.ts'
import { memoryDynamo } from './memory-dynamo.ts'
import { createRig } from './rig.ts'

/** One kind of request of a connector, and an event that leads to it. */
export type Target = {
  connector: AnyConnector
  simulator: Simulator<object>
  call: string
  settings?: object
  event: Event
  /** Which requests meet the fault, where others must go before; all if absent. */
  path?: RegExp
}

/** What a fault has come to. */
export type Seen = {
  /** The last that the connector said of the record. */
  verdict: Verdict | undefined
  /** Requests that were made of the faulty way. */
  requests: number
  record: 'gone' | 'waits' | 'waits, a try counted' | `dead: ${string}`
  destination: 'open' | 'a failure counted' | 'stopped' | `throttled ${number} s`
  /** Paths that arrived at the faulty server. */
  arrived: readonly string[]
}

/** Stands for the five seconds that a connection has in a real run. */
const CONNECT_MS = 60
/** Stand for the seconds that an answer has; the longer ones only on a machine too busy to take a request in the shortest. */
const PATIENCE_MS = [150, 1_500, 15_000]

/** A fault after which nothing ever comes: were the time over before the request has arrived, it would be another fault. */
export async function runEndless(fault: Fault, target: Target): Promise<Seen> {
  for (const patience of PATIENCE_MS) {
    const seen = await runThrough(fault, target, patience)
    if (seen.arrived.length === seen.requests) return seen
  }
  throw new Error('No request arrived in time')
}

/** One run of the deployed `process` whose requests go over the real HTTP client to a server with this fault. */
export async function runThrough(fault: Fault, target: Target, patienceMs?: number): Promise<Seen> {
  const { simulator, call, settings = {}, event, path } = target
  const verdicts: Verdict[] = []
  const connector = overheard(target.connector, (at, verdict) => at === call && verdicts.push(verdict))
  const destination = { settings: { ...simulator.settings, ...settings } }
  const rig = await createRig({ connector, simulator, destination }, memoryDynamo())
  const line = await openLine(fault, rig.vendor, rig.now)
  let requests = 0
  rig.world.openHttp = (): Http => {
    const http = fault.place === 'silent' ? openHttp({ connectMs: CONNECT_MS }) : openHttp()
    return {
      async send(request, { timeoutMs, signal }) {
        if (path && !path.test(request.url)) return endOf(await rig.vendor.handle(request))
        requests++
        return http.send({ ...request, url: line.url(request.url) }, { timeoutMs: patienceMs ?? timeoutMs, signal })
      },
      close: http.close,
    }
  }
  try {
    await rig.accept([event])
    await rig.run()
    return { verdict: verdicts.at(-1), requests, ...(await standing(rig)), arrived: line.arrived }
  } finally {
    await line.close()
    await rig.stop()
  }
}

function overheard(connector: AnyConnector, hear: (call: string, verdict: Verdict) => void): AnyConnector {
  return {
    ...connector,
    async *deliver(batch, call) {
      for await (const outcome of connector.deliver(batch, call)) {
        hear(batch.call, outcome.verdict)
        yield outcome
      }
    },
  }
}

async function standing(rig: Awaited<ReturnType<typeof createRig>>): Promise<Pick<Seen, 'record' | 'destination'>> {
  const [waiting] = await rig.waiting()
  const [letter] = await rig.letters()
  const { stopped, throttled, breaker } = await rig.state()
  const alive = waiting && (waiting.attempts ? 'waits, a try counted' : 'waits')
  const closed = stopped ? 'stopped' : throttled && (`throttled ${seconds(throttled)} s` as const)
  return {
    record: alive ?? (letter ? `dead: ${letter.death.reason}` : 'gone'),
    destination: closed ?? (breaker.failures ? 'a failure counted' : 'open'),
  }
}
const seconds = ({ since, until }: { since: number; until: number }) => Math.round((until - since) / 1000)

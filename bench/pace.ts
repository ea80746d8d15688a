import { dynamics } from '../connectors/dynamics/index.ts'
import dynamicsSimulator from '../connectors/dynamics/simulator.ts'
import { rdstation } from '../connectors/rdstation/index.ts'
import rdstationSimulator from '../connectors/rdstation/simulator.ts'
import { responsys } from '../connectors/responsys/index.ts'
import responsysSimulator from '../connectors/responsys/simulator.ts'
import { whatsapp } from '../connectors/whatsapp/index.ts'
import whatsappSimulator from '../connectors/whatsapp/simulator.ts'
import type { AnyConnector } from '../core/connector.ts'
import type { Simulator } from '../core/simulator.ts'
import { memoryDynamo } from '../test/tools/memory-dynamo.ts'
import { createRig, type Hook, START } from '../test/tools/rig.ts'
import { report } from './tools/report.ts'
import { virtualTime } from './tools/virtual-time.ts'
import { requestsOf } from './tools/visitors.ts'

/**
 * How much of a vendor's documented rate a full backlog uses, and how often the vendor says that it was too much. The functions
 * are the deployed ones on a fake clock; the limits are enforced by the vendor's fake.
 */
type Subject = {
  connector: AnyConnector
  // biome-ignore lint/suspicious/noExplicitAny: any connector's simulator
  simulator: Simulator<any>
  settings: object
  /** The call whose rate binds. */
  call: string
  /** Of the one kind that this call takes. */
  event: string
  requests: number
  path: RegExp
}
const LATENCIES = { vendor: 200, dynamo: 4 }

const subjects: Subject[] = [
  {
    connector: rdstation,
    simulator: rdstationSimulator,
    settings: { ...rdstationSimulator.settings, recordsPerRequest: 5 },
    call: 'events',
    event: 'generate_lead',
    requests: 600,
    path: /events\/batch/,
  },
  {
    connector: responsys,
    simulator: responsysSimulator,
    settings: { ...responsysSimulator.settings, recordsPerRequest: 5 },
    call: 'table',
    event: 'view_item',
    requests: 1_000,
    path: /suppData/,
  },
  {
    connector: dynamics,
    simulator: dynamicsSimulator,
    settings: { ...dynamicsSimulator.settings, recordsPerRequest: 1 },
    call: 'batch',
    event: 'generate_lead',
    requests: 9_000,
    path: /\$batch/,
  },
  {
    connector: whatsapp,
    simulator: whatsappSimulator,
    settings: whatsappSimulator.settings,
    call: 'message',
    event: 'purchase',
    requests: 4_000,
    path: /messages/,
  },
]

async function paceOf({ connector, simulator, settings, call, event, requests, path }: Subject) {
  const records = connector.calls[call]!.records(settings)
  const rig = await createRig(
    {
      connector,
      simulator,
      timeoutMs: 60_000, // as components/pipeline.ts declares it
      destination: { settings, shards: 4 },
    },
    memoryDynamo(),
  )
  const perEnvelope = 10
  await rig.acceptAll(
    requestsOf(Math.ceil((requests * records) / perEnvelope), perEnvelope, START - 60_000, event).map((events, r) =>
      // As many people as events, so that no limit per person is met and nobody has to wait for somebody.
      events.map((one, i) => ({
        ...one,
        user: { ...one.user, email: `p${r}.${i}@example.com`, phone: phone(r * perEnvelope + i) },
      })),
    ),
  )
  const sent: number[] = []
  let refused = 0
  const watch: Hook = async (step, perform) => {
    const at = rig.now()
    const ended = (await perform()) as { answered: boolean; status?: number }
    if (step.kind === 'vendor' && path.test(step.name)) {
      sent.push(at)
      if (!ended.answered || ended.status !== 200) refused++
    }
    return ended
  }
  const time = virtualTime(rig, LATENCIES, watch)
  for (let run = 0; run < 50 && (await rig.waiting()).length; run++) {
    await time.run(rig.run())
    await time.run(rig.runInvoked())
  }
  const left = (await rig.waiting()).length
  const [rate] = connector.calls[call]!.rates(settings)
  sent.sort((a, b) => a - b)
  // From the first request to the last one: what the backlog took, every pause between two runs included.
  const elapsed = sent.at(-1)! - sent[0]!
  const share = (sent.length - 1) / elapsed / (rate!.requests / rate!.perMs)
  return { rate: rate!, sent: sent.length, minutes: elapsed / 60_000, share, refused, left }
}
const phone = (n: number) => `+55489${String(90_000_000 + n)}`

const rows = []
for (const subject of subjects) {
  const { rate, sent, minutes, share, refused, left } = await paceOf(subject)
  rows.push([
    subject.connector.name,
    `${rate.requests} in ${rate.perMs / 1000} s`,
    sent,
    minutes,
    `${(share * 100).toFixed(1)} %`,
    refused,
    left,
  ])
}
report('pace', {
  title: 'pace: use of the documented rate on a full backlog',
  columns: ['connector', 'documented requests', 'sent', 'minutes (of the fake clock)', 'share used', 'refused', 'left'],
  rows,
  notes: [
    `the vendor's fake enforces its limits on sliding windows and takes ${LATENCIES.vendor} ms for an answer, DynamoDB ${LATENCIES.dynamo} ms; 4 shards`,
    'Salesforce and SendGrid document no rate of requests that a backlog could fill: they are paced by a setting of ours',
    'number to reach: at least 95 %, and no refusal of our making',
  ],
})

import { halve, type Load, type Parcel } from './batch.ts'
import type { Answer, AnyConnector, Call, HttpRequest, Judgement, Outcome, Refusal } from './connector.ts'
import { type Ended, judge } from './judge.ts'

/** What the engine needs of the world to deliver: all of it handed in, so that a test can play it. */
export type Carrier = {
  now(): number
  /** Signs, paces and sends; tries again inside the run what may be tried again. */
  send(call: string, request: HttpRequest): Promise<Ended>
  /** The credential of the last request was refused: true once a fresh one is at hand. */
  renew(): Promise<boolean>
  /** What a whole request came to, before its records are told: the breaker counts these. */
  judged(judgement: Judgement): Promise<void>
  /** The vendor said which share of the account's allowance is used up. */
  used(share: number): Promise<void>
  /** The base URL that came with the token. */
  baseUrl(): string | undefined
  /** No further request may leave: the run is out of time, or the destination has closed. */
  closed(): boolean
  /** A connector threw, which is a bug of ours: told once, the records wait. */
  broken(error: unknown): void
}

export type Told = Judgement & { id: string }

/**
 * Sends one load and yields the outcomes of each request as one array, as soon as the vendor has told them. Each parcel
 * is told at most once; one never told is to be retried as if nothing had happened. A request refused as a whole is no
 * verdict on its records: culprits go, or the load is halved, until one record is left.
 */
export async function* deliver(
  connector: AnyConnector,
  settings: object,
  load: Load,
  carrier: Carrier,
): AsyncGenerator<readonly Told[]> {
  const queue: (readonly Parcel[])[] = [load.parcels]
  for (let parcels = queue.shift(); parcels; parcels = queue.shift()) {
    if (carrier.closed()) return
    const waiting = new Map(parcels.map(parcel => [parcel.id, parcel]))
    for await (const outcome of attempt(connector, settings, load, parcels, carrier)) {
      const { told, again } = read(outcome, waiting, load.job)
      for (const { id } of told) waiting.delete(id)
      for (const parcel of again.flat()) waiting.delete(parcel.id)
      queue.unshift(...again)
      if (told.length) yield told
    }
  }
}

async function* attempt(
  connector: AnyConnector,
  settings: object,
  { call: callName, job }: Load,
  parcels: readonly Parcel[],
  carrier: Carrier,
): AsyncGenerator<Outcome> {
  const kind = connector.calls[callName]!
  const records = parcels.map(({ id, draft }) => ({ id, data: draft.data }))
  const batch = { call: callName, settings, records, ...(job !== undefined && { job }) }
  const baseUrl = carrier.baseUrl()
  const once = async (request: HttpRequest): Promise<Answer> => {
    const ended = await carrier.send(callName, request)
    if (!ended.answered)
      return { status: 0, headers: {}, body: undefined, ...judge(connector, kind, ended, {}, carrier.now()) }
    const explanation = connector.explain(ended, batch)
    const judgement = judge(connector, kind, ended, explanation, carrier.now())
    if (explanation.used !== undefined) await carrier.used(explanation.used)
    const { answered: _, ...answer } = ended
    return { ...answer, ...judgement, ...(explanation.culprits && { culprits: explanation.culprits }) }
  }
  const call: Call = {
    ...(baseUrl !== undefined && { baseUrl }),
    async send(request): Promise<Answer> {
      let answer = await once(request)
      if (answer.verdict === 'unauthorized' && (await carrier.renew())) {
        answer = await once(request)
        // A fresh token refused as well: not the token's age but the account or its rights.
        if (answer.verdict === 'unauthorized') answer = { ...answer, verdict: 'misconfigured' }
      }
      await carrier.judged(answer)
      return answer
    },
    judge: (status, code, words) =>
      judge(
        connector,
        kind,
        { answered: true, status, headers: {}, body: undefined },
        { ...(code !== undefined && { code }), ...(words !== undefined && { words }) },
        carrier.now(),
      ),
  }
  try {
    yield* connector.deliver(batch, call)
  } catch (error) {
    carrier.broken(error)
  }
}

/** What one outcome settles, and what has to be sent again in smaller loads. Ids that are not waiting are ignored. */
function read(
  outcome: Outcome,
  waiting: ReadonlyMap<string, Parcel>,
  job: string | undefined,
): { told: Told[]; again: Parcel[][] } {
  if (!('refused' in outcome)) return { told: waiting.has(outcome.id) ? [outcome] : [], again: [] }
  const { refused, culprits = [], ...judgement } = outcome
  const parcels = refused.flatMap(id => waiting.get(id) ?? [])
  // Asking after a job may fail; the job is still there.
  const tell = (some: readonly Parcel[]) =>
    some.map(({ id }) => ({ ...judgement, id, ...(job !== undefined && { job }) }))
  if (job !== undefined || parcels.length <= 1 || !divisible(outcome)) return { told: tell(parcels), again: [] }
  const blamed = parcels.filter(({ id }) => culprits.includes(id))
  if (blamed.length && blamed.length < parcels.length)
    return { told: tell(blamed), again: [parcels.filter(parcel => !blamed.includes(parcel))] }
  return { told: [], again: halve(parcels) }
}

const divisible = ({ verdict, halve: smaller }: Refusal) => verdict === 'rejected' || smaller === true

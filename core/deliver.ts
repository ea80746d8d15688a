import { halve, type Load, type Parcel } from './batch.ts'
import type { Answer, AnyConnector, Call, HttpRequest, Judgement, Outcome, Refusal } from './connector.ts'
import { type Ended, judge } from './judge.ts'
import type { Left } from './pace.ts'

/** What the engine needs of the world to deliver: all of it handed in, so that a test can play it. */
export type Carrier = {
  now(): number
  /**
   * Signs, paces and sends; tries again inside the run what may be tried again, which `meaning` tells: an error of the server
   * may be a refusal, a dead token or a wish to be left alone. Throws only if nothing was sent.
   */
  send(call: string, request: HttpRequest, meaning: Meaning): Promise<Ended>
  /** The credential of the last request was refused: true once a fresh one is at hand. */
  renew(): Promise<boolean>
  /** What a whole request came to, before its records are told: the breaker counts these. */
  judged(judgement: Judgement): Promise<void>
  /** The vendor said which share of the account's allowance is used up. */
  used(share: number): Promise<void>
  /** The vendor said how much is left of the window that it counts requests of this call by. */
  left(call: string, left: Left): Promise<void>
  /** The base URL that came with the token. */
  baseUrl(): string | undefined
  /** No further request may leave: the run is out of time, or the destination has closed. */
  closed(): boolean
  /** A connector threw, which is a bug of ours: told once, the records wait. */
  broken(error: unknown): void
}

/** What the end of a request means by the vendor's own table; undefined where the connector cannot say. */
export type Meaning = (ended: Ended) => Judgement | undefined

export type Told = Judgement & { id: string }
/** Takes the outcomes of one request at once, as soon as the vendor has told them. */
export type Tell = (told: readonly Told[]) => Promise<void>

/**
 * Sends one load. Each parcel is told at most once; one never told was not sent, or was refused without a verdict on it. A
 * request refused as a whole is no verdict on its records: culprits go, or the load is halved, until one record is left.
 */
export async function deliver(
  connector: AnyConnector,
  settings: object,
  load: Load,
  carrier: Carrier,
  tell: Tell,
): Promise<void> {
  const queue: (readonly Parcel[])[] = [load.parcels]
  const course: Course = { connector, settings, load, carrier, tell, renewed: false }
  for (let parcels = queue.shift(); parcels; parcels = queue.shift()) {
    if (carrier.closed()) return
    queue.unshift(...(await attempt(course, parcels)))
  }
}

type Course = {
  connector: AnyConnector
  settings: object
  load: Load
  carrier: Carrier
  tell: Tell
  /** A fresh token was fetched for this load. */
  renewed: boolean
}

/** Lets the connector send these parcels; returns what has to go again in smaller loads. */
async function attempt(course: Course, parcels: readonly Parcel[]): Promise<Parcel[][]> {
  const { connector, settings, load, carrier, tell } = course
  const { call: callName, job } = load
  const waiting = new Map(parcels.map(parcel => [parcel.id, parcel]))
  const smaller: Parcel[][] = []
  const stale: Told[] = []
  let outcomes: Outcome[] = []
  const flush = async () => {
    const told: Told[] = []
    for (const outcome of outcomes.splice(0)) {
      const said = read(course.renewed && isRow(outcome) ? refusedAnew(outcome) : outcome, waiting, job)
      for (const { id } of [...said.told, ...said.again.flat()]) waiting.delete(id)
      for (const one of said.told) (one.verdict === 'unauthorized' && isRow(outcome) ? stale : told).push(one)
      smaller.push(...said.again)
    }
    if (told.length) await tell(told)
  }
  const batch = {
    call: callName,
    settings,
    records: parcels.map(({ id, draft }) => ({ id, data: draft.data })),
    ...(job !== undefined && { job }),
  }
  const line = createLine(course, batch, flush)
  try {
    for await (const outcome of connector.deliver(batch, line.call)) outcomes.push(outcome)
  } catch (error) {
    if (!line.failures.includes(error)) carrier.broken(error)
  }
  await flush()
  // Sent, and the connector says nothing of these: ours to find out, not the vendor's to count twice.
  const verdict = connector.calls[callName]!.repeatable ? 'retry' : 'unknown'
  if (line.sent()) outcomes = [...waiting.keys()].map(id => ({ id, verdict, code: 'no-outcome', ...jobOf(job) }))
  await flush()
  // Rows whose token had died go again like a request would: with a fresh one, and only once.
  if (stale.length && (await line.renew())) smaller.push(parcels.filter(({ id }) => stale.some(one => one.id === id)))
  else if (stale.length) await tell(stale)
  if (line.failures.length) throw line.failures[0]
  return smaller
}

const isRow = (outcome: Outcome): outcome is Told => !('refused' in outcome)

/** A fresh token refused as well: not the token's age but the account or its rights. */
const refusedAnew = <T extends Judgement>(said: T): T =>
  said.verdict === 'unauthorized' ? { ...said, verdict: 'misconfigured' } : said

type Sent = Parameters<AnyConnector['deliver']>[0]

/**
 * What a connector sends by. Outcomes so far are settled before the next request leaves. `failures` are of our own world: one
 * that comes after an answer is thrown only when the answer's outcomes have been told.
 */
function createLine(course: Course, batch: Sent, flush: () => Promise<void>) {
  const { connector, load, carrier } = course
  const kind = connector.calls[load.call]!
  const baseUrl = carrier.baseUrl()
  const failures: unknown[] = []
  let sent = false
  const kept = <T>(work: Promise<T>) =>
    work.catch(error => {
      failures.push(error)
      return undefined
    })
  const needed = <T>(work: Promise<T>) =>
    work.catch(error => {
      failures.push(error)
      throw error
    })
  const understand = (ended: Ended) => {
    const explanation = ended.answered ? connector.explain(ended, batch) : {}
    return { explanation, judgement: judge(connector, kind, ended, explanation, carrier.now()) }
  }
  const meaning: Meaning = ended => {
    try {
      return understand(ended).judgement
    } catch {
      return undefined // it throws once more below, where that is told
    }
  }
  const renew = async () => {
    const fresh = (await kept(carrier.renew())) === true
    course.renewed ||= fresh
    return fresh
  }
  const once = async (request: HttpRequest): Promise<Answer> => {
    const ended = await needed(carrier.send(load.call, request, meaning))
    sent ||= ended.answered || ended.sent === 'maybe'
    const { explanation, judgement } = understand(ended)
    if (!ended.answered) return { status: 0, headers: {}, body: undefined, ...judgement }
    if (explanation.used !== undefined) await kept(carrier.used(explanation.used))
    if (explanation.left) await kept(carrier.left(load.call, explanation.left))
    const { answered: _, ...answer } = ended
    return { ...answer, ...judgement, ...(explanation.culprits && { culprits: explanation.culprits }) }
  }
  const call: Call = {
    ...(baseUrl !== undefined && { baseUrl }),
    async send(request): Promise<Answer> {
      await needed(flush())
      let answer = await once(request)
      if (answer.verdict === 'unauthorized' && (await renew())) answer = refusedAnew(await once(request))
      await kept(carrier.judged(answer))
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
  return { call, failures, renew, sent: () => sent }
}

const jobOf = (job: string | undefined) => (job === undefined ? {} : { job })

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
  const tell = (some: readonly Parcel[]) => some.map(({ id }) => ({ ...judgement, id, ...jobOf(job) }))
  if (job !== undefined || parcels.length <= 1 || !divisible(outcome)) return { told: tell(parcels), again: [] }
  const blamed = parcels.filter(({ id }) => culprits.includes(id))
  if (blamed.length && blamed.length < parcels.length)
    return { told: tell(blamed), again: [parcels.filter(parcel => !blamed.includes(parcel))] }
  return { told: [], again: halve(parcels) }
}

const divisible = ({ verdict, halve: smaller }: Refusal) => verdict === 'rejected' || smaller === true

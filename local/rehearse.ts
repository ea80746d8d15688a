import { limitsOf, pack, parcelsOf } from '../core/batch.ts'
import type { AnyConnector, Event, HttpRequest, Judgement, Secrets, Token, Verdict } from '../core/connector.ts'
import { deliver } from '../core/deliver.ts'
import { worse } from '../core/fate.ts'
import type { Ended } from '../core/judge.ts'
import type { Case, Simulator, Vendor, VendorAnswer } from '../core/simulator.ts'

/** A request as it left, and how it ended. */
export type Exchange = { request: HttpRequest; ended: Ended }
export type Sent = Exchange & { call: string }
export type Run = {
  /** The worst that each event met; events that were skipped are `skipped`. */
  outcomes: { [eventId: string]: Verdict | 'skipped' }
  /** The same, with all that was said. */
  judgements: ReadonlyMap<string, Judgement>
  sent: readonly Sent[]
  token: Token | undefined
  /** How the token was got; undefined for static keys. */
  login: Exchange | undefined
}

/** The hour at which every worked case happens, and the clock that its fake goes by. */
export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const clock = { now: () => NOW, random: () => 0.5 }

/** One worked case, played by a connector against a fresh fake; `closeAfter` so many deliveries the run is closed. */
export async function rehearse(
  connector: AnyConnector,
  simulator: Simulator<object>,
  example: Case<object>,
  closeAfter?: number,
): Promise<{ done: Run; received: readonly unknown[] }> {
  const settings = { ...simulator.settings, ...example.settings }
  const vendor = simulator.vendor(clock)
  const done = await run({
    connector,
    settings,
    vendor,
    secrets: simulator.credentials(settings),
    events: example.events,
    now: NOW,
    ...(example.known && { known: example.known }),
    ...(example.answers && { answers: example.answers }),
    ...(closeAfter !== undefined && { closeAfter }),
  })
  return { done, received: vendor.received.map(({ data }) => data) }
}

type Options = {
  connector: AnyConnector
  settings: object
  secrets: Secrets
  vendor: Vendor
  events: readonly Event[]
  now: number
  known?: NonNullable<Case<object>['known']>
  /** In place of the vendor's own answers to deliveries, in request order. */
  answers?: readonly (VendorAnswer | undefined)[]
  /** The run is closed after so many deliveries. */
  closeAfter?: number
}

/** Drives one connector against its fake: step by step, one load at a time, nothing tried again. */
export async function run(options: Options): Promise<Run> {
  const { connector, settings } = options
  const outcomes: Run['outcomes'] = {}
  const sent: Sent[] = []
  const { token, exchange } = await logIn(options)
  const carrier = carrierOf(options, token, sent)
  const known = (event: Event) =>
    connector.repliesTo?.(event, settings) ? (options.known?.[event.id] ?? {}) : undefined
  const drafts = options.events.map(event => ({ event, mapped: connector.map(event, settings, known(event)) }))
  for (const { event, mapped } of drafts) if ('skip' in mapped) outcomes[event.id] = 'skipped'
  const parcels = drafts.flatMap(({ event, mapped }) => ('skip' in mapped ? [] : parcelsOf(event.id, mapped)))
  const steps = [...new Set(parcels.map(({ draft }) => draft.step))].sort((a, b) => a - b)
  const fates = new Map<string, Judgement>()
  for (const step of steps) {
    const ready = parcels.filter(
      ({ eventId, draft }) => draft.step === step && (fates.get(eventId)?.verdict ?? 'delivered') === 'delivered',
    )
    const told = new Set<string>()
    for (const load of pack(ready, limitsOf(connector.calls, settings)))
      await deliver(connector, settings, load, carrier, async outcomes => {
        for (const { id, ...judgement } of outcomes) {
          if (told.has(id)) throw new Error(`${id} was told twice`)
          told.add(id)
          const { eventId } = ready.find(parcel => parcel.id === id)!
          fates.set(eventId, worse(fates.get(eventId), judgement))
        }
      })
    for (const { id, eventId } of ready) // what was never told is retried
      if (!told.has(id)) fates.set(eventId, worse(fates.get(eventId), { verdict: 'retry' }))
  }
  for (const [id, { verdict }] of fates) outcomes[id] = verdict
  return { outcomes, judgements: fates, sent, token, login: exchange }
}

/** The token that the fake gives for these credentials; undefined for static keys. */
export const login = async (options: Options): Promise<Token | undefined> => (await logIn(options)).token

async function logIn({ connector, settings, secrets, vendor, now }: Options) {
  const auth = connector.auth(settings)
  if (auth.kind === 'static') return { token: undefined, exchange: undefined }
  const request = auth.exchange(settings, secrets, undefined, now)
  const ended = endOf(await vendor.handle(request))
  if (!ended.answered) throw new Error(`no token: ${ended.code}`)
  const token = auth.read(ended, now, undefined)
  if ('verdict' in token) throw new Error(`no token: ${token.code} ${token.words}`)
  return { token, exchange: { request, ended } }
}

const ON_ITS_WAY: Ended = { answered: false, sent: 'maybe', code: 'on-its-way', words: 'not answered yet' }

function carrierOf(options: Options, token: Token | undefined, sent: Sent[]) {
  const { connector, settings, secrets, vendor, now, answers = [], closeAfter = Number.POSITIVE_INFINITY } = options
  const auth = connector.auth(settings)
  return {
    now: () => now,
    renew: async () => false,
    judged: async () => {},
    used: async () => {},
    left: async () => {},
    baseUrl: () => token?.baseUrl,
    closed: () => sent.length >= closeAfter,
    broken: (error: unknown) => {
      throw error
    },
    async send(call: string, request: HttpRequest): Promise<Ended> {
      if (sent.length >= closeAfter) return { answered: false, sent: 'no', code: 'closed', words: 'the run is closed' }
      const signed = auth.kind === 'static' ? auth.sign(request, secrets) : auth.sign(request, token!)
      const scripted = answers[sent.length]
      const exchange: Sent = { call, request: signed, ended: ON_ITS_WAY }
      sent.push(exchange)
      exchange.ended = endOf(scripted ?? (await vendor.handle(signed)))
      return exchange.ended
    },
  }
}

/** What the network would have made of the fake's answer: JSON parsed where it is JSON, header names in lower case. */
export function endOf(answer: VendorAnswer): Ended {
  if (answer === 'refused') return { answered: false, sent: 'no', code: 'connection-refused', words: 'refused' }
  if (answer === 'reset') return { answered: false, sent: 'maybe', code: 'connection-reset', words: 'reset' }
  if (answer === 'hang') return { answered: false, sent: 'maybe', code: 'timeout', words: 'no answer in time' }
  const headers = Object.fromEntries(Object.entries(answer.headers ?? {}).map(([name, v]) => [name.toLowerCase(), v]))
  const body = answer.body === undefined ? '' : JSON.parse(JSON.stringify(answer.body))
  return { answered: true, status: answer.status, headers, body }
}

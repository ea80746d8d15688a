import assert from 'node:assert/strict'
import { type Settings, salesforce } from '../../connectors/salesforce/index.ts'
import simulator from '../../connectors/salesforce/simulator.ts'
import { type Parcel, parcelsOf } from '../../core/batch.ts'
import type { Event, HttpRequest, Judgement } from '../../core/connector.ts'
import { deliver } from '../../core/deliver.ts'
import type { Vendor, VendorAnswer } from '../../core/simulator.ts'
import { endOf } from '../../local/rehearse.ts'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const base = simulator.settings
export const SECOND = 1_000

export const lead = (id: string, user: Event['user'] = {}): Event => ({
  id,
  name: 'generate_lead',
  at: '2026-11-20T12:00:00.000Z',
  user: { email: `${id}@example.com`, lastName: 'Silva', company: 'Acme', ...user },
})

export function parcelsFor(events: readonly Event[], settings: Settings = base): Parcel[] {
  return events.flatMap(event => {
    const mapped = salesforce.map(event, settings)
    return 'skip' in mapped ? assert.fail(mapped.skip) : parcelsOf(event.id, mapped)
  })
}

type Sending = { call: 'upsert' | 'bulk'; job?: string; settings?: Settings }

/** An org with a clock of the test's own that has let us in, and the engine's own way of sending to it. */
export async function open(account?: string) {
  const clock = { at: NOW, now: () => clock.at, random: () => 0.5 }
  const vendor = simulator.vendor(clock)
  const auth = salesforce.auth(base)
  assert.ok(auth.kind === 'token')
  const login = async (of = account) => {
    const ended = endOf(await vendor.handle(auth.exchange(base, simulator.credentials(base, of), undefined, clock.at)))
    assert.ok(ended.answered)
    const token = auth.read(ended, clock.at, undefined)
    return 'value' in token ? token : assert.fail(`${token.verdict} ${token.code}`)
  }
  let token = await login()
  const requests: HttpRequest[] = []
  let played: (request: HttpRequest) => VendorAnswer | undefined = () => undefined
  const used: number[] = []
  let current: ReadonlyMap<string, Judgement> = new Map()

  /** What becomes of each record; each is told once. */
  async function send(parcels: readonly Parcel[], { call, job, settings = base }: Sending) {
    const told = new Map<string, Judgement>()
    current = told
    const load = { call, parcels, ...(job !== undefined && { job }) }
    const carrier = {
      now: clock.now,
      renew: async () => false,
      judged: async () => {},
      used: async (share: number) => void used.push(share),
      left: async () => {},
      baseUrl: () => token.baseUrl,
      closed: () => false,
      broken: (error: unknown) => {
        throw error
      },
      async send(_call: string, request: HttpRequest) {
        requests.push(request)
        return endOf(
          played(request) ?? (await vendor.handle(auth.kind === 'token' ? auth.sign(request, token) : request)),
        )
      },
    }
    await deliver(salesforce, settings, load, carrier, async outcomes => {
      for (const { id, ...judgement } of outcomes) {
        assert.ok(!told.has(id), `${id} was told twice`)
        told.set(id, judgement)
      }
    })
    assert.deepEqual([...told.keys()].sort(), parcels.map(({ id }) => id).sort())
    return told
  }

  return {
    clock,
    vendor,
    requests,
    /** Logs in anew, perhaps as somebody else. */
    async renew(of?: string) {
      token = await login(of)
    },
    used,
    send,
    /** What the last sending has been told so far. */
    told: () => current,
    /** Answers in the org's place where it returns one. */
    play(answer: typeof played) {
      played = answer
    },
    handle: (request: Partial<HttpRequest> & { url: string }) =>
      vendor.handle({
        method: 'GET',
        ...request,
        url: new URL(request.url, token.baseUrl).href,
        headers: { authorization: `Bearer ${token.value}`, ...request.headers },
      }),
  }
}

export const verdicts = (told: ReadonlyMap<string, Judgement>) =>
  Object.fromEntries([...told].map(([id, { verdict }]) => [id, verdict]))
export const keysOf = (received: readonly { key: string }[]) => received.map(({ key }) => key)

/** A hundred events a request. */
export const requestsOf = (events: readonly Event[]) =>
  Array.from({ length: Math.ceil(events.length / 100) }, (_, n) => events.slice(n * 100, n * 100 + 100))

/** What the org is asked, logins apart: objects of the jobs that are opened, states that they are given, and collections. */
export function overhear({ vendor }: { vendor: Vendor }) {
  const heard = { opened: [] as string[], states: [] as string[], collections: 0 }
  const handle = vendor.handle.bind(vendor)
  vendor.handle = async request => {
    const { pathname } = new URL(request.url)
    if (request.method === 'POST' && pathname.endsWith('/jobs/ingest'))
      heard.opened.push(JSON.parse(request.body!).object)
    if (request.method === 'PATCH' && pathname.includes('/jobs/ingest/'))
      heard.states.push(JSON.parse(request.body!).state)
    if (pathname.includes('/composite/')) heard.collections++
    return handle(request)
  }
  return heard
}

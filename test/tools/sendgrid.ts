import assert from 'node:assert/strict'
import { type Settings, sendgrid } from '../../connectors/sendgrid/index.ts'
import simulator from '../../connectors/sendgrid/simulator.ts'
import { type Load, type Parcel, parcelsOf } from '../../core/batch.ts'
import type { Event, HttpRequest, Judgement } from '../../core/connector.ts'
import { deliver } from '../../core/deliver.ts'
import type { VendorAnswer } from '../../core/simulator.ts'
import { endOf } from '../../local/rehearse.ts'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const JOB_MS = 20_000

export function parcelsFor(events: readonly Event[], settings: Settings = simulator.settings): Parcel[] {
  return events.flatMap(event => {
    const mapped = sendgrid.map(event, settings)
    return 'skip' in mapped ? assert.fail(mapped.skip) : parcelsOf(event.id, mapped)
  })
}

/** The fake with a clock of the test's own and an account with its key, and the engine's own way of sending to it. */
export function open(account = 'demo') {
  const clock = { at: NOW, now: () => clock.at, random: () => 0.5 }
  const vendor = simulator.vendor(clock)
  const auth = sendgrid.auth({})
  assert.ok(auth.kind === 'static')
  const sign = (request: HttpRequest) => auth.sign(request, simulator.credentials({}, account))
  const requests: HttpRequest[] = []
  let played: (request: HttpRequest) => VendorAnswer | undefined = () => undefined

  /** What becomes of each record; each is told once. */
  async function send(load: Load, settings: Settings = simulator.settings) {
    const told = new Map<string, Judgement>()
    const carrier = {
      now: clock.now,
      renew: async () => false,
      judged: async () => {},
      used: async () => {},
      left: async () => {},
      baseUrl: () => undefined,
      closed: () => false,
      broken: (error: unknown) => {
        throw error
      },
      async send(_call: string, request: HttpRequest) {
        requests.push(sign(request))
        return endOf(played(request) ?? (await vendor.handle(sign(request))))
      },
    }
    await deliver(sendgrid, settings, load, carrier, async outcomes => {
      for (const { id, ...judgement } of outcomes) {
        assert.ok(!told.has(id), `${id} was told twice`)
        told.set(id, judgement)
      }
    })
    assert.deepEqual([...told.keys()].sort(), load.parcels.map(({ id }) => id).sort())
    return told
  }

  /** Writes contacts and follows their jobs to the end, as run after run does. */
  async function write(parcels: readonly Parcel[], settings: Settings = simulator.settings) {
    const ends = new Map<string, Judgement>()
    let loads: Load[] = [{ call: 'contacts', parcels }]
    for (let round = 0; loads.length; round++) {
      assert.ok(round < 50, 'jobs without end')
      const told = new Map<string, Judgement>()
      for (const load of loads) for (const [id, one] of await send(load, settings)) told.set(id, one)
      const pending = parcels.filter(({ id }) => told.get(id)?.verdict === 'pending')
      for (const [id, one] of told) if (one.verdict !== 'pending') ends.set(id, one)
      const byJob = Map.groupBy(pending, ({ id }) => told.get(id)!.job!)
      loads = [...byJob].map(([job, some]) => ({ call: 'contacts', job, parcels: some }))
      clock.at += JOB_MS
    }
    return ends
  }

  return {
    clock,
    vendor,
    requests,
    send,
    write,
    /** Answers in SendGrid's place where it returns something. */
    play(answer: typeof played) {
      played = answer
    },
    handle: (path: string, body: unknown, more: Partial<HttpRequest> = {}) =>
      vendor.handle({
        method: 'POST',
        url: `https://api.sendgrid.com${path}`,
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...more,
        headers: { 'content-type': 'application/json', authorization: `Bearer SG.${account}.1`, ...more.headers },
      }),
  }
}

export const verdicts = (told: ReadonlyMap<string, Judgement>) =>
  Object.fromEntries([...told].map(([id, { verdict }]) => [id, verdict]))
export const status = (answer: VendorAnswer) => (typeof answer === 'string' ? answer : answer.status)
export const bodyOf = (answer: VendorAnswer) => (typeof answer === 'string' ? undefined : answer.body)

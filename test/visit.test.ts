import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { normalise } from '../core/normalise.ts'
import { recordedVisit } from '../local/recorded-visit.ts'
import { playVisit, uuid7, type VisitSummary } from '../local/visit.ts'

type Posted = { method: string; url: URL; headers: Headers; body: string }
type SentEvent = { id: string; at: string; event?: string; user_data?: { email: string }; [key: string]: unknown }

const START = Date.parse('2026-11-20T12:00:00.000Z')
const shop = { id: 'loja-abc', origin: 'https://www.loja-abc.example' }
const clinic = { id: 'clinica-sol', origin: 'https://www.clinica-sol.example' }

/** Plays the visit on a clock of its own, against an endpoint that accepts what has a name. */
async function play() {
  const requests: Posted[] = []
  let now = START
  const fetch = async (input: string | URL | Request, init: RequestInit = {}) => {
    const request = { method: init.method ?? 'GET', url: new URL(String(input)), headers: new Headers(init.headers) }
    requests.push({ ...request, body: String(init.body ?? '') })
    if (request.method === 'GET') return new Response('GIF89a')
    const body = JSON.parse(String(init.body))
    const events: SentEvent[] = body.events ?? [body]
    const good = events.filter(event => event.event ?? event.eventType)
    const rejected = events
      .filter(event => !good.includes(event))
      .map(event => ({ index: events.indexOf(event), id: event.id, reason: 'no name', path: '/event' }))
    return Response.json({ accepted: good.length, rejected })
  }
  const sleep = async (ms: number) => {
    now += ms
  }
  const options = { ingestUrl: 'http://127.0.0.1:1', tenants: [shop, clinic], now: () => now, sleep, speed: 1 }
  const summary = await playVisit({ ...options, fetch: fetch as typeof globalThis.fetch })
  return { summary, requests }
}

let summary: VisitSummary
let requests: Posted[]
before(async () => {
  ;({ summary, requests } = await play())
})
const toShop = () => requests.filter(({ url }) => url.pathname === '/v1/events/loja-abc')
const eventsOf = ({ body }: Posted): SentEvent[] => JSON.parse(body).events

test('the visit has more than thirty pushes: one lead, one purchase, one without a name', () => {
  const names = recordedVisit.map(({ push }) => push.event)
  assert.ok(names.length > 30, `${names.length} pushes`)
  const count = (name: string | undefined) => names.filter(one => one === name).length
  assert.deepEqual([count('generate_lead'), count('purchase'), count(undefined)], [1, 1, 1])
  assert.equal(summary.pushes, names.length)
})

test('every push but the nameless one is an event that the endpoint takes', () => {
  for (const event of toShop().flatMap(eventsOf)) {
    const read = normalise(event, { now: Date.parse(event.at), uuid: () => 'made-up' })
    assert.equal('event' in read, event.event !== undefined, JSON.stringify(read))
  }
})

test('ecommerce pushes have the fields that GA4 requires of them', () => {
  const valued = ['view_item', 'add_to_cart', 'remove_from_cart', 'view_cart', 'begin_checkout', 'purchase']
  for (const { push } of recordedVisit) {
    const ecommerce = push.ecommerce as { currency?: string; value?: number; items?: object[]; transaction_id?: string }
    if (!valued.includes(String(push.event))) continue
    assert.equal(ecommerce.currency, 'BRL')
    assert.equal(typeof ecommerce.value, 'number')
    assert.ok(ecommerce.items?.length)
    if (push.event === 'purchase') assert.ok(ecommerce.transaction_id)
  }
})

test('lead and purchase leave at once, as the last of their request', () => {
  for (const name of ['generate_lead', 'purchase']) {
    const request = toShop().find(posted => eventsOf(posted).some(({ event }) => event === name))!
    assert.equal(eventsOf(request).at(-1)?.event, name)
  }
})

test('the request of the purchase is posted a second time, the same to the byte', () => {
  const bodies = toShop().map(({ body }) => body)
  const repeated = bodies.filter((body, i) => bodies.indexOf(body) !== i)
  assert.equal(repeated.length, 1)
  assert.match(repeated[0]!, /"transaction_id"/)
})

test('requests look like a browser sends them: text, origin, a batch of at most five events', () => {
  for (const posted of toShop()) {
    assert.match(posted.headers.get('content-type') ?? '', /^text\/plain/)
    assert.equal(posted.headers.get('origin'), shop.origin)
    assert.match(JSON.parse(posted.body).batch, /^[0-9a-f-]{36}$/)
    assert.ok(eventsOf(posted).length <= 5)
  }
})

test('each event has an id of its own, its time and the consent of its visitor', () => {
  const unique = new Map(
    toShop()
      .flatMap(eventsOf)
      .map(event => [event.id, event]),
  )
  assert.equal(unique.size, recordedVisit.length)
  for (const event of unique.values()) {
    assert.match(event.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.ok(Date.parse(event.at) >= START)
    assert.deepEqual(event.consent, { analytics: true, marketing: true, userData: true })
  }
})

test('who the visitor is is known from the lead on, and is nobody real', () => {
  const events = toShop().flatMap(eventsOf)
  const lead = events.findIndex(({ event }) => event === 'generate_lead')
  assert.ok(events.slice(0, lead).every(({ user_data }) => user_data === undefined))
  assert.ok(events.slice(lead).every(({ user_data }) => user_data?.email.endsWith('@example.com')))
})

test('the older tag and the image are part of it, the image without any person', () => {
  const older = requests.find(({ url }) => url.pathname === '/rdstation')!
  assert.deepEqual([JSON.parse(older.body).clientId, older.headers.get('origin')], [clinic.id, clinic.origin])
  const image = requests.find(({ method }) => method === 'GET')!
  const told = JSON.parse(Buffer.from(image.url.searchParams.get('d') ?? '', 'base64url').toString())
  assert.equal(image.headers.get('referer'), `${shop.origin}/amp`)
  assert.equal(told.user_data, undefined)
})

test('the summary names what is worth following, and what was refused', () => {
  const named = (name: string) =>
    toShop()
      .flatMap(eventsOf)
      .find(({ event }) => event === name)?.id
  assert.deepEqual([summary.ids.lead, summary.ids.purchase], [named('generate_lead'), named('purchase')])
  assert.deepEqual(
    summary.rejected.map(({ id }) => id),
    [summary.ids.invalid],
  )
  assert.deepEqual(summary.failed, [])
})

test('an answer that is no 200 is told, not thrown', async () => {
  const fetch = async () => new Response('no such tenant', { status: 404 })
  const told = await playVisit({ ingestUrl: 'http://127.0.0.1:1', tenants: [shop], sleep: async () => {}, fetch })
  assert.equal(told.failed.length, told.requests)
  assert.match(told.failed[0]!, /^POST \/v1\/events\/loja-abc: 404 no such tenant$/)
})

test('a visit ends when there is nobody to post to any more', async () => {
  const told = await playVisit({ ingestUrl: 'http://127.0.0.1:1', tenants: [shop], sleep: async () => {} })
  assert.equal(told.requests, 0)
  assert.match(told.failed.join(), /^The visit to http:\/\/127\.0\.0\.1:1 ended early: /)
})

test('ids begin with their time, so that they sort as they came', () => {
  assert.ok(uuid7(START) < uuid7(START + 1))
  assert.equal(Number.parseInt(uuid7(START).replace('-', '').slice(0, 12), 16), START)
})

import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { freshState } from '../core/destination-state.ts'
import type { OperateResult } from '../functions/operate.ts'
import type { OperateEvent } from '../functions/world.ts'
import { createJournal, type Journal } from '../local/journal.ts'
import { type Controls, createPage, type Page, type VendorStatus } from '../local/page/server.ts'
import { DESTINATION, envelopeIn, letter, received, waiting } from './tools/changes.ts'

const vendor: VendorStatus = { connector: 'rdstation', mode: 'up', tokensIssued: 1, received: 3 }
const about = {
  stack: 'dev',
  ingestUrl: 'http://127.0.0.1:8787',
  tenants: [{ id: 'loja-abc', origin: 'https://www.loja-abc.example' }],
}
let journal: Journal
let page: Page
let called: unknown[]
function operated(event: OperateEvent): OperateResult {
  const destination = DESTINATION
  if (event.tenant !== 'loja-abc') return { ok: false, error: 'There is no such destination' }
  if (event.do !== 'redrive') return { ok: true, destination, did: 'pause', state: freshState() }
  const done = { ok: true, destination, did: 'redrive', redriven: ['a'], held: [], unkept: [], missing: [] } as const
  return event.after
    ? { ...done, redriven: [...done.redriven], held: ['b'], unkept: ['c'], missing: [] }
    : { ...done, redriven: ['a'], held: [], unkept: [], missing: [], next: 'a' }
}
const controls: Controls = {
  vendors: () => [vendor],
  setMode: (...args) => void called.push(['setMode', ...args]),
  expireTokens: (...args) => void called.push(['expireTokens', ...args]),
  async operate(connector: string, event: OperateEvent) {
    called.push(['operate', connector, event])
    return operated(event)
  },
  async post(...args) {
    called.push(['post', ...args])
    return { status: 200, body: '{"accepted":1,"rejected":[]}' }
  },
}
before(async () => {
  journal = createJournal({ now: () => 1_000 })
  called = []
  page = await createPage({ journal, controls, about, port: 0 })
})
after(() => page.close())

const get = (path: string) => fetch(new URL(path, page.url))
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(new URL(path, page.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
/** What `fetch` does not let one say: another host. */
const statusFor = (headers: Record<string, string>) =>
  new Promise<number>((resolve, reject) => {
    request(page.url, { headers }, response => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })

/** Messages of the feed as they come; `next` waits for one that has what is asked for. */
async function openFeed(query = '') {
  const ending = new AbortController()
  const response = await fetch(new URL(`/live${query}`, page.url), { signal: ending.signal })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  type Message = { [part: string]: unknown; events?: { found: number; order: string[]; rows: { id: string }[] } }
  const next = async (wanted: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end < 0) {
        const { value, done } = await reader.read()
        if (done) throw new Error('The feed has ended')
        text += value
        continue
      }
      const data = text.slice(0, end).match(/^data: (.*)$/m)?.[1]
      text = text.slice(end + 2)
      if (data && wanted(JSON.parse(data))) return JSON.parse(data)
    }
  }
  return { next, close: () => ending.abort(), type: response.headers.get('content-type') }
}

test('the page and everything that it loads is served under a policy that lets nothing foreign in', async () => {
  const html = await (await get('/')).text()
  const linked = Array.from(html.matchAll(/(?:href|src)="(\/[^"]*\.(?:css|js))"/g), match => match[1]!)
  const scripts = await Promise.all(
    linked.filter(path => path.endsWith('.js')).map(async path => (await get(path)).text()),
  )
  const imported = scripts.flatMap(text => Array.from(text.matchAll(/from '\.(\/[^']+)'/g), match => match[1]!))
  for (const path of new Set(['/', ...linked, ...imported])) {
    const response = await get(path)
    assert.equal(response.status, 200, path)
    assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'none'; script-src 'self';/)
  }
  assert.ok(imported.length > 3)
  assert.doesNotMatch(html, /<script(?![^>]*src=)|\son\w+=|style="/)
})

test('no script of the page turns text into markup', async () => {
  for (const name of ['app', 'dom', 'destinations', 'events', 'vendors', 'mailbox', 'compose']) {
    const text = await (await get(`/${name}.js`)).text()
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/, name)
  }
})

test('/status.json tells of each destination what the issue of an event can be', async () => {
  envelopeIn(journal, waiting('status-1')).removed()
  envelopeIn(journal, waiting('status-2'))
  letter(journal, 'status-3', undefined, {})
  const status = (await (await get('/status.json')).json()) as { destinations: Record<string, Record<string, unknown>> }
  const { accepted, waiting: still, delivered, retrying, dead, breaker } = status.destinations[DESTINATION]!
  assert.deepEqual([accepted, still, delivered, retrying, dead, breaker], [3, 1, 1, 0, 1, 'closed'])
})

test('events are found on the server, with markup in their names left as it is', async () => {
  const name = '<img src=x onerror=alert(1)>'
  envelopeIn(journal, { ...waiting('evil-1'), event: { id: 'evil-1', name, at: '2026-11-20T12:00:00.000Z' } })
  const response = await get('/events.json?q=EVIL-1')
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
  const found = (await response.json()) as { found: number; events: { name: string; places: { place: string }[] }[] }
  assert.deepEqual([found.found, found.events[0]?.name, found.events[0]?.places[0]?.place], [1, name, 'waiting'])
})

test('the feed begins with everything and then tells only what has changed', async () => {
  const feed = await openFeed('?q=feed-')
  assert.match(feed.type ?? '', /^text\/event-stream/)
  const first = await feed.next(() => true)
  for (const part of ['about', 'status', 'vendors', 'mails', 'troubles', 'events']) assert.ok(first[part], part)
  const envelope = envelopeIn(journal, waiting('feed-1'), waiting('feed-2'))
  const second = await feed.next(({ events }) => events?.found === 2)
  assert.equal(second.vendors, undefined)
  envelope.becomes(waiting('feed-2'))
  const third = await feed.next(({ events }) => events !== undefined)
  assert.deepEqual([third.events?.order.length, third.events?.rows.map(({ id }) => id)], [2, ['feed-1']])
  feed.close()
})

test('a feed shows only what it was asked for', async () => {
  received(journal, { ids: [], rejected: [{ id: 'asked-1', reason: 'no name' }] })
  envelopeIn(journal, waiting('asked-2'))
  const feed = await openFeed('?place=refused&q=asked')
  const { events } = await feed.next(message => message.events !== undefined)
  assert.deepEqual(
    events?.rows.map(({ id }) => id),
    ['asked-1'],
  )
  feed.close()
})

test('the buttons do what they say', async () => {
  called = []
  const answers = [
    await post('/vendors/rdstation/mode', { mode: 'hang' }),
    await post('/vendors/rdstation/expire-tokens', {}),
    await post('/destinations/loja-abc/rdstation/pause', { reason: 'audit' }),
    await post('/destinations/loja-abc/rdstation/resume', {}),
    await post('/destinations/loja-abc/rdstation/redrive', { resendUnknown: true }),
    await post('/send', { path: '/v1/events/loja-abc', body: '{', origin: 'https://x.example' }, { origin: page.url }),
  ]
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200, 200, 200, 200],
  )
  // A redrive goes on until the function says that there is no more.
  assert.deepEqual(await answers[4]!.json(), { did: 'redrive', redriven: 2, held: 1, unkept: 1 })
  const person = { tenant: 'loja-abc', by: 'live page' }
  assert.deepEqual(called, [
    ['setMode', 'rdstation', 'hang'],
    ['expireTokens', 'rdstation'],
    ['operate', 'rdstation', { do: 'pause', ...person, reason: 'audit' }],
    ['operate', 'rdstation', { do: 'resume', ...person }],
    ['operate', 'rdstation', { do: 'redrive', ...person, resendUnknown: true }],
    ['operate', 'rdstation', { do: 'redrive', ...person, resendUnknown: true, after: 'a' }],
    ['post', '/v1/events/loja-abc', '{', 'https://x.example'],
  ])
})

test('no other site can press a button', async () => {
  called = []
  const body = { mode: 'down' }
  const path = '/vendors/rdstation/mode'
  const refused = [
    await post(path, body, { origin: 'https://evil.example' }),
    await post(path, body, { origin: 'null' }),
    await post(path, body, { origin: 'http://localhost:1' }),
    await post(path, body, { 'sec-fetch-site': 'cross-site' }),
    await post(path, body, { 'content-type': 'text/plain' }),
  ]
  assert.deepEqual(
    refused.map(({ status }) => status),
    [403, 403, 403, 403, 415],
  )
  assert.deepEqual(called, [])
})

test('a name of somebody else that points to this machine is not answered', async () => {
  assert.equal(await statusFor({ host: 'evil.example' }), 403)
  assert.equal(await statusFor({ host: 'localhost:8788' }), 200)
})

test('what cannot be done is refused with the reason', async () => {
  called = []
  const refused = [
    await post('/vendors/nobody/mode', { mode: 'up' }),
    await post('/vendors/rdstation/mode', { mode: 'sleepy' }),
    await post('/destinations/loja-abc/rdstation/explode', {}),
    await post('/destinations/nobody/rdstation/resume', {}),
    await post('/send', { path: '//evil.example/', body: '', origin: '' }),
    await post('/nothing', {}),
    await fetch(new URL('/status.json', page.url), { method: 'DELETE' }),
    await get('/../package.json'),
    await get('/constructor'),
  ]
  assert.deepEqual(
    refused.map(({ status }) => status),
    [404, 400, 404, 409, 400, 404, 405, 404, 404],
  )
  for (const response of refused) assert.equal(typeof ((await response.json()) as { error: string }).error, 'string')
  assert.equal(called.length, 1)
})

test('two pages at once each have a port', async () => {
  const port = Number(new URL(page.url).port)
  const other = await createPage({ journal, controls, about, port })
  assert.notEqual(other.url, page.url)
  await other.close()
})

test('closing ends open feeds at once', async () => {
  const other = await createPage({ journal, controls, about, port: 0 })
  const response = await fetch(new URL('/live', other.url))
  await other.close()
  await assert.rejects(fetch(other.url))
  await response.text().catch(() => {})
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Program } from '../local/declared.ts'
import { buildTag } from '../tag/build.ts'
import { ask, CLINICA, evaluateDev, LOJA, lead, post, type RunningStack, runStack } from './tools/running-stack.ts'

const SERVER_KEY = 'server-key-of-loja-abc-in-dev'
const RECEIVE = 'connect-dev-receive'
let program: Program
let stack: RunningStack
before(async () => {
  program = await evaluateDev({ requestsPerAddress: '100' })
  stack = await runStack(program)
})
after(() => stack.end())

const receivedFor = (key: string) => stack.vendors.get('rdstation')!.received.filter(record => record.key.includes(key))
const delivered = (key: string) => stack.until(`${key} at the vendor`, () => receivedFor(key).length > 0)
const get = (path: string, headers = {}) => ask(`${stack.ingestUrl}${path}`, { headers })
const inBuffer = (kind: 'INSERT' | 'REMOVE', id: string) =>
  stack.changes.filter(change => {
    const text = JSON.stringify(change.new ?? change.old)
    return change.table.endsWith('-buffer') && change.kind === kind && text.includes(id)
  })
const stored = (id: string) => inBuffer('INSERT', id)
const gone = (id: string) => inBuffer('REMOVE', id).length

test('a lead that is posted is answered 200 and arrives at RD Station without anything else being done', async () => {
  const reply = await post(stack, '/v1/events/loja-abc', lead('ana'))
  assert.equal(reply.status, 200)
  assert.deepEqual(reply.json(), { accepted: 1, rejected: [] })
  await delivered('ana@example.com')
})

test('a browser may read the answer: CORS names its own origin, and the edge adds its security headers', async () => {
  const { headers } = await post(stack, '/v1/events/loja-abc', lead('cors'))
  assert.equal(headers['access-control-allow-origin'], LOJA)
  assert.match(String(headers.vary), /Origin/i)
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.match(String(headers['strict-transport-security']), /max-age=31536000/)
})

test('events for one connector go there', async () => {
  const reply = await post(stack, '/v1/events/loja-abc/rdstation', [lead('bia'), lead('caio')])
  assert.deepEqual(reply.json(), { accepted: 2, rejected: [] })
  await delivered('bia@example.com')
  await delivered('caio@example.com')
})

test('older tags are known by the clientId of their body, or by its tid and what stands before the tid', async () => {
  const older = (more: object) => ({
    email: 'davi@example.com',
    eventType: 'generate_lead',
    consent: { marketing: true },
    ...more,
  })
  const byClient = await post(stack, '/rdstation', older({ clientId: 'loja-abc', email: 'davi@example.com' }))
  assert.equal(byClient.status, 200)
  await delivered('davi@example.com')
  const byTid = await post(stack, '/rdstation', older({ tid: 'UA-1234567-1', email: 'edu@example.com' }))
  assert.equal(byTid.status, 200)
  await delivered('edu@example.com')
  const byPart = await post(
    stack,
    '/rdstation',
    older({ tid: 'clinica-sol_site2', email: 'fani@example.com' }),
    CLINICA,
  )
  assert.equal(byPart.status, 200)
  await delivered('fani@example.com')
})

const image = (event: object) => `/v1/events/loja-abc/p?d=${Buffer.from(JSON.stringify(event)).toString('base64url')}`

test('an image takes an event without personal data and answers a GIF', async () => {
  const reply = await get(image({ id: 'pixel-1', name: 'add_to_cart', consent: { marketing: true } }), {
    referer: `${LOJA}/produto`,
  })
  assert.equal(reply.status, 200)
  assert.equal(reply.headers['content-type'], 'image/gif')
  assert.equal(reply.body.slice(0, 6), 'GIF89a')
  assert.equal(stored('pixel-1').length, 1)
})

test('an image with personal data is refused: it would lie in logs', async () => {
  const reply = await get(image(lead('pixel-2')), { referer: `${LOJA}/` })
  assert.equal(reply.status, 400)
  assert.equal(stored('pixel-2').length, 0)
})

test('preflights are answered by the edge, for any site: who may send is decided with the event', async () => {
  const reply = await ask(`${stack.ingestUrl}/v1/events/loja-abc`, {
    method: 'OPTIONS',
    headers: { origin: LOJA, 'access-control-request-method': 'POST' },
  })
  assert.equal(reply.status, 204)
  assert.equal(reply.headers['access-control-allow-origin'], '*')
  assert.match(String(reply.headers['access-control-allow-methods']), /POST/)
  assert.equal(reply.headers['cache-control'], 'no-store')
})

test('the browser library and its source map are served, and a wrong version is nothing', async () => {
  const latest = await get('/tag.js')
  assert.equal(latest.status, 200)
  assert.match(String(latest.headers['content-type']), /javascript/)
  assert.match(String(latest.headers['cache-control']), /max-age=300/)
  const { version } = await buildTag()
  const fixed = await get(`/tag/${version}/tag.js`)
  assert.equal(fixed.status, 200)
  assert.equal(fixed.body, latest.body)
  assert.match(String(fixed.headers['cache-control']), /immutable/)
  const map = await get(String(fixed.headers.sourcemap))
  assert.match(String(map.headers['cache-control']), /immutable/)
  assert((JSON.parse(map.body) as { sources: string[] }).sources.includes('tag.ts'))
  assert.equal((await get('/tag/0000/tag.js')).status, 404)
})

test('robots and health', async () => {
  assert.match((await get('/robots.txt')).body, /Disallow: \//)
  assert.equal((await get('/healthz')).status, 200)
})

test('each event is taken or rejected on its own merit', async () => {
  const reply = await post(stack, '/v1/events/loja-abc', { batch: 'b1', events: [lead('gil'), { id: 'nameless' }] })
  assert.equal(reply.status, 200)
  const { accepted, rejected } = reply.json() as {
    accepted: number
    rejected: { index: number; id: string; path: string }[]
  }
  assert.equal(accepted, 1)
  assert.deepEqual(
    rejected.map(({ index, id, path }) => ({ index, id, path })),
    [{ index: 1, id: 'nameless', path: '/name' }],
  )
})

for (const [what, status, request] of [
  ['nothing usable', 400, () => post(stack, '/v1/events/loja-abc', '{not json')],
  ['a foreign origin', 403, () => post(stack, '/v1/events/loja-abc', lead('x'), 'https://evil.example')],
  ['an unknown tenant', 404, () => post(stack, '/v1/events/nobody', lead('x'))],
  ['an unknown connector', 404, () => post(stack, '/v1/events/loja-abc/salesforce', lead('x'))],
  ['an unknown path', 404, () => post(stack, '/wp-login.php', '{}')],
  ['a wrong method', 405, () => post(stack, '/v1/events/loja-abc', '{}', LOJA, { method: 'PUT' })],
  [
    '300 KiB',
    413,
    () => post(stack, '/v1/events/loja-abc', JSON.stringify(lead('x', { properties: { p: 'x'.repeat(300 * 1024) } }))),
  ],
  [
    'a million bytes, which the firewall already turns away',
    413,
    () => post(stack, '/v1/events/loja-abc', 'x'.repeat(1_000_000)),
  ],
] as const)
  test(`${what}: ${status}, and a page can read that`, async () => {
    const reply = await request()
    assert.equal(reply.status, status)
    assert.ok(reply.headers['access-control-allow-origin'])
  })

test('no origin at all: 403', async () => {
  const reply = await ask(`${stack.ingestUrl}/v1/events/loja-abc`, { method: 'POST', body: JSON.stringify(lead('x')) })
  assert.equal(reply.status, 403)
})

test('who does not come through the edge is refused before anything else', async () => {
  const event = {
    rawPath: '/v1/events/loja-abc',
    rawQueryString: '',
    headers: { origin: LOJA },
    requestContext: { requestId: 'r', http: { method: 'POST' } },
    body: JSON.stringify(lead('direct')),
    isBase64Encoded: false,
  }
  const outcome = await stack.invoke(RECEIVE, event)
  assert.ok(outcome !== 'throttled' && outcome.ok)
  assert.equal(JSON.parse(outcome.payload).statusCode, 403)
  assert.equal(stored('direct').length, 0)
})

test('a request that is repeated is accepted again and delivered once', async () => {
  const batch = { batch: 'again', events: [lead('hugo')] }
  const settled = () =>
    stack.until('the event to be settled', () => gone('hugo') > 0 && gone('hugo') === stored('hugo').length)
  assert.equal((await post(stack, '/v1/events/loja-abc', batch)).status, 200)
  await settled()
  assert.deepEqual((await post(stack, '/v1/events/loja-abc', batch)).json(), { accepted: 1, rejected: [] })
  await settled()
  assert.equal(receivedFor('hugo@').length, 1)
})

test('a server is known by its key, whatever its origin', async () => {
  const reply = await ask(`${stack.ingestUrl}/v1/events/loja-abc`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-connect-key': SERVER_KEY },
    body: JSON.stringify(lead('iris')),
  })
  assert.equal(reply.status, 200)
  await delivered('iris@example.com')
})

test('events of bots and of opted-out people are answered as accepted, and kept nowhere', async () => {
  const bot = await post(stack, '/v1/events/loja-abc', lead('bot'), LOJA, {
    headers: { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' },
  })
  assert.deepEqual(bot.json(), { accepted: 1, rejected: [] })
  const opted = await stack.invoke('connect-dev-rdstation-operate', {
    do: 'suppress',
    tenant: 'loja-abc',
    by: 'test',
    email: 'julia@example.com',
  })
  assert.ok(opted !== 'throttled' && opted.ok && JSON.parse(opted.payload).ok)
  const reply = await post(stack, '/v1/events/loja-abc', lead('julia'))
  assert.deepEqual(reply.json(), { accepted: 1, rejected: [] })
  assert.equal(stored('"bot"').length + stored('julia').length, 0)
})

test('one address may send so much: then 429, with CORS and when to come back; servers with a key are exempt', async () => {
  const from = '127.0.0.9'
  const health = () => ask(`${stack.ingestUrl}/healthz`, { from, headers: { origin: LOJA } })
  for (let sent = 0; sent < 100; sent++) assert.equal((await health()).status, 200)
  const blocked = await health()
  assert.equal(blocked.status, 429)
  assert.equal(blocked.headers['access-control-allow-origin'], '*')
  assert.equal(blocked.headers['access-control-expose-headers'], 'Retry-After')
  assert.ok(Number(blocked.headers['retry-after']) > 0)
  const server = await ask(`${stack.ingestUrl}/healthz`, { from, headers: { 'x-connect-key': SERVER_KEY } })
  assert.equal(server.status, 200)
})

test('a buffer that cannot be written is 503 with Retry-After, readable by the page, and the missing right is named', async () => {
  const resources = program.resources.map(resource =>
    resource.type === 'aws:iam/rolePolicy:RolePolicy' && resource.inputs.role === RECEIVE
      ? {
          ...resource,
          inputs: {
            ...resource.inputs,
            policy: String(resource.inputs.policy).replace('dynamodb:PutItem', 'dynamodb:ListTables'),
          },
        }
      : resource,
  )
  const broken = await runStack({ ...program, resources })
  try {
    const reply = await post(broken, '/v1/events/loja-abc', lead('kim'))
    assert.equal(reply.status, 503)
    assert.ok(Number(reply.headers['retry-after']) > 0)
    assert.equal(reply.headers['access-control-allow-origin'], LOJA)
    assert.match(String(reply.headers['access-control-expose-headers']), /Retry-After/)
    const [denial] = broken.denials()
    assert.equal(denial?.function, RECEIVE)
    assert.equal(denial?.action, 'dynamodb:PutItem')
    assert.match(String(denial?.resource), /:table\/connect-dev-rdstation-buffer$/)
  } finally {
    await broken.end()
  }
})

const operate = async (event: object) => {
  const outcome = await stack.invoke('connect-dev-rdstation-operate', { by: 'test', ...event })
  assert.ok(outcome !== 'throttled' && outcome.ok, JSON.stringify(outcome))
  assert.ok(JSON.parse(outcome.payload).ok, outcome.payload)
}

test('what waits when the stack is stopped is delivered after it is started again', async () => {
  await operate({ do: 'pause', tenant: 'clinica-sol', reason: 'the stack goes down' })
  assert.equal((await post(stack, '/v1/events/clinica-sol', lead('lara'), CLINICA)).status, 200)
  stack = await stack.restart()
  assert.equal(receivedFor('lara@').length, 0)
  await operate({ do: 'resume', tenant: 'clinica-sol' })
  await delivered('lara@example.com')
})

test('stopping is at once, with calls under way', async () => {
  const other = await runStack(program)
  other.vendors.get('rdstation')!.mode = 'hang'
  await post(other, '/v1/events/clinica-sol', lead('maria'), CLINICA)
  await other.until('a run with its lease', () =>
    other.changes.some(({ keys }) => keys.sk?.S?.startsWith('lane#urgent')),
  )
  const before = performance.now()
  await other.end()
  assert.ok(performance.now() - before < 1_000)
})

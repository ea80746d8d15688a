import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { rdstation, type Settings } from '../connectors/rdstation/index.ts'
import type { Record } from '../connectors/rdstation/map.ts'
import simulator from '../connectors/rdstation/simulator.ts'
import { item, order } from '../connectors/rdstation/simulator-people.ts'
import type { Draft, Event, HttpRequest, Token } from '../core/connector.ts'
import type { VendorAnswer } from '../core/simulator.ts'
import { endOf, rehearse } from '../local/rehearse.ts'
import { anyEvent } from './tools/events.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const DAY = 86_400_000

const draftsOf = (event: Event, settings: Settings = {}): readonly Draft<Record>[] => {
  const mapped = rdstation.map(event, settings)
  return 'skip' in mapped ? [] : mapped
}
const post = (path: string, body: unknown, token = 'access-of-demo', type = 'application/json'): HttpRequest => ({
  method: 'POST',
  url: `https://api.rd.services${path}`,
  headers: { 'content-type': type, authorization: `Bearer ${token}` },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
const conversion = (email: string, payload: object = {}) => ({
  event_type: 'CONVERSION',
  event_family: 'CDP',
  payload: { email, conversion_identifier: 'form', ...payload },
})
const status = (answer: VendorAnswer) => (typeof answer === 'string' ? answer : answer.status)
const bodyOf = (answer: VendorAnswer) => (typeof answer === 'string' ? undefined : answer.body)

/** The fake with a clock of the test's own and one account that has logged in. */
async function open(settings: Settings = {}) {
  const clock = { at: NOW, now: () => clock.at, random: () => 0.5 }
  const vendor = simulator.vendor(clock)
  const auth = rdstation.auth(settings)
  assert.ok(auth.kind === 'token')
  const secrets = simulator.credentials(settings)
  const renew = async (last?: Token) => {
    const ended = endOf(await vendor.handle(auth.exchange(settings, secrets, last, clock.at)))
    assert.ok(ended.answered)
    const token = auth.read(ended, clock.at, last)
    return 'value' in token ? token : assert.fail(`${token.verdict} ${token.code}`)
  }
  const first = await renew()
  const send = (events: unknown, path = '/platform/events/batch') => vendor.handle(post(path, events, first.value))
  return { clock, vendor, auth, secrets, renew, first, send }
}

suite('RD Station says what is wrong in many shapes, read as one', () => {
  const batch = { call: 'events', settings: {}, records: [] }
  const explained = (body: unknown, code = 400) => rdstation.explain({ status: code, headers: {}, body }, batch)
  const shapes: [title: string, body: unknown, expected: object][] = [
    ['an object', { errors: { error_type: 'TAKEN', error_message: 'is taken' } }, { code: 'TAKEN', words: 'is taken' }],
    ['a list', { errors: [{ error_type: 'TAKEN', error_message: 'is taken' }] }, { code: 'TAKEN', words: 'is taken' }],
    [
      'by field',
      { errors: { email: [{ error_type: 'TAKEN', error_message: 'is taken' }] } },
      { code: 'TAKEN', words: 'email: is taken' },
    ],
    ['by field and language', { errors: { name: { 'pt-BR': ['é longo'] } } }, { words: 'name: é longo' }],
    ['a bare list', [{ error_type: 'TAKEN', error_message: 'is taken' }], { code: 'TAKEN', words: 'is taken' }],
    [
      'as OAuth does',
      { error: 'invalid_token', error_description: 'has expired' },
      { code: 'invalid_token', words: 'has expired' },
    ],
    ['a message', { message: 'no Route matched' }, { words: 'no Route matched' }],
    ['no JSON', '<html>Bad Gateway</html>', { words: '<html>Bad Gateway</html>' }],
    ['nothing', '', {}],
    ['null', null, {}],
    ['numbers', { errors: { email: [7, null] } }, {}],
  ]
  for (const [title, body, expected] of shapes) test(`as ${title}`, () => assert.deepEqual(explained(body), expected))
})

suite('a rate limit', () => {
  const records = ['ana', 'eva'].map(id => ({
    id,
    data: draftsOf({ id, name: 'sign_up', at: '', user: { email: `${id}@example.com` } })[0]!.data,
  }))
  const explained = (body: object, headers = {}) =>
    rdstation.explain({ status: 429, headers, body }, { call: 'events', settings: {}, records })
  const limited = (remaining_time?: number) =>
    explained({
      error: "'lead_limiter' rate limit exceeded for 86400 second(s) period for key 'ana@example.com'",
      remaining_time,
    })
  test("of a contact names that contact's records and how long", () => {
    const { code, culprits, waitMs } = limited(43_067)
    assert.deepEqual({ code, culprits, waitMs }, { code: 'lead_limiter', culprits: ['ana'], waitMs: 43_067_000 })
  })
  test('told in milliseconds is understood: a day has no such number of seconds', () => {
    assert.equal(limited(4_306_700).waitMs, 4_306_700)
  })
  test('without a usable time leaves the wait to the table', () => {
    for (const remaining of [undefined, 0, -1, Number.NaN]) assert.equal(limited(remaining).waitMs, undefined)
  })
  test('of the account blames nobody', () => {
    const gateway = explained({ message: 'API rate limit exceeded' }, { 'retry-after-quotas': '30' })
    assert.deepEqual(gateway, { code: 'rate_limit', words: 'API rate limit exceeded', waitMs: 30_000 })
  })
})

suite('tokens', () => {
  test('a refresh token is dead once the one that it brought was used', async () => {
    const { renew, first } = await open()
    const second = await renew(first)
    await renew(second)
    await assert.rejects(renew(first), /misconfigured INVALID_REFRESH_TOKEN/)
  })
  test('kept by setting, the first refresh token stays in use', async () => {
    const { auth, renew } = await open({ rotation: 'keep' })
    const kept = await renew({ value: 'x', expiresAt: 0, refresh: 'refresh-of-demo.0' })
    assert.equal(kept.refresh, 'refresh-of-demo.0')
    assert.equal(auth.kind, 'token')
  })
  test('are asked for as JSON or as a form, wherever the settings say', () => {
    const settings: Settings = { tokenUrl: 'https://api.rd.services/oauth2/token', tokenEncoding: 'form' }
    const auth = rdstation.auth(settings)
    assert.ok(auth.kind === 'token')
    const request = auth.exchange(settings, { clientId: 'a', clientSecret: 'b&c', refreshToken: 'd' }, undefined, NOW)
    assert.equal(request.url, settings.tokenUrl)
    assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded')
    assert.equal(request.body, 'grant_type=refresh_token&client_id=a&client_secret=b%26c&refresh_token=d')
  })
  test('live as long as the answer says, else a day', () => {
    const auth = rdstation.auth({})
    assert.ok(auth.kind === 'token')
    const life = (body: object) => {
      const token = auth.read({ status: 200, headers: {}, body: { access_token: 'a', ...body } }, NOW, undefined)
      return 'value' in token ? token.expiresAt - NOW : undefined
    }
    assert.equal(life({ expires_in: 7200 }), 7_200_000)
    assert.equal(life({}), DAY)
    assert.equal(life({ expires_in: 'soon' }), DAY)
  })
  test('a refusal to renew that does not heal is told from one that does', () => {
    const auth = rdstation.auth({})
    assert.ok(auth.kind === 'token')
    const verdict = (code: number, body: unknown = '') => {
      const token = auth.read({ status: code, headers: {}, body }, NOW, undefined)
      return 'verdict' in token ? token.verdict : 'a token'
    }
    assert.equal(verdict(401, { errors: [{ error_type: 'EXPIRED_CODE_GRANT' }] }), 'misconfigured')
    assert.equal(verdict(429), 'throttled')
    assert.equal(verdict(502), 'retry')
    assert.equal(verdict(200, { surprise: true }), 'retry')
    assert.equal(verdict(404), 'misconfigured')
  })
  test('die after a day', async () => {
    const { clock, send } = await open()
    clock.at += DAY - 1
    assert.equal(status(await send([conversion('ana@example.com')])), 200)
    clock.at += 1
    assert.equal(status(await send([conversion('ana@example.com')])), 401)
  })
})

test('the API key goes into the URL, encoded', () => {
  const auth = rdstation.auth({ auth: 'api_key' })
  assert.ok(auth.kind === 'static')
  assert.equal(
    auth.sign(post('/platform/conversions', {}), { apiKey: 'a&b' }).url,
    'https://api.rd.services/platform/conversions?api_key=a%26b',
  )
})

test('the advanced plan has 500 requests a minute, every other 120', () => {
  const perMinute = (settings: Settings) => rdstation.calls.events!.rates(settings)
  assert.deepEqual(perMinute({ plan: 'advanced' }), [{ requests: 500, perMs: 60_000 }])
  for (const settings of [{}, { plan: 'light' }, { plan: 'pro' }] satisfies Settings[])
    assert.deepEqual(perMinute(settings), [{ requests: 120, perMs: 60_000 }])
})

suite('settings', () => {
  test('switch events on and off, and an API key wants conversions only', () => {
    const wanted = rdstation.wants({ events: { view_item: ['CONVERSION'], purchase: [], quiz: ['CONVERSION'] } })
    assert.ok(wanted.includes('view_item') && wanted.includes('quiz') && !wanted.includes('purchase'))
    assert.deepEqual(rdstation.wants({ auth: 'api_key' }), ['generate_lead', 'sign_up'])
  })
  test('that cannot work together are told with the key and the fix', () => {
    assert.deepEqual(rdstation.problems?.({ auth: 'api_key', events: { purchase: ['ECOMMERCE_ORDER_PLACED'] } }), [
      'events.purchase: an api_key sends CONVERSION only; set auth to "oauth" for ECOMMERCE_ORDER_PLACED',
    ])
  })
  test('names of events that every object has are no events', () => {
    for (const name of ['constructor', 'toString', '__proto__'])
      assert.deepEqual(draftsOf({ id: 'x', name, at: '', user: { email: 'ana@example.com' } }), [])
  })
})

suite('the fake refuses what RD Station refuses', () => {
  const ana = conversion('ana@example.com')
  const refused: [
    title: string,
    send: (vendor: Awaited<ReturnType<typeof open>>) => Promise<VendorAnswer>,
    want: number,
  ][] = [
    [
      'another content type',
      o => o.vendor.handle(post('/platform/events/batch', [ana], o.first.value, 'text/plain')),
      415,
    ],
    ['a wrong token', o => o.vendor.handle(post('/platform/events/batch', [ana], 'wrong')), 401],
    ['what is no JSON', o => o.send('{'), 400],
    ['an empty list', o => o.send([]), 400],
    ['a body over 0.2 MB', o => o.send([conversion('ana@example.com', { name: 'x'.repeat(200_000) })]), 413],
    ['a retired event type', o => o.send([{ ...ana, event_type: 'ORDER_PLACED' }]), 400],
    ['an upper-case tag', o => o.send([conversion('ana@example.com', { tags: ['VIP'] })]), 400],
    ['an unknown custom field', o => o.send([conversion('ana@example.com', { cf_x: 1 })]), 400],
    ['a missing identifier', o => o.send([conversion('ana@example.com', { conversion_identifier: '' })]), 400],
    ['an order by API key', o => o.send({ ...ana, event_type: 'SALE' }, '/platform/conversions'), 400],
    ['an unknown path', o => o.send([ana], '/platform/contacts'), 404],
  ]
  for (const [title, send, want] of refused)
    test(title, async () => {
      const opened = await open()
      assert.equal(status(await send(opened)), want)
      assert.deepEqual(opened.vendor.received, [])
    })
  test('more than 120 events of one contact in a day, and takes them again a day later', async () => {
    const { clock, vendor, renew, first, send } = await open()
    const many = Array.from({ length: 120 }, () => conversion('ana@example.com'))
    assert.equal(status(await send(many)), 200)
    const over = await send([conversion('eva@example.com'), conversion('ana@example.com')])
    assert.deepEqual(bodyOf(over), {
      error: "'lead_limiter' rate limit exceeded for 86400 second(s) period for key 'ana@example.com'",
      max: 120,
      usage: 121,
      remaining_time: 86_400,
    })
    assert.equal(status(await send([conversion('eva@example.com')])), 200)
    clock.at += DAY - 1
    assert.equal(status(await send([conversion('ana@example.com')])), 429)
    clock.at += 1 // which is the end of the token's day, too
    const { value } = await renew(first)
    assert.equal(
      status(await vendor.handle(post('/platform/events/batch', [conversion('ana@example.com')], value))),
      200,
    )
  })
  test('more than 120 requests of one account in any minute', async () => {
    const { clock, send } = await open()
    for (let n = 0; n < 120; n++) assert.equal(status(await send([conversion(`p${n}@example.com`)])), 200)
    clock.at += 59_999
    assert.deepEqual(bodyOf(await send([conversion('ana@example.com')])), { message: 'API rate limit exceeded' })
    clock.at += 1
    assert.equal(status(await send([conversion('ana@example.com')])), 200)
  })
  test('everything while it plays an outage, and nothing afterwards', async () => {
    const { vendor, send } = await open()
    const played = { down: 503, throttled: 429, refused: 'refused', hang: 'hang', up: 200 } as const
    for (const [mode, want] of Object.entries(played)) {
      vendor.mode = mode as keyof typeof played
      assert.equal(status(await send([conversion('ana@example.com')])), want)
    }
  })
})

test('large orders go in requests that RD Station takes, none over its 0.2 MB', async () => {
  const items = Array.from({ length: 20 }, (_, n) => ({ ...item(n), name: `Camiseta ${'é'.repeat(200)}` }))
  const events = Array.from({ length: 100 }, (_, n) => order(`p${n}`, { commerce: { transactionId: `O-${n}`, items } }))
  const { done, received } = await rehearse(rdstation, simulator, { title: '', events, outcomes: {} })
  assert.equal(received.length, 100)
  assert.ok(done.sent.length > 3)
  assert.deepEqual(
    done.sent.filter(({ ended }) => !ended.answered || ended.status !== 200),
    [],
  )
})

test('whatever a tag sends, RD Station takes what the connector makes of it', async () => {
  const names = rdstation.wants({}).filter(name => !/lead$/.test(name) || name === 'generate_lead')
  await fc.assert(
    fc.asyncProperty(anyEvent(names), async event => {
      const { send } = await open()
      const page = { url: 'https://loja.example/checkout' }
      const user = { ...event.user, email: 'ana@example.com' }
      for (const { data } of draftsOf({ ...event, page, user }, simulator.settings)) {
        const answer = await send([data])
        assert.equal(status(answer), 200, JSON.stringify(bodyOf(answer)))
      }
    }),
    { numRuns: 300 },
  )
})

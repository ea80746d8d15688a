import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { batchRequest, type Operation, partsOf } from '../connectors/dynamics/batch.ts'
import { dynamics } from '../connectors/dynamics/index.ts'
import simulator from '../connectors/dynamics/simulator.ts'
import { createLimits } from '../connectors/dynamics/simulator-limits.ts'
import type { HttpRequest } from '../core/connector.ts'
import type { VendorAnswer } from '../core/simulator.ts'
import { endOf } from '../local/rehearse.ts'
import { BATCH, codeOf, NOW, open, SETTINGS, status } from './tools/dynamics.ts'

const lead = (value: string, body: object = {}, more: Partial<Operation> = {}): Operation => ({
  set: 'leads',
  column: 'new_externalid',
  value,
  body: { subject: 'Site', lastname: 'Silva', ...body },
  ...more,
})
const batch = (...operations: Operation[]) => batchRequest(SETTINGS, operations)
const changed = (request: HttpRequest, body: (text: string) => string): HttpRequest => ({
  ...request,
  body: body(request.body ?? ''),
})
const withHeaders = (request: HttpRequest, headers: object): HttpRequest => ({
  ...request,
  headers: { ...request.headers, ...headers },
})
const partsIn = (answer: VendorAnswer) => {
  const ended = endOf(answer)
  return (ended.answered && partsOf(ended)) || assert.fail(`no parts: ${status(answer)}`)
}
const codesIn = (answer: VendorAnswer) =>
  partsIn(answer).map(({ status: code, body }) => [code, (body as { error?: { code: string } })?.error?.code])

suite('the fake refuses what Dataverse refuses', () => {
  const whole: [title: string, request: HttpRequest, status: number, code?: string][] = [
    ['another content type', withHeaders(batch(lead('a')), { 'content-type': 'application/json' }), 400, '0x80060888'],
    ['bare line feeds', changed(batch(lead('a')), text => text.replaceAll('\r\n', '\n')), 400, '0x80060888'],
    [
      'a batch without an end',
      changed(batch(lead('a')), text => text.replace('--batch_connect--', '')),
      400,
      '0x80060888',
    ],
    [
      'a part that is not binary',
      changed(batch(lead('a')), text => text.replace('binary', 'base64')),
      400,
      '0x80060888',
    ],
    [
      'a batch inside a batch',
      changed(batch(lead('a')), text => text.replace(/leads\([^)]*\)/, '$batch')),
      400,
      '0x80060888',
    ],
    ['more than 1,000 operations', batch(...Array.from({ length: 1001 }, (_, n) => lead(`k${n}`))), 400, '0x80060888'],
    ['another version of OData', withHeaders(batch(lead('a')), { 'odata-version': '3.0' }), 400, '0x80060888'],
    ['another address', { ...batch(lead('a')), url: BATCH.replace('/api/data', '/api') }, 404],
    ['what is no batch', { ...batch(lead('a')), url: BATCH.replace('$batch', 'leads') }, 501],
  ]
  for (const [title, request, want, code] of whole)
    test(title, async () => {
      const { send, vendor } = await open()
      const answer = await send(request)
      assert.deepEqual([status(answer), code && codeOf(answer)], [want, code])
      assert.deepEqual(vendor.received, [])
    })

  const parts: [title: string, operation: Operation, status: number, code: string][] = [
    ['an unknown table', lead('a', {}, { set: 'constructor' }), 404, '0x8006088a'],
    ['an unknown key', lead('a', {}, { column: 'emailaddress1' }), 400, '0x80060888'],
    ['a key with a character that keys may not have', lead('ana+x'), 400, '0x80060888'],
    ['an unknown column', lead('a', { hasOwnProperty: 1 }), 400, '0x80048d19'],
    ['a value of another type', lead('a', { donotbulkemail: 'yes' }), 400, '0x80048d19'],
    ['a text over its length', lead('a', { lastname: 'x'.repeat(51) }), 400, '0x80044331'],
    ['an unknown choice', lead('a', { leadsourcecode: 11 }), 400, '0x8004431A'],
    ['a lookup in another case', lead('a', { 'CampaignId@odata.bind': '/campaigns(x)' }), 400, '0x80048d19'],
    ['a lookup to another table', lead('a', { 'campaignid@odata.bind': '/leads(x)' }), 400, '0x80048d19'],
    ['a lookup to nothing', lead('a', { 'campaignid@odata.bind': '/campaigns(x)' }), 404, '0x80060891'],
    ['a new lead without a surname', lead('a', { lastname: null }), 400, '0x80040265'],
    ['a change of what is not there', lead('a', {}, { only: 'there' }), 404, '0x80060891'],
  ]
  for (const [title, operation, want, code] of parts)
    test(title, async () => {
      const { send, vendor } = await open()
      assert.deepEqual(codesIn(await send(batch(operation))), [[want, code]])
      assert.deepEqual(vendor.received, [])
    })

  test('what is made a second time where it must be new', async () => {
    const { send, vendor } = await open()
    const answer = await send(batch(lead('a', {}, { only: 'missing' }), lead('a', {}, { only: 'missing' })))
    assert.deepEqual(codesIn(answer), [
      [204, undefined],
      [412, ''],
    ])
    assert.equal(vendor.received.length, 1)
  })
  test('whoever has no role', async () => {
    const { send } = await open('demo-norole')
    assert.deepEqual(codesIn(await send(batch(lead('a')))), [[403, '0x80040220']])
  })
  test('all that follows the first failure, unless it is told to go on', async () => {
    const { send, vendor } = await open()
    const request = withHeaders(batch(lead('a'), lead('b', { leadsourcecode: 11 }), lead('c')), { prefer: '' })
    const answer = await send(request)
    assert.equal(status(answer), 400)
    assert.deepEqual(
      codesIn(answer).map(([code]) => code),
      [204, 400],
    )
    assert.deepEqual(
      vendor.received.map(({ key }) => key),
      ['a'],
    )
  })
  test('everything while it plays an outage, and nothing afterwards', async () => {
    const { vendor, send } = await open()
    const played = { down: 503, throttled: 429, refused: 'refused', hang: 'hang', up: 200 } as const
    for (const [mode, want] of Object.entries(played)) {
      vendor.mode = mode as keyof typeof played
      assert.equal(status(await send(batch(lead('a')))), want)
    }
  })
})

suite('service protection', () => {
  const told = (answer: VendorAnswer) => {
    const { headers } = answer as { headers?: { 'retry-after'?: string } }
    return [status(answer), codeOf(answer), headers?.['retry-after']]
  }
  test('lets an application user make 6,000 requests in any 5 minutes', async () => {
    const { clock, send } = await open()
    for (let n = 0; n < 6000; n++) {
      assert.equal(status(await send(batch(lead('a')))), 200)
      clock.at += 40 // all of them in 4 minutes
    }
    assert.deepEqual(told(await send(batch(lead('a')))), [429, '0x80072322', '60'])
    clock.at += 60_000
    assert.equal(status(await send(batch(lead('a')))), 200)
  })
  test('lets 51 requests be under way at once', async () => {
    const { clock, send } = await open()
    for (let n = 0; n < 51; n++) assert.equal(status(await send(batch(lead('a')))), 200)
    assert.deepEqual(told(await send(batch(lead('a')))), [429, '0x80072326', '1'])
    clock.at += 1000
    assert.equal(status(await send(batch(lead('a')))), 200)
  })
  test('lets 20 minutes of work be done in any 5 minutes', () => {
    const clock = { at: NOW, now: () => clock.at }
    const limits = createLimits(clock)
    const seen = new Set<unknown>()
    for (let n = 0; n < 610; n++) {
      const said = limits.take('demo', 1000)
      seen.add(typeof said === 'number' ? said : codeOf(said))
      clock.at += 450
    }
    assert.deepEqual([...seen], [2005, '0x80072321'])
  })
})

suite('logging in', () => {
  const auth = dynamics.auth(SETTINGS)
  assert.ok(auth.kind === 'token')
  const secrets = simulator.credentials(SETTINGS)
  const verdict = (code: number, body: unknown = '') => {
    const token = auth.read({ status: code, headers: {}, body }, NOW, undefined)
    return 'verdict' in token ? token.verdict : 'a token'
  }
  test('asks the directory for a token of the one environment', () => {
    const request = auth.exchange(SETTINGS, { clientId: 'id', clientSecret: 'a+b&c' }, undefined, NOW)
    assert.equal(request.url, 'https://login.microsoftonline.com/loja-abc.onmicrosoft.com/oauth2/v2.0/token')
    assert.equal(
      request.body,
      'grant_type=client_credentials&client_id=id&client_secret=a%2Bb%26c&scope=https%3A%2F%2Floja-abc.crm2.dynamics.com%2F.default',
    )
  })
  test('tells what heals from what somebody has to mend, by number and not by status', () => {
    const numbers: { readonly [verdict: string]: readonly number[] } = {
      misconfigured: [7000215, 7000222, 700016, 90002, 70011, 900144, 50194, 700027, 65001, 53003],
      retry: [90006, 90012, 90024, 90033, 90090],
      throttled: [50196, 90055],
    }
    for (const [want, some] of Object.entries(numbers))
      for (const number of some) assert.equal(verdict(400, { error: 'e', error_codes: [number] }), want, String(number))
    assert.deepEqual(
      [verdict(401), verdict(429), verdict(502), verdict(200, { surprise: true })],
      ['misconfigured', 'throttled', 'retry', 'retry'],
    )
  })
  test('says which secret is wrong, in words that can be traced', async () => {
    const { vendor } = await open()
    const request = auth.exchange(SETTINGS, { ...secrets, clientSecret: 'the id of the secret' }, undefined, NOW)
    const ended = endOf(await vendor.handle(request))
    const token = ended.answered && auth.read(ended, NOW, undefined)
    assert.ok(token && 'verdict' in token)
    assert.equal(token.code, 'AADSTS7000215')
    assert.match(token.words ?? '', /^AADSTS7000215: Invalid client secret .*; correlation [0-9a-f-]{36}$/)
  })
  test('is refused in a directory that is not there, for an app that is not, and by a form that lacks something', async () => {
    const { vendor } = await open()
    const codes: unknown[] = []
    for (const [settings, credentials] of [
      [{ ...SETTINGS, directory: 'unknown.example' }, secrets],
      [{ ...SETTINGS, directory: 'common' }, secrets],
      [SETTINGS, { ...secrets, clientId: 'nobody' }],
      [SETTINGS, { clientId: 'app-of-demo' }],
    ] as const) {
      const answer = await vendor.handle(auth.exchange(settings, credentials, undefined, NOW))
      codes.push((answer as { body?: { error_codes?: number[] } }).body?.error_codes?.[0])
    }
    assert.deepEqual(codes, [90002, 50194, 700016, 900144])
  })
  test('brings a token that lives an hour', async () => {
    const { clock, send, token } = await open()
    assert.equal(token.expiresAt, NOW + 3_599_000)
    clock.at = token.expiresAt - 1
    assert.equal(status(await send(batch(lead('a')))), 200)
    clock.at = token.expiresAt
    assert.equal(status(await send(batch(lead('a')))), 401)
  })
  test('brings a token that is no good for another environment', async () => {
    const { send } = await open()
    const elsewhere = { ...batch(lead('a')), url: BATCH.replace('loja-abc', 'clinica-sol') }
    assert.equal(status(await send(elsewhere)), 401)
  })
})

suite('what Dataverse says is read in every shape', () => {
  const explained = (body: unknown, code = 400) =>
    dynamics.explain({ status: code, headers: {}, body }, { call: 'batch', settings: SETTINGS, records: [] })
  const shapes: [title: string, body: unknown, expected: object][] = [
    ['with a code in hex', { error: { code: '0x8004431A', message: 'm' } }, { code: '0x8004431a', words: 'm' }],
    ['with a code as a number', { error: { code: -2147204303, message: 'm' } }, { code: '0x80044331', words: 'm' }],
    ['with a number in a text', { error: { code: '-2147015902' } }, { code: '0x80072322' }],
    ['with an empty code', { error: { code: '', message: 'm' } }, { words: 'm' }],
    ['as a message alone', { Message: 'No HTTP resource was found' }, { words: 'No HTTP resource was found' }],
    ['as a page', '<html>Bad Gateway</html>', { words: '<html>Bad Gateway</html>' }],
    ['as nothing', '', {}],
    ['as null', null, {}],
    ['as something else', { error: [7, null] }, {}],
  ]
  for (const [title, body, expected] of shapes) test(title, () => assert.deepEqual(explained(body), expected))
  const causes: [words: string, code: string][] = [
    ["The property 'new_x' does not exist on type 'Microsoft.Dynamics.CRM.lead'.", 'unknown-column'],
    ["Could not find a property named 'new_x' on type 'lead'.", 'unknown-column'],
    ["An undeclared property 'CampaignId' which only has property annotations", 'unknown-column'],
    ["The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.lead'.", 'unknown-key'],
    ["Resource not found for the segment 'new_x'.", 'unknown-table'],
  ]
  for (const [message, code] of causes)
    test(`"${message.slice(0, 40)}" is ${code}, whatever code comes with it`, () => {
      for (const told of ['0x80048d19', '0x80060888', ''])
        assert.equal(explained({ error: { code: told, message } }).code, code)
    })
})

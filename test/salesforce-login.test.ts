import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { suite, test } from 'node:test'
import { type Settings, salesforce } from '../connectors/salesforce/index.ts'
import simulator from '../connectors/salesforce/simulator.ts'
import type { Secrets, Token } from '../core/connector.ts'
import { belongs } from '../core/token.ts'
import { endOf } from '../local/rehearse.ts'
import { base, NOW } from './tools/salesforce.ts'

const authOf = (settings: Partial<Settings> = {}) => {
  const auth = salesforce.auth({ ...base, ...settings })
  return auth.kind === 'token' ? auth : assert.fail()
}
const exchange = (settings: Partial<Settings>, secrets: Secrets, last?: Token) =>
  authOf(settings).exchange({ ...base, ...settings }, secrets, last, NOW)
const read = (body: unknown, status = 200, last?: Token) => authOf().read({ status, headers: {}, body }, NOW, last)

suite('the login', () => {
  const settingsOf: Partial<Settings>[] = [
    {},
    { auth: 'jwt' },
    { auth: 'jwt', loginUrl: 'https://login.salesforce.com' },
    { auth: 'refresh_token' },
  ]
  for (const settings of settingsOf)
    test(`works by ${settings.auth ?? 'client_credentials'} at ${settings.loginUrl ?? base.loginUrl}`, async () => {
      const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
      const auth = authOf(settings)
      const secrets = simulator.credentials({ ...base, ...settings }, 'loja-abc')
      assert.deepEqual(Object.keys(auth.secrets).sort(), Object.keys(secrets).sort())
      const ended = endOf(await vendor.handle(exchange(settings, secrets)))
      assert.ok(ended.answered)
      assert.partialDeepStrictEqual(auth.read(ended, NOW, undefined), {
        baseUrl: 'https://acme.my.salesforce.com',
        expiresAt: NOW + 7_200_000,
      })
    })
  test('by client credentials is refused where everybody logs in', async () => {
    const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
    const settings = { loginUrl: 'https://login.salesforce.com' }
    const ended = endOf(await vendor.handle(exchange(settings, simulator.credentials(base))))
    assert.ok(ended.answered && ended.status === 400)
  })
  test('is a form, with what is asked for and nothing else', () => {
    const { headers, body, url } = exchange({}, { clientId: 'a', clientSecret: 'b&c' })
    assert.equal(url, 'https://acme.my.salesforce.com/services/oauth2/token')
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded')
    assert.equal(body, 'grant_type=client_credentials&client_id=a&client_secret=b%26c')
  })
})

suite('a signed assertion', () => {
  const secrets = simulator.credentials({ ...base, auth: 'jwt' })
  const claimsOf = (settings: Partial<Settings>, some = secrets) => {
    const form = new URLSearchParams(exchange({ auth: 'jwt', ...settings }, some).body)
    const [head = '', claims = '', signature = ''] = (form.get('assertion') ?? '').split('.')
    return { head, claims, signature, said: JSON.parse(Buffer.from(claims, 'base64url').toString()) }
  }
  test('lives three minutes and is for the login server', () => {
    assert.deepEqual(claimsOf({}).said, {
      iss: 'app-of-demo',
      sub: 'connect@demo.example.com',
      aud: 'https://login.salesforce.com',
      exp: NOW / 1000 + 180,
    })
  })
  test('of a sandbox is for the sandboxes’ login server, or for whom the settings say', () => {
    assert.equal(
      claimsOf({ loginUrl: 'https://acme--uat.sandbox.my.salesforce.com' }).said.aud,
      'https://test.salesforce.com',
    )
    assert.equal(claimsOf({ loginUrl: 'https://test.salesforce.com' }).said.aud, 'https://test.salesforce.com')
    assert.equal(claimsOf({ audience: 'https://acme.my.salesforce.com' }).said.aud, 'https://acme.my.salesforce.com')
  })
  test('is signed with the key, line ends written out or not', () => {
    for (const privateKey of [secrets.privateKey!, secrets.privateKey!.replaceAll('\n', '\\n')]) {
      const { head, claims, signature } = claimsOf({}, { ...secrets, privateKey })
      const key = createPublicKey(secrets.privateKey!)
      assert.ok(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url')))
    }
  })
  test('without a usable key is for Salesforce to refuse', async () => {
    const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
    const ended = endOf(await vendor.handle(exchange({ auth: 'jwt' }, { ...secrets, privateKey: 'no key' })))
    assert.ok(ended.answered)
    assert.deepEqual(authOf().read(ended, NOW, undefined), {
      verdict: 'misconfigured',
      code: 'invalid_grant',
      words: 'invalid assertion',
    })
  })
})

suite('a token', () => {
  test('brings the address for everything that follows, anew each time', () => {
    const last: Token = { value: 'x', expiresAt: 0, baseUrl: 'https://old.my.salesforce.com' }
    const token = (instance?: string) => {
      const found = read({ access_token: 'a', ...(instance && { instance_url: instance }) }, 200, last)
      return 'value' in found ? found.baseUrl : assert.fail()
    }
    assert.equal(token('https://new.my.salesforce.com/'), 'https://new.my.salesforce.com')
    assert.equal(token(), 'https://old.my.salesforce.com')
  })
  test('lives as long as the session, from when Salesforce says it began if that can be believed', () => {
    const life = (issued_at: unknown, settings: Partial<Settings> = {}) => {
      const found = authOf(settings).read(
        { status: 200, headers: {}, body: { access_token: 'a', issued_at } },
        NOW,
        undefined,
      )
      return 'value' in found ? found.expiresAt - NOW : assert.fail()
    }
    assert.equal(life(String(NOW - 60_000)), 7_140_000)
    for (const strange of [String(NOW + 1), String(NOW - 3_600_000), 'yesterday', undefined])
      assert.equal(life(strange), 7_200_000)
    assert.equal(life(undefined, { sessionMinutes: 15 }), 900_000)
  })
  test('is renewed after half of that', () => {
    assert.equal(authOf().refreshEvery, 'rate(60 minutes)')
    assert.equal(authOf({ sessionMinutes: 15 }).refreshEvery, 'rate(7 minutes)')
  })
  test('of an app that rotates brings the next refresh token; else the last one stays', async () => {
    const settings = { auth: 'refresh_token' } as const
    const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
    const renew = async (last?: Token) => {
      const ended = endOf(
        await vendor.handle(exchange(settings, simulator.credentials({ ...base, ...settings }), last)),
      )
      assert.ok(ended.answered)
      return authOf(settings).read(ended, NOW, last)
    }
    const first = await renew()
    assert.ok('value' in first && first.refresh === 'refresh-of-demo.1')
    const second = await renew(first)
    assert.ok('value' in second && second.refresh === 'refresh-of-demo.2')
    assert.deepEqual(await renew({ ...first, refresh: 'refresh-of-demo.0' }), {
      verdict: 'misconfigured',
      code: 'invalid_grant',
      words: 'expired access/refresh token',
    })
    const kept = read({ access_token: 'a' }, 200, { value: 'x', expiresAt: 0, refresh: 'r' })
    assert.equal('value' in kept && kept.refresh, 'r')
  })
})

test('an address that a login names is gone to only if it is Salesforce’s', () => {
  const theirs = [
    'acme.my.salesforce.com',
    'acme--uat.sandbox.my.salesforce.com',
    'orgfarm-1-dev-ed.develop.my.salesforce.com',
    'login.salesforce.com',
    'test.salesforce.com',
  ]
  for (const host of theirs) assert.ok(belongs(`https://${host}`, salesforce.hosts), host)
  const others = [
    'acme.my.salesforce.com.example.com',
    'my.salesforce.com',
    'salesforce.com',
    'acme.my.salesforce.com:444',
    'acme.my.salesforce.com@example.com',
    'acme-my.salesforce.com',
    'example.com',
  ]
  for (const host of others) assert.ok(!belongs(`https://${host}`, salesforce.hosts), host)
})

suite('a refusal to log in', () => {
  const refusals: [status: number, error: string, description: string, verdict: string][] = [
    [400, 'invalid_grant', 'token request is already being processed', 'retry'],
    [400, 'invalid_grant', 'expired authorization code', 'retry'],
    [400, 'invalid_grant', 'expired access/refresh token', 'misconfigured'],
    [400, 'invalid_grant', 'authentication failure', 'misconfigured'],
    [400, 'invalid_grant', 'no client credentials user enabled', 'misconfigured'],
    [400, 'invalid_grant', 'audience is invalid', 'misconfigured'],
    [400, 'invalid_client_id', 'client identifier invalid', 'misconfigured'],
    [401, 'invalid_client', 'invalid client credentials', 'misconfigured'],
    [400, 'unsupported_grant_type', 'grant type not supported', 'misconfigured'],
    [400, 'inactive_org', 'organization is inactive', 'misconfigured'],
    [400, 'rate_limit_exceeded', 'too many', 'throttled'],
    [400, 'invalid_grant', 'login rate exceeded', 'throttled'],
    [500, 'unknown_error', 'retry your request', 'retry'],
  ]
  for (const [status, error, error_description, verdict] of refusals)
    test(`of ${status} ${error}, "${error_description}", is ${verdict}`, () => {
      assert.deepEqual(read({ error, error_description }, status), { verdict, code: error, words: error_description })
    })
  test('that is a page, or an answer without a token, is worth another try', () => {
    assert.deepEqual(read('<html></html>', 503), { verdict: 'retry', code: 'http-503', words: '<html></html>' })
    assert.deepEqual(read(undefined, 420), { verdict: 'retry', code: 'http-420' })
    assert.deepEqual(read({ surprise: true }), { verdict: 'retry', code: 'no-token' })
    assert.deepEqual(read('', 404), { verdict: 'misconfigured', code: 'http-404' })
  })
})

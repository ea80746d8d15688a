import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { responsys } from '../connectors/responsys/index.ts'
import type { HttpRequest, Token } from '../core/connector.ts'
import { belongs } from '../core/token.ts'
import { logIn } from '../functions/login.ts'
import { endOf } from '../local/rehearse.ts'
import { authOf, base, NOW, open } from './tools/responsys.ts'

const HOUR = 3_600_000

suite('logging in', () => {
  test('the password goes into the body, encoded, to the login address', () => {
    const request = authOf().exchange(base, { username: 'api.user', password: 'S3cret&more' }, undefined, NOW)
    assert.equal(request.url, 'https://login5.responsys.net/rest/api/v1.3/auth/token')
    assert.equal(request.body, 'user_name=api.user&password=S3cret%26more&auth_type=password')
    assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded')
    assert.equal(request.headers.authorization, undefined)
  })
  test('a living token is renewed at its own address, without the password', () => {
    const last = { value: 't', refresh: 't', expiresAt: 0, baseUrl: 'https://api5-009.responsys.net' }
    const request = authOf().exchange(base, { username: 'u', password: 'p' }, last, NOW)
    assert.equal(request.url, 'https://api5-009.responsys.net/rest/api/v1.3/auth/token')
    assert.equal(request.body, 'auth_type=token')
    assert.equal(request.headers.authorization, 't')
  })
  test('a token lives two hours from its issue, where the issue can be believed, and is renewed after 90 minutes', () => {
    const life = (issuedAt: unknown, settings = base) => {
      const body = { authToken: 't', issuedAt, endPoint: 'https://api5-009.responsys.net/' }
      const token = authOf(settings).read({ status: 200, headers: {}, body }, NOW, undefined)
      return 'value' in token ? [token.expiresAt - NOW, token.baseUrl] : []
    }
    assert.deepEqual(life(NOW - 60_000), [2 * HOUR - 60_000, 'https://api5-009.responsys.net'])
    for (const issuedAt of [1767225600000, NOW + HOUR, 'now', undefined]) assert.equal(life(issuedAt)[0], 2 * HOUR)
    assert.equal(life(NOW, { ...base, tokenMinutes: 180 })[0], 3 * HOUR)
    assert.equal(authOf().refreshEvery, 'rate(90 minutes)')
    assert.equal(authOf({ ...base, tokenMinutes: 180 }).refreshEvery, 'rate(135 minutes)')
  })
  test('a refusal that does not heal is told from one that does', () => {
    const verdict = (code: number, body: unknown) => {
      const token = authOf().read({ status: code, headers: {}, body }, NOW, undefined)
      return 'verdict' in token ? [token.verdict, token.code, token.waitMs] : 'a token'
    }
    assert.deepEqual(verdict(400, { errorCode: 'INVALID_USER_NAME_PASSWORD' }), [
      'misconfigured',
      'INVALID_USER_NAME_PASSWORD',
      undefined,
    ])
    assert.deepEqual(verdict(401, { errorCode: 'API_LIMIT_EXCEEDED' }), ['throttled', 'API_LIMIT_EXCEEDED', 60_000])
    assert.deepEqual(verdict(500, { errorCode: 'UNEXPECTED_EXCEPTION' }), ['retry', 'UNEXPECTED_EXCEPTION', undefined])
    assert.deepEqual(verdict(502, '<html>'), ['retry', 'http-502', undefined])
    assert.deepEqual(verdict(429, ''), ['throttled', 'http-429', undefined])
    assert.deepEqual(verdict(403, '<html>'), ['misconfigured', 'no-error-code', undefined])
    assert.deepEqual(verdict(200, '<html>'), ['retry', 'no-token', undefined])
    assert.deepEqual(verdict(200, { authToken: 't' }), ['misconfigured', 'no-endpoint', undefined])
  })
  test('only addresses of Oracle are gone to', () => {
    for (const host of [
      'login2.responsys.net',
      'api5-009.responsys.net',
      'login.rsys8.net',
      'abc123-api.responsys.ocs.oraclecloud.com',
    ])
      assert.ok(belongs(`https://${host}`, responsys.hosts), host)
    for (const host of [
      'responsys.net.evil.example',
      'evil-responsys.net',
      'a.b.responsys.net',
      'login.rsys7.net',
      'oraclecloud.com',
    ])
      assert.ok(!belongs(`https://${host}`, responsys.hosts), host)
  })

  const engine = async (
    vendor: Awaited<ReturnType<typeof open>>['vendor'],
    secrets: { [name: string]: string },
    last: Token,
  ) => {
    const asked: string[] = []
    const world = {
      now: () => NOW,
      sleep: async () => {},
      exchange: async (request: HttpRequest) => {
        asked.push(new URLSearchParams(request.body).get('auth_type')!)
        return endOf(await vendor.handle(request))
      },
    }
    const stored = { ...last, version: 2, obtainedAt: 0, previous: 'older' }
    const outcome = await logIn(world, responsys, authOf(), { settings: base, secrets, stored, deadline: NOW + 30_000 })
    return { asked, outcome }
  }
  test('a token that has died is replaced with the password, which is tried once', async () => {
    const { vendor, secrets, first } = await open()
    vendor.expireTokens()
    const { asked, outcome } = await engine(vendor, secrets, first)
    assert.deepEqual(asked, ['token', 'token', 'password'])
    assert.ok(outcome.token && outcome.token.value !== first.value)
  })
  test('a wrong password is tried once, and is what the refusal speaks of', async () => {
    const { vendor, secrets, first } = await open()
    vendor.expireTokens()
    const { asked, outcome } = await engine(vendor, { ...secrets, password: 'wrong' }, first)
    assert.deepEqual(asked, ['token', 'token', 'password'])
    assert.equal(outcome.refused?.code, 'INVALID_USER_NAME_PASSWORD')
    assert.equal(outcome.refused?.verdict, 'misconfigured')
  })
})

suite('the limits of an account', () => {
  const read = (body: unknown, settings = base, code = 200) =>
    responsys.limits!.read({ status: code, headers: {}, body }, settings)
  test('are asked for without a version in the path, and stand in for 200 a minute', async () => {
    const { vendor, first } = await open('shop-fast')
    const request = authOf().sign(responsys.limits!.request(base, first), first)
    assert.equal(request.url, 'https://api5-009.responsys.net/rest/api/ratelimit')
    const ended = endOf(await vendor.handle(request))
    assert.ok(ended.answered)
    const perMinute = (requests: number) => [{ requests, perMs: 60_000 }]
    assert.deepEqual(responsys.limits!.read(ended, base), {
      profile: perMinute(1000),
      extension: perMinute(500),
      table: perMinute(400),
      program: perMinute(300),
    })
    assert.deepEqual(responsys.calls.profile!.rates(base), perMinute(200))
  })
  test('that an operator has set are not overruled', async () => {
    const settings = { ...base, requestsPerMinute: { table: 90 } }
    const entry = { limit: 400, resource_path: '/folders/{f}/suppData/{t}/members', verb: 'POST' }
    assert.deepEqual(read([entry], settings), {})
    assert.deepEqual(responsys.calls.table!.rates(settings), [{ requests: 90, perMs: 60_000 }])
  })
  test('count the least of several, inside whatever holds the list, and no other function', () => {
    const path = 'rest/api/v1.3/events/{eventName}'
    const entries = [
      { limit: '300', resource_path: path, verb: 'POST' },
      { limit: 250, resource_path: path, verb: 'POST' },
      { limit: 1, resource_path: path, verb: 'GET' },
      { limit: 1, resource_path: '/events/rei/{eventName}', verb: 'POST' },
      { limit: 1, resource_path: '/asyncApi/v1.3/events/{eventName}', verb: 'POST' },
    ]
    assert.deepEqual(read({ items: entries }), { program: [{ requests: 250, perMs: 60_000 }] })
  })
  test('are unknown after an answer that is none', () => {
    for (const body of [null, '', '<html>', [], [null], {}, [{ limit: 0, resource_path: '/events/x', verb: 'POST' }]])
      assert.deepEqual(read(body), {})
    assert.deepEqual(read([{ limit: 5, resource_path: '/events/x', verb: 'POST' }], base, 500), {})
  })
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rdstation } from '../connectors/rdstation/index.ts'
import rdSimulator from '../connectors/rdstation/simulator.ts'
import type { HttpRequest, Token } from '../core/connector.ts'
import { readAccess, readRefresh } from '../functions/aws/tokens.ts'
import { createRefresh } from '../functions/refresh.ts'
import { acme } from './tools/acme.ts'
import { acmeSimulator } from './tools/acme-vendor.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { deathAt } from './tools/hooks.ts'
import { createRig, type Rig } from './tools/rig.ts'

const ACCOUNT = 'loja-abc'
const SECRET = `/connect/rdstation/${ACCOUNT}/credentials`
let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())

const acmeRig = () => createRig({ connector: acme(), simulator: acmeSimulator }, dynamo)
const rdRig = () => createRig({ connector: rdstation, simulator: rdSimulator }, dynamo)
const scheduled = { account: ACCOUNT, why: 'schedule' } as const
const missing = { account: ACCOUNT, why: 'missing' } as const
const failed = (failedVersion: number) => ({ account: ACCOUNT, why: 'unauthorized', failedVersion }) as const
const access = (rig: Rig, connector = 'acme') => readAccess(rig.world, connector, ACCOUNT)
const stored = (rig: Rig, connector = 'acme') => readRefresh(rig.world, connector, ACCOUNT)

/** The fake lets go of a refresh token only when its successor is used; a stricter vendor has done so by then. */
const withdrawOlder = (rig: Rig, newest: string) =>
  rig.vendor.handle({
    method: 'POST',
    url: 'https://api.rd.services/auth/token',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: 'app-of-demo', client_secret: 'secret-of-demo', refresh_token: newest }),
  })

test('a first refresh logs in with the secret and publishes the access token alone', async () => {
  const rig = await rdRig()
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 1 })
  assert.equal((await stored(rig, 'rdstation'))?.refresh, 'refresh-of-demo.1')
  const copy = await access(rig, 'rdstation')
  assert.equal(copy?.version, 1)
  const rows = JSON.stringify((await dynamo.items(rig.tables.tokens)).filter(({ pk }) => pk?.S?.endsWith('#access')))
  assert.ok(!rows.includes('refresh-of'), 'process can read no refresh token')
})

test('a copy that was lost is published again without a login', async () => {
  const rig = await acmeRig()
  const { hook, died } = deathAt((_, name) => name === 'PutItemCommand' && puts++ === 1)
  let puts = 0
  rig.setHook(hook)
  void rig.refresh(scheduled)
  await died
  rig.setHook(undefined)
  assert.equal(await access(rig), undefined)
  assert.deepEqual(await rig.refresh(missing), { ok: true, version: 1 })
  assert.equal((await access(rig))?.version, 1)
  assert.equal(rig.vendor.tokensIssued, 1)
})

test('a rotated refresh token is stored before anything can use its access token', async () => {
  const rig = await acmeRig()
  const order: string[] = []
  const world = {
    ...rig.world,
    dynamo: {
      send: (command: { input: { Item?: { pk?: { S?: string } } } }) => {
        order.push(command.input.Item?.pk?.S ?? '')
        return rig.database.client.send(command as never)
      },
    } as never,
  }
  await createRefresh(world, acme())(scheduled)
  assert.deepEqual(
    order.filter(pk => pk.includes('#loja-abc#')),
    ['acme#loja-abc#refresh', 'acme#loja-abc#access'],
  )
})

test('a table that is slow to take a rotated token is asked again', async () => {
  const rig = await rdRig()
  let refusals = 3
  rig.setHook((step, perform) =>
    step.name === 'PutItemCommand' && refusals-- > 0 ? Promise.reject(new Error('throughput')) : perform(),
  )
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 1 })
  assert.equal((await stored(rig, 'rdstation'))?.refresh, 'refresh-of-demo.1')
})

test('after a death between the answer and our write the account must be authorised again, and the mail says so', async () => {
  const rig = await rdRig()
  await rig.refresh(scheduled)
  rig.advance(12 * 3_600_000)
  const { hook, died } = deathAt((kind, name) => kind === 'dynamo' && name === 'PutItemCommand')
  rig.setHook(hook)
  void rig.refresh(scheduled)
  await died
  rig.setHook(undefined)
  await withdrawOlder(rig, 'refresh-of-demo.2')
  rig.advance(36_000)
  const result = await rig.refresh(scheduled)
  assert.equal(!result.ok && result.verdict, 'misconfigured')
  assert.equal(!result.ok && result.code, 'INVALID_REFRESH_TOKEN')
  assert.match(!result.ok ? result.words : '', /died while it asked/)
  assert.equal(rig.mails.length, 1)
  assert.match(rig.mails[0]!.text, /authorise again/)
  assert.match(rig.mails[0]!.text, /npm run connect -- test resume loja-abc\/rdstation/)

  rig.secrets.set(SECRET, { ...rig.secrets.get(SECRET)!, refreshToken: 'refresh-of-demo.7' })
  rig.advance(60_000)
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 2 })
  assert.equal((await stored(rig, 'rdstation'))?.refresh, 'refresh-of-demo.8')
  assert.match(rig.mails[1]!.subject, /recovered/)
})

test('the refresh token before the last is tried when the vendor does not know the last', async () => {
  const rig = await rdRig()
  await rig.refresh(scheduled)
  rig.advance(12 * 3_600_000)
  const sent: string[] = []
  const world = {
    ...rig.world,
    exchange: async (request: HttpRequest) => {
      const { refresh_token: token } = JSON.parse(request.body ?? '{}')
      sent.push(token)
      return token === 'refresh-of-demo.0'
        ? { answered: true as const, status: 200, headers: {}, body: { access_token: 'again', expires_in: 60 } }
        : {
            answered: true as const,
            status: 401,
            headers: {},
            body: { errors: { error_type: 'INVALID_REFRESH_TOKEN' } },
          }
    },
  }
  assert.deepEqual(await createRefresh(world, rdstation)(scheduled), { ok: true, version: 2 })
  assert.deepEqual(sent, ['refresh-of-demo.1', 'refresh-of-demo.0'])
})

test('a vendor that takes the secret again heals a lost refresh token by itself', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  rig.advance(1_800_000)
  const { hook, died } = deathAt((kind, name) => kind === 'dynamo' && name === 'PutItemCommand')
  rig.setHook(hook)
  void rig.refresh(scheduled)
  await died
  rig.setHook(undefined)
  rig.advance(36_000)
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 2 })
  assert.deepEqual(rig.mails, [])
})

test('only a login that surely never arrived is repeated', async () => {
  const rig = await acmeRig()
  let logins = 0
  rig.setHook((step, perform) => {
    if (step.kind === 'login') logins++
    return perform()
  })
  rig.vendor.mode = 'refused'
  assert.deepEqual(await rig.refresh(scheduled), {
    ok: false,
    verdict: 'retry',
    code: 'connection-refused',
    words: 'refused',
  })
  assert.equal(logins, 3)
  rig.vendor.mode = 'hang'
  assert.equal((await rig.refresh(scheduled)).ok, false)
  assert.equal(logins, 4)
  assert.deepEqual(rig.mails, [], 'a vendor that is away for a moment is no news')
})

test('missing credentials are named with the command that sets them, in one mail, and a recovery mail follows', async () => {
  const rig = await rdRig()
  const full = rig.secrets.get(SECRET)!
  const { refreshToken: _, ...partial } = full
  rig.secrets.set(SECRET, partial)
  const result = await rig.refresh(scheduled)
  assert.equal(!result.ok && result.code, 'credentials-incomplete')
  assert.match(!result.ok ? result.words : '', /lacks "refreshToken"/)
  assert.match(
    !result.ok ? result.words : '',
    /put-secret-value --secret-id \/connect\/rdstation\/loja-abc\/credentials/,
  )
  rig.secrets.delete(SECRET)
  rig.advance(60_000)
  assert.equal((await rig.refresh(scheduled)).ok, false)
  assert.equal(rig.mails.length, 1)
  assert.ok(!rig.mails[0]!.text.includes(full.clientSecret!))
  rig.secrets.set(SECRET, full)
  rig.advance(60_000)
  assert.equal((await rig.refresh(scheduled)).ok, true)
  assert.equal(rig.mails.length, 2)
  assert.match(rig.mails[1]!.subject, /loja-abc\/rdstation: recovered/)
})

test('a base URL outside the vendor is refused, but the rotated refresh token that came with it is kept', async () => {
  const rig = await acmeRig()
  const world = {
    ...rig.world,
    exchange: async () => ({
      answered: true as const,
      status: 200,
      headers: {},
      body: { token: 'stolen', lifeMs: 60_000, refresh: 'next', baseUrl: 'https://api.acme.example.evil.example' },
    }),
  }
  const result = await createRefresh(world, acme())(scheduled)
  assert.equal(!result.ok && result.code, 'strange-host')
  assert.equal(await access(rig), undefined)
  const kept: Token | undefined = await stored(rig)
  assert.equal(kept?.refresh, 'next')
  assert.equal(kept?.baseUrl, undefined)
})

test('an account with static keys has nothing to refresh', async () => {
  const rig = await createRig({ connector: acme({ auth: 'static' }), simulator: acmeSimulator }, dynamo)
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 0 })
  assert.deepEqual(await dynamo.items(rig.tables.tokens), [])
})

test('an account without a destination is refused by name', async () => {
  const rig = await acmeRig()
  const result = await rig.refresh({ account: 'nobody', why: 'schedule' })
  assert.match(!result.ok ? result.words : '', /"nobody"/)
})

test('no line of the log holds a token or a secret', async () => {
  const rig = await rdRig()
  await rig.refresh(scheduled)
  rig.vendor.expireTokens()
  await rig.refresh(failed(1))
  const text = JSON.stringify(rig.lines)
  assert.ok(rig.lines.some(({ message }) => message === 'token renewed'))
  for (const secret of [
    ...Object.values(rig.secrets.get(SECRET)!),
    'refresh-of',
    (await access(rig, 'rdstation'))!.value,
  ])
    assert.ok(!text.includes(secret), secret)
})

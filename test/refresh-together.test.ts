import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rdstation } from '../connectors/rdstation/index.ts'
import rdSimulator from '../connectors/rdstation/simulator.ts'
import { readAccess } from '../functions/aws/tokens.ts'
import { acme } from './tools/acme.ts'
import { acmeSimulator } from './tools/acme-vendor.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { deathAt, heldSleep, stopBefore } from './tools/hooks.ts'
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
const access = (rig: Rig) => readAccess(rig.world, 'acme', ACCOUNT)

test('two refreshes at once log in once, and the other takes the result', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  const { hook, sleeping, open } = heldSleep()
  const asked = Promise.withResolvers<void>()
  const letGo = Promise.withResolvers<void>()
  rig.setHook(async (step, perform) => {
    if (step.kind !== 'login') return hook(step, perform)
    asked.resolve()
    await letGo.promise
    return perform()
  })
  const winner = rig.refresh(failed(1))
  await asked.promise
  const loser = rig.refresh(failed(1))
  await sleeping
  letGo.resolve()
  assert.deepEqual(await winner, { ok: true, version: 2 })
  open()
  assert.deepEqual(await loser, { ok: true, version: 2 })
  assert.equal(rig.vendor.tokensIssued, 2)
})

test('an expired token is renewed once, however many ask', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  const results = await Promise.all(Array.from({ length: 12 }, () => rig.refresh(failed(1))))
  assert.deepEqual(new Set(results.map(result => JSON.stringify(result))), new Set(['{"ok":true,"version":2}']))
  assert.equal(rig.vendor.tokensIssued, 2)
})

test('a login that fails is not repeated by everyone who waited for it', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  rig.vendor.mode = 'down'
  let logins = 0
  rig.setHook((step, perform) => {
    if (step.kind === 'login') logins++
    return step.kind === 'sleep' ? Promise.resolve() : perform()
  })
  const results = await Promise.all(Array.from({ length: 8 }, () => rig.refresh(failed(1))))
  assert.equal(logins, 1)
  assert.deepEqual(new Set(results.map(result => !result.ok && result.verdict)), new Set(['retry']))
  rig.vendor.mode = 'up'
  rig.advance(5_000)
  assert.deepEqual(await rig.refresh(failed(1)), { ok: true, version: 2 })
})

test('a failure seconds ago is the answer to a call that comes after it, too', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  rig.advance(60_000)
  rig.vendor.mode = 'down'
  const first = await rig.refresh(failed(1))
  rig.vendor.mode = 'up'
  rig.advance(4_000)
  assert.deepEqual(await rig.refresh(failed(1)), first)
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 2 }, 'a schedule asks for itself')
})

test('credentials that were put right are used at once, however young the failure', async () => {
  const rig = await rdRig()
  const full = rig.secrets.get(SECRET)!
  rig.secrets.delete(SECRET)
  assert.equal((await rig.refresh(missing)).ok, false)
  rig.secrets.set(SECRET, full)
  assert.deepEqual(await rig.refresh(missing), { ok: true, version: 1 })
})

test('a call that read the old token before another renewed it finds the new one in its turn', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  const { hook, reached, goOn } = stopBefore('UpdateItemCommand', 1)
  rig.setHook(hook)
  const late = rig.refresh(failed(1))
  await reached
  await rig.refresh(failed(1))
  goOn()
  assert.deepEqual(await late, { ok: true, version: 2 })
  assert.equal(rig.vendor.tokensIssued, 2)
})

test('a token that was refused is no answer to the one whom it failed', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  const { hook, reached, goOn } = stopBefore('UpdateItemCommand', 2) // takes its turn, stores, and has yet to end it
  rig.setHook(async (step, perform) => {
    if (step.kind === 'sleep') goOn()
    return step.kind === 'sleep' ? undefined : hook(step, perform)
  })
  const first = rig.refresh(failed(1))
  await reached
  assert.equal((await access(rig))?.version, 2)
  assert.deepEqual(await rig.refresh(failed(2)), { ok: true, version: 3 })
  assert.deepEqual(await first, { ok: true, version: 2 })
})

test('a version that somebody has replaced costs no login', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  await rig.refresh(failed(1))
  assert.deepEqual(await rig.refresh(failed(1)), { ok: true, version: 2 })
  assert.equal(rig.vendor.tokensIssued, 2)
})

test('the turn of a refresh that died is free once its time is over, and not before', async () => {
  const rig = await acmeRig()
  const { hook, died } = deathAt(kind => kind === 'login')
  rig.setHook(hook)
  void rig.refresh(scheduled)
  await died
  rig.setHook(undefined)
  const early = await rig.refresh(scheduled) // waits by the clock, until its own time is over
  assert.deepEqual(early, { ok: false, verdict: 'retry', code: 'refresh-busy', words: '' })
  rig.advance(36_000)
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 1 })
})

test('a schedule that fires twice logs in once', async () => {
  const rig = await acmeRig()
  await rig.refresh(scheduled)
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 1 })
  rig.advance(60_000)
  assert.deepEqual(await rig.refresh(scheduled), { ok: true, version: 2 })
})

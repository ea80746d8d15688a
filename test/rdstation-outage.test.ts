import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { rdstation } from '../connectors/rdstation/index.ts'
import simulator from '../connectors/rdstation/simulator.ts'
import type { Event } from '../core/event.ts'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { createRig, START } from './tools/rig.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())

const MINUTE = 60_000
const lead = (i: number): Event => ({
  id: `lead-${i}`,
  name: 'generate_lead',
  at: new Date(START + i).toISOString(),
  user: { email: `person-${i}@example.com` },
  consent: { marketing: true },
  properties: { form: 'newsletter' },
})

test('RD Station is down for an hour: one mail, no tries burned while the breaker is open, all of it delivered, one mail more', async () => {
  const r = await createRig({ connector: rdstation, simulator, destination: { shards: 2 } }, dynamo)
  await r.accept(Array.from({ length: 200 }, (_, i) => lead(i)))
  r.vendor.mode = 'down'
  const minute = async () => {
    await r.run()
    await r.tick()
    r.advance(MINUTE)
  }
  let whenOpened: number[] | undefined
  for (let i = 0; i < 60; i++) {
    await minute()
    if (!whenOpened && r.mails.length) whenOpened = (await r.waiting()).map(({ attempts }) => attempts)
  }
  const attempts = (await r.waiting()).map(each => each.attempts)
  assert.equal(attempts.length, 200)
  const spent = (tries: readonly number[] = []) => tries.reduce((sum, each) => sum + each, 0)
  assert.ok(whenOpened, 'the breaker opened')
  assert.ok(spent(attempts) - spent(whenOpened) <= 60, 'after that only probes are tries, one a minute')
  assert.deepEqual(
    r.mails.map(({ subject }) => subject),
    ['[connect test] loja-abc/rdstation: vendor does not answer'],
  )
  r.vendor.mode = 'up'
  for (let i = 0; i < 400 && (await r.waiting()).length; i++) await minute()
  assert.equal(new Set(r.vendor.received.map(({ key }) => key)).size, 200)
  assert.deepEqual(await r.letters(), [])
  assert.equal(r.mails.length, 2)
})

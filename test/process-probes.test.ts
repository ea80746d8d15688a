import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Dynamo, startDynamo } from './tools/dynamo.ts'
import { type AcmeRig, acmeRig, event, events, HOUR, MINUTE, TENANT, whereabouts } from './tools/stage.ts'

let dynamo: Dynamo
before(async () => {
  dynamo = await startDynamo()
})
after(() => dynamo.stop())
const rig = (options?: Parameters<typeof acmeRig>[1]) => acmeRig(dynamo, options)

const stopping = async () => {
  const r = await rig()
  await r.accept([event('visit', 'misconfigure-once')])
  await r.run()
  await r.accept(events(30))
  const before = r.vendor.requests.length
  await r.run()
  assert.equal(r.vendor.requests.length, before, 'it is stopped')
  return r
}
const REASONS: { [reason: string]: (r: AcmeRig) => Promise<unknown> } = {
  'after a deploy': async r => {
    await r.declare({ revision: '2' })
    r.cold()
  },
  'with a new token': r => r.refresh({ account: TENANT, why: 'schedule' }),
  'when somebody resumes it': r => r.operate({ do: 'resume', tenant: TENANT, by: 'ana' }),
  'every hour': async r => r.advance(HOUR),
}
for (const [reason, happens] of Object.entries(REASONS))
  test(`a stopped destination is tried again ${reason}`, async () => {
    const r = await stopping()
    r.advance(2 * MINUTE) // a token is not renewed twice in a minute
    await happens(r)
    await r.run()
    assert.deepEqual(await whereabouts(r).then(({ waiting, dead }) => [waiting, dead]), [[], []])
    assert.equal((await r.state()).stopped, undefined)
  })

test('a probe is one record, and if it fails no other is sent', async () => {
  const r = await rig()
  await r.accept(events(30, 'visit', 'misconfigure'))
  await r.run()
  r.advance(HOUR)
  const before = r.vendor.requests.length
  await r.run()
  const probes = r.vendor.requests.slice(before).filter(({ path }) => path !== '/token')
  assert.deepEqual(
    probes.map(({ events }) => events.length),
    [1],
  )
  assert.equal(r.mails.length, 1, 'the same trouble is not told again')
})

test('a probe that is not for the vendor gives way to one that is', async () => {
  const r = await rig({ destination: { requires: ['marketing'] } })
  const willing = (magic?: string) => event('visit', magic, { consent: { marketing: true } })
  await r.accept([willing('misconfigure-once')])
  await r.run()
  await r.accept([...events(40), willing()])
  r.advance(HOUR)
  await r.run()
  assert.equal(r.vendor.received.length, 2)
  assert.deepEqual(await r.waiting(), [])
})

test('a probe with nothing to send is left to the first event that comes', async () => {
  const r = await rig()
  const bad = event('visit', 'reject')
  await r.accept(Array.from({ length: 1 }, () => event('visit', 'misconfigure-once')))
  await r.run()
  await r.operate({ do: 'suppress', tenant: TENANT, by: 'ana', email: bad.user!.email! })
  r.advance(HOUR)
  await r.run({ lanes: ['urgent'] })
  await r.run({ lanes: ['normal'] })
  assert.equal(r.vendor.received.length, 1)
})

test('a success that left before the vendor asked us to wait does not end the wait', async () => {
  const r = await rig({ destination: { settings: { account: 'shop', records: 1 } } })
  await r.accept([event('visit', 'throttle'), ...events(5)])
  await r.run()
  assert.ok((await r.state()).throttled)
  const before = r.vendor.requests.length
  await r.run()
  assert.equal(r.vendor.requests.length, before)
})

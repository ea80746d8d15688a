import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rdstation } from '../connectors/rdstation/index.ts'
import rdSimulator from '../connectors/rdstation/simulator.ts'
import type { Event } from '../core/event.ts'
import { type AcmeData, acme } from './tools/acme.ts'
import { acmeSimulator } from './tools/acme-vendor.ts'
import { awaitsOf, killRun, MOMENTS, type Moment, worthKilling } from './tools/faults.ts'
import { memoryDynamo } from './tools/memory-dynamo.ts'
import { createRig, type Rig, START } from './tools/rig.ts'

const SECOND = 1_000
const lead = (n: number): Event => {
  const id = `lead-${String(n).padStart(4, '0')}`
  return { id, name: 'generate_lead', at: new Date(START + n).toISOString(), user: { email: `${id}@example.com` } }
}

async function rdRig(onUnknown: 'resend' | 'hold', count: number, recordsPerRequest: number) {
  const settings = { ...rdSimulator.settings, recordsPerRequest }
  const rig = await createRig(
    { connector: rdstation, simulator: rdSimulator, destination: { onUnknown, settings } },
    memoryDynamo(),
  )
  const leads = Array.from({ length: count }, (_, n) => lead(n))
  const envelopes = Array.from({ length: Math.ceil(count / 10) }, (_, n) => leads.slice(n * 10, n * 10 + 10))
  await rig.acceptAll(envelopes)
  return rig
}

/** Past the lease of the run that died, the tick starts what is left, and the schedule runs as ever. */
async function drain(rig: Rig, everyMs = 75 * SECOND) {
  for (let round = 0; round < 8; round++) {
    rig.advance(everyMs)
    await rig.tick()
    await rig.runInvoked()
    await rig.run()
    if (!(await rig.waiting()).length) return
  }
  assert.fail('still waiting after eight rounds')
}

/** Kills a run at one await and drains what it leaves; then nothing is lost, and what was in flight is what the setting says. */
async function killAndCheck(onUnknown: 'resend' | 'hold', events: number, batch: number, at: number, moment: Moment) {
  const rig = await rdRig(onUnknown, events, batch)
  const step = await killRun(rig, at, moment)
  const inFlight = rig.vendor.received.length
  await drain(rig)
  const where = `${moment} await ${at} (${step?.kind} ${step?.name})`
  const received = Map.groupBy(rig.vendor.received, ({ key }) => key)
  const twice = [...received.values()].filter(some => some.length > 1)
  const letters = await rig.letters()
  const ids = new Set([...received.keys()].map(key => key.split('@')[0]))
  const dead = letters.map(({ id }) => id)
  for (let n = 0; n < events; n++)
    assert.ok(ids.has(lead(n).id) || dead.includes(lead(n).id), `${lead(n).id} lost: ${where}`)
  if (onUnknown === 'resend') {
    assert.deepEqual(dead, [], where)
    assert.ok(twice.length <= batch, `${twice.length} events twice: ${where}`)
    for (const [first] of twice)
      assert.ok(rig.vendor.received.indexOf(first!) >= inFlight - batch, `not in flight: ${where}`)
  } else {
    assert.deepEqual(twice, [], where)
    assert.ok(dead.length <= batch, `${dead.length} in doubt: ${where}`)
    for (const { death } of letters) assert.equal(death.reason, 'outcome-unknown', where)
  }
  return { step, twice: twice.length, dead: dead.length }
}

/** Both moments of every await of the small runs; of the large ones each await is met in one of them, in turn. */
const SWEEPS = [
  { onUnknown: 'resend', events: 30, batch: 10, moments: MOMENTS.length },
  { onUnknown: 'resend', events: 500, batch: 100, moments: 1 },
  { onUnknown: 'hold', events: 30, batch: 10, moments: MOMENTS.length },
  { onUnknown: 'hold', events: 500, batch: 100, moments: 1 },
] as const
for (const { onUnknown, events, batch, moments } of SWEEPS)
  test(`killed at any await of a run of ${events} events under ${onUnknown}, it loses nothing and only the batch in flight is in doubt`, async () => {
    const awaits = await awaitsOf(await rdRig(onUnknown, events, batch))
    let doubted = 0
    for (const at of worthKilling(awaits))
      for (const moment of moments === 1 ? [MOMENTS[at % MOMENTS.length]!] : MOMENTS) {
        const { step, twice, dead } = await killAndCheck(onUnknown, events, batch, at, moment)
        assert.ok(step, `the run has an await ${at}`)
        doubted += twice + dead
      }
    assert.ok(doubted > 0, 'the sweep has met the moments that cannot be told apart')
  })

/** Each a profile, a row and a message that must not be sent twice; the vendor does with them what they say. */
const WISHES = [
  undefined,
  'message:reject',
  'row:retry',
  'profile:busy-once',
  'message:not-processed-once',
  undefined,
  'row:later-once',
  'profile:reject',
  'message:later',
  undefined,
]
const story = (n: number): Event => {
  const id = `e-${n}`
  const wish = WISHES[n % WISHES.length]
  const at = new Date(START + n).toISOString()
  return {
    id,
    name: 'purchase',
    at,
    user: { email: `${id}@example.com` },
    properties: { tell: true, ...(wish && { acme: wish }) },
  }
}

/** `n` as the vendor must have taken it in the end: which of its records, and how its letter reads. */
const ENDS: { readonly [wish: string]: { kinds: readonly string[]; dead?: string } } = {
  'message:reject': { kinds: ['profile', 'row'], dead: 'rejected' },
  'row:retry': { kinds: ['profile'], dead: 'rejected' },
  'profile:reject': { kinds: [], dead: 'rejected' },
  'message:later': { kinds: ['profile', 'row'], dead: 'outcome-unknown' },
}
const DELIVERED = { kinds: ['profile', 'row', 'message'] }

async function storyRig() {
  const settings = { ...acmeSimulator.settings, records: 5 }
  const rig = await createRig(
    { connector: acme(), simulator: acmeSimulator, destination: { settings } },
    memoryDynamo(),
  )
  const stories = Array.from({ length: 20 }, (_, n) => story(n))
  await rig.acceptAll([stories.slice(0, 7), stories.slice(7, 14), stories.slice(14)])
  return rig
}

test('killed at any await of a run of events of three calls and every fate, each event still ends where it belongs', async () => {
  for (const at of worthKilling(await awaitsOf(await storyRig())))
    for (const moment of MOMENTS) {
      const rig = await storyRig()
      const step = await killRun(rig, at, moment)
      await drain(rig, 5 * 60 * SECOND)
      const where = `${moment} await ${at} (${step?.kind} ${step?.name})`
      const letters = new Map((await rig.letters()).map(({ id, death }) => [id, death.reason]))
      let inDoubt = 0
      for (let n = 0; n < 20; n++) {
        const { id } = story(n)
        const kinds = rig.vendor.received.filter(({ data }) => (data as AcmeData).event === id).map(({ kind }) => kind)
        const { kinds: wanted, dead }: { kinds: readonly string[]; dead?: string } =
          ENDS[WISHES[n % WISHES.length] ?? ''] ?? DELIVERED
        assert.ok(kinds.filter(kind => kind === 'message').length <= 1, `${id} was told twice: ${where}`)
        const doubt = letters.get(id) === 'outcome-unknown' && dead !== 'outcome-unknown'
        if (doubt) inDoubt++
        else {
          assert.deepEqual([...new Set(kinds)], wanted, `${id}: ${where}`)
          assert.equal(letters.get(id), dead, `${id}: ${where}`)
        }
      }
      assert.ok(inDoubt <= 16, `${inDoubt} in doubt: ${where}`) // small requests go side by side, 16 records at most
    }
})

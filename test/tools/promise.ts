import assert from 'node:assert/strict'
import type { Event } from '../../core/event.ts'
import { createOperate } from '../../functions/operate.ts'
import { type AcmeData, acme } from './acme.ts'
import { acmeKey, acmeSimulator } from './acme-vendor.ts'
import { type Chance, chanceOf } from './chance.ts'
import { faultyHook, killRun, killWithin, MOMENTS, pauseRun } from './faults.ts'
import { memoryDynamo } from './memory-dynamo.ts'
import { createRig, type Hook, type Rig, START, type Step } from './rig.ts'

/**
 * One random schedule of accepts, runs, deaths, freezes, failing tables, vendor trouble, clock jumps and what operators do, all of
 * it decided by `seed`. Afterwards the vendor behaves, everything must drain, and every accepted event must be where the promise
 * of the delivery engine says. Throws with what went wrong and what had been done.
 */
export async function keepsPromise(seed: number): Promise<void> {
  const chance = chanceOf(seed)
  const history: string[] = []
  try {
    const story = await createStory(chance)
    const length = 10 + chance.upTo(25)
    for (let n = 0; n < length; n++) history.push(await story.act(chance.pick(ACTIONS)))
    await story.drain()
    await story.check()
  } catch (error) {
    throw new Error(`seed ${seed} broke the promise, after ${history.join(' · ')}`, { cause: error })
  }
}

const ACTIONS = [
  'accept',
  'accept',
  'accept',
  'repeat',
  'run',
  'run',
  'run',
  'kill',
  'kill',
  'freeze',
  'freeze',
  'thaw',
  'tick',
  'tick',
  'wait',
  'wait',
  'wait',
  'vendor',
  'vendor',
  'tokens',
  'pause',
  'resume',
  'redrive',
  'half a redrive',
  'opt-out',
  'deploy',
  'expire',
] as const
type Action = (typeof ACTIONS)[number]

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const NAMES = ['visit', 'message', 'purchase', 'told'] as const
/** What a record meets for good; the others only once, so that all can drain. */
const FOR_GOOD = ['reject', 'retry', 'refuse', 'refuse-silently']
const ONCE = [
  'busy',
  'later',
  'throttle',
  'unauthorized',
  'misconfigure',
  'down',
  'not-processed',
  'reset',
  'refused',
  'hang',
  'silent',
  'moved',
].map(magic => `${magic}-once`)

type Story = { act(action: Action): Promise<string>; drain(): Promise<void>; check(): Promise<void> }

async function createStory(chance: Chance): Promise<Story> {
  const onUnknown = chance.pick(['hold', 'resend'] as const)
  const auth = chance.pick(['token', 'static'] as const)
  const rig = await createRig(
    {
      connector: acme({ onUnknown, auth, ordered: chance.happens(0.3) }),
      simulator: auth === 'static' ? { ...acmeSimulator, credentials: acmeKey } : acmeSimulator,
      timeoutMs: 30 * SECOND,
      destination: {
        shards: 1 + chance.upTo(3),
        urgent: chance.happens(0.5) ? ['purchase'] : [],
        settings: { account: 'shop', records: 1 + chance.upTo(6) },
        requires: chance.happens(0.2) ? ['marketing'] : [],
      },
    },
    memoryDynamo(),
  )
  const accepted = new Map<string, Event>()
  const requests: Event[][] = []
  const repeated = new Set<string>()
  const optedOut = new Set<string>()
  const redriven = new Map<string, number>()
  /** Events of calls whose answer nobody has heard, or not in time: what the vendor did with them cannot be known. */
  const blurred = new Set<string>()
  const frozen: { resume(): Promise<void> }[] = []
  const world = { rig, chance }
  const shaky = faultyHook(chance, request => {
    for (const { event } of JSON.parse(request.body ?? '[]')) blurred.add(event)
  })
  /** What a run that met a failing table throws is for Lambda to log; its last calls may be unwritten. */
  const survive = (work: Promise<unknown>) =>
    blurring(async () => {
      const end = await work.then(() => 'ok').catch(error => (error as Error).name)
      return { end, blurs: end !== 'ok' }
    })
  const blurring = async (work: () => Promise<{ end: string; blurs: boolean }>) => {
    const before = rig.vendor.requests.length
    const { end, blurs } = await work()
    if (blurs) for (const { events } of rig.vendor.requests.slice(before)) for (const id of events) blurred.add(id)
    return end
  }

  const actions: { [A in Action]: () => Promise<string> } = {
    async accept() {
      const events = Array.from({ length: 1 + chance.upTo(6) }, () => randomEvent(chance, accepted.size, rig.now()))
      for (const event of events) {
        accepted.set(event.id, event)
        if (String(event.properties?.acme).endsWith('silent-once')) blurred.add(event.id)
      }
      const unique = [...new Map(events.map(event => [event.id, event])).values()]
      requests.push(unique)
      await rig.accept(unique)
      return `${unique.length}`
    },
    async repeat() {
      if (!requests.length) return 'none'
      const again = chance.pick(requests)
      const some = chance.happens(0.5) ? again : again.slice(0, 1 + chance.upTo(again.length))
      for (const { id } of some) repeated.add(id)
      await rig.accept(some)
      return `${some.length}`
    },
    run: () => survive(chance.happens(0.5) ? rig.runWith(shaky) : rig.run()),
    kill: () =>
      blurring(async () => {
        if (chance.happens(0.7)) await actions.accept()
        const died = await killRun(rig, chance.upTo(60), chance.pick(MOMENTS))
        return { end: nameOf(died), blurs: died !== undefined }
      }),
    freeze: () =>
      blurring(async () => {
        if (chance.happens(0.7)) await actions.accept()
        const at = chance.upTo(60)
        const run = await pauseRun(rig, (_, seen) => seen === at, chance.pick(MOMENTS))
        if (run.at) frozen.push(run)
        return { end: nameOf(run.at), blurs: run.at !== undefined }
      }),
    thaw: () =>
      blurring(async () => {
        const one = frozen.splice(chance.upTo(frozen.length), 1)[0]
        return one ? { end: await survive(one.resume()), blurs: true } : { end: 'none', blurs: false }
      }),
    tick: () => survive(rig.tick().then(rig.runInvoked)),
    async wait() {
      const ms = chance.pick([SECOND, 10 * SECOND, MINUTE, 2 * MINUTE, 10 * MINUTE, HOUR, 5 * HOUR])
      rig.advance(chance.happens(0.03) ? 80 * HOUR : ms)
      return `${ms / SECOND}`
    },
    async vendor() {
      rig.vendor.mode = chance.pick(['up', 'up', 'up', 'down', 'refused', 'hang', 'throttled'])
      return rig.vendor.mode
    },
    async tokens() {
      rig.vendor.expireTokens()
      return ''
    },
    pause: () => survive(rig.operate({ do: 'pause', tenant: TENANT, by: 'ana', reason: 'to see' })),
    resume: () => survive(rig.operate({ do: 'resume', tenant: TENANT, by: 'ana' })),
    async redrive() {
      const resendUnknown = chance.happens(0.5)
      const result = await rig.operate({ do: 'redrive', tenant: TENANT, by: 'ana', resendUnknown })
      if (!result.ok || result.did !== 'redrive') throw new Error('no redrive')
      for (const id of result.redriven) redriven.set(id, (redriven.get(id) ?? 0) + 1)
      return `${result.redriven.length}`
    },
    async 'half a redrive'() {
      for (const { id } of await rig.letters()) redriven.set(id, (redriven.get(id) ?? 0) + 1)
      const order = { do: 'redrive', tenant: TENANT, by: 'ana', resendUnknown: true } as const
      const work = (hook: Hook) => rig.within(hook, () => createOperate(rig.world, 'acme')(order))
      return nameOf(await killWithin(work, chance.upTo(12), chance.pick(MOMENTS)))
    },
    async 'opt-out'() {
      const email = `person-${chance.upTo(PEOPLE)}@example.com`
      optedOut.add(email)
      await rig.operate({ do: 'suppress', tenant: TENANT, by: 'ana', email })
      return ''
    },
    async deploy() {
      await rig.declare({ revision: String(chance.next()), shards: Math.max(1, chance.upTo(4)) })
      return ''
    },
    expire: async () => `${await rig.expire()}`,
  }

  /** What the vendor was asked for an event, and what became of it: for whoever reads a failure. */
  const course = (id: string) =>
    rig.vendor.requests
      .filter(({ events }) => events.includes(id))
      .map(({ at, path, status }) => `${(at - START) / SECOND} s ${path} ${status}`)
      .join(', ')

  return {
    async act(action) {
      const end = await actions[action]()
      await noneIsTwoThings(world.rig, repeated)
      return `${action} ${end}`.trim()
    },
    async drain() {
      while (frozen.length) await actions.thaw()
      rig.vendor.mode = 'up'
      await rig.operate({ do: 'resume', tenant: TENANT, by: 'ana' })
      for (let round = 0; round < 120 && (await rig.waiting()).length; round++) {
        rig.advance(round < 20 ? 2 * MINUTE : 5 * HOUR)
        await rig.tick()
        await rig.runInvoked()
        await rig.run()
        await rig.expire()
      }
    },
    async check() {
      assert.deepEqual(await rig.waiting(), [], 'the vendor behaves, and still something waits')
      const letters = new Map((await rig.letters()).map(letter => [letter.id, letter]))
      const received = Map.groupBy(rig.vendor.received, ({ data }) => (data as AcmeData).event)
      for (const event of accepted.values()) {
        const { id } = event
        const kinds = (received.get(id) ?? []).map(({ kind }) => kind)
        const whole = kinds.includes(lastCall(event))
        const letter = letters.get(id)
        const dead = letter?.item.status?.S === 'dead'
        const notForVendor =
          optedOut.has(event.user?.email ?? '') ||
          (rig.destination.requires.length > 0 && event.consent?.marketing !== true)
        const halfRedriven = letter?.item.status?.S === 'redriving'
        assert.ok(dead || halfRedriven || whole || notForVendor, `${id} is lost: ${course(id)}`)
        if (dead && !blurred.has(id) && !repeated.has(id))
          assert.ok(!whole, `${id} is dead (${letter?.death.reason} ${letter?.death.code}), and the vendor has it`)
        const messages = kinds.filter(kind => kind === 'message').length
        const allowed = 1 + (redriven.get(id) ?? 0)
        if (onUnknown === 'hold')
          assert.ok(messages <= allowed, `${id} was told ${messages} times under hold: ${course(id)}`)
        else if (!blurred.has(id) && !repeated.has(id))
          assert.ok(messages <= allowed, `${id} was told ${messages} times: ${course(id)}`)
      }
    },
  }
}

const TENANT = 'loja-abc'
const PEOPLE = 8

function randomEvent(chance: Chance, made: number, now: number): Event {
  const id = `e-${made}-${chance.upTo(1_000_000)}`
  const name = chance.pick(NAMES)
  const acme = chance.happens(0.4) ? chance.pick(chance.happens(0.3) ? FOR_GOOD : ONCE) : undefined
  const step = acme && name === 'told' ? chance.pick(['profile:', 'row:', '']) : ''
  return {
    id,
    name: name === 'told' ? 'purchase' : name,
    at: new Date(now - chance.upTo(HOUR)).toISOString(),
    user: { email: `person-${chance.upTo(PEOPLE)}@example.com` },
    consent: { marketing: chance.happens(0.8) },
    properties: { ...(acme && { acme: step + acme }), ...(name === 'told' && { tell: true }) },
  }
}

const nameOf = (step: Step | undefined) => (step ? `${step.kind} ${step.name}` : 'too late')
const lastCall = ({ name, properties }: Event) => (name === 'message' || properties?.tell ? 'message' : 'row')

/** Among our own records an event is in one place: it does not wait in a life in which it has died. */
async function noneIsTwoThings(rig: Rig, repeated: ReadonlySet<string>): Promise<void> {
  const letters = new Map((await rig.letters()).map(({ id, item }) => [id, item]))
  for (const { event, life, dead } of await rig.waiting()) {
    const letter = letters.get(event.id)
    if (!letter || dead || repeated.has(event.id)) continue
    assert.ok(life > Number(letter.life?.N), `${event.id} waits and is dead`)
  }
}

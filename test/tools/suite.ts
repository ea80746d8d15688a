import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { limitsOf, pack, parcelsOf } from '../../core/batch.ts'
import type { AnyConnector, Event, Known, Rule } from '../../core/connector.ts'
import type { Simulator } from '../../core/simulator.ts'
import { clock, endOf, login, NOW, type Run, rehearse, run } from '../../local/rehearse.ts'
import { anyEvent, frozen } from './events.ts'
import { keepsQuiet } from './secrecy.ts'

/** What every connector must keep, whichever vendor it speaks to. Its worked cases run here, too. */
export function connectorSuite(connector: AnyConnector, simulator: Simulator<object>) {
  suite(connector.name, () => {
    const reached = new Set<Rule>()
    const watched = { ...connector, rules: connector.rules.map(rule => watch(rule, () => reached.add(rule))) }
    const valid = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true }).compile(connector.settings)

    suite('worked cases', () => {
      for (const example of simulator.cases)
        test(example.title, async () => {
          const settings = { ...simulator.settings, ...example.settings }
          assert.ok(valid(settings), JSON.stringify(valid.errors))
          assert.deepEqual(connector.problems?.(settings) ?? [], [])
          const { done, received } = await rehearse(watched, simulator, example)
          assert.deepEqual(done.outcomes, example.outcomes)
          for (const [id, expected] of Object.entries(example.details ?? {}))
            assert.partialDeepStrictEqual(done.judgements.get(id), expected)
          if (example.sent) assert.deepEqual(received, example.sent)
          staysWithinLimits(connector, settings, done)
          keepsSecrets(done, simulator, settings, example.events)
        })
      test('neither log nor mail nor dead letter of any of them tells a secret or an address', async () => {
        for (const example of simulator.cases) await keepsQuiet(connector, simulator, example)
      })
      test('every rule of the error table is reached by a case', () => {
        assert.deepEqual(
          connector.rules.filter(rule => !reached.has(rule)).map(({ status, code }) => ({ status, code })),
          [],
        )
      })
    })

    declaration(connector, simulator)
    mapping(connector, simulator)
    closing(connector, simulator)
    authorization(connector, simulator)
  })
}

/** A rule's verdict is read only when the rule has matched. */
const watch = (rule: Rule, matched: () => void): Rule => ({
  ...rule,
  get verdict() {
    matched()
    return rule.verdict
  },
})

function staysWithinLimits(connector: AnyConnector, settings: object, { sent }: Run) {
  for (const { call, request } of sent) {
    const { bytes } = connector.calls[call]!
    assert.ok(Buffer.byteLength(request.body ?? '') <= bytes, `${call} is over ${bytes} bytes`)
    const { protocol, hostname } = new URL(request.url)
    assert.equal(protocol, 'https:')
    assert.ok(
      connector.hosts.some(host => host.exec(hostname)?.[0] === hostname),
      `${hostname} is not among the hosts of ${connector.name}`,
    )
    assert.ok(Object.keys(request.headers).every(name => name === name.toLowerCase()))
  }
  assert.ok(Object.values(connector.calls).every(({ rates }) => rates(settings).length > 0))
}

function keepsSecrets(
  { judgements, token }: Run,
  simulator: Simulator<object>,
  settings: object,
  events: readonly Event[],
) {
  const secret = [...Object.values(simulator.credentials(settings)), token?.value, token?.refresh]
  const personal = events.flatMap(({ user }) => [user?.email, user?.phone])
  for (const { code = '', words = '' } of judgements.values())
    for (const hidden of [...secret, ...personal])
      assert.ok(!hidden || !`${code} ${words}`.includes(hidden), `${code} ${words} tells ${hidden}`)
}

function declaration(connector: AnyConnector, simulator: Simulator<object>) {
  suite('declaration', () => {
    test('the name is what a folder, a table and a URL can carry', () => assert.match(connector.name, /^[a-z]{2,20}$/))
    test('every number of a vendor and every rule has its source', () => {
      const sources = [
        connector.docs,
        ...[...Object.values(connector.calls), ...connector.rules].map(one => one.source),
      ]
      for (const source of sources) assert.match(source, /^https:\/\/\S+$/)
      for (const { why } of connector.rules) assert.ok(why.length > 10)
    })
    test('no rule stands behind one that already matches all it could', () => {
      for (const [index, rule] of connector.rules.entries())
        for (const earlier of connector.rules.slice(0, index))
          assert.ok(!covers(earlier, rule), `"${rule.why}" is never reached behind "${earlier.why}"`)
    })
    test('the settings say what they are for, and their defaults are valid', () => {
      const { properties } = connector.settings
      for (const [name, field] of Object.entries(properties)) {
        assert.ok(field.description.length > 10, name)
        if (field.default === undefined) continue
        const { description: _description, default: value, ...schema } = field
        assert.ok(new Ajv({ strict: true, allowUnionTypes: true }).validate(schema, value), name)
      }
    })
    test('an unknown setting is refused', () => {
      const valid = new Ajv({ strict: true, allowUnionTypes: true }).compile(connector.settings)
      assert.ok(valid(simulator.settings))
      assert.ok(!valid({ ...simulator.settings, surprise: true }))
    })
    test('the simulator plays the hosts that the connector names', () => {
      for (const played of simulator.hosts) assert.ok(connector.hosts.some(host => host.test(played)))
    })
  })
}

const list = <T>(value: T | readonly T[] | undefined) =>
  value === undefined ? undefined : ([value].flat() as readonly T[])
const within = <T>(inner: readonly T[] | undefined, outer: readonly T[] | undefined) =>
  outer === undefined || (inner?.every(value => outer.includes(value)) ?? false)
const covers = (earlier: Rule, later: Rule) =>
  within(list(later.status), list(earlier.status)) && within(list(later.code), list(earlier.code))

/** Of people who wrote a moment ago, two days ago, or never. */
const anyKnown: fc.Arbitrary<Known> = fc.oneof(
  fc.constant({}),
  fc.record({ wroteMsAgo: fc.integer({ min: -60_000, max: 172_800_000 }) }),
)

function mapping(connector: AnyConnector, simulator: Simulator<object>) {
  const variants = [{}, ...simulator.cases.map(({ settings }) => settings ?? {})].map(s => ({
    ...simulator.settings,
    ...s,
  }))
  const settingsOf = fc.constantFrom(...variants)
  const names = [...new Set(variants.flatMap(settings => [...connector.wants(settings)])), 'scroll']
  suite('mapping', () => {
    test('maps the same event to the same records, writing nowhere', () => {
      fc.assert(
        fc.property(anyEvent(names), settingsOf, anyKnown, (event, settings, known) => {
          const first = connector.map(event, frozen(structuredClone(settings)), frozen(structuredClone(known)))
          assert.deepEqual(connector.map(structuredClone(event), settings, known), first)
        }),
        { numRuns: 150 },
      )
    })
    test('records are plain JSON of declared calls, in steps, one of a key in each', () => {
      fc.assert(
        fc.property(anyEvent(names), settingsOf, anyKnown, (event, settings, known) => {
          const mapped = connector.map(event, settings, known)
          if ('skip' in mapped) return assert.ok(mapped.skip.length > 5)
          assert.ok(mapped.length > 0)
          for (const { call, data, key } of mapped) {
            assert.ok(connector.calls[call], call)
            assert.ok(key.length > 0)
            assert.deepEqual(JSON.parse(JSON.stringify(data)), data)
          }
          const places = mapped.map(({ call, step, group, key }) => `${call} ${step} ${group} ${key}`)
          assert.equal(new Set(places).size, places.length)
          assert.equal(mapped[0]!.step, 0)
        }),
        { numRuns: 150 },
      )
    })
    test('an event that the destination does not want is skipped', () => {
      fc.assert(
        fc.property(anyEvent(names), settingsOf, (event, settings) => {
          fc.pre(!connector.wants(settings).includes(event.name))
          assert.ok('skip' in connector.map(event, settings))
        }),
        { numRuns: 50 },
      )
    })
    test('no request is over the limits of records and bytes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyEvent(names), { maxLength: 40 }), settingsOf, async (events, settings) => {
          const unique = events.map((event, index) => ({ ...event, id: `e${index}` }))
          const limits = limitsOf(connector.calls, settings)
          const parcels = unique.flatMap(({ id }, index) => {
            const mapped = connector.map(unique[index]!, settings)
            return 'skip' in mapped ? [] : parcelsOf(id, mapped)
          })
          for (const { call, parcels: packed } of pack(parcels, limits))
            assert.ok(packed.length <= limits(call).records)
          const example = { title: '', events: unique, settings, outcomes: {} }
          const { done } = await rehearse(connector, simulator, example)
          staysWithinLimits(connector, settings, done)
        }),
        { numRuns: 25 },
      )
    })
  })
}

function closing(connector: AnyConnector, simulator: Simulator<object>) {
  const busiest = simulator.cases
    .filter(({ answers, outcomes }) => !answers && Object.values(outcomes).every(one => one === 'delivered'))
    .reduce((most, one) => (one.events.length > most.events.length ? one : most))
  test('once a run is closed nothing leaves, and what was not sent may be sent later', async () => {
    const { done, received } = await rehearse(connector, simulator, busiest, 0)
    assert.deepEqual(received, [])
    assert.deepEqual(done.sent, [])
    for (const verdict of Object.values(done.outcomes)) assert.equal(verdict, 'retry')
  })
  test('what was settled before a run closed stays settled', async () => {
    const whole = await rehearse(connector, simulator, busiest)
    const { done, received } = await rehearse(connector, simulator, busiest, 1)
    assert.equal(done.sent.length, 1)
    assert.deepEqual(received, whole.received.slice(0, received.length))
    assert.ok(received.length > 0)
  })
}

function authorization(connector: AnyConnector, simulator: Simulator<object>) {
  const { settings } = simulator
  const auth = connector.auth(settings)
  const secrets = simulator.credentials(settings)
  test('the credentials have exactly the names that the connector asks for', () => {
    for (const example of [{}, ...simulator.cases.map(one => one.settings ?? {})]) {
      const all = { ...settings, ...example }
      assert.deepEqual(Object.keys(simulator.credentials(all)).sort(), Object.keys(connector.auth(all).secrets).sort())
    }
  })
  if (auth.kind === 'static') return
  const begin = () => {
    const vendor = simulator.vendor(clock)
    return { vendor, options: { connector, settings, secrets, vendor, events: [], now: NOW } }
  }
  const exchange = async (vendor: ReturnType<typeof simulator.vendor>, credentials = secrets, last?: Run['token']) => {
    const ended = endOf(await vendor.handle(auth.exchange(settings, credentials, last, NOW)))
    return ended.answered ? auth.read(ended, NOW, last) : assert.fail(ended.code)
  }
  test('a token is exchanged for the credentials, and renewed with what the last one brought', async () => {
    const { vendor, options } = begin()
    const first = await login(options)
    assert.ok(first && first.expiresAt > NOW)
    const second = await exchange(vendor, secrets, first)
    assert.ok('value' in second && second.value !== first.value)
    assert.equal(vendor.tokensIssued, 2)
  })
  test('wrong credentials stop the destination, and an outage does not', async () => {
    const { vendor } = begin()
    const wrong = Object.fromEntries(Object.keys(secrets).map(name => [name, 'wrong']))
    const refused = await exchange(vendor, wrong)
    assert.equal('verdict' in refused && refused.verdict, 'misconfigured')
    vendor.mode = 'down'
    const down = await exchange(vendor)
    assert.equal('verdict' in down && down.verdict, 'retry')
  })
  test('a token that has died is answered so that it is renewed', async () => {
    const example = simulator.cases.find(one => Object.values(one.outcomes).includes('delivered') && !one.settings)!
    const vendor = simulator.vendor(clock)
    const handle = vendor.handle.bind(vendor)
    vendor.handle = async request => {
      const answer = await handle(request)
      if (vendor.tokensIssued === 1) vendor.expireTokens()
      return answer
    }
    const done = await run({ connector, settings, secrets, vendor, events: example.events, now: NOW })
    assert.ok(Object.values(done.outcomes).includes('unauthorized'))
    assert.deepEqual(vendor.received, [])
  })
}

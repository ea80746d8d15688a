import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { connectors } from '../connectors/index.ts'
import type { Simulator } from '../core/simulator.ts'
import { rehearse } from '../local/rehearse.ts'
import { type Tried, tryCase } from '../local/try/case.ts'
import { describe } from '../local/try/describe.ts'
import { hider, shown } from '../local/try/hide.ts'
import { tryConnector } from '../local/try.ts'

async function say(...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const code = await tryConnector(argv, { out: text => out.push(text), err: text => err.push(text) })
  return { code, out: out.join('\n'), err: err.join('\n') }
}

const simulatorOf = async (name: string) =>
  ((await import(`../connectors/${name}/simulator.ts`)) as { default: Simulator<object> }).default

suite('a case that is tried', () => {
  const title = 'the record that the answer names goes, and the others pass without it'

  test('shows every request, its answer and what became of each event', async () => {
    const { code, out } = await say('rdstation', 'that the answer names goes')
    assert.equal(code, 0)
    assert.ok(out.startsWith(`rdstation: ${title}\n`))
    assert.match(out, /^request 1, events$/m)
    assert.match(out, /^ {2}POST https:\/\/api\.rd\.services\/platform\/events\/batch$/m)
    assert.match(out, /"email": "ana\(at\)example"/)
    assert.match(out, /^ {2}-> 400$/m)
    assert.match(out, /^request 2, events$/m)
    assert.match(out, /^ {2}-> 200$/m)
    assert.match(out, /^ {2}bad +rejected +INVALID_EMAIL_FORMAT/m)
    assert.match(out, /^ {2}eva +delivered$/m)
    assert.match(out, /As the case expects\.$/)
  })

  test('says what was known of the people in it', async () => {
    const { out } = await say('whatsapp', 'anybody else the template')
    assert.match(out, /^ {2}iva +order_fulfilled +the person wrote 60 min ago$/m)
    assert.match(out, /^ {2}bia +order_fulfilled$/m)
  })

  test('is the same for programs, whole', async () => {
    const { code, out } = await say('rdstation', title, '--json')
    const tried: Tried = JSON.parse(out)
    assert.equal(code, 0)
    assert.equal(tried.case, title)
    assert.deepEqual(
      tried.requests.map(({ ended }) => ended.answered && ended.status),
      [400, 200],
    )
    assert.deepEqual(
      Object.entries(tried.outcomes).map(([id, { verdict }]) => [id, verdict]),
      [
        ['ana', 'delivered'],
        ['bad', 'rejected'],
        ['eva', 'delivered'],
      ],
    )
    assert.deepEqual(tried.differs, {})
  })

  test('says why an event was skipped, and that nothing was sent', async () => {
    const { code, out } = await say('rdstation', 'event', 'without', 'email', 'skipped')
    assert.equal(code, 0)
    assert.match(out, /^ {2}none: nothing was sent$/m)
    assert.match(out, /skipped +no email: RD Station knows contacts by email/)
  })

  test('says what a connection that broke came to', async () => {
    const { out } = await say('rdstation', 'connection that broke')
    assert.match(out, /^ {2}-> no answer: connection-reset/m)
    assert.match(out, /^ {2}ana +unknown +connection-reset/m)
  })

  test('that comes to something else than it expects says so and fails', async () => {
    const connector = connectors.rdstation!
    const simulator = await simulatorOf('rdstation')
    const lead = simulator.cases[0]!
    const id = lead.events[0]!.id
    const tried = await tryCase(connector, simulator, { ...lead, outcomes: { [id]: 'rejected', nobody: 'delivered' } })
    assert.deepEqual(tried.differs, { [id]: 'rejected', nobody: 'delivered' })
    const text = describe(tried)
    assert.match(text, /^ {2}nobody +nothing +EXPECTED delivered$/m)
    assert.match(text, /delivered +EXPECTED rejected$/m)
    assert.match(text, /NOT as the case expects\.$/)
  })
})

suite('what is printed', () => {
  for (const [name, connector] of Object.entries(connectors))
    test(`holds no secret and no token of ${name}, in any of its cases`, async () => {
      const simulator = await simulatorOf(name)
      for (const example of simulator.cases) {
        const settings = { ...simulator.settings, ...example.settings }
        const { done } = await rehearse(connector, simulator, example)
        const tried = await tryCase(connector, simulator, example)
        const printed = JSON.stringify(tried) + describe(tried)
        const secrets = [...Object.values(simulator.credentials(settings)), done.token?.value, done.token?.refresh]
        for (const secret of secrets)
          for (const form of [
            secret,
            secret && encodeURIComponent(secret),
            secret && JSON.stringify(secret).slice(1, -1),
          ])
            assert.ok(!form || !printed.includes(form), `${example.title}: ${form}`)
        for (const { headers } of tried.requests.map(({ request }) => request))
          if (headers.authorization !== undefined) assert.match(headers.authorization, /^(\w+ )?<[\w ]+>$/)
        assert.deepEqual(tried.differs, {}, example.title)
      }
    })

  test('hides a secret inside Basic, a form, a URL and an answer that repeats it', () => {
    const request = {
      method: 'POST' as const,
      url: 'https://api.example/?key=a%20b%2Fc',
      headers: { authorization: `Basic ${btoa('app:a b/c')}`, 'x-api-key': 'never seen before' },
      body: 'client_secret=a+b%2Fc&grant_type=client_credentials',
    }
    const ended = {
      answered: true,
      status: 400,
      headers: {},
      body: { said: 'a b/c is wrong', access_token: 't' },
    } as const
    const hide = hider({ clientSecret: 'a b/c' }, undefined)
    assert.deepEqual(shown({ request, ended }, hide, true), {
      request: {
        ...request,
        url: 'https://api.example/?key=<clientSecret>',
        headers: { authorization: 'Basic <hidden>', 'x-api-key': '<hidden>' },
        body: 'client_secret=<secret>&grant_type=client_credentials',
      },
      ended: { ...ended, body: { said: '<clientSecret> is wrong', access_token: '<masked>' } },
    })
    assert.equal(
      shown({ request, ended }, hide).request.body,
      'client_secret=<clientSecret>&grant_type=client_credentials',
    )
  })
})

suite('a command that is not understood', () => {
  test('lists the cases where none is named, by number', async () => {
    const { code, out } = await say('sendgrid')
    const { cases } = await simulatorOf('sendgrid')
    assert.equal(code, 0)
    assert.ok(out.startsWith(`sendgrid has ${cases.length} worked cases:\n   1  ${cases[0]!.title}\n`))
    assert.deepEqual(
      JSON.parse((await say('sendgrid', '--json')).out),
      cases.map(({ title }) => title),
    )
  })

  test('gets the connector that was meant', async () => {
    const { code, err } = await say('rdsation', '1')
    assert.equal(code, 2)
    assert.match(err, /^There is no connector "rdsation"\. Did you mean "rdstation"\? There are dynamics, /)
    assert.match((await say('constructor')).err, /^There is no connector "constructor"\. There are dynamics, /)
  })

  test('gets the cases that are nearest, with their numbers', async () => {
    const { code, err } = await say('rdstation', 'retird event')
    assert.equal(code, 2)
    assert.match(
      err,
      /^rdstation has no case with "retird event"\. The nearest:\n +22 {2}an event type that RD Station has retired/,
    )
    assert.equal((await say('rdstation', 'xyzzy')).err, 'rdstation has no case with "xyzzy".')
  })

  test('gets the choice where several cases are meant, and the range where a number is too high', async () => {
    assert.match((await say('rdstation', 'halved')).out, /halved until the one to blame/)
    assert.match(
      (await say('rdstation', 'stops the destination')).err,
      /^rdstation has \d+ cases with "stops the destination":\n +20 {2}/,
    )
    assert.match((await say('rdstation', '99')).err, /^rdstation has no case 99: they go from 1 to \d+\.$/)
  })

  test('gets the usage', async () => {
    assert.match((await say()).err, /^Which connector\?\n\nUsage: npm run try/)
    assert.match((await say('rdstation', '--jsn')).err, /Unknown option '--jsn'/)
    const help = await say('--help')
    assert.equal(help.code, 0)
    assert.match(help.out, /^Usage: npm run try/)
  })
})

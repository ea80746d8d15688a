import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { OperateResult } from '../functions/operate.ts'
import type { OperateEvent } from '../functions/world.ts'
import { connect } from '../local/connect.ts'
import { invoke, targetOf, Unable } from '../local/operator/lambda.ts'
import type { Order } from '../local/operator/order.ts'

const NOW = Date.parse('2026-11-20T03:04:00.000Z')
const DESTINATION = 'loja-abc/rdstation'

/** Runs a command line against a function that answers `results` one after the other. */
async function run(line: readonly string[], ...results: OperateResult[]) {
  const orders: Order[] = []
  const events: OperateEvent[] = []
  let out = ''
  let err = ''
  const code = await connect(line, {
    call: order => {
      orders.push(order)
      return async event => {
        events.push(event)
        return results[events.length - 1] ?? { ok: true, did: 'resume', destination: DESTINATION, state: OPEN }
      }
    },
    out: text => {
      out += text
    },
    err: text => {
      err += text
    },
    now: () => NOW,
  })
  return { code, out, err, orders, events }
}
const OPEN = { version: 1, breaker: { failures: 0 }, outages: [], shards: 4 }

test('help is shown on request and when nothing is said', async () => {
  for (const line of [[], ['--help'], ['prod', 'redrive', '-h']]) {
    const { code, out, events } = await run(line)
    assert.equal(code, 0)
    for (const command of ['status', 'pause', 'resume', 'letters', 'redrive', 'drop', 'suppress'])
      assert.match(out, new RegExp(`^  ${command} `, 'm'))
    assert.deepEqual(events, [])
  }
})

test('every command becomes the order that it says', async () => {
  const expected: [string[], object][] = [
    [['status'], { do: 'status' }],
    [['pause', '--reason', 'new CRM'], { do: 'pause', reason: 'new CRM' }],
    [['resume'], { do: 'resume' }],
    [['letters', '--limit', '20', '--after', 'x1'], { do: 'letters', limit: 20, after: 'x1' }],
    [['redrive', '--all'], { do: 'redrive' }],
    [['redrive', '--ids', 'a, b,'], { do: 'redrive', ids: ['a', 'b'] }],
    [['redrive', '--reason', 'expired', '--code', 'X'], { do: 'redrive', reason: 'expired', code: 'X' }],
    [['redrive', '--ids', 'a', '--resend-unknown'], { do: 'redrive', ids: ['a'], resendUnknown: true }],
    [['drop', '--ids', 'a'], { do: 'drop', ids: ['a'] }],
    [['suppress', '--email', 'ana@example.com'], { do: 'suppress', email: 'ana@example.com' }],
  ]
  for (const [[command, ...options], event] of expected) {
    const { events, orders } = await run(['prod', command!, DESTINATION, ...options, '--by', 'ana'])
    assert.deepEqual(events, [{ tenant: 'loja-abc', by: 'ana', ...event }])
    assert.deepEqual([orders[0]?.stack, orders[0]?.connector], ['prod', 'rdstation'])
  }
})

test('a command line that cannot be meant is refused with what is wrong, and nothing is called', async () => {
  const wrong: [string, RegExp][] = [
    ['prod', /Needs a stack, a command and a destination/],
    ['prod status', /Needs a stack/],
    ['prod explode loja-abc/rdstation', /"explode" is no command: status,/],
    ['prod constructor loja-abc/rdstation', /"constructor" is no command/],
    ['prod status loja-abc', /"loja-abc" is no destination/],
    ['prod status loja-abc/rdstation now', /"now" is one word too many/],
    ['prod pause loja-abc/rdstation', /needs --reason/],
    ['prod redrive loja-abc/rdstation', /which letters/],
    ['prod redrive loja-abc/rdstation --all --code X', /contradict/],
    ['prod drop loja-abc/rdstation --ids ,', /needs --ids/],
    ['prod suppress loja-abc/rdstation', /--email or --phone/],
    ['prod letters loja-abc/rdstation --limit many', /--limit is a number/],
    ['prod resume loja-abc/rdstation --all', /resume takes no --all/],
    ['prod status loja-abc/rdstation --nope', /--nope/],
  ]
  for (const [line, message] of wrong) {
    const { code, out, err, events } = await run(line.split(' '))
    assert.equal(code, 2, line)
    assert.match(err, message)
    assert.match(err, /--help/)
    assert.deepEqual([out, events], ['', []])
  }
})

test('status is readable', async () => {
  const { out } = await run(['prod', 'status', DESTINATION], {
    ok: true,
    did: 'status',
    destination: DESTINATION,
    state: {
      ...OPEN,
      stopped: {
        since: NOW - 3_600_000,
        code: 'PLAN',
        words: 'Plan lacks it',
        probeAt: NOW,
        revision: '1',
        credential: '1',
      },
    },
    waiting: {
      normal: { envelopes: 1200, more: true, oldestAt: NOW - 7_200_000 },
      urgent: { envelopes: 0, more: false },
    },
    letters: { dead: { rejected: 3, expired: 1 }, redriven: 2, more: false },
    causes: [
      {
        reason: 'misconfigured',
        since: NOW - 3_600_000,
        last: NOW,
        open: true,
        reports: 4,
        code: 'PLAN',
        died: 0,
        codes: {},
        examples: ['e1'],
      },
    ],
  })
  assert.equal(
    out,
    [
      'loja-abc/rdstation',
      '  state           stopped since 2026-11-20 02:04 UTC (PLAN), probes at 2026-11-20 03:04 UTC: Plan lacks it',
      '  urgent          nothing waiting',
      '  normal          at least 1200 envelopes waiting, the oldest since 2026-11-20 01:04 UTC',
      '  dead            3 rejected, 1 expired, 2 redriven',
      '  misconfigured   since 2026-11-20 02:04 UTC (60 min), PLAN, e.g. e1',
    ].join('\n'),
  )
})

test('letters, redrives and drops are told in a few lines', async () => {
  const letters = await run(['prod', 'letters', DESTINATION], {
    ok: true,
    did: 'letters',
    destination: DESTINATION,
    letters: [
      {
        id: 'e1',
        event: 'purchase',
        at: '2026-11-20T03:00:00.000Z',
        status: 'redriven',
        reason: 'rejected',
        diedAt: NOW,
        life: 1,
        attempts: 2,
        code: 'X',
      },
      { id: 'e2', status: 'dead', reason: 'undelivered', diedAt: NOW, life: 0, attempts: 0, code: '131026' },
    ],
    next: 'e2',
  })
  assert.deepEqual(letters.out.split('\n'), [
    'e1  purchase  rejected (redriven)  X  2026-11-20 03:04 UTC  life 2',
    'e2  (event not kept)  undelivered  131026  2026-11-20 03:04 UTC',
    'More with --after e2',
  ])
  const drop = await run(['prod', 'drop', DESTINATION, '--ids', 'a,b'], {
    ok: true,
    did: 'drop',
    destination: DESTINATION,
    dropped: ['a'],
    kept: ['b'],
  })
  assert.equal(drop.out, '1 letter dropped.\nNot there, or just being redriven: b')
})

test('a redrive of more than one call holds goes on until the end and is told as one', async () => {
  const part = (redriven: string[], next?: string): OperateResult => ({
    ok: true,
    did: 'redrive',
    destination: DESTINATION,
    redriven,
    held: ['h'],
    unkept: ['u'],
    missing: [],
    ...(next && { next }),
  })
  const { out, events } = await run(
    ['prod', 'redrive', DESTINATION, '--all'],
    part(['a', 'b'], 'b'),
    part(['c'], 'c'),
    part(['d']),
  )
  assert.deepEqual(
    events.map(event => event.do === 'redrive' && event.after),
    [undefined, 'b', 'c'],
  )
  assert.match(out, /^4 events on the way again\.\n3 held: they may have arrived already.*\n3 cannot be sent again/)
})

test('--json prints the answer as it came', async () => {
  const answer: OperateResult = { ok: true, did: 'resume', destination: DESTINATION, state: OPEN }
  const { out } = await run(['prod', 'resume', DESTINATION, '--json'], answer)
  assert.deepEqual(JSON.parse(out), answer)
})

test('what the function refuses is told as it says, with a code of failure', async () => {
  const { code, err } = await run(['prod', 'resume', DESTINATION], { ok: false, error: 'There is no destination' })
  assert.deepEqual([code, err], [1, 'There is no destination'])
})

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'connect-'))
  t.after(() => rm(dir, { recursive: true }))
  return dir
}

test('"local" finds the stack that runs here, and none that has ended', async t => {
  const root = await folder(t)
  await assert.rejects(targetOf(root, 'local', undefined), /start one with npm start/)
  const write = async (stack: string, pid: number) => {
    await mkdir(join(root, '.local', stack), { recursive: true })
    const running = { stack, awsUrl: `http://127.0.0.1:1/${stack}`, pid }
    await writeFile(join(root, '.local', stack, 'running.json'), JSON.stringify(running))
  }
  await write('dev', process.pid)
  await write('prod', 2 ** 30) // no process has this number
  const { stack, client } = await targetOf(root, 'local', undefined)
  assert.deepEqual([stack, client.endpoint], ['dev', 'http://127.0.0.1:1/dev'])
})

test('the region of a deployed stack comes from its config', async t => {
  const root = await folder(t)
  await writeFile(join(root, 'Pulumi.prod.yaml'), 'config:\n  aws:region: sa-east-1\n')
  const before = process.env.AWS_REGION
  delete process.env.AWS_REGION
  t.after(() => before !== undefined && Object.assign(process.env, { AWS_REGION: before }))
  assert.equal((await targetOf(root, 'prod', undefined)).client.region, 'sa-east-1')
  assert.equal((await targetOf(root, 'prod', 'eu-west-1')).client.region, 'eu-west-1')
  await assert.rejects(targetOf(root, 'dev', undefined), /Pulumi.dev.yaml has no aws:region/)
})

test('an order calls the operate function of the stack, and its failures are sentences', async t => {
  const paths: string[] = []
  const answers = [
    { status: 200, headers: {}, body: '{"ok":false,"error":"no"}' },
    { status: 200, headers: { 'x-amz-function-error': 'Unhandled' }, body: '{"errorMessage":"broken"}' },
    { status: 404, headers: { 'x-amzn-errortype': 'ResourceNotFoundException' }, body: '{"Message":"not found"}' },
    { status: 403, headers: { 'x-amzn-errortype': 'AccessDeniedException' }, body: '{"Message":"not allowed"}' },
  ]
  const server = createServer((request, response) => {
    paths.push(request.url ?? '')
    const { status, headers, body } = answers.shift()!
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const credentials = { accessKeyId: 'operator', secretAccessKey: 'operator' }
  const target = { stack: 'dev', client: { endpoint: `http://127.0.0.1:${port}`, region: 'us-east-1', credentials } }
  const order = () => invoke(target, 'rdstation', { tenant: 'loja-abc', by: 'ana', do: 'status' })
  assert.deepEqual(await order(), { ok: false, error: 'no' })
  assert.equal(paths[0], '/2015-03-31/functions/connect-dev-rdstation-operate/invocations?Qualifier=live')
  await assert.rejects(order, (error: Unable) => {
    assert.ok(error instanceof Unable)
    assert.match(error.message, /failed: broken.*\/aws\/lambda\/connect-dev-rdstation-operate/)
    return true
  })
  await assert.rejects(order, /There is no function connect-dev-rdstation-operate/)
  await assert.rejects(order, /may not call connect-dev-rdstation-operate: not allowed/)
})

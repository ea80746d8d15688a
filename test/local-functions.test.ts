import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Program, Resource } from '../local/declared.ts'
import { createFailures, type Failure } from '../local/failures.ts'
import { createFunctions, type Queued } from '../local/functions.ts'
import { createGuard } from '../local/iam.ts'
import { rolesOf } from '../local/roles.ts'
import { createSchedules } from '../local/schedules.ts'

const dir = mkdtempSync(join(tmpdir(), 'connect-functions-'))
const closing: (() => unknown)[] = []
after(async () => {
  await Promise.all(closing.map(close => close()))
  rmSync(dir, { recursive: true })
})

const QUEUE = 'arn:aws:sqs:us-east-1:0:failed'
const ARN = 'arn:aws:lambda:us-east-1:0:function:f'
const resource = (type: string, name: string, inputs: object, more: object = {}): Resource =>
  ({ type, name, id: name, inputs, outputs: { name, arn: `arn:aws:iam::0:role/${name}` }, ...more }) as Resource
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements })
const role = (name: string, service: string, ...grants: [action: string, resource: string][]) => [
  resource('aws:iam/role:Role', name, { assumeRolePolicy: policy({ Principal: { Service: service } }) }),
  resource('aws:iam/rolePolicy:RolePolicy', `${name}-policy`, {
    role: name,
    policy: policy(...grants.map(([Action, Resource]) => ({ Effect: 'Allow', Action, Resource }))),
  }),
]

/** One function with this handler, called by one schedule. */
function stage(handler: string, { mayInvoke = true, queued = [] as Queued[] } = {}) {
  const program: Program = {
    stack: 'dev',
    region: 'us-east-1',
    account: '0',
    outputs: {},
    config: {},
    resources: [
      ...role('runs', 'lambda.amazonaws.com', ['logs:*', '*'], ['sqs:SendMessage', QUEUE]),
      ...role(
        'calls',
        'scheduler.amazonaws.com',
        [mayInvoke ? 'lambda:InvokeFunction' : 'lambda:GetFunction', `${ARN}:live`],
        ['sqs:SendMessage', QUEUE],
      ),
      resource(
        'aws:lambda/function:Function',
        'f',
        { role: 'arn:aws:iam::0:role/runs', handler: 'index.handler', timeout: 5 },
        {
          outputs: { name: 'f', arn: ARN },
          files: { 'index.mjs': `let calls = 0\nexport const handler = async event => { calls++; ${handler} }` },
        },
      ),
      resource('aws:lambda/alias:Alias', 'live', { functionName: 'f' }),
      resource('aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig', 'async', {
        functionName: 'f',
        qualifier: 'live',
        maximumRetryAttempts: 2,
        destinationConfig: { onFailure: { destination: QUEUE } },
      }),
      resource('aws:scheduler/schedule:Schedule', 'tick', {
        scheduleExpression: 'rate(1 minute)',
        target: {
          arn: `${ARN}:live`,
          roleArn: 'arn:aws:iam::0:role/calls',
          input: '{"do":"tick"}',
          deadLetterConfig: { arn: QUEUE },
        },
      }),
    ],
  }
  const guard = createGuard()
  const kept: Failure[] = []
  const lines: string[] = []
  let queue = queued
  const failures = createFailures(guard, { read: () => kept, write() {} }, () => {})
  const functions = createFunctions({
    program,
    guard,
    failures,
    roles: rolesOf(program),
    dir: mkdtempSync(join(dir, 'f-')),
    awsUrl: 'http://127.0.0.1:1',
    routes: { aws: 1, vendors: {} },
    speed: 60_000,
    concurrency: 1,
    line: (_name, text) => lines.push(text),
    queue: {
      read: () => queue,
      write: value => {
        queue = value
      },
    },
  })
  const schedules = createSchedules({ program, roles: rolesOf(program), functions, guard, failures, speed: 6_000 })
  closing.push(schedules.close, functions.close)
  const until = async (check: () => boolean) => {
    while (!check()) await new Promise(setImmediate)
  }
  return { functions, schedules, guard, kept, lines, until, queue: () => queue }
}

test('a function is found by name, ARN and alias, and by nothing else', () => {
  const { functions } = stage('')
  assert.equal(functions.resolve('f')?.arn, ARN)
  assert.equal(functions.resolve(`${ARN}:live`)?.arn, `${ARN}:live`)
  assert.equal(functions.resolve('f', 'live')?.arn, `${ARN}:live`)
  assert.equal(functions.resolve('f', 'old'), undefined)
  assert.equal(functions.resolve(`${ARN}:old`), undefined)
  assert.equal(functions.resolve('g'), undefined)
})

test('an asynchronous call that fails is repeated as declared', async () => {
  const { functions, lines, until, kept } = stage(
    "if (calls < 3) throw new Error('not yet'); console.log('done ' + calls)",
  )
  functions.enqueue('f', '{}')
  await until(() => lines.includes('done 3'))
  assert.deepEqual(kept, [])
})

test('an asynchronous call that fails every time is kept where the program says', async () => {
  const { functions, until, kept } = stage("throw new Error('never')")
  functions.enqueue('f', '{"a":1}')
  await until(() => kept.length > 0)
  assert.deepEqual(
    kept.map(({ at: _at, ...rest }) => rest),
    [{ destination: QUEUE, source: 'f', error: 'never', payload: '{"a":1}' }],
  )
})

test('an asynchronous call that a stop cuts off is made again after the start', async () => {
  const first = stage("console.log('begun'); await new Promise(() => {})")
  first.functions.enqueue('f', '{"n":7}')
  await first.until(() => first.lines.includes('begun'))
  await first.functions.close()
  const second = stage('console.log(event.n)', { queued: first.queue() })
  second.functions.resume()
  await second.until(() => second.lines.includes('7'))
})

test('a schedule calls its target with its input, at once and again at its rhythm', async () => {
  const { schedules, lines, until } = stage('console.log(event.do + calls)')
  schedules.start()
  await until(() => lines.includes('tick3'))
})

test('a schedule whose role may not call is denied by name, and its call is kept', async () => {
  const { schedules, guard, kept } = stage('', { mayInvoke: false })
  schedules.fire('tick')
  assert.deepEqual(
    guard.denials.map(({ function: who, action, resource }) => [who, action, resource]),
    [['tick', 'lambda:InvokeFunction', `${ARN}:live`]],
  )
  assert.deepEqual(
    kept.map(({ source, error }) => [source, error]),
    [['tick', 'AccessDeniedException']],
  )
})

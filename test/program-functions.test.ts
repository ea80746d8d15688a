import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { at, type Declared, DISTRIBUTION, declaredBy, FUNCTION, MAPPING, of, one, SCHEDULE } from './tools/declared.ts'
import type { Inputs } from './tools/engine.ts'

const _root = new URL('..', import.meta.url).pathname

/** What both stacks declare. */
const stacks = {} as Record<'dev' | 'prod', Declared>
before(async () => {
  stacks.dev = await declaredBy('dev')
  stacks.prod = await declaredBy('prod')
})
const both = () => [stacks.dev, stacks.prod]

test('every function runs on Node 24 for arm64 with JSON logs that are kept for a time', () => {
  for (const [run, days] of [
    [stacks.dev, 7],
    [stacks.prod, 30],
  ] as const) {
    const groups = new Map(of(run, 'aws:cloudwatch/logGroup:LogGroup').map(({ inputs }) => [inputs.name, inputs]))
    assert.equal(of(run, FUNCTION).length, 8)
    for (const { name, inputs } of of(run, FUNCTION)) {
      assert.deepEqual(
        [inputs.runtime, inputs.architectures, inputs.handler],
        ['nodejs24.x', ['arm64'], 'index.handler'],
        name,
      )
      assert.equal(at(inputs, 'loggingConfig', 'logFormat'), 'JSON')
      assert.equal(at(inputs, 'loggingConfig', 'logGroup'), `/aws/lambda/${inputs.name}`)
      assert.equal(groups.get(`/aws/lambda/${inputs.name}`)?.retentionInDays, days)
      assert.equal(inputs.publish, true)
    }
  }
})

test('sizes of functions are those of the stack', () => {
  const sizes = (run: Declared) =>
    Object.fromEntries(
      of(run, FUNCTION).map(({ name, inputs }) => [
        name,
        [inputs.memorySize, inputs.timeout, inputs.reservedConcurrentExecutions],
      ]),
    )
  const small = {
    'rdstation-wake': [256, 30, undefined],
    'rdstation-expire': [256, 30, undefined],
    'rdstation-operate': [256, 30, undefined],
    inbox: [512, 60, undefined],
  }
  assert.deepEqual(sizes(stacks.dev), {
    ...small,
    receive: [512, 15, 20],
    hooks: [512, 15, undefined],
    'rdstation-process': [1024, 60, undefined],
    'rdstation-refresh': [256, 30, undefined],
  })
  assert.deepEqual(sizes(stacks.prod), {
    ...small,
    receive: [1024, 15, 300],
    hooks: [1024, 15, undefined],
    'rdstation-process': [1024, 60, undefined],
    'rdstation-refresh': [512, 30, undefined],
  })
})

test('whatever calls a function calls its alias, so that moving the alias rolls it back', () => {
  for (const run of both()) {
    const live = of(run, 'aws:lambda/alias:Alias')
    assert.deepEqual(
      live.map(({ inputs }) => inputs.name),
      of(run, FUNCTION).map(() => 'live'),
    )
    for (const { name, inputs } of of(run, SCHEDULE))
      assert.match(String(at(inputs, 'target', 'arn')), /:function:[^:]+:live$/, name)
    for (const { name, inputs } of of(run, MAPPING))
      assert.match(String(inputs.functionName), /:function:[^:]+:live$/, name)
    for (const { name, inputs } of of(run, FUNCTION))
      for (const [variable, value] of Object.entries(at(inputs, 'environment', 'variables') as Inputs))
        if (variable.endsWith('_FUNCTION'))
          assert.match(String(value), /^arn:aws:lambda:sa-east-1:\d+:function:[^:]+:live$/, name)
  }
})

test('every schedule gives up after few retries and leaves a message', () => {
  for (const run of both()) {
    for (const { name, inputs } of of(run, SCHEDULE)) {
      const retry = at(inputs, 'target', 'retryPolicy') as Inputs
      assert.ok(Number(retry.maximumRetryAttempts) <= 2, name)
      assert.ok(Number(retry.maximumEventAgeInSeconds) <= 120, name)
      assert.match(String(at(inputs, 'target', 'deadLetterConfig', 'arn')), /missed-schedules$/, name)
    }
  }
})

test('each destination has a schedule of its own rhythm for each four of its shards, each connector a tick, each login a refresh', () => {
  const inputs = (run: Declared) =>
    Object.fromEntries(
      of(run, SCHEDULE).map(({ inputs }) => [
        inputs.name,
        [inputs.scheduleExpression, JSON.parse(String(at(inputs, 'target', 'input')))],
      ]),
    )
  assert.deepEqual(inputs(stacks.dev), {
    'connect-dev-rdstation-tick': ['rate(1 minute)', { do: 'tick' }],
    'connect-dev-rdstation-loja-abc-0': ['rate(15 minutes)', { do: 'run', tenant: 'loja-abc', why: 'schedule' }],
    'connect-dev-rdstation-clinica-sol-0': ['rate(30 minutes)', { do: 'run', tenant: 'clinica-sol', why: 'schedule' }],
    'connect-dev-rdstation-loja-abc-refresh': [
      inputs(stacks.dev)['connect-dev-rdstation-loja-abc-refresh']?.[0],
      { account: 'loja-abc', why: 'schedule' },
    ],
  })
  const { 'connect-prod-rdstation-loja-abc-0': first, 'connect-prod-rdstation-loja-abc-1': second } = inputs(
    stacks.prod,
  )
  assert.deepEqual(at(first, 1, 'shards'), [0, 1, 2, 3])
  assert.deepEqual(at(second, 1, 'shards'), [4, 5, 6, 7])
})

test('flexible windows spread the runs of destinations, and the tick is punctual', () => {
  for (const { inputs } of of(stacks.dev, SCHEDULE)) {
    const tick = String(inputs.name).endsWith('-tick')
    assert.equal(at(inputs, 'flexibleTimeWindow', 'mode'), tick ? 'OFF' : 'FLEXIBLE', String(inputs.name))
  }
})

test('functions that are called asynchronously have bounded retries and a place for what failed', () => {
  for (const run of both()) {
    const bounded = of(run, 'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig')
    assert.deepEqual(
      bounded.map(({ inputs }) => [inputs.functionName, inputs.qualifier]).sort(),
      ['process', 'refresh'].map(kind => [`${one(run, DISTRIBUTION).inputs.comment}-rdstation-${kind}`, 'live']),
    )
    for (const { inputs } of bounded) {
      assert.ok(Number(inputs.maximumRetryAttempts) <= 2)
      assert.match(String(at(inputs, 'destinationConfig', 'onFailure', 'destination')), /failed-invocations$/)
    }
  }
})

test('stream readers hear only what they are for, and what they fail on is kept', () => {
  for (const run of both()) {
    const filters = of(run, MAPPING).map(({ name, inputs }): [string, unknown] => [
      name,
      JSON.parse(String(at(inputs, 'filterCriteria', 'filters', 0, 'pattern'))),
    ])
    assert.deepEqual(Object.fromEntries(filters), {
      'rdstation-wake': { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'u#' }] } } } },
      'rdstation-expire': {
        eventName: ['REMOVE'],
        userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] },
      },
      inbox: { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: ['part#0'] } } } },
    })
    for (const { inputs } of of(run, MAPPING)) {
      assert.equal(inputs.bisectBatchOnFunctionError, true)
      assert.deepEqual(inputs.functionResponseTypes, ['ReportBatchItemFailures'])
      assert.ok(Number(inputs.maximumRetryAttempts) >= 0 && Number(inputs.maximumRetryAttempts) <= 20)
      assert.match(String(at(inputs, 'destinationConfig', 'onFailure', 'destinationArn')), /failed-streams/)
    }
  }
})

test('every environment variable is one that the functions know', () => {
  const source = readFileSync(new URL('../functions/world.ts', import.meta.url), 'utf8')
  const block = /export type Env = \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? ''
  const known = new Set(Array.from(block.matchAll(/readonly (\w+)\??:/g), match => match[1]))
  assert.ok(known.size > 10)
  for (const { name, inputs } of of(stacks.dev, FUNCTION))
    for (const variable of Object.keys(at(inputs, 'environment', 'variables') as Inputs))
      assert.ok(known.has(variable), `${name} is given ${variable}, which no function reads`)
})

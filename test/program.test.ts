import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { before, test } from 'node:test'
import { readConfig } from '../local/evaluate.ts'
import { type Inputs, type Registration, type Run, runProgram, UNKNOWN } from './tools/engine.ts'

const root = new URL('..', import.meta.url).pathname
const ROTATING = {
  'connect:originSecret': 'the-new-secret-of-the-edge',
  'connect:originSecretPrevious': 'the-old-secret-of-the-edge',
}

/** What `pulumi up` and `pulumi preview` would register, through the SDK's own language runner. */
const runs = {} as Record<'dev' | 'prod' | 'devPreview' | 'prodPreview', Run>
before(async () => {
  ;[runs.dev, runs.devPreview] = await Promise.all([
    runProgram({ stack: 'dev' }),
    runProgram({ stack: 'dev', preview: true, config: ROTATING }),
  ])
  ;[runs.prod, runs.prodPreview] = await Promise.all([
    runProgram({ stack: 'prod' }),
    runProgram({ stack: 'prod', preview: true }),
  ])
})

const of = ({ registrations }: Run, type: string): readonly Registration[] => registrations.filter(r => r.type === type)
const one = (run: Run, type: string): Registration => {
  const [first, ...others] = of(run, type)
  assert.ok(first && !others.length, `there should be one ${type}`)
  return first
}
/** `at(inputs, 'target', 'retryPolicy')`: undefined where there is nothing. */
const at = (value: unknown, ...path: (string | number)[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown> | undefined)?.[key], value)
const both = () => [runs.dev, runs.prod]

const FUNCTION = 'aws:lambda/function:Function'
const TABLE = 'aws:dynamodb/table:Table'
const SCHEDULE = 'aws:scheduler/schedule:Schedule'
const MAPPING = 'aws:lambda/eventSourceMapping:EventSourceMapping'
const BUCKET = 'aws:s3/bucket:Bucket'
const SECRET = 'aws:secretsmanager/secret:Secret'
const ACL = 'aws:wafv2/webAcl:WebAcl'
const DISTRIBUTION = 'aws:cloudfront/distribution:Distribution'

test('both stacks come up without an error or a warning', () => {
  for (const run of Object.values(runs)) assert.deepEqual([run.exitCode, run.errors, run.warnings], [0, [], []])
})

test('a preview declares what an up declares', () => {
  const names = (run: Run) => run.registrations.map(({ type, name }) => `${type} ${name}`).sort()
  assert.deepEqual(names(runs.devPreview), names(runs.dev))
  assert.deepEqual(names(runs.prodPreview), names(runs.prod))
  assert.ok(names(runs.dev).length > 100)
})

test('nothing is public but the function URL behind the edge', () => {
  for (const run of both()) {
    for (const type of ['aws:apigateway', 'aws:apigatewayv2', 'aws:lb', 'aws:ec2'])
      assert.ok(!run.registrations.some(r => r.type.startsWith(type)), type)
    assert.equal(
      one(run, 'aws:lambda/functionUrl:FunctionUrl').inputs.functionName,
      `${one(run, DISTRIBUTION).inputs.comment}-receive`,
    )
    const buckets = of(run, BUCKET)
    const blocks = of(run, 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock')
    assert.deepEqual(blocks.map(({ name }) => name).sort(), buckets.map(({ name }) => name).sort())
    for (const { inputs } of blocks) {
      const { bucket: _, ...switches } = inputs
      assert.deepEqual(Object.values(switches), [true, true, true, true])
    }
    const open = run.registrations.filter(r =>
      /"Principal":\s*("\*"|\{"AWS":\s*"\*"\})/.test(JSON.stringify(r.inputs).replaceAll('\\', '')),
    )
    assert.deepEqual(open, [], 'a policy lets everybody in')
  }
})

test('the function URL has both of its permissions, for the alias that is live', () => {
  for (const run of both()) {
    const url = one(run, 'aws:lambda/functionUrl:FunctionUrl').inputs
    assert.deepEqual([url.authorizationType, url.qualifier], ['NONE', 'live'])
    const permissions = of(run, 'aws:lambda/permission:Permission').map(({ inputs }) => inputs)
    assert.deepEqual(permissions.map(({ action }) => action).sort(), [
      'lambda:InvokeFunction',
      'lambda:InvokeFunctionUrl',
    ])
    for (const {
      action,
      principal,
      qualifier,
      function: name,
      functionUrlAuthType,
      invokedViaFunctionUrl,
    } of permissions) {
      assert.deepEqual([principal, qualifier, name], ['*', 'live', url.functionName])
      if (action === 'lambda:InvokeFunction') assert.equal(invokedViaFunctionUrl, true)
      else assert.equal(functionUrlAuthType, 'NONE')
    }
  }
})

test('the edge proves itself with a secret that the function knows only as a hash', () => {
  const { config } = readConfig(root, 'dev', {})
  const secret = config['connect:originSecret']!
  const [origin] = one(runs.dev, DISTRIBUTION).inputs.origins as Inputs[]
  assert.deepEqual(origin?.customHeaders, [{ name: 'x-connect-origin', value: secret }])
  const holders = runs.dev.registrations.filter(r => JSON.stringify(r.inputs).includes(secret))
  assert.deepEqual(
    holders.map(({ type }) => type),
    [DISTRIBUTION],
  )
  assert.ok(
    holders[0]?.secretInputs.some(path => path.startsWith('origins')),
    'the state would hold it in the clear',
  )
})

test('a previous origin secret is accepted while it is being rotated', () => {
  const receive = of(runs.devPreview, FUNCTION).find(({ name }) => name === 'receive')
  const hashes = String(at(receive?.inputs, 'environment', 'variables', 'ORIGIN_SECRET_HASHES')).split(',')
  const expected = Object.values(ROTATING).map(secret => createHash('sha256').update(secret).digest('hex'))
  assert.deepEqual(hashes, expected)
})

test('everything that stores data is encrypted', () => {
  for (const run of both()) {
    for (const { name, inputs } of of(run, TABLE))
      assert.equal(at(inputs, 'serverSideEncryption', 'enabled'), true, name)
    for (const { name, inputs } of of(run, 'aws:sqs/queue:Queue')) assert.equal(inputs.sqsManagedSseEnabled, true, name)
    const errors = of(run, 'aws:sns/topic:Topic').find(({ name }) => name === 'errors')
    assert.equal(errors?.inputs.kmsMasterKeyId, 'alias/aws/sns')
    const encrypted = of(run, 'aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration')
    assert.deepEqual(
      encrypted.map(({ name }) => name).sort(),
      of(run, BUCKET)
        .map(({ name }) => name)
        .sort(),
    )
    for (const { inputs } of encrypted)
      assert.equal(at(inputs, 'rules', 0, 'applyServerSideEncryptionByDefault', 'sseAlgorithm'), 'AES256')
  }
})

test('buffers stream both images and expire; tokens never expire', () => {
  for (const run of both())
    for (const { name, inputs } of of(run, TABLE)) {
      const buffer = name.endsWith('-buffer')
      assert.equal(inputs.streamViewType, buffer ? 'NEW_AND_OLD_IMAGES' : undefined, name)
      assert.deepEqual([inputs.hashKey, inputs.rangeKey, inputs.billingMode], ['pk', 'sk', 'PAY_PER_REQUEST'])
      const expires = !['tokens', 'tenants'].includes(name)
      assert.equal(at(inputs, 'ttl', 'attributeName'), expires ? 'ttl' : undefined, name)
    }
})

test('what is stored in prod is protected, and nothing in dev is', () => {
  for (const { type, name, protect, inputs } of runs.prod.registrations) {
    if (type === TABLE || type === SECRET) assert.equal(protect, true, name)
    if (type === TABLE) assert.equal(inputs.deletionProtectionEnabled, true, name)
    if (type === SECRET) assert.equal(inputs.recoveryWindowInDays, 30, name)
  }
  for (const { name, protect, inputs } of runs.dev.registrations) {
    assert.equal(protect, false, name)
    assert.ok(!inputs.deletionProtectionEnabled, name)
  }
})

test('tables that cannot be made anew have 35 days of recovery points in prod, tenants 90 days of backups', () => {
  const days = Object.fromEntries(
    of(runs.prod, TABLE).map(({ name, inputs }) => [name, at(inputs, 'pointInTimeRecovery', 'recoveryPeriodInDays')]),
  )
  assert.deepEqual(days, {
    'rdstation-buffer': undefined,
    state: undefined,
    tokens: 35,
    'dead-letters': 35,
    tenants: 35,
    suppressions: 35,
  })
  assert.equal(at(one(runs.prod, 'aws:backup/plan:Plan').inputs, 'rules', 0, 'lifecycle', 'deleteAfter'), 90)
})

test('every function runs on Node 24 for arm64 with JSON logs that are kept for a time', () => {
  for (const [run, days] of [
    [runs.dev, 7],
    [runs.prod, 30],
  ] as const) {
    const groups = new Map(of(run, 'aws:cloudwatch/logGroup:LogGroup').map(({ inputs }) => [inputs.name, inputs]))
    assert.equal(of(run, FUNCTION).length, 6)
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
  const sizes = (run: Run) =>
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
  }
  assert.deepEqual(sizes(runs.dev), {
    ...small,
    receive: [512, 15, 20],
    'rdstation-process': [1024, 60, undefined],
    'rdstation-refresh': [256, 30, undefined],
  })
  assert.deepEqual(sizes(runs.prod), {
    ...small,
    receive: [1024, 15, 300],
    'rdstation-process': [2048, 60, undefined],
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
  const inputs = (run: Run) =>
    Object.fromEntries(
      of(run, SCHEDULE).map(({ inputs }) => [
        inputs.name,
        [inputs.scheduleExpression, JSON.parse(String(at(inputs, 'target', 'input')))],
      ]),
    )
  assert.deepEqual(inputs(runs.dev), {
    'connect-dev-rdstation-tick': ['rate(1 minute)', { do: 'tick' }],
    'connect-dev-rdstation-loja-abc-0': ['rate(15 minutes)', { do: 'run', tenant: 'loja-abc', why: 'schedule' }],
    'connect-dev-rdstation-clinica-sol-0': ['rate(30 minutes)', { do: 'run', tenant: 'clinica-sol', why: 'schedule' }],
    'connect-dev-rdstation-loja-abc-refresh': [
      inputs(runs.dev)['connect-dev-rdstation-loja-abc-refresh']?.[0],
      { account: 'loja-abc', why: 'schedule' },
    ],
  })
  const { 'connect-prod-rdstation-loja-abc-0': first, 'connect-prod-rdstation-loja-abc-1': second } = inputs(runs.prod)
  assert.deepEqual(at(first, 1, 'shards'), [0, 1, 2, 3])
  assert.deepEqual(at(second, 1, 'shards'), [4, 5, 6, 7])
})

test('flexible windows spread the runs of destinations, and the tick is punctual', () => {
  for (const { inputs } of of(runs.dev, SCHEDULE)) {
    const tick = String(inputs.name).endsWith('-tick')
    assert.equal(at(inputs, 'flexibleTimeWindow', 'mode'), tick ? 'OFF' : 'FLEXIBLE', String(inputs.name))
  }
})

test('functions that are called asynchronously have bounded retries and a place for what failed', () => {
  for (const run of both()) {
    const bounded = of(run, 'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig')
    assert.deepEqual(
      bounded.map(({ inputs }) => [inputs.functionName, inputs.qualifier]),
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
    const filters = of(run, MAPPING).map(({ inputs }) =>
      JSON.parse(String(at(inputs, 'filterCriteria', 'filters', 0, 'pattern'))),
    )
    assert.deepEqual(filters, [
      { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'u#' }] } } } },
      { eventName: ['REMOVE'], userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] } },
    ])
    for (const { inputs } of of(run, MAPPING)) {
      assert.equal(inputs.bisectBatchOnFunctionError, true)
      assert.deepEqual(inputs.functionResponseTypes, ['ReportBatchItemFailures'])
      assert.ok(Number(inputs.maximumRetryAttempts) >= 0 && Number(inputs.maximumRetryAttempts) <= 20)
      assert.match(String(at(inputs, 'destinationConfig', 'onFailure', 'destinationArn')), /failed-streams/)
    }
  }
})

test('the web ACL, its log and the alarms of the edge are where CloudFront looks for them', () => {
  for (const run of both()) {
    const acl = one(run, ACL)
    assert.deepEqual([acl.inputs.region, acl.inputs.scope], ['us-east-1', 'CLOUDFRONT'])
    assert.match(String(one(run, DISTRIBUTION).inputs.webAclId), /^arn:aws:wafv2:us-east-1:/)
    const log = one(run, 'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration')
    assert.equal(log.inputs.region, 'us-east-1')
    assert.match(String(at(log.inputs, 'logDestinationConfigs', 0)), /us-east-1.*aws-waf-logs-/)
    for (const { inputs } of of(run, 'aws:cloudwatch/metricAlarm:MetricAlarm')) {
      const edge = /AWS\/(WAFV2|CloudFront)/.test(JSON.stringify(inputs.metricQueries))
      assert.equal(inputs.region, edge ? 'us-east-1' : undefined, String(inputs.name))
      assert.match(String(at(inputs, 'alarmActions', 0)), edge ? /:us-east-1:.*-edge-alarms$/ : /:sa-east-1:.*-alarms$/)
    }
  }
})

test('the firewall limits addresses and tenants, counts where it reads bodies, and answers 429 readably', () => {
  const rules = one(runs.dev, ACL).inputs.rules as Inputs[]
  assert.deepEqual(
    rules.map(({ name }) => name),
    [
      'too-large',
      'AmazonIpReputationList',
      'KnownBadInputsRuleSet',
      'CommonRuleSet',
      'SQLiRuleSet',
      'rate-address',
      'rate-tenant',
    ],
  )
  assert.deepEqual(
    rules.map(({ priority }) => priority),
    rules.map((_, i) => i),
  )
  for (const { name, statement, action } of rules) {
    const counted = at(statement, 'managedRuleGroupStatement', 'ruleActionOverrides') as
      | { name: string; actionToUse: object }[]
      | undefined
    for (const rule of counted ?? []) assert.deepEqual(rule.actionToUse, { count: {} })
    const rate = at(statement, 'rateBasedStatement') as Inputs | undefined
    if (!rate) continue
    assert.equal(rate.evaluationWindowSec, 300)
    const answer = at(action, 'block', 'customResponse') as {
      responseCode: number
      responseHeaders: { name: string; value: string }[]
    }
    assert.equal(answer.responseCode, 429, String(name))
    const headers = Object.fromEntries(answer.responseHeaders.map(({ name, value }) => [name, value]))
    assert.equal(headers['Access-Control-Allow-Origin'], '*')
    assert.equal(headers['Access-Control-Expose-Headers'], 'Retry-After')
    assert.match(headers['Retry-After'] ?? '', /^\d+$/)
  }
  assert.equal(at(rules[5], 'statement', 'rateBasedStatement', 'limit'), 2000)
})

test('a tenant with a limit of its own has a rule of its own, and is out of the common one', () => {
  const rules = one(runs.prod, ACL).inputs.rules as Inputs[]
  const own = rules.find(({ name }) => name === 'rate-loja-abc')
  assert.equal(at(own, 'statement', 'rateBasedStatement', 'limit'), 600_000)
  const common = JSON.stringify(
    at(
      rules.find(({ name }) => name === 'rate-tenant'),
      'statement',
    ),
  )
  assert.match(common, /notStatement.*\/v1\/events\/loja-abc/)
})

test('logs of the edge hold no query, address, referrer or cookie', () => {
  for (const run of both()) {
    const fields = one(run, 'aws:cloudwatch/logDelivery:LogDelivery').inputs.recordFields as string[]
    assert.ok(fields.includes('sc-status'))
    for (const field of fields) assert.doesNotMatch(field, /query|^c-ip|c-port|forwarded|Referer|Cookie|User-Agent/i)
    const redacted = JSON.stringify(
      one(run, 'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration').inputs.redactedFields,
    )
    for (const field of ['queryString', 'cookie', 'referer', 'authorization', 'x-connect-key'])
      assert.ok(redacted.includes(field), field)
  }
})

test('events are never cached and the tag is', () => {
  const { defaultCacheBehavior, orderedCacheBehaviors } = one(runs.dev, DISTRIBUTION).inputs as {
    defaultCacheBehavior: Inputs
    orderedCacheBehaviors: Inputs[]
  }
  assert.equal(defaultCacheBehavior.cachePolicyId, '4135ea2d-6df8-44a3-9df3-4b5a84be39ad')
  assert.ok((defaultCacheBehavior.allowedMethods as string[]).includes('POST'))
  assert.deepEqual(
    orderedCacheBehaviors.map(({ pathPattern }) => pathPattern),
    ['/tag.js', '/tag/*'],
  )
  for (const behaviour of [defaultCacheBehavior, ...orderedCacheBehaviors])
    assert.equal(behaviour.viewerProtocolPolicy, 'https-only')
})

test('credentials have secrets without a value: no credential passes through Pulumi', () => {
  for (const run of both()) {
    assert.deepEqual(
      of(run, SECRET).map(({ inputs }) => inputs.name),
      ['/connect/rdstation/loja-abc/credentials', '/connect/rdstation/clinica-sol/credentials'],
    )
    assert.deepEqual(of(run, 'aws:secretsmanager/secretVersion:SecretVersion'), [])
  }
})

test('every environment variable is one that the functions know', () => {
  const source = readFileSync(new URL('../functions/world.ts', import.meta.url), 'utf8')
  const block = /export type Env = \{([\s\S]*?)\n\}/.exec(source)?.[1] ?? ''
  const known = new Set(Array.from(block.matchAll(/readonly (\w+)\??:/g), match => match[1]))
  assert.ok(known.size > 10)
  for (const { name, inputs } of of(runs.dev, FUNCTION))
    for (const variable of Object.keys(at(inputs, 'environment', 'variables') as Inputs))
      assert.ok(known.has(variable), `${name} is given ${variable}, which no function reads`)
})

test('rows tell the functions what the config says of tenants and destinations', () => {
  const rows = new Map(
    of(runs.dev, 'aws:dynamodb/tableItem:TableItem').map(({ inputs }) => {
      const item = JSON.parse(String(inputs.item)) as Record<'pk' | 'sk' | 'data', { S: string }>
      return [item.pk.S, JSON.parse(item.data.S) as Inputs]
    }),
  )
  assert.deepEqual([...rows.keys()].sort(), [
    'rdstation#clinica-sol',
    'rdstation#loja-abc',
    'tenant#clinica-sol',
    'tenant#loja-abc',
    'tid#UA-1234567-1',
    'tid#clinica-sol',
    'tid#loja-abc',
  ])
  assert.deepEqual(rows.get('tid#UA-1234567-1'), { tenant: 'loja-abc' })
  assert.deepEqual(at(rows.get('tenant#loja-abc'), 'destinations', 'rdstation', 'requires'), ['marketing'])
  assert.equal(at(rows.get('rdstation#clinica-sol'), 'onUnknown'), 'hold')
  assert.deepEqual(at(rows.get('rdstation#clinica-sol'), 'breaker'), { failures: 5, resetMs: 120_000 })
  assert.equal(at(rows.get('rdstation#loja-abc'), 'settings', 'plan'), 'advanced')
  assert.notEqual(at(rows.get('tenant#loja-abc'), 'salt'), at(rows.get('tenant#clinica-sol'), 'salt'))
})

test('names that AWS limits are short enough', () => {
  const limits: Record<string, [key: string, most: number]> = {
    [FUNCTION]: ['name', 64],
    'aws:iam/role:Role': ['name', 64],
    [SCHEDULE]: ['name', 64],
    [BUCKET]: ['bucket', 63],
  }
  for (const { type, inputs } of runs.prod.registrations) {
    const [key, most] = limits[type] ?? []
    if (key && most) assert.ok(String(inputs[key]).length <= most, String(inputs[key]))
  }
})

test('dev and prod differ only where config says so: dev with the config of prod declares what prod declares', async () => {
  const [dev, prod] = [readConfig(root, 'dev', {}).config, readConfig(root, 'prod', {}).config]
  const without = Object.fromEntries(Object.keys(dev).map(key => [key, undefined]))
  const run = await runProgram({ stack: 'dev', config: { ...without, ...prod } })
  const [ours, theirs] = [nameless(run, 'dev'), nameless(runs.prod, 'prod')]
  assert.deepEqual([...ours.keys()].sort(), [...theirs.keys()].sort())
  const different = [...ours].filter(([name, declared]) => theirs.get(name) !== declared).map(([name]) => name)
  assert.deepEqual(different, [])
})

/** What is declared by resource, with the stack's own name taken out of it. */
function nameless({ registrations }: Run, stack: string): ReadonlyMap<string, string> {
  const own = new RegExp(`\\b${stack}\\b`, 'g')
  const entries = registrations.map(({ type, name, protect, inputs }): [string, string] => {
    const code = createHash('sha256')
      .update(JSON.stringify(inputs.code ?? ''))
      .digest('hex')
    const text = JSON.stringify({ protect, inputs: { ...inputs, code } })
    return [`${type} ${name}`.replaceAll(own, 'STACK'), text.replaceAll(own, 'STACK').replaceAll(INVENTED_URL, 'URL')]
  })
  return new Map(entries)
}
const INVENTED_URL = /[0-9a-f]{32}\.lambda-url/g

test('a config error stops the program with its sentence alone', async () => {
  const { exitCode, errors, registrations } = await runProgram({ stack: 'dev', config: { 'connect:logDays': '8' } })
  assert.notEqual(exitCode, 0)
  assert.match(
    errors.join('\n'),
    /^"connect:logDays" is 8, but must be one of [\d, ]+ \([^)]*\): set it under connect:logDays in Pulumi\.dev\.yaml\.$/,
  )
  assert.ok(
    registrations.every(({ type }) => type === 'pulumi:pulumi:Stack'),
    'something was declared all the same',
  )
})

test('the outputs name the endpoint and what an operator has to fill', () => {
  assert.match(String(runs.dev.outputs.endpoint), /^https:\/\/[a-z0-9]+\.cloudfront\.net$/)
  assert.equal(runs.dev.outputs.tagUrl, `${runs.dev.outputs.endpoint}/tag.js`)
  const secrets = runs.dev.outputs.secrets as Record<string, Inputs>
  assert.deepEqual(Object.keys(secrets['/connect/rdstation/loja-abc/credentials'] ?? {}), [
    'clientId',
    'clientSecret',
    'refreshToken',
  ])
  assert.notEqual(runs.devPreview.outputs.endpoint, runs.dev.outputs.endpoint, 'a preview cannot know the endpoint')
  assert.ok([undefined, UNKNOWN].includes(runs.devPreview.outputs.endpoint as string | undefined))
})

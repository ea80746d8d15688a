import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { ACL, at, BUCKET, type Declared, DISTRIBUTION, declaredBy, of, one } from './tools/declared.ts'
import type { Inputs } from './tools/engine.ts'

/** What both stacks declare. */
const stacks = {} as Record<'dev' | 'prod', Declared>
before(async () => {
  stacks.dev = await declaredBy('dev')
  stacks.prod = await declaredBy('prod')
})
const both = () => [stacks.dev, stacks.prod]

test('nothing is public but the two function URLs behind the edge', () => {
  for (const run of both()) {
    for (const type of ['aws:apigateway', 'aws:apigatewayv2', 'aws:lb', 'aws:ec2'])
      assert.ok(!run.registrations.some(r => r.type.startsWith(type)), type)
    assert.deepEqual(
      of(run, 'aws:lambda/functionUrl:FunctionUrl')
        .map(({ inputs }) => inputs.functionName)
        .sort(),
      ['hooks', 'receive'].map(name => `${one(run, DISTRIBUTION).inputs.comment}-${name}`),
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

test('each function URL has both of its permissions, for the alias that is live', () => {
  for (const run of both())
    for (const { inputs: url } of of(run, 'aws:lambda/functionUrl:FunctionUrl')) {
      assert.deepEqual([url.authorizationType, url.qualifier], ['NONE', 'live'])
      const permissions = of(run, 'aws:lambda/permission:Permission')
        .map(({ inputs }) => inputs)
        .filter(({ function: name }) => name === url.functionName)
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
  const rules = one(stacks.dev, ACL).inputs.rules as Inputs[]
  assert.deepEqual(
    rules.map(({ name }) => name),
    [
      'rate-hooks',
      'vendors-calls',
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
  assert.equal(at(rules[7], 'statement', 'rateBasedStatement', 'limit'), 2000)
})

test('calls of vendors pass before any rule about addresses, countries or bodies, and are limited by their address alone', () => {
  const rules = one(stacks.prod, ACL).inputs.rules as Inputs[]
  const [rate, pass] = rules
  assert.deepEqual([rate?.name, pass?.name], ['rate-hooks', 'vendors-calls'])
  assert.deepEqual(Object.keys(at(rate, 'statement', 'rateBasedStatement', 'customKeys', 0) as object), ['uriPath'])
  assert.deepEqual(at(pass, 'action'), { allow: {} })
  assert.equal(at(pass, 'statement', 'byteMatchStatement', 'searchString'), '/v1/hooks/')
})

test('a tenant with a limit of its own has a rule of its own, and is out of the common one', () => {
  const rules = one(stacks.prod, ACL).inputs.rules as Inputs[]
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
  const { defaultCacheBehavior, orderedCacheBehaviors } = one(stacks.dev, DISTRIBUTION).inputs as {
    defaultCacheBehavior: Inputs
    orderedCacheBehaviors: Inputs[]
  }
  assert.equal(defaultCacheBehavior.cachePolicyId, '4135ea2d-6df8-44a3-9df3-4b5a84be39ad')
  assert.ok((defaultCacheBehavior.allowedMethods as string[]).includes('POST'))
  assert.deepEqual(
    orderedCacheBehaviors.map(({ pathPattern }) => pathPattern),
    ['/tag.js', '/tag/*', '/v1/hooks/*'],
  )
  assert.deepEqual(
    [orderedCacheBehaviors[2]?.targetOriginId, orderedCacheBehaviors[2]?.cachePolicyId],
    ['hooks', defaultCacheBehavior.cachePolicyId],
  )
  for (const behaviour of [defaultCacheBehavior, ...orderedCacheBehaviors])
    assert.equal(behaviour.viewerProtocolPolicy, 'https-only')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { EdgeRequest } from '../local/edge-request.ts'
import { createFirewall, type WebAcl } from '../local/firewall.ts'
import type { Statement } from '../local/firewall-statements.ts'

const AS_IT_IS = [{ priority: 0, type: 'NONE' }]
const block = {
  block: {
    customResponse: {
      responseCode: 429,
      customResponseBodyKey: 'slow',
      responseHeaders: [{ name: 'Retry-After', value: '60' }],
    },
  },
}
const acl = (statement: Statement, more: object = { action: block }): WebAcl => ({
  defaultAction: { allow: {} },
  rules: [{ name: 'rule', priority: 0, statement, ...more }],
  customResponseBodies: [{ key: 'slow', contentType: 'APPLICATION_JSON', content: '{"error":"slow"}' }],
})
const request = (more: Partial<EdgeRequest> = {}): EdgeRequest => ({
  address: '127.0.0.1',
  country: 'BR',
  method: 'POST',
  path: '/v1/events/a',
  query: '',
  headers: { 'user-agent': 'x' },
  body: Buffer.alloc(0),
  ...more,
})
const blocks = (statement: Statement, more: Partial<EdgeRequest> = {}) =>
  createFirewall(acl(statement)).check(request(more), 0) !== undefined
const path = (searchString: string, positionalConstraint = 'STARTS_WITH'): Statement => ({
  byteMatchStatement: {
    fieldToMatch: { uriPath: {} },
    positionalConstraint,
    searchString,
    textTransformations: AS_IT_IS,
  },
})
const longHeader = (name: string, size: number): Statement => ({
  sizeConstraintStatement: {
    fieldToMatch: { singleHeader: { name } },
    comparisonOperator: 'GT',
    size,
    textTransformations: AS_IT_IS,
  },
})

test('a block answers with the status, headers and body that its rule declares', () => {
  assert.deepEqual(createFirewall(acl(path('/v1/'))).check(request(), 0), {
    rule: 'rule',
    status: 429,
    headers: { 'content-type': 'application/json', 'retry-after': '60' },
    body: '{"error":"slow"}',
  })
})

test('and, or and not combine what they hold', () => {
  assert.ok(blocks({ andStatement: { statements: [path('/v1/'), path('/a', 'ENDS_WITH')] } }))
  assert.ok(!blocks({ andStatement: { statements: [path('/v1/'), path('/b', 'ENDS_WITH')] } }))
  assert.ok(blocks({ orStatement: { statements: [path('/v2/'), path('events', 'CONTAINS')] } }))
  assert.ok(blocks({ notStatement: { statement: path('/v2/') } }))
  assert.ok(!blocks({ notStatement: { statement: path('/v1/events/a', 'EXACTLY') } }))
})

test('a header that is not there has no size', () => {
  assert.ok(!blocks(longHeader('x-connect-key', 0)))
  assert.ok(blocks(longHeader('X-Connect-Key', 0), { headers: { 'x-connect-key': 'k' } }))
})

test('only the first 16 KB of a body are inspected unless the web ACL says more', () => {
  const large: Statement = {
    sizeConstraintStatement: {
      fieldToMatch: { body: {} },
      comparisonOperator: 'GT',
      size: 16_384,
      textTransformations: AS_IT_IS,
    },
  }
  const body = Buffer.alloc(20_000, 'x')
  assert.ok(!blocks(large, { body }))
  const wider = {
    ...acl(large),
    associationConfig: { requestBodies: [{ cloudfronts: [{ defaultSizeInspectionLimit: 'KB_64' }] }] },
  }
  assert.ok(createFirewall(wider).check(request({ body }), 0))
})

test('a rate is counted per address over a sliding window', () => {
  const firewall = createFirewall(
    acl({ rateBasedStatement: { limit: 3, evaluationWindowSec: 60, aggregateKeyType: 'IP' } }),
  )
  const at = (now: number, address = '127.0.0.1') => firewall.check(request({ address }), now)?.status
  assert.deepEqual([at(0), at(1), at(2), at(3)], [undefined, undefined, undefined, 429])
  assert.equal(at(4, '127.0.0.2'), undefined)
  assert.equal(at(30_000), 429)
  assert.equal(at(95_000), undefined)
})

test('a rate counts only what is in its scope, by the key that it names', () => {
  const firewall = createFirewall(
    acl({
      rateBasedStatement: {
        limit: 1,
        aggregateKeyType: 'CUSTOM_KEYS',
        customKeys: [{ uriPath: {} }],
        scopeDownStatement: { notStatement: { statement: longHeader('x-connect-key', 0) } },
      },
    }),
  )
  const post = (path: string, headers = {}) => firewall.check(request({ path, headers }), 0)?.status
  assert.equal(post('/a'), undefined)
  assert.equal(post('/b'), undefined)
  assert.equal(post('/a', { 'x-connect-key': 'k' }), undefined)
  assert.equal(post('/a', { 'x-connect-key': 'k' }), undefined)
  assert.equal(post('/a'), 429)
})

test('counting rules do not block, and rules go by priority', () => {
  const counting = acl(path('/'), { action: { count: {} } })
  assert.equal(createFirewall(counting).check(request(), 0), undefined)
  const ordered: WebAcl = {
    defaultAction: { allow: {} },
    rules: [
      { name: 'second', priority: 2, statement: path('/'), action: { block: {} } },
      { name: 'first', priority: 1, statement: path('/v1/'), action: { allow: {} } },
    ],
  }
  assert.equal(createFirewall(ordered).check(request(), 0), undefined)
  assert.equal(createFirewall(ordered).check(request({ path: '/x' }), 0)?.rule, 'second')
})

test('a managed group blocks by its documented sizes, unless that rule is on count', () => {
  const group = (counted: string[] = []) =>
    acl(
      {
        managedRuleGroupStatement: {
          vendorName: 'AWS',
          name: 'AWSManagedRulesCommonRuleSet',
          ruleActionOverrides: counted.map(name => ({ name, actionToUse: { count: {} } })),
        },
      },
      { overrideAction: { none: {} } },
    )
  const long = request({ query: 'q'.repeat(2049) })
  assert.equal(createFirewall(group()).check(long, 0)?.status, 403)
  assert.equal(createFirewall(group(['SizeRestrictions_QUERYSTRING'])).check(long, 0), undefined)
})

test('countries are matched', () => {
  const only: Statement = { notStatement: { statement: { geoMatchStatement: { countryCodes: ['BR', 'PT'] } } } }
  assert.ok(!blocks(only))
  assert.ok(blocks(only, { country: 'US' }))
})

for (const [what, statement] of [
  ['statement', { ipSetReferenceStatement: { arn: 'x' } } as Statement],
  ['managed group', { managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesBotControlRuleSet' } }],
  [
    'field',
    {
      byteMatchStatement: {
        fieldToMatch: { cookies: {} } as object,
        positionalConstraint: 'EXACTLY',
        searchString: 'x',
        textTransformations: AS_IT_IS,
      },
    },
  ],
  [
    'transformation',
    {
      byteMatchStatement: {
        fieldToMatch: { uriPath: {} },
        positionalConstraint: 'EXACTLY',
        searchString: 'x',
        textTransformations: [{ priority: 0, type: 'MD5' }],
      },
    },
  ],
  ['aggregate key', { rateBasedStatement: { limit: 1, aggregateKeyType: 'FORWARDED_IP' } }],
] satisfies [string, Statement][])
  test(`an unknown ${what} is refused by the name of its rule`, () =>
    assert.throws(() => createFirewall(acl(statement)), /Firewall rule "rule": .* is not known to the local stack/))

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allows, createGuard, createRole } from '../local/iam.ts'
import type { Table } from '../local/services/dynamodb.ts'
import { accessOf } from '../local/services/dynamodb-access.ts'

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/connect-dev-state'
const TRUST = policy({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' })

function policy(...statements: object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements })
}
const role = (...statements: object[]) => createRole('r', 'arn:aws:iam::0:role/r', TRUST, [policy(...statements)])
const leading = (...keys: string[]) => ({ 'dynamodb:leadingkeys': keys })

test('only what a policy names is allowed', () => {
  const process = role({ Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource: TABLE })
  assert.ok(allows(process, 'dynamodb:Query', TABLE))
  assert.ok(!allows(process, 'dynamodb:PutItem', TABLE))
  assert.ok(!allows(process, 'dynamodb:Query', `${TABLE}2`))
  assert.ok(!allows(process, 'dynamodb:Query', `${TABLE}/index/by-due`))
})

test('a star in a resource stands for any text, and actions are matched whatever their case', () => {
  const logs = role({
    Effect: 'Allow',
    Action: 'Logs:PutLogEvents',
    Resource: 'arn:aws:logs:*:log-group:/aws/lambda/f:*',
  })
  assert.ok(allows(logs, 'logs:PutLogEvents', 'arn:aws:logs:us-east-1:0:log-group:/aws/lambda/f:log-stream:x'))
  assert.ok(!allows(logs, 'logs:PutLogEvents', 'arn:aws:logs:us-east-1:0:log-group:/aws/lambda/g:log-stream:x'))
})

test('a grant on a function is none on its alias', () => {
  const arn = 'arn:aws:lambda:us-east-1:0:function:process'
  const wake = role({ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: arn })
  assert.ok(allows(wake, 'lambda:InvokeFunction', arn))
  assert.ok(!allows(wake, 'lambda:InvokeFunction', `${arn}:live`))
})

test('leading keys: all the partitions of a call must match', () => {
  const own = role({
    Effect: 'Allow',
    Action: 'dynamodb:BatchGetItem',
    Resource: TABLE,
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['rdstation#*', 'tenant#*'] } },
  })
  assert.ok(allows(own, 'dynamodb:BatchGetItem', TABLE, leading('rdstation#a', 'tenant#b')))
  assert.ok(!allows(own, 'dynamodb:BatchGetItem', TABLE, leading('rdstation#a', 'salesforce#a')))
  assert.ok(allows(own, 'dynamodb:BatchGetItem', TABLE), 'a call that names no key satisfies ForAllValues, as in AWS')
})

test('a deny wins over every allow', () => {
  const both = role(
    { Effect: 'Allow', Action: '*', Resource: '*' },
    { Effect: 'Deny', Action: 'dynamodb:DeleteItem', Resource: TABLE },
  )
  assert.ok(allows(both, 'dynamodb:PutItem', TABLE))
  assert.ok(!allows(both, 'dynamodb:DeleteItem', TABLE))
})

test('each grant remembers whether a call has needed it', () => {
  const process = role({ Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource: TABLE })
  allows(process, 'dynamodb:Query', TABLE)
  assert.deepEqual(
    process.grants.map(({ action, used }) => [action, used]),
    [
      ['dynamodb:GetItem', false],
      ['dynamodb:Query', true],
    ],
  )
})

for (const [what, statement, name] of [
  ['element', { Effect: 'Allow', NotAction: 'x', Resource: '*' }, /NotAction/],
  [
    'condition operator',
    { Effect: 'Allow', Action: 'x', Resource: '*', Condition: { DateLessThan: { k: 'v' } } },
    /DateLessThan/,
  ],
  [
    'condition key',
    { Effect: 'Allow', Action: 'x', Resource: '*', Condition: { StringEquals: { 'aws:PrincipalTag/x': 'v' } } },
    /PrincipalTag/,
  ],
  ['effect', { Effect: 'Maybe', Action: 'x', Resource: '*' }, /Maybe/],
] as const)
  test(`an unknown policy ${what} is refused by name`, () => assert.throws(() => role(statement), name))

test('a denial is told once and counted', () => {
  const told: string[] = []
  const guard = createGuard(({ function: who, action, resource }) => told.push(`${who} ${action} ${resource}`))
  const empty = role()
  assert.ok(!guard.check('receive', empty, 'dynamodb:PutItem', TABLE))
  assert.ok(!guard.check('receive', empty, 'dynamodb:PutItem', TABLE))
  assert.ok(guard.check('operator', 'everything', 'dynamodb:PutItem', TABLE))
  assert.deepEqual(told, [`receive dynamodb:PutItem ${TABLE}`])
  assert.deepEqual(guard.denials, [{ function: 'receive', action: 'dynamodb:PutItem', resource: TABLE, times: 2 }])
})

const tables: Table[] = [{ name: 'state', arn: TABLE, hashKey: 'pk', rangeKey: 'sk' }]
const keysOf = (operation: string, body: object) =>
  accessOf(operation, body, tables, name => `table/${name}`).map(({ action, resource, context }) => [
    action,
    resource,
    context['dynamodb:leadingkeys'] ?? [],
  ])
const item = (pk: string) => ({ pk: { S: pk }, sk: { S: 'x' } })

test('the partition keys of every kind of call are read from it', () => {
  assert.deepEqual(keysOf('PutItem', { TableName: 'state', Item: item('a') }), [
    ['dynamodb:PutItem', 'table/state', ['a']],
  ])
  assert.deepEqual(keysOf('UpdateItem', { TableName: 'state', Key: item('a') }), [
    ['dynamodb:UpdateItem', 'table/state', ['a']],
  ])
  assert.deepEqual(keysOf('BatchGetItem', { RequestItems: { state: { Keys: [item('a'), item('b')] } } }), [
    ['dynamodb:BatchGetItem', 'table/state', ['a', 'b']],
  ])
  const requests = [{ PutRequest: { Item: item('a') } }, { DeleteRequest: { Key: item('b') } }]
  assert.deepEqual(keysOf('BatchWriteItem', { RequestItems: { state: requests } }), [
    ['dynamodb:BatchWriteItem', 'table/state', ['a', 'b']],
  ])
})

test('the partition that a query reads is found in its key condition', () => {
  const values = { ':p': { S: 'a' }, ':from': { S: 'b' } }
  const direct = {
    TableName: 'state',
    KeyConditionExpression: 'pk = :p AND sk > :from',
    ExpressionAttributeValues: values,
  }
  assert.deepEqual(keysOf('Query', direct), [['dynamodb:Query', 'table/state', ['a']]])
  const named = {
    ...direct,
    KeyConditionExpression: '#s = :from and #k=:p',
    ExpressionAttributeNames: { '#k': 'pk', '#s': 'sk' },
  }
  assert.deepEqual(keysOf('Query', named), [['dynamodb:Query', 'table/state', ['a']]])
})

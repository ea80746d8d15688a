import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { at, type Declared, declaredBy, FUNCTION, of } from './tools/declared.ts'
import type { Inputs } from './tools/engine.ts'

/**
 * What each function may do, written out a second time: a grant that is added, lost or widened has to be meant. That all
 * of it is used, and nothing else needed, is proved on the running stack.
 */
const table = (name: string, ...actions: string[]) => actions.map(action => `dynamodb:${action} table/${name}`)
const own = (name: string, ...actions: string[]) =>
  table(name, ...actions).map(grant => `${grant} where key rdstation#*`)
const tenants = (keys: string) => [`dynamodb:GetItem table/tenants where key ${keys}`]
const logs = (name: string) =>
  ['CreateLogStream', 'PutLogEvents'].map(action => `logs:${action} log-group:/aws/lambda/${name}:*`)
const streamOf = (name: string) => [
  ...['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
    action => `dynamodb:${action} table/${name}/stream/*`,
  ),
  's3:PutObject failed-streams/*',
  's3:ListBucket failed-streams',
]
const stream = streamOf('rdstation-buffer')
const failed = 'sqs:SendMessage failed-invocations'
const start = (kind: string) => `lambda:InvokeFunction function:rdstation-${kind}:live`
const secret = (tenant: string, kind = 'credentials') =>
  `secretsmanager:GetSecretValue /connect/rdstation/${tenant}/${kind}`
const mail = 'sns:Publish errors'

const ROLES: Readonly<Record<string, readonly string[]>> = {
  receive: [
    ...table('rdstation-buffer', 'PutItem'),
    ...tenants('tenant#*|tid#*'),
    ...table('suppressions', 'BatchGetItem'),
  ],
  hooks: [
    ...own('inbox', 'PutItem'),
    ...tenants('rdstation#*'),
    secret('loja-abc', 'webhook'),
    secret('clinica-sol', 'webhook'),
  ],
  inbox: [
    ...own('inbox', 'Query'),
    ...own('state', 'GetItem', 'PutItem', 'UpdateItem'),
    ...own('dead-letters', 'UpdateItem'),
    ...tenants('rdstation#*|tenant#*'),
    ...table('suppressions', 'PutItem', 'DeleteItem'),
    ...streamOf('inbox'),
  ],
  'rdstation-process': [
    ...table('rdstation-buffer', 'Query', 'GetItem', 'UpdateItem', 'BatchWriteItem'),
    ...own('state', 'GetItem', 'PutItem', 'UpdateItem', 'Query', 'BatchGetItem', 'BatchWriteItem', 'DeleteItem'),
    ...own('dead-letters', 'UpdateItem'),
    ...tenants('rdstation#*|tenant#*'),
    'dynamodb:GetItem table/tokens where key rdstation#*#access',
    ...table('suppressions', 'BatchGetItem'),
    secret('clinica-sol'),
    start('process'),
    start('refresh'),
    mail,
    failed,
  ],
  'rdstation-refresh': [
    secret('loja-abc'),
    ...own('tokens', 'GetItem', 'PutItem'),
    ...own('state', 'GetItem', 'PutItem', 'UpdateItem'),
    ...tenants('rdstation#*'),
    mail,
    failed,
  ],
  'rdstation-wake': [start('process'), ...stream],
  'rdstation-expire': [...own('dead-letters', 'UpdateItem'), ...own('state', 'GetItem', 'PutItem'), ...stream],
  'rdstation-operate': [
    ...table('rdstation-buffer', 'PutItem', 'Query'),
    ...own('dead-letters', 'Query', 'GetItem', 'UpdateItem', 'DeleteItem'),
    ...own('state', 'GetItem', 'PutItem', 'Query', 'DeleteItem'),
    ...tenants('rdstation#*|tenant#*'),
    ...table('suppressions', 'PutItem'),
    start('process'),
  ],
  'rdstation-scheduler': [start('process'), start('refresh'), 'sqs:SendMessage missed-schedules'],
}

const PREFIX = 'connect-dev'
let declared: Declared
before(async () => {
  declared = await declaredBy('dev')
})

type Statement = {
  Effect: string
  Action: string[]
  Resource: string[]
  Condition?: Record<string, Record<string, string[]>>
}
const statementsOf = ({ inputs }: { inputs: Inputs }) =>
  (JSON.parse(String(inputs.policy)) as { Statement: Statement[] }).Statement
const policies = () => of(declared, 'aws:iam/rolePolicy:RolePolicy')
const roleOf = ({ inputs }: { inputs: Inputs }) => String(inputs.role).slice(`${PREFIX}-`.length)

/** `dynamodb:PutItem table/state where key rdstation#*`, without account, region and the stack's prefix. */
function grantsOf(policy: { inputs: Inputs }): string[] {
  return statementsOf(policy).flatMap(({ Action, Resource, Condition }) => {
    const keys = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys']
    const limit = keys ? ` where key ${keys.join('|')}` : ''
    return Resource.flatMap(resource => Action.map(action => `${action} ${shorten(resource)}${limit}`))
  })
}
const shorten = (arn: string) =>
  arn
    .replace(/^arn:aws:[a-z0-9]+:[a-z0-9-]*:\d*:/, '')
    .replace(/^secret:(.*)-\w{6}$/, '$1')
    .replaceAll(`/aws/lambda/${PREFIX}-`, '/aws/lambda/')
    .replace(`${PREFIX}-`, '')
    .replace(/^failed-streams-\d+/, 'failed-streams')
    .replace(/stream\/\d{4}-.*$/, 'stream/*')

for (const [name, expected] of Object.entries(ROLES))
  test(`the role of ${name} allows what is listed here and nothing else`, () => {
    const found = policies().filter(policy => roleOf(policy) === name)
    assert.equal(found.length, 1, `${name} should have one policy`)
    const wanted = name.endsWith('-scheduler') ? expected : [...expected, ...logs(name)]
    const grants = grantsOf(found[0]!)
    const lost = wanted.filter(grant => !grants.includes(grant)).map(grant => `${name} may no longer ${grant}`)
    const gained = grants.filter(grant => !wanted.includes(grant)).map(grant => `${name} may also ${grant}`)
    assert.deepEqual([...lost, ...gained], [])
  })

test('there is no role that is not listed here', () => {
  assert.deepEqual(policies().map(roleOf).sort(), Object.keys(ROLES).sort())
})

test('every function has a role of its own, and only Lambda may take it', () => {
  const roles = of(declared, FUNCTION).map(({ inputs }) => String(inputs.role))
  assert.equal(new Set(roles).size, roles.length)
  for (const { name, inputs } of of(declared, 'aws:iam/role:Role')) {
    const [statement, ...others] = (
      JSON.parse(String(inputs.assumeRolePolicy)) as { Statement: { Principal: unknown }[] }
    ).Statement
    assert.equal(others.length, 0)
    const service = name.endsWith('schedules-role') ? 'scheduler.amazonaws.com' : 'lambda.amazonaws.com'
    assert.deepEqual(statement?.Principal, { Service: service }, name)
  }
})

test('no role allows an action by a pattern, or anything on all resources', () => {
  for (const policy of policies())
    for (const { Effect, Action, Resource } of statementsOf(policy)) {
      assert.equal(Effect, 'Allow')
      for (const action of Action) assert.doesNotMatch(action, /\*/, roleOf(policy))
      for (const resource of Resource) assert.match(resource, /^arn:aws:[a-z0-9]+:.*connect/, roleOf(policy))
    }
})

test('the tables that connectors share are granted by key, but for the opt-outs, whose keys are tenants', () => {
  for (const policy of policies())
    for (const { Resource, Condition } of statementsOf(policy))
      for (const resource of Resource)
        if (/table\/connect-dev-(state|tokens|tenants|dead-letters|inbox)$/.test(resource))
          assert.ok(
            at(Condition, 'ForAllValues:StringLike', 'dynamodb:LeadingKeys'),
            `${roleOf(policy)} on ${resource}`,
          )
})

test('process can read access tokens and no refresh token', () => {
  const process = policies().find(policy => roleOf(policy) === 'rdstation-process')!
  const tokens = statementsOf(process).filter(({ Resource }) => Resource.some(resource => resource.endsWith('-tokens')))
  assert.deepEqual(
    tokens.map(({ Condition }) => at(Condition, 'ForAllValues:StringLike', 'dynamodb:LeadingKeys')),
    [['rdstation#*#access']],
  )
})

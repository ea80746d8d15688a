import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, test } from 'node:test'
import { readConfig } from '../local/evaluate.ts'
import { at, BUCKET, DISTRIBUTION, FUNCTION, of, one, SCHEDULE, SECRET, TABLE } from './tools/declared.ts'
import { type Inputs, type Run, runProgram, UNKNOWN } from './tools/engine.ts'
import { tenantsOf } from './tools/tenants.ts'

const root = new URL('..', import.meta.url).pathname

const ROTATING = {
  'connect:originSecret': 'the-new-secret-of-the-edge',
  'connect:originSecretPrevious': 'the-old-secret-of-the-edge',
}

// One connector stands for all where the question is how each is made.
const DEV = tenantsOf('dev', ['rdstation'])
const PROD = tenantsOf('prod', ['rdstation'])

/** What `pulumi up` and `pulumi preview` would register, through the SDK's own language runner. */
const runs = {} as Record<'dev' | 'prod' | 'devPreview' | 'prodPreview', Run>
before(async () => {
  ;[runs.dev, runs.devPreview] = await Promise.all([
    runProgram({ stack: 'dev', config: DEV }),
    runProgram({ stack: 'dev', preview: true, config: { ...DEV, ...ROTATING } }),
  ])
  ;[runs.prod, runs.prodPreview] = await Promise.all([
    runProgram({ stack: 'prod', config: PROD }),
    runProgram({ stack: 'prod', preview: true, config: PROD }),
  ])
})

const both = () => [runs.dev, runs.prod]

test('both installations come up as they are written, with all their connectors', async () => {
  const [dev, prod] = await Promise.all([runProgram({ stack: 'dev' }), runProgram({ stack: 'prod', preview: true })])
  for (const run of [dev, prod]) {
    assert.deepEqual([run.exitCode, run.errors, run.warnings], [0, [], []])
    const processes = of(run, FUNCTION).filter(({ name }) => name.endsWith('-process'))
    assert.equal(processes.length, 6)
  }
})

test('both stacks come up without an error or a warning', () => {
  for (const run of Object.values(runs)) assert.deepEqual([run.exitCode, run.errors, run.warnings], [0, [], []])
})

test('a preview declares what an up declares', () => {
  const names = (run: Run) => run.registrations.map(({ type, name }) => `${type} ${name}`).sort()
  assert.deepEqual(names(runs.devPreview), names(runs.dev))
  assert.deepEqual(names(runs.prodPreview), names(runs.prod))
  assert.ok(names(runs.dev).length > 100)
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

test('buffers and the inbox stream both images and expire; tokens never expire', () => {
  for (const run of both())
    for (const { name, inputs } of of(run, TABLE)) {
      const streams = name.endsWith('-buffer') || name === 'inbox'
      assert.equal(inputs.streamViewType, streams ? 'NEW_AND_OLD_IMAGES' : undefined, name)
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
    inbox: 35,
  })
  assert.equal(at(one(runs.prod, 'aws:backup/plan:Plan').inputs, 'rules', 0, 'lifecycle', 'deleteAfter'), 90)
})

test('credentials have secrets without a value: no credential passes through Pulumi', () => {
  for (const run of both()) {
    assert.deepEqual(
      of(run, SECRET).map(({ inputs }) => inputs.name),
      ['credentials', 'webhook'].flatMap(kind => [
        `/connect/rdstation/loja-abc/${kind}`,
        `/connect/rdstation/clinica-sol/${kind}`,
      ]),
    )
    assert.deepEqual(of(run, 'aws:secretsmanager/secretVersion:SecretVersion'), [])
  }
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
  const run = await runProgram({ stack: 'dev', config: { ...without, ...prod, ...PROD } })
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

import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { all } from '../local/declared.ts'
import { evaluate } from '../local/evaluate.ts'

const root = join(import.meta.dirname, 'output', `evaluate-${process.pid}`) // inside the project, to find its packages
after(() => rmSync(root, { recursive: true, force: true }))

let written = 0
function project(program: string, stack = 'config: {}'): string {
  const dir = join(root, String(++written))
  mkdirSync(dir, { recursive: true })
  writeFileSync(
    join(dir, 'Pulumi.yaml'),
    'name: connect\nruntime: nodejs\nconfig:\n  connect:memory: { type: integer, default: 256 }\n  aws:region: { value: sa-east-1 }\n',
  )
  writeFileSync(join(dir, 'Pulumi.dev.yaml'), stack)
  const imports =
    "import * as pulumi from '@pulumi/pulumi'\nimport * as aws from '@pulumi/aws'\nconst config = new pulumi.Config('connect')\n"
  writeFileSync(join(dir, 'index.ts'), imports + program)
  return dir
}
const run = (program: string, stack?: string, timeoutMs = 30_000) =>
  evaluate({ stack: 'dev', dir: project(program, stack), timeoutMs })

test('resources come with what the program says and what AWS would answer', async () => {
  const program = await run(`
    const table = new aws.dynamodb.Table('buffer', { name: 'connect-dev-buffer', hashKey: 'pk', attributes: [], streamEnabled: true })
    new aws.iam.RolePolicy('p', { role: 'r', policy: pulumi.jsonStringify({ Resource: table.streamArn }) })
    export const arn = table.arn`)
  const [table] = all(program, 'aws:dynamodb/table:Table')
  assert.equal(table?.outputs.name, 'connect-dev-buffer')
  assert.equal(program.outputs.arn, 'arn:aws:dynamodb:sa-east-1:000000000000:table/connect-dev-buffer')
  const [policy] = all(program, 'aws:iam/rolePolicy:RolePolicy')
  assert.deepEqual(JSON.parse(String(policy?.inputs.policy)), { Resource: table?.outputs.streamArn })
})

test('configuration has the defaults of the project, the objects of the stack and secrets in the clear', async () => {
  const program = await run(
    `const topic = new aws.sns.Topic('t', { name: config.requireSecret('key'), tags: { memory: config.require('memory'), x: String(config.requireObject('tenants').a.x) } })
     export const origin = config.requireSecret('originSecret')`,
    'config:\n  connect:tenants: { a: { x: 1 } }\n  connect:key: { secure: AAAB }\n',
  )
  const [topic] = all(program, 'aws:sns/topic:Topic')
  assert.deepEqual(topic?.inputs.tags, { memory: '256', x: '1' })
  assert.match(String(topic?.inputs.name), /^[0-9a-f]{64}$/)
  assert.match(String(program.outputs.origin), /^[0-9a-f]{64}$/)
})

test('the files of a bundle are read, also behind a secret environment', async () => {
  const program = await run(`
    new aws.lambda.Function('f', { role: 'r', runtime: 'nodejs24.x', handler: 'index.handler',
      code: new pulumi.asset.AssetArchive({ 'index.mjs': new pulumi.asset.StringAsset('export const handler = 1') }),
      environment: { variables: { KEY: config.requireSecret('originSecret'), PLAIN: 'x' } } })`)
  const [f] = all(program, 'aws:lambda/function:Function')
  assert.deepEqual(f?.files, { 'index.mjs': 'export const handler = 1' })
  assert.equal((f!.inputs.environment!.variables as { PLAIN: string }).PLAIN, 'x')
})

test('a resource that is declared late, in an apply, is not missed', async () => {
  const program = await run(
    "new aws.sns.Topic('a', {}).arn.apply(() => new aws.sns.Topic('b', {}).arn.apply(() => new aws.sns.Topic('c', {})))",
  )
  assert.deepEqual(
    all(program, 'aws:sns/topic:Topic').map(({ name }) => name),
    ['a', 'b', 'c'],
  )
})

for (const [what, program, message] of [
  [
    'resource type',
    "new aws.ec2.Vpc('net', { cidrBlock: '10.0.0.0/16' })",
    /does not know aws:ec2\/vpc:Vpc \(resource "net"\)/,
  ],
  ['call', 'export const zones = aws.getAvailabilityZonesOutput().names', /calls aws:index\/getAvailabilityZones/],
] as const)
  test(`an unknown ${what} is refused by name`, () => assert.rejects(run(program), message))

test('what the program throws is what the evaluation throws, also from an apply', async () => {
  await assert.rejects(run("throw new Error('wrong key in tenant a')"), /wrong key in tenant a/)
  await assert.rejects(
    run("new aws.sns.Topic('t', {}).arn.apply(() => { throw new Error('late trouble') })"),
    /late trouble/,
  )
})

test('a program that never settles is ended with the names of what never resolved', async () => {
  const name = 'new Promise<string>(settle => Object.assign(globalThis, { settle }))'
  const never = run(`new aws.sns.Topic('waiting', { name: pulumi.output(${name}) })`, undefined, 300)
  await assert.rejects(never, /Never registered: aws:sns\/topic:Topic waiting/)
  ;(globalThis as { settle?(name: string): void }).settle?.('late') // else Pulumi complains when the process ends
})

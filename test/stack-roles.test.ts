import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb'
import type { VendorAnswer } from '../core/simulator.ts'
import { OPERATOR } from '../local/aws.ts'
import type { Program } from '../local/declared.ts'
import type { WireItem } from '../local/services/dynamodb.ts'
import { CLINICA, evaluateDev, LOJA, lead, post, type RunningStack, runStack } from './tools/running-stack.ts'

const DAY = 86_400_000
const CREDENTIALS = '/connect/rdstation/loja-abc/credentials'
let program: Program
let stack: RunningStack
let client: DynamoDBClient
before(async () => {
  program = await evaluateDev()
  stack = await runStack(program)
  const credentials = { accessKeyId: OPERATOR, secretAccessKey: 'local' }
  client = new DynamoDBClient({ endpoint: stack.awsUrl, region: program.region, credentials })
})
after(async () => {
  client.destroy()
  await stack.end()
})

const items = (table: string) => stack.tables.items(`connect-dev-${table}`)
const fire = (name: string) => stack.fire(`connect-dev-rdstation-${name}`)
const atVendor = (person: string) =>
  stack.until(`${person} at the vendor`, () =>
    stack.vendors.get('rdstation')!.received.some(({ key }) => key.includes(`${person}@`)),
  )
const told = (what: string, id: string, message: string) =>
  stack.until(what, () => stack.lines.some(line => line.message === message && JSON.stringify(line).includes(id)))
const send = async (tenant: string, event: object) => {
  const { status } = await post(stack, `/v1/events/${tenant}`, event, tenant === 'loja-abc' ? LOJA : CLINICA)
  assert.equal(status, 200)
}
const operate = async (tenant: string, event: object) => {
  const outcome = await stack.invoke('connect-dev-rdstation-operate', { tenant, by: 'test', ...event })
  assert.ok(outcome !== 'throttled' && outcome.ok, JSON.stringify(outcome))
  const result = JSON.parse(outcome.payload)
  assert.ok(result.ok, outcome.payload)
  return result
}
/** Lets the vendor give this answer to deliveries, until `work` is done. */
const answering = async (answer: () => VendorAnswer | Promise<VendorAnswer>, work: () => Promise<unknown>) => {
  const vendor = stack.vendors.get('rdstation')!
  const { handle } = vendor
  vendor.handle = async request => (request.url.includes('/auth/') ? handle(request) : answer())
  await work().finally(() => {
    vendor.handle = handle
  })
}
const rejection = (): VendorAnswer => ({
  status: 400,
  body: { errors: [{ error_type: 'INVALID_FORMAT', error_message: 'no', path: '$.payload.email' }] },
})
const letterOf = async (id: string) => (await items('dead-letters')).some(({ sk }) => sk?.S === id)
const buried = async (id: string) => {
  await stack.until(`the letter of ${id}`, () =>
    stack.changes.some(({ table, keys }) => table.endsWith('dead-letters') && keys.sk?.S === id),
  )
  assert.ok(await letterOf(id))
}
/** Changes one row as nobody but a test does. */
const rewrite = (table: string, { pk, sk }: WireItem, set: string, value: { S: string } | { N: string }) =>
  client.send(
    new UpdateItemCommand({
      TableName: `connect-dev-${table}`,
      Key: { pk: { S: String(pk?.S) }, sk: { S: String(sk?.S) } },
      UpdateExpression: `SET ${set} = :value`,
      ExpressionAttributeValues: { ':value': value },
    }),
  )

test('leads of an account with a token and of one with a key arrive', async () => {
  await send('loja-abc', lead('ana'))
  await send('clinica-sol', lead('bia'))
  await atVendor('ana')
  await atVendor('bia')
})

test('schedules deliver what is not urgent and renew tokens', async () => {
  await send('loja-abc', lead('caio', { name: 'add_to_cart', commerce: { items: [{ id: '1', name: 'Bota' }] } }))
  for (const name of ['loja-abc-0', 'clinica-sol-0', 'loja-abc-refresh']) fire(name)
  await atVendor('caio')
})

test('an expired token is renewed on the way', async () => {
  stack.vendors.get('rdstation')!.expireTokens()
  await send('loja-abc', lead('davi'))
  await atVendor('davi')
})

test('what the vendor rejects becomes a dead letter, is told by one mail, and can be redriven', async () => {
  await answering(rejection, async () => {
    await send('loja-abc', lead('eva'))
    await buried('eva')
  })
  await stack.until('a mail', () => stack.mails.some(({ subject }) => subject.includes('loja-abc/rdstation')))
  assert.equal((await operate('loja-abc', { do: 'letters' })).letters.length, 1)
  await operate('loja-abc', { do: 'redrive', ids: ['eva'] })
  await atVendor('eva')
})

test('a lead of unknown outcome is held, and only a redrive that says so sends it again', async () => {
  await answering(
    () => 'reset',
    async () => {
      await send('clinica-sol', lead('fani'))
      await buried('fani')
    },
  )
  await operate('clinica-sol', { do: 'redrive', ids: ['fani'], resendUnknown: true })
  await atVendor('fani')
})

test('a letter can be dropped, a destination be looked at, paused and resumed, a person be opted out', async () => {
  await answering(rejection, async () => {
    await send('clinica-sol', lead('gil'))
    await buried('gil')
  })
  assert.deepEqual((await operate('clinica-sol', { do: 'drop', ids: ['gil'] })).dropped, ['gil'])
  assert.ok(!(await letterOf('gil')))
  await operate('clinica-sol', { do: 'status' })
  await operate('clinica-sol', { do: 'pause', reason: 'a test' })
  await operate('clinica-sol', { do: 'resume' })
  await operate('clinica-sol', { do: 'suppress', email: 'hugo@example.com' })
})

test('a run whose envelope was changed under it reads it again', async () => {
  const change = async () => {
    const [envelope] = (await items('rdstation-buffer')).filter(({ pk }) => String(pk?.S).startsWith('u#loja-abc'))
    await rewrite('rdstation-buffer', envelope!, 'rev', { S: 'somebody-else' })
    return { status: 503 }
  }
  await answering(change, async () => {
    await send('loja-abc', lead('iris'))
    await told('the outcome', 'iris', 'outcomes')
    await stack.until('the settled envelope', () =>
      stack.changes.some(
        ({ kind, new: item }) =>
          kind === 'MODIFY' && JSON.stringify(item).includes('iris') && item?.rev?.S !== 'somebody-else',
      ),
    )
  })
})

test('the tick starts what is due', async () => {
  const lanes = (await items('state')).filter(
    ({ pk, sk }) => pk?.S === 'rdstation#loja-abc' && String(sk?.S).startsWith('lane#urgent'),
  )
  for (const lane of lanes) await rewrite('state', lane, 'nextDueAt', { N: '1' })
  const runs = () => stack.changes.filter(({ keys }) => keys.sk?.S?.startsWith('lane#urgent')).length
  const before = runs()
  fire('tick')
  await stack.until('a run', () => runs() > before)
})

test('credentials that the vendor refuses stop the destination, until they are put right', async () => {
  const good = stack.secrets.value(CREDENTIALS)!
  stack.secrets.put(CREDENTIALS, JSON.stringify({ ...JSON.parse(good), clientSecret: 'wrong' }))
  stack.vendors.get('rdstation')!.expireTokens()
  await send('loja-abc', lead('julia'))
  const mailed = () => stack.mails.some(({ text }) => text.includes(CREDENTIALS))
  await stack.until('the mail that names the credentials', mailed)
  stack.secrets.put(CREDENTIALS, good)
  await operate('loja-abc', { do: 'resume' })
  await atVendor('julia')
})

test('what no run has taken before its time was over becomes a dead letter', async () => {
  await operate('loja-abc', { do: 'pause', reason: 'a test' })
  await send('loja-abc', lead('kim'))
  await stack.sweep(Date.now() + 30 * DAY)
  await buried('kim')
  await told('the end of its burial', 'kim', 'expired')
})

test('all that used every right that the roles grant, and none that they do not', () => {
  // What hooks and inbox may do takes a vendor that calls back with what became of messages: stack-hooks.test.ts.
  const unused = stack.usage().filter(({ used, function: who }) => !used && !/-(hooks|inbox)$/.test(who))
  assert.deepEqual(
    unused.map(({ function: who, action, resource }) => `${who} never needs ${action} on ${resource}`),
    [],
  )
  assert.deepEqual(
    stack.denials().map(({ function: who, action, resource }) => `${who} may not ${action} on ${resource}`),
    [],
  )
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { hookOf, statusOf } from '../connectors/whatsapp/simulator-hooks.ts'
import { NUMBER_ID } from '../connectors/whatsapp/simulator-people.ts'
import { ask, evaluateDev, lead, post, type RunningStack, runStack } from './tools/running-stack.ts'
import { tenantsOf } from './tools/tenants.ts'

/** The dev stack with a WhatsApp number for one of its tenants: the whole way, over HTTP, under the declared roles. */
let stack: RunningStack
before(async () => {
  const { 'connect:tenants': text } = tenantsOf('dev', ['rdstation', 'whatsapp'])
  const tenants = JSON.parse(text)
  delete tenants['clinica-sol'].destinations.whatsapp
  stack = await runStack(await evaluateDev({ 'connect:tenants': JSON.stringify(tenants) }))
})
after(() => stack.end())

const ADDRESS = '/v1/hooks/loja-abc/whatsapp'
const call = (body: string, headers: { [name: string]: string }, path = ADDRESS) =>
  ask(`${stack.ingestUrl}${path}`, { method: 'POST', body, headers })
const heard = (updates: number) => stack.lines.find(line => line.message === 'heard' && line.updates === updates)

test('a lead has its message, and what becomes of the message is called back, signed, and heard', async () => {
  const ana = lead('ana', { user: { phone: '+5511999990001', firstName: 'Ana' } })
  assert.equal((await post(stack, '/v1/events/loja-abc/whatsapp', ana)).status, 200)
  await stack.until('the message', () => stack.vendors.get('whatsapp')?.received.length === 1)
  await stack.until('its way', () => stack.lines.some(line => line.messageDelivered === 1 && '_aws' in line))
  const [row] = (await stack.tables.items('connect-dev-state')).filter(({ pk }) => String(pk?.S).includes('#message#'))
  assert.equal(row?.status?.S, 'delivered')
})

test('4 MB with 1,000 updates pass the edge, are answered at once and worked off', async () => {
  let seed = 7
  const noise = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed.toString(36)
  }
  const statuses = Array.from({ length: 1000 }, (_, n) =>
    statusOf(`wamid.${n}`, 'sent', '5511999990001', undefined, Date.now(), {
      pad: Array.from({ length: 650 }, noise).join(''),
    }),
  )
  const { body, headers } = hookOf('loja-abc', NUMBER_ID, { statuses })
  assert.ok(body.length > 3_900_000, String(body.length))
  const answers = [await call(body, headers), await call(`${body} `, headers)]
  assert.deepEqual(
    answers.map(answer => answer.status),
    [200, 403],
  )
  await stack.until('all of them', () => heard(1000))
})

test('the address is confirmed through the edge, and nobody else hears the challenge', async () => {
  const shake = (token: string) =>
    ask(`${stack.ingestUrl}${ADDRESS}?hub.mode=subscribe&hub.challenge=42&hub.verify_token=${token}`)
  const [right, wrong] = [await shake('verify-loja-abc'), await shake('verify')]
  assert.deepEqual([right.status, right.body, wrong.status], [200, '42', 403])
})

const chosen = (status: string, second: number) =>
  JSON.stringify({
    event_type: 'WEBHOOK.CONVERTED',
    event_timestamp: `2026-11-20T12:00:0${second}.000Z`,
    contact: { email: 'caio@example.com', legal_bases: [{ category: 'communications', status }] },
  })
const tell = (tenant: string, key: string, body: string) =>
  call(body, { 'content-type': 'application/json' }, `/v1/hooks/${tenant}/rdstation?key=${key}`)
const counted = (what: string) =>
  stack.until(what, () => stack.lines.some(line => Number(line[what]) > 0 && '_aws' in line))

test('a vendor without signatures is known by the key in its address', async () => {
  assert.equal((await tell('loja-abc', 'guess', chosen('declined', 1))).status, 403)
  assert.equal((await tell('clinica-sol', 'hook-key-of-loja-abc', chosen('declined', 1))).status, 403)
  assert.equal((await tell('loja-abc', 'hook-key-of-loja-abc', chosen('declined', 1))).status, 200)
  await counted('optOuts')
  assert.equal((await post(stack, '/v1/events/loja-abc/rdstation', lead('caio'))).status, 200)
  await stack.until('the lead', () =>
    stack.lines.some(line => line.message === 'outcomes' && JSON.stringify(line).includes('"suppressed"')),
  )
  await tell('loja-abc', 'hook-key-of-loja-abc', chosen('granted', 2))
  await counted('optIns')
})

test('the two functions use every right that they have, and are denied nothing', async () => {
  const { body, headers } = hookOf('loja-abc', NUMBER_ID, {
    statuses: [
      statusOf('wamid.late', 'read', '5511999990001', 'long-gone', Date.now()),
      statusOf('wamid.failed', 'failed', '5511999990001', 'failed', Date.now(), { errors: [{ code: 131026 }] }),
    ],
  })
  assert.equal((await call(body, headers)).status, 200)
  await counted('messageFailed')
  const theirs = stack.usage().filter(({ function: name }) => /-(hooks|inbox)$/.test(name))
  assert.ok(theirs.length > 15)
  assert.deepEqual(
    theirs
      .filter(({ used }) => !used)
      .map(({ function: who, action, resource }) => `${who} never needs ${action} on ${resource}`),
    [],
  )
  assert.deepEqual(stack.denials(), [])
})

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { connectors } from '../connectors/index.ts'
import { webhooks } from '../connectors/webhooks.ts'
import { hookOf, statusOf } from '../connectors/whatsapp/simulator-hooks.ts'
import { NUMBER_ID } from '../connectors/whatsapp/simulator-people.ts'
import { HOOK_BYTES } from '../core/inbox.ts'
import { ADDRESS, type Hooking, startHooking } from './tools/hooking.ts'

let hooking: Hooking
before(async () => {
  hooking = await startHooking()
})
after(() => hooking.stop())

const sent = (id: string, more: object = {}) =>
  hookOf('demo', NUMBER_ID, { statuses: [statusOf(id, 'sent', '5511999990001', 'e1', 1_763_629_200_000, more)] })
const stored = async () => (await hooking.rig.database.items(hooking.inboxTable)).length
const status = async (answer: Promise<{ statusCode: number }>) => (await answer).statusCode

const shake = (query: { [name: string]: string }) => hooking.call({ method: 'GET', query })
const handshake = { 'hub.mode': 'subscribe', 'hub.challenge': '1158201444', 'hub.verify_token': 'verify-demo' }

test('an address is confirmed with the challenge alone, as plain text', async () => {
  const answer = await shake(handshake)
  assert.deepEqual([answer.statusCode, answer.body], [200, '1158201444'])
  assert.match(answer.headers['content-type'] ?? '', /^text\/plain/)
})

test('nobody else has an address confirmed, or anything of his own sent back', async () => {
  for (const wrong of [
    { 'hub.verify_token': 'verify-dem' },
    { 'hub.verify_token': '' },
    { 'hub.mode': 'unsubscribe' },
    { 'hub.challenge': '<script>alert(1)</script>' },
    { 'hub.challenge': '' },
  ])
    assert.equal(await status(shake({ ...handshake, ...wrong })), 403, JSON.stringify(wrong))
  assert.equal(await status(shake({})), 403)
})

test('what the vendor has signed is stored and answered, once however often it is repeated', async () => {
  const was = await stored()
  const hook = sent('wamid.1')
  for (let time = 0; time < 3; time++) assert.equal(await status(hooking.post(hook)), 200)
  assert.equal(await status(hooking.post(hook, { base64: true })), 200)
  assert.equal(await stored(), was + 1)
})

test('what is not signed, signed otherwise, or changed by a byte afterwards is refused and not stored', async () => {
  const was = await stored()
  const hook = sent('wamid.2')
  const signature = hook.headers['x-hub-signature-256']!
  const calls = [
    { headers: { 'x-hub-signature-256': undefined } },
    { headers: { 'x-hub-signature-256': '' } },
    { headers: { 'x-hub-signature-256': signature.replace('sha256=', '') } },
    { headers: { 'x-hub-signature-256': `${signature}0` } },
    { headers: { 'x-hub-signature-256': signature.toUpperCase() } },
    { body: `${hook.body} ` },
    { body: hook.body.replace('wamid.2', 'wamid.3') },
    { body: JSON.stringify(JSON.parse(hook.body), undefined, 1) },
    { body: '' },
  ]
  for (const call of calls) assert.equal(await status(hooking.post(hook, call)), 403, JSON.stringify(call).slice(0, 80))
  assert.equal(await stored(), was)
})

test('the signature is of the bytes as they came: the same text spelled otherwise is another', async () => {
  const hook = sent('wamid.4', { errors: [{ code: 1, title: 'não' }] })
  assert.ok(hook.body.includes('n\\u00e3o'))
  assert.equal(await status(hooking.post(hook)), 200)
  assert.equal(await status(hooking.post(hook, { body: hook.body.replace('\\u00e3', 'ã') })), 403)
})

test('a call past the edge is refused first of all', async () => {
  assert.equal(await status(hooking.post(sent('wamid.5'), { headers: { 'x-connect-origin': 'guess' } })), 403)
  assert.equal(await status(hooking.post(sent('wamid.5'), { headers: { 'x-connect-origin': undefined } })), 403)
})

test('strange addresses and methods are 4xx', async () => {
  for (const path of [
    '/v1/hooks/nobody/whatsapp',
    '/v1/hooks/loja-abc/nobody',
    '/v1/hooks/loja-abc',
    '/v1/hooks/loja-abc/constructor',
    '/v1/hooks/A/whatsapp',
  ])
    assert.equal(await status(hooking.post(sent('wamid.6'), { path })), 404, path)
  for (const method of ['PUT', 'DELETE', 'HEAD', 'OPTIONS'])
    assert.equal(await status(hooking.post(sent('wamid.6'), { method })), 405, method)
})

test('a body above 4 MiB is refused, one below it is kept in parts that an item can hold', async () => {
  assert.equal(HOOK_BYTES, 4 * 1024 * 1024)
  const was = await stored()
  let seed = 7
  const noise = () => {
    seed = (seed * 16807) % 2147483647
    return String(seed)
  }
  const statuses = Array.from({ length: 1000 }, (_, n) =>
    statusOf(`wamid.${n}`, 'sent', '5511999990001', `e${n}`, 1_763_629_200_000, {
      pad: Array.from({ length: 400 }, noise).join(''),
    }),
  )
  const hook = hookOf('demo', NUMBER_ID, { statuses })
  assert.ok(hook.body.length > 3_700_000 && hook.body.length <= HOOK_BYTES, String(hook.body.length))
  assert.equal(await status(hooking.post(hook)), 200)
  const items = await hooking.rig.database.items(hooking.inboxTable)
  assert.ok(items.length > was + 2)
  for (const { body } of items) assert.ok((body?.B?.length ?? 0) < 350_000)
  assert.equal(await status(hooking.post({ ...hook, body: 'x'.repeat(HOOK_BYTES + 1) })), 413)
})

test('a table that does not answer is a 503 with a time to come again, and never a 200', async () => {
  hooking.rig.setHook((step, perform) =>
    step.name === 'PutItemCommand' ? Promise.reject(new Error('down')) : perform(),
  )
  const answer = await hooking.post(sent('wamid.7'))
  hooking.rig.setHook(undefined)
  assert.equal(answer.statusCode, 503)
  assert.ok(Number(answer.headers['retry-after']) > 0)
})

test('while an operator has set no secret nobody is believed, and the log says what to do', async () => {
  const other = await startHooking()
  other.rig.secrets.delete('/connect/whatsapp/loja-abc/webhook')
  assert.equal(await status(other.post(sent('wamid.8'))), 403)
  assert.equal(await status(other.call({ method: 'GET', query: { ...handshake, 'hub.verify_token': '' } })), 403)
  const line = other.rig.lines.find(({ message }) => message === 'no webhook secret')
  assert.match(String(line?.problem), /\/connect\/whatsapp\/loja-abc\/webhook.*appSecret.*put-secret-value/)
  await other.stop()
})

test('no line of the log holds a secret, a number or a body', () => {
  const text = hooking.rig.lines.map(line => JSON.stringify(line)).join('\n')
  for (const hidden of ['app-secret', 'verify-demo', '5511999990001', 'sha256='])
    assert.ok(!text.includes(hidden), hidden)
  assert.ok(!text.includes(`${ADDRESS}?`))
})

test('every connector that is called is listened to, and no other', () => {
  const called = Object.values(connectors).filter(({ webhook }) => webhook)
  assert.deepEqual(Object.fromEntries(called.map(({ name, webhook }) => [name, webhook])), webhooks)
})

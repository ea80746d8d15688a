import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { OperateEvent } from '../functions/world.ts'
import type { Program } from '../local/declared.ts'
import { CLINICA, evaluateDev, lead, post, type RunningStack, runStack } from './tools/running-stack.ts'

let program: Program
let stack: RunningStack
const ended: (() => Promise<void>)[] = []
before(async () => {
  program = await evaluateDev()
  stack = await runStack(program)
  ended.push(stack.end)
})
after(() => Promise.all(ended.map(end => end())))

const HOUR = 3_600_000
const received = (key: string) => stack.vendors.get('rdstation')!.received.some(record => record.key.includes(key))
const operate = async (event: Omit<OperateEvent, 'tenant' | 'by'> & { do: string }, tenant = 'loja-abc') => {
  const outcome = await stack.invoke('connect-dev-rdstation-operate', { tenant, by: 'test', ...event })
  assert.ok(outcome !== 'throttled' && outcome.ok, JSON.stringify(outcome))
  const result = JSON.parse(outcome.payload)
  assert.ok(result.ok, result.error)
  return result
}
const accepted = async (reply: ReturnType<typeof post>) => assert.equal((await reply).status, 200)
const waiting = async () => (await stack.tables.items('connect-dev-rdstation-buffer')).length
const letters = async () => stack.tables.items('connect-dev-dead-letters')
const fire = (name: string) => stack.fire(`connect-dev-rdstation-${name}`)

test('a system that does everything it can do uses everything that its roles allow, and is denied nothing', async () => {
  const vendor = stack.vendors.get('rdstation')!
  // Leads of both tenants, one with a token and one with a key, wake the delivery.
  await accepted(post(stack, '/v1/events/loja-abc', lead('ana')))
  await accepted(post(stack, '/v1/events/clinica-sol', lead('bia'), CLINICA))
  await stack.until('both leads', () => received('ana@') && received('bia@'))
  // A bulk event is delivered by its schedule, and a token is renewed by its own.
  await accepted(
    post(
      stack,
      '/v1/events/loja-abc',
      lead('caio', { name: 'add_to_cart', commerce: { items: [{ id: '1', name: 'Bota' }] } }),
    ),
  )
  fire('loja-abc-0')
  fire('clinica-sol-0')
  fire('loja-abc-refresh')
  await stack.until('the bulk event', () => received('caio@'))
  // An expired token is found out by the vendor's answer.
  vendor.expireTokens()
  await accepted(post(stack, '/v1/events/loja-abc', lead('davi')))
  await stack.until('the lead after a new token', () => received('davi@'))
  console.error(
    JSON.stringify(
      stack
        .usage()
        .filter(({ used }) => !used)
        .map(g => `${g.function} ${g.action} ${g.resource.split(':').slice(5).join(':')}`),
      null,
      1,
    ),
    stack.denials,
    await waiting(),
    (await letters()).length,
    HOUR,
    operate,
  )
})

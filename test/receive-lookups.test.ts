import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BatchGetItemCommand, GetItemCommand } from '@aws-sdk/client-dynamodb'
import { personHashes } from '../core/person.ts'
import { rowItem } from '../core/tenant.ts'
import { suppressedAmong } from '../functions/aws/suppressions.ts'
import { createTenants } from '../functions/aws/tenants.ts'
import type { World } from '../functions/world.ts'
import { LOJA, NOW } from './tools/receiving.ts'

/** A world whose tenants table holds the given rows and counts who reads which. */
function tenantsOf(rows: { [pk: string]: Parameters<typeof rowItem>[1] }) {
  const asked: string[] = []
  const clock = { now: NOW }
  const world: Pick<World, 'env' | 'now' | 'dynamo'> = {
    env: { CONNECT_STACK: 'test', TENANTS_TABLE: 'tenants' },
    now: () => clock.now,
    dynamo: {
      send: (async ({ input }: GetItemCommand) => {
        const pk = input.Key?.pk?.S ?? ''
        asked.push(pk)
        await new Promise(setImmediate)
        return rows[pk] ? { Item: rowItem(pk, rows[pk]) } : {}
      }) as never,
    },
  }
  return { asked, clock, tenants: createTenants(world) }
}

test('a hundred requests at once read a tenant once', async () => {
  const { asked, tenants } = tenantsOf({ 'tenant#loja-abc': LOJA })
  const found = await Promise.all(Array.from({ length: 100 }, () => tenants.tenant('loja-abc')))
  assert.deepEqual(new Set(found.map(tenant => tenant?.id)), new Set(['loja-abc']))
  assert.deepEqual(asked, ['tenant#loja-abc'])
})

test('a tenant is read again after a minute, one that does not exist after ten seconds', async () => {
  const { asked, clock, tenants } = tenantsOf({ 'tenant#loja-abc': LOJA })
  const both = async () => [await tenants.tenant('loja-abc'), await tenants.tenant('new')]
  await both()
  clock.now += 9_999
  await both()
  assert.deepEqual(asked, ['tenant#loja-abc', 'tenant#new'])
  clock.now += 1
  await both()
  assert.deepEqual(asked.slice(2), ['tenant#new'])
  clock.now += 50_000
  await tenants.tenant('loja-abc')
  assert.deepEqual(asked.slice(3), ['tenant#loja-abc'])
})

test('strangers cannot fill the memory: what was asked for longest ago is forgotten first', async () => {
  const { asked, tenants } = tenantsOf({ 'tenant#loja-abc': LOJA })
  await tenants.tenant('loja-abc')
  for (let n = 0; n < 2_000; n++) await tenants.tenant(`nobody-${n}`)
  asked.length = 0
  await tenants.tenant('nobody-1999')
  assert.deepEqual(asked, [])
  await tenants.tenant('loja-abc')
  assert.deepEqual(asked, ['tenant#loja-abc'])
})

test('a tid is looked up whole, then by ever shorter leading parts, six at most', async () => {
  const { asked, tenants } = tenantsOf({ 'tenant#loja-abc': LOJA, 'tid#UA-1': { tenant: 'loja-abc' } })
  assert.equal((await tenants.tenantOfTid('UA-1.2'))?.id, 'loja-abc')
  assert.deepEqual(asked, ['tid#UA-1.2', 'tid#UA-1', 'tenant#loja-abc'])
  asked.length = 0
  assert.equal(await tenants.tenantOfTid('a-b-c-d-e-f-g-h-i'), undefined)
  assert.equal(asked.length, 6)
})

const person = (id: string) => ({
  id,
  name: 'purchase',
  at: '2026-11-20T12:00:00.000Z',
  user: { email: `${id}@example.com` },
})

/** A suppressions table that answers at most `atOnce` keys of a request and leaves the rest unprocessed. */
function suppressions(optedOut: readonly string[], atOnce: number) {
  const sizes: number[] = []
  const world: Pick<World, 'env' | 'dynamo'> = {
    env: { CONNECT_STACK: 'test', SUPPRESSIONS_TABLE: 'out' },
    dynamo: {
      send: (async ({ input }: BatchGetItemCommand) => {
        const keys = input.RequestItems?.out?.Keys ?? []
        sizes.push(keys.length)
        const rest = keys.slice(atOnce)
        return {
          Responses: { out: keys.slice(0, atOnce).filter(({ sk }) => optedOut.includes(sk?.S ?? '')) },
          ...(rest.length && { UnprocessedKeys: { out: { Keys: rest } } }),
        }
      }) as never,
    },
  }
  return { sizes, world }
}

test('opt-outs that DynamoDB leaves unprocessed are asked for again', async () => {
  const hashes = personHashes(LOJA.salt, { email: 'p4@example.com' })
  const { sizes, world } = suppressions(hashes, 2)
  const people = Array.from({ length: 5 }, (_, n) => person(`p${n}`))
  assert.deepEqual([...(await suppressedAmong(world, LOJA, people))], ['p4'])
  assert.deepEqual(sizes, [5, 3, 1])
})

test('opt-outs that stay unread are an error, never a no', async () => {
  const { world } = suppressions([], 0)
  await assert.rejects(suppressedAmong(world, LOJA, [person('p')]), /unprocessed/)
})

test('a hundred identities are asked for at a time, each once', async () => {
  const { sizes, world } = suppressions([], 100)
  const people = Array.from({ length: 150 }, (_, n) => person(`p${n}`))
  await suppressedAmong(world, LOJA, [...people, ...people])
  assert.deepEqual(sizes, [100, 50])
})

test('events that identify nobody cost no look-up', async () => {
  const { sizes, world } = suppressions([], 100)
  const { user: _user, ...nobody } = person('p')
  assert.equal((await suppressedAmong(world, LOJA, [nobody, { ...nobody, user: { id: 'visitor' } }])).size, 0)
  assert.deepEqual(sizes, [])
})

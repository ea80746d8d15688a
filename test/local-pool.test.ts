import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { createPool, type Pool, type PoolOptions } from '../local/pool.ts'

const dir = mkdtempSync(join(tmpdir(), 'connect-pool-'))
const pools: Pool[] = []
const lines: string[] = []
const vendor = http.createServer((request, response) => {
  response.end(JSON.stringify({ host: request.headers.host, url: request.url }))
})
before(() => new Promise<void>(listening => vendor.listen(0, '127.0.0.1', listening)))
after(async () => {
  await Promise.all(pools.map(pool => pool.close()))
  vendor.close()
  vendor.closeAllConnections()
  rmSync(dir, { recursive: true })
})

let written = 0
/** A pool whose handler has this body; `event` and `context` are in scope. */
function pool(body: string, more: Partial<PoolOptions> = {}): Pool {
  const file = join(dir, `${++written}.mjs`)
  writeFileSync(file, `let calls = 0\nexport const handler = async (event, context) => {\n${body}\n}`)
  const vendorPort = (vendor.address() as AddressInfo).port
  const routes = { aws: 1, vendors: { 'api.vendor.example': vendorPort, 'closed.vendor.example': 9 } }
  const made = createPool({
    name: 'connect-test-function',
    setup: { arn: 'arn:aws:lambda:x', file, handler: 'handler', routes },
    env: { GREETING: 'oi' },
    timeoutMs: 5_000,
    memoryMb: 128,
    concurrency: 1,
    line: text => lines.push(text),
    ...more,
  })
  pools.push(made)
  return made
}
const answer = async (made: Pool, event: unknown = {}) => {
  const outcome = await made.invoke(JSON.stringify(event))
  return outcome.ok ? JSON.parse(outcome.payload) : outcome.error
}

test('a function gets its event, its own environment and its remaining time', async () => {
  const made = pool(
    'return { event, greeting: process.env.GREETING, home: process.env.HOME, left: context.getRemainingTimeInMillis() }',
  )
  const { left, ...rest } = await answer(made, { a: 1 })
  assert.deepEqual(rest, { event: { a: 1 }, greeting: 'oi' })
  assert.ok(left > 0 && left <= 5_000)
})

test('a worker is used again, and two calls at once have a worker each', async () => {
  const one = pool('return ++calls')
  assert.deepEqual([await answer(one), await answer(one)], [1, 2])
  const meet = `const { readdirSync, writeFileSync } = await import('node:fs')
    writeFileSync(event.room + '/' + event.name, '')
    while (readdirSync(event.room).length < 2) await new Promise(setImmediate)
    return ++calls`
  const two = pool(meet, { concurrency: 2 })
  const room = mkdtempSync(join(dir, 'room-'))
  assert.deepEqual(await Promise.all([answer(two, { room, name: 'a' }), answer(two, { room, name: 'b' })]), [1, 1])
})

test('what a handler throws is its answer, and the worker lives on', async () => {
  const made = pool('if (event.bad) throw new TypeError("no such thing"); return ++calls')
  const { trace: _trace, ...error } = await answer(made, { bad: true })
  assert.deepEqual(error, { errorType: 'TypeError', errorMessage: 'no such thing' })
  assert.equal(await answer(made), 1)
})

test('a call that passes its time limit ends with its worker, also in an endless loop', async () => {
  const made = pool('if (event.loop) for (;;); return ++calls', { timeoutMs: 300 })
  assert.equal(await answer(made), 1)
  const { errorType, errorMessage } = await answer(made, { loop: true })
  assert.equal(errorType, 'Sandbox.Timedout')
  assert.match(errorMessage, /^RequestId: \S+ Task timed out after 0\.30 seconds$/)
  assert.equal(await answer(made), 1)
})

test('a function that ends its process fails only its own call', async () => {
  const made = pool('if (event.exit) process.exit(3); return ++calls')
  assert.match((await answer(made, { exit: true })).errorMessage, /exit status 3/)
  assert.equal(await answer(made), 1)
})

test('a kill ends the calls under way at once, and the next call gets a new worker', async () => {
  const made = pool('if (event.hang) { console.log("hanging"); await new Promise(() => {}) } return ++calls')
  const hanging = answer(made, { hang: true })
  while (!lines.includes('hanging')) await new Promise(setImmediate)
  assert.equal(made.kill(), 1)
  assert.match((await hanging).errorMessage, /signal: killed/)
  assert.equal(await answer(made), 1)
})

test('a bundle that cannot be loaded fails every waiting call with its reason', async () => {
  const broken = pool('', { setup: { ...setupOf('throw new Error("cannot start")') } })
  assert.match((await answer(broken)).errorMessage, /cannot start/)
})
function setupOf(text: string) {
  const file = join(dir, `${++written}.mjs`)
  writeFileSync(file, text)
  return { arn: '', file, handler: 'handler', routes: { aws: 1, vendors: {} } }
}

const requests = (url: string) => `
  const { createRequire } = await import('node:module')
  const require = createRequire(${JSON.stringify(join(import.meta.dirname, 'x.js'))})
  const { Agent, request } = require('undici')
  const axios = require('axios')
  const agent = new Agent()
  const tell = error => error.cause?.code ?? error.code ?? String(error)
  return Promise.all([
    request('${url}', { dispatcher: agent }).then(answer => answer.body.json(), tell),
    axios.get('${url}', { proxy: false }).then(answer => answer.data, tell),
    fetch('${url}').then(answer => answer.json(), tell),
  ])`

test('a vendor keeps its https address and is answered on this machine, by undici, axios and fetch', async () => {
  const made = pool(requests('https://api.vendor.example/a?b=1'))
  const arrived = { host: 'api.vendor.example', url: '/a?b=1' }
  assert.deepEqual(await answer(made), [arrived, arrived, arrived])
})

test('an address that no simulator plays does not exist', async () => {
  assert.deepEqual(await answer(pool(requests('https://elsewhere.example/'))), ['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND'])
  assert.deepEqual(await answer(pool(requests('http://elsewhere.example/'))), ['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND'])
  assert.deepEqual(await answer(pool(requests('http://127.0.0.1:2/'))), ['ENOTFOUND', 'ENOTFOUND', 'ENOTFOUND'])
})

test('a vendor that refuses connections refuses them', async () => {
  const refused = await answer(pool(requests('https://closed.vendor.example/')))
  assert.deepEqual(refused, ['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED'])
})

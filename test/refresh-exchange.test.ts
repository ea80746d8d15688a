import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { exchange } from '../functions/aws/exchange.ts'

async function served<T>(listener: RequestListener, use: (url: string) => Promise<T>): Promise<T> {
  const server: Server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
const post = (url: string) =>
  ({ method: 'POST', url, headers: { 'content-type': 'application/json' }, body: '{"a":1}' }) as const

test('an exchange sends the body as it is and reads JSON', async () => {
  const answer = await served(
    async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      response.writeHead(201, {
        'content-type': 'text/plain',
        'X-Seen': `${request.method} ${request.headers['content-type']}`,
      })
      response.end(JSON.stringify({ body }))
    },
    url => exchange(post(`${url}/token`), 1_000),
  )
  assert.ok(answer.answered)
  assert.equal(answer.status, 201)
  assert.equal(answer.headers['x-seen'], 'POST application/json')
  assert.deepEqual(answer.body, { body: '{"a":1}' })
})

test('refusals and texts that are not JSON are answers like any other', async () => {
  const answer = await served(
    (_, response) => void response.writeHead(502).end('<html>Bad Gateway</html>'),
    url => exchange(post(url), 1_000),
  )
  assert.deepEqual(answer.answered && [answer.status, answer.body], [502, '<html>Bad Gateway</html>'])
})

test('a redirect is not followed: it would carry the credentials elsewhere', async () => {
  let requests = 0
  const answer = await served(
    (_, response) => {
      requests++
      response.writeHead(307, { location: '/elsewhere' }).end()
    },
    url => exchange(post(url), 1_000),
  )
  assert.equal(answer.answered && answer.status, 307)
  assert.equal(requests, 1)
})

test('proxies of the environment are not used', async t => {
  t.after(() => delete process.env.http_proxy)
  process.env.http_proxy = 'http://127.0.0.1:9'
  const answer = await served(
    (_, response) => void response.end('{}'),
    url => exchange(post(url), 1_000),
  )
  assert.equal(answer.answered && answer.status, 200)
})

test('a refused connection proves that nothing was sent', async () => {
  const url = await served(
    () => {},
    async closed => closed,
  )
  assert.deepEqual(await exchange(post(url), 1_000), {
    answered: false,
    sent: 'no',
    code: 'connection-refused',
    words: 'ECONNREFUSED',
  })
})

test('silence and a dropped connection prove nothing', async () => {
  const silent = await served(
    () => {},
    url => exchange(post(url), 50),
  )
  assert.deepEqual(silent.answered || [silent.sent, silent.code], ['maybe', 'timeout'])
  const dropped = await served(
    request => request.socket.destroy(),
    url => exchange(post(url), 1_000),
  )
  assert.deepEqual(dropped.answered || [dropped.sent, dropped.code], ['maybe', 'connection-reset'])
})

test('an answer that never ends is cut at the time limit', async () => {
  let drip: NodeJS.Timeout | undefined
  const answer = await served(
    (_, response) => {
      drip = setInterval(() => response.write(' '), 10)
    },
    url => exchange(post(url), 100),
  )
  clearInterval(drip)
  assert.deepEqual(answer.answered || [answer.sent, answer.code], ['maybe', 'timeout'])
})

test('an answer too large for a token is refused', async () => {
  const answer = await served(
    (_, response) => void response.end('x'.repeat(1_100_000)),
    url => exchange(post(url), 2_000),
  )
  assert.deepEqual(answer.answered || [answer.sent, answer.code], ['maybe', 'answer-too-large'])
})

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { act, type Refused } from './actions.ts'
import { openFeed, readQuery } from './feed.ts'
import type { PageOptions } from './options.ts'
import { eventsView } from './view.ts'

export type { Controls, VendorStatus } from './options.ts'
export type Page = { url: string; close(): Promise<void> }

const USUAL_PORT = 8788
const FILES: { readonly [path: string]: readonly [file: string, type: string] } = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/parts.css': ['parts.css', 'text/css; charset=utf-8'],
  ...Object.fromEntries(
    ['app', 'dom', 'destinations', 'events', 'vendors', 'mailbox', 'compose'].map(name => [
      `/${name}.js`,
      [`${name}.js`, 'text/javascript; charset=utf-8'],
    ]),
  ),
}
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/**
 * The live page, on this machine only: on `port` or, if that is taken, on any free one. It answers nobody but pages of its
 * own origin, so that no site open in the same browser can press its buttons or read it.
 */
export async function createPage(options: PageOptions): Promise<Page> {
  const feeds = new Set<() => void>()
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value)
    answer(options, feeds, request, response).catch(error => {
      if (!response.headersSent) sendJson(response, 500, { error: String(error) })
      else response.end()
    })
  })
  const port = await listen(server, options.port ?? USUAL_PORT)
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      for (const end of feeds) end()
      server.closeAllConnections()
      return new Promise(resolve => server.close(() => resolve()))
    },
  }
}

async function answer(
  options: PageOptions,
  feeds: Set<() => void>,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { host = '' } = request.headers
  // A name of somebody's own that points here (DNS rebinding) is not ours.
  if (!/^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host))
    return sendJson(response, 403, { error: 'This page answers to localhost only' })
  const url = new URL(request.url ?? '/', `http://${host}`)
  if (request.method === 'POST') return post(options, url, host, request, response)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD, POST')
    return sendJson(response, 405, { error: 'Only GET and POST' })
  }
  const { journal } = options
  if (url.pathname === '/status.json') return sendJson(response, 200, journal.snapshot())
  if (url.pathname === '/events.json')
    return sendJson(response, 200, eventsView(journal.events(readQuery(url.searchParams))))
  if (url.pathname === '/live') {
    const end = openFeed(options, readQuery(url.searchParams), response)
    feeds.add(end)
    response.on('close', () => feeds.delete(end))
    return
  }
  const [file, type] = (Object.hasOwn(FILES, url.pathname) && FILES[url.pathname]) || []
  if (!file || !type) return sendJson(response, 404, { error: `Nothing at ${url.pathname}` })
  response.writeHead(200, { 'content-type': type })
  response.end(await readFile(new URL(file, import.meta.url)))
}

const LARGEST = 1024 * 1024

async function post(options: PageOptions, url: URL, host: string, request: IncomingMessage, response: ServerResponse) {
  // Browsers name the page that sends; programs on this machine name none.
  const { origin } = request.headers
  const strange = origin !== undefined && origin !== `http://${host}`
  if (strange || request.headers['sec-fetch-site'] === 'cross-site')
    return sendJson(response, 403, { error: 'Only the page itself may do this' })
  // No form of another site can send this type without asking first.
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
    return sendJson(response, 415, { error: 'Send application/json' })
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > LARGEST) return sendJson(response, 413, { error: 'More than 1 MiB' })
    chunks.push(chunk)
  }
  try {
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}')
    const done = await act(options.controls, url.pathname, body)
    return isRefused(done) ? sendJson(response, done.status, { error: done.error }) : sendJson(response, 200, done)
  } catch (error) {
    return sendJson(response, 400, { error: error instanceof Error ? error.message : String(error) })
  }
}
const isRefused = (done: object): done is Refused => 'error' in done

function sendJson(response: ServerResponse, status: number, value: unknown) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(value))
}

/** The port it got. */
async function listen(server: Server, port: number): Promise<number> {
  const attempt = (wish: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject)
      server.listen(wish, '127.0.0.1', () => {
        server.off('error', reject)
        const address = server.address()
        resolve(typeof address === 'object' && address ? address.port : wish)
      })
    })
  try {
    return await attempt(port)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    return attempt(0)
  }
}

import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { missingPage, pageAt, picture } from './pages.ts'
import { productNamed } from './products.ts'
import { isLanguage, type Language } from './words.ts'

export type Shop = {
  /** Its origin, as browsers send it. */
  url: string
  open(facts: ShopFacts): void
  close(): Promise<void>
}
export type ShopFacts = {
  /** Where its events go: `http://127.0.0.1:8787`. */
  ingestUrl: string
  /** The published container, as `gtm.js` carries it. */
  gtm: { publicId: string; script: string }
  /** Address of the live page, if there is one. */
  livePage?: string
}

export type ShopOptions = {
  port?: number
  /** Changes the Content-Security-Policy that pages are sent with. */
  policy?(text: string): string
}

const USUAL_PORT = 8789
const JS = 'text/javascript; charset=utf-8'
const FILES: { readonly [path: string]: readonly [file: string, type: string] } = {
  '/shop.css': ['shop.css', 'text/css; charset=utf-8'],
  ...Object.fromEntries(
    ['consent-default', 'snippet', 'shop', 'consent', 'cart', 'layer', 'parts'].map(name => [
      `/${name}.js`,
      [`${name}.js`, JS],
    ]),
  ),
}

/**
 * The demo shop, on `port` or, if that is taken, on any free one. It has an address before the stack has one, because its
 * origin is part of what the stack is told; until `open` it asks for patience.
 */
export async function createShop({ port = USUAL_PORT, policy = text => text }: ShopOptions = {}): Promise<Shop> {
  let facts: ShopFacts | undefined
  const server = createServer((request, response) => {
    answer(facts, policy, request, response).catch(error => {
      if (!response.headersSent) send(response, 500, 'text/plain', String(error))
    })
  })
  await listen(server, port)
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: given => {
      facts = given
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  facts: ShopFacts | undefined,
  policy: (text: string) => string,
  request: IncomingMessage,
  response: ServerResponse,
) {
  const { host = '' } = request.headers
  // A name of somebody's own that points here (DNS rebinding) is not ours.
  if (!/^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/.test(host))
    return send(response, 403, 'text/plain', 'Not this name')
  if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'text/plain', 'Only GET')
  if (!facts) return send(response, 503, 'text/plain', 'The stack is starting.')
  for (const [name, value] of Object.entries(headersOf(policy(policyOf(facts))))) response.setHeader(name, value)
  const { pathname, search, searchParams } = new URL(request.url ?? '/', `http://${host}`)
  const [file, type] = (Object.hasOwn(FILES, pathname) && FILES[pathname]) || []
  if (file && type) return send(response, 200, type, await readFile(new URL(`page/${file}`, import.meta.url)))
  const { gtm } = facts
  if (pathname === '/gtm.js')
    return searchParams.get('id') === gtm.publicId
      ? send(response, 200, JS, gtm.script)
      : send(response, 404, 'text/plain', 'No such container')
  const product = productNamed(/^\/picture\/([\w-]+)\.svg$/.exec(pathname)?.[1] ?? '')
  if (product) return send(response, 200, 'image/svg+xml', picture(product))
  return page(facts, { pathname, search }, request.headers['accept-language'] ?? '', response)
}

function page(
  { gtm, livePage = '' }: ShopFacts,
  { pathname, search }: { pathname: string; search: string },
  accepts: string,
  response: ServerResponse,
) {
  const preferred: Language = /^\s*en\b/i.test(accepts) ? 'en' : 'pt'
  const [, first = '', path = '/'] = /^\/([a-z]{2})(\/.*)?$/.exec(pathname) ?? []
  if (pathname === '/' || (isLanguage(first) && pathname === `/${first}`)) {
    response.setHeader('location', `/${isLanguage(first) ? first : preferred}/${search}`) // with its campaign
    return send(response, 302, 'text/plain', '')
  }
  const frame = { language: isLanguage(first) ? first : preferred, path, livePage, gtm: gtm.publicId }
  const found = isLanguage(first) ? pageAt(frame) : undefined
  return send(response, found ? 200 : 404, 'text/html; charset=utf-8', found ?? missingPage({ ...frame, path: '/' }))
}

/**
 * The policy that a shop with the tag needs, and no more. In place of the first 'self', a real one names
 * https://www.googletagmanager.com, from where its `gtm.js` comes.
 */
const policyOf = ({ ingestUrl }: ShopFacts) =>
  [
    "default-src 'none'",
    `script-src 'self' ${ingestUrl}`,
    `connect-src ${ingestUrl}`,
    "img-src 'self' data:",
    "style-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const headersOf = (policy: string) => ({
  'cache-control': 'no-cache', // and not no-store, which would keep pages out of the back/forward cache
  'content-security-policy': policy,
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-content-type-options': 'nosniff',
})

function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, { 'content-type': type })
  response.end(body)
}

async function listen(server: Server, port: number): Promise<void> {
  const attempt = (wish: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(wish, '127.0.0.1', () => {
        server.off('error', reject)
        resolve()
      })
    })
  await attempt(port).catch(error => {
    if (error.code !== 'EADDRINUSE') throw error
    return attempt(0)
  })
}

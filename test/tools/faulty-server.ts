import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { HttpRequest } from '../../core/connector.ts'
import type { Vendor } from '../../core/simulator.ts'
import { selfSigned } from './faulty-certificate.ts'

/** One request as it came over the wire, and what may be done with it. */
type Exchange = {
  response: ServerResponse
  socket: Socket
  /** Of this line, 1 first. */
  nth: number
  now: number
  /** What the vendor itself answers. */
  ask(): Promise<Plain>
  /** Something to be done in so long, unless the line is closed before. */
  later(ms: number, work: () => void): void
}
type Plain = { status: number; headers: Readonly<Record<string, string>>; body: string }

/** What is wrong between us and the vendor: with the way there (`place`), or with the answer. */
export type Fault = {
  place?: 'closed port' | 'silent' | 'self-signed' | 'no such host'
  play?(exchange: Exchange): void | Promise<void>
}

const PAGE = '<html><body><h1>Bad Gateway</h1></body></html>'
const say = ({ response }: Exchange, status: number, headers: Record<string, string> = {}, body = '') =>
  void response.writeHead(status, headers).end(body)
const tooMany = (retryAfter?: (now: number) => string) => (exchange: Exchange) =>
  say(exchange, 429, retryAfter ? { 'retry-after': retryAfter(exchange.now) } : {})

export const FAULTS = {
  'connection refused': { place: 'closed port' },
  'host name not found': { place: 'no such host' },
  'wrong certificate': { place: 'self-signed' },
  'timeout before sending': { place: 'silent' },
  'timeout after sending': { play: () => {} },
  'reset before the answer': { play: ({ socket }) => void socket.resetAndDestroy() },
  'reset in the middle of the answer': {
    play({ response, socket }) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"half', () => socket.resetAndDestroy())
    },
  },
  'answer that drips without end': {
    play({ response, later }) {
      response.writeHead(200, { 'content-type': 'application/json' })
      const drip = () => {
        response.write(' ')
        later(10, drip)
      }
      drip()
    },
  },
  'answer after 100 seconds': {
    play: exchange => exchange.later(100_000, () => say(exchange, 200, { 'content-type': 'application/json' }, '{}')),
  },
  'error 500': { play: exchange => say(exchange, 500) },
  'error 502 with a page': { play: exchange => say(exchange, 502, { 'content-type': 'text/html' }, PAGE) },
  '429, `Retry-After` in seconds': { play: tooMany(() => '7') },
  '429, `Retry-After` as a date': { play: tooMany(now => new Date(now + 90_000).toUTCString()) },
  '429, `Retry-After` of garbage': { play: tooMany(() => 'soon, or so') },
  '429 without `Retry-After`': { play: tooMany() },
  '401 once': {
    async play(exchange) {
      if (exchange.nth === 1) return say(exchange, 401)
      const { status, headers, body } = await exchange.ask()
      say(exchange, status, headers, body)
    },
  },
  '401 for ever': { play: exchange => say(exchange, 401) },
  '200 with garbage': { play: exchange => say(exchange, 200, { 'content-type': 'text/html' }, '<p>It works!') },
  'truncated answer': {
    async play(exchange) {
      const { status, headers, body } = await exchange.ask()
      say(exchange, status, headers, body ? body.slice(0, Math.floor(body.length / 2)) : '{"accep')
    },
  },
  redirect: { play: exchange => say(exchange, 302, { location: '/elsewhere' }) },
} as const satisfies Readonly<Record<string, Fault>>

/** The way to a vendor with a fault in it: a server of its own on a free port of 127.0.0.1. */
export type Line = {
  /** Where a request has to go instead; the host that it was meant for becomes the first part of the path. */
  url(meant: string): string
  /** Paths of the requests that arrived, where the fault lets any arrive. */
  arrived: readonly string[]
  close(): Promise<void>
}

export async function openLine(fault: Fault, vendor: Vendor, now: () => number): Promise<Line> {
  const arrived: string[] = []
  const timers = new Set<NodeJS.Timeout>()
  const sockets = new Set<Socket>()
  const take = async (message: IncomingMessage, response: ServerResponse) => {
    const request = await rebuilt(message)
    arrived.push(new URL(request.url).pathname)
    await fault.play?.({
      response,
      socket: message.socket,
      nth: arrived.length,
      now: now(),
      ask: () => askVendor(vendor, request),
      later: (ms, work) => void timers.add(setTimeout(work, ms)),
    })
  }
  const server = serverOf(fault, take)
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    for (const timer of timers) clearTimeout(timer)
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  if (fault.place === 'closed port') await stop()
  return {
    url: meant => placeOf(fault, port) + new URL(meant).href.replace('https:/', ''),
    arrived,
    close: fault.place === 'closed port' ? async () => {} : stop,
  }
}

/** A label may have 63 letters: one of 64 is refused before any name server is asked (https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4). */
const NOBODY = `https://${'n'.repeat(64)}.example`

function placeOf({ place }: Fault, port: number): string {
  if (place === 'no such host') return NOBODY
  return `${place === 'self-signed' || place === 'silent' ? 'https' : 'http'}://127.0.0.1:${port}`
}

/** `silent` takes the connection and never answers the first word of TLS, so that nothing of the request can leave. */
function serverOf(
  { place }: Fault,
  take: (message: IncomingMessage, response: ServerResponse) => Promise<void>,
): Server {
  if (place === 'silent') return createTcpServer(() => {})
  return place === 'self-signed' ? createTlsServer(selfSigned(), take) : createServer(take)
}

async function rebuilt(message: IncomingMessage): Promise<HttpRequest> {
  const body = await text(message)
  const headers = Object.entries(message.headers).map(([name, value]) => [name, String(value)])
  return {
    method: message.method as HttpRequest['method'],
    url: `https:/${message.url}`,
    headers: Object.fromEntries(headers),
    ...(body && { body }),
  }
}

async function askVendor(vendor: Vendor, request: HttpRequest): Promise<Plain> {
  const answer = await vendor.handle(request)
  if (typeof answer === 'string') throw new Error(`The vendor itself says ${answer}`)
  const { status, headers = {}, body } = answer
  if (body === undefined) return { status, headers, body: '' }
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
}

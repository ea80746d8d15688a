import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What came to the collector on one visit. */
export type Collected = {
  /** Requests with events, and those that a browser had to make before it might. */
  requests: number
  preflights: number
  /** Of all that the browser wrote to the collector: request lines, headers, bodies. */
  bytes: number
  events: number
  pageViews: number
  products: ReadonlySet<string>
}

/**
 * The collector of one visit, which takes every tracker's requests and counts events in each one's own shape:
 * `events` (ours), `data` (Snowplow), `batch` (Segment, RudderStack), or an event alone.
 */
export async function openCollector() {
  const products = new Set<string>()
  const sockets = new Set<Socket>()
  const counted = { requests: 0, preflights: 0, events: 0, pageViews: 0 }
  const server = createServer((request, response) => void answer(request, response))
  server.on('connection', socket => sockets.add(socket))

  async function answer(request: IncomingMessage, response: ServerResponse) {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    response.writeHead(200, { 'content-type': 'application/json', ...corsOf(request) })
    response.end(request.method === 'OPTIONS' ? '' : '{"success":true}')
    if (request.method === 'OPTIONS') counted.preflights++
    else take(body)
  }
  function take(body: string) {
    counted.requests++
    for (const event of eventsIn(JSON.parse(body))) {
      const product = /CAFE-\d+/.exec(JSON.stringify(event))?.[0]
      counted.events++
      if (product) products.add(product)
      else counted.pageViews++
    }
  }
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** How many events have come. */
    events: () => counted.events,
    /** Ends the visit. */
    async close(): Promise<Collected> {
      await new Promise<void>(done => {
        server.close(() => done())
        server.closeAllConnections()
      })
      return { ...counted, products, bytes: [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0) }
    },
  }
}

/** Every origin, with credentials, and a preflight's answer is kept: what is best for the tracker. */
const corsOf = ({ headers }: IncomingMessage) => ({
  'access-control-allow-origin': headers.origin ?? '*',
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': headers['access-control-request-headers'] ?? 'content-type',
  'access-control-max-age': '600',
})

type Body = { events?: object[]; data?: object[]; batch?: object[] }
const eventsIn = (body: Body): object[] =>
  body.events ?? body.data ?? (Array.isArray(body.batch) ? body.batch : undefined) ?? [body]

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Sent = { stream?: string; seq?: number; ecommerce?: { item_list_id?: string } }

/** Stands between browsers and the edge: answers 503 in its place for some of them, and reads the numbers that pass. */
export async function openGate() {
  let target = ''
  const refusing = new Set<string>()
  const wereRefused = new Map<string, () => void>()
  const seen = new Map<string, Set<number>>()

  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const events = incoming.method === 'POST' ? ((JSON.parse(body.toString()) as { events: Sent[] }).events ?? []) : []
    const run = events.map(({ ecommerce }) => ecommerce?.item_list_id).find(id => id && refusing.has(id))
    if (run) return refuse(run, incoming, outgoing)
    pass(target, incoming, body, outgoing, () => {
      for (const { stream = '', seq = 0 } of events) seen.set(stream, (seen.get(stream) ?? new Set()).add(seq))
    })
  })
  function refuse(run: string, { headers }: IncomingMessage, outgoing: ServerResponse) {
    outgoing.writeHead(503, {
      'retry-after': '1',
      'access-control-allow-origin': headers.origin ?? '*',
      'access-control-expose-headers': 'Retry-After',
    })
    outgoing.end()
    wereRefused.get(run)?.()
  }
  await listen(server)
  return {
    /** From now on everything goes to `url`; answers the gate's own address. */
    open(url: string) {
      target = url
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    refuse(run: string) {
      refusing.add(run)
      const { promise, resolve } = Promise.withResolvers<void>()
      wereRefused.set(run, resolve)
      promises.set(run, promise)
    },
    /** Resolves when a request of the run has been refused. */
    refused: (run: string) => promises.get(run),
    letIn: (run: string) => refusing.delete(run),
    /** Numbers of a tab's sequence that no accepted request carried, while a later one came. */
    holes: () =>
      Array.from(seen, ([stream, numbers]) => {
        const missing = Array.from({ length: Math.max(...numbers) }, (_, index) => index + 1).filter(
          n => !numbers.has(n),
        )
        return missing.map(number => `${stream} ${number}`)
      }).flat(),
    close: () =>
      new Promise<void>(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
const promises = new Map<string, Promise<void>>()

function pass(target: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse, accepted: () => void) {
  const { method = 'GET', url = '/', headers } = incoming
  const { host: _host, ...rest } = headers
  const onward = request(`${target}${url}`, { method, headers: rest }, answer => {
    if (answer.statusCode === 200) accepted()
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  onward.end(body)
}

const listen = (server: Server) => new Promise<void>(done => server.listen(0, '127.0.0.1', done))

import http from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Simulator, Vendor, VendorAnswer } from '../core/simulator.ts'

export type Vendors = {
  /** By connector name. Setting `mode` takes effect on the connections too. */
  readonly vendors: ReadonlyMap<string, Vendor>
  /** Each vendor's hosts to the port on this machine that answers for them. */
  readonly routes: { readonly [host: string]: number }
  close(): Promise<void>
}

/** Opens each vendor's fake at a port of this machine; the functions' connections to its hosts end there. */
export async function openVendors(simulators: ReadonlyMap<string, Simulator<object>>): Promise<Vendors> {
  const vendors = new Map<string, Vendor>()
  const routes: { [host: string]: number } = {}
  const closers: (() => Promise<void>)[] = []
  for (const [connector, simulator] of simulators) {
    const { vendor, port, close } = await openVendor(simulator)
    vendors.set(connector, vendor)
    for (const host of simulator.hosts) routes[host] = port
    closers.push(close)
  }
  return { vendors, routes, close: async () => void (await Promise.all(closers.map(close => close()))) }
}

async function openVendor(simulator: Simulator<object>) {
  const actual = simulator.vendor({ now: Date.now, random: Math.random })
  const server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', chunk => chunks.push(chunk))
    incoming.on('end', async () => {
      const answer = await actual.handle(toRequest(incoming, Buffer.concat(chunks).toString()))
      play(answer, incoming.socket, outgoing)
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo

  /** A vendor that refuses connections does not listen; it comes back at the same port. */
  function apply(mode: Vendor['mode']): void {
    if (mode === 'refused' && server.listening) {
      server.close()
      server.closeAllConnections()
    } else if (mode !== 'refused' && !server.listening) server.listen(port, '127.0.0.1')
  }
  const vendor = new Proxy(actual, {
    set(target, name, value) {
      const done = Reflect.set(target, name, value)
      if (name === 'mode') apply(value)
      return done
    },
  })
  const close = () =>
    new Promise<void>(closed => {
      server.close(() => closed())
      server.closeAllConnections()
    })
  return { vendor, port, close }
}

const toRequest = ({ method, url, headers }: http.IncomingMessage, body: string) => ({
  method: method as 'POST',
  url: `https://${headers.host}${url}`,
  headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
  ...(body && { body }),
})

function play(answer: VendorAnswer, socket: Socket, outgoing: http.ServerResponse): void {
  if (answer === 'hang') return // the caller's patience ends it
  if (answer === 'reset' || answer === 'refused') return void socket.resetAndDestroy()
  const { status, headers = {}, body, delayMs = 0 } = answer
  const text = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body)
  const type = typeof body === 'string' ? 'text/plain' : 'application/json'
  setTimeout(() => {
    outgoing.writeHead(status, { 'content-type': type, ...headers, 'content-length': Buffer.byteLength(text) })
    outgoing.end(text)
  }, delayMs).unref()
}

import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import tls from 'node:tls'

/** Where the connections of a function may go: AWS on this machine, and each vendor's host to the port of its simulator. */
export type Routes = { aws: number; vendors: { readonly [host: string]: number } }

/**
 * Closes this thread in. A vendor keeps its real https address and is answered by its simulator on this machine: the
 * connection is a plain one, dressed as TLS. Any other address does not exist. Call it before anything connects.
 */
export function installEgress(routes: Routes): void {
  const open = [routes.aws, ...Object.values(routes.vendors)]
  const connect = net.Socket.prototype.connect

  function guarded(this: net.Socket, ...args: unknown[]): net.Socket {
    const { host, port, path } = addressOf(args)
    const loopback = !host || host === '127.0.0.1' || host === 'localhost'
    if (!path && loopback && open.includes(Number(port)))
      return (connect as (...args: unknown[]) => net.Socket).apply(this, args)
    return fail(this, host || path || `port ${port}`)
  }
  net.Socket.prototype.connect = guarded as typeof connect

  tls.connect = ((...args: unknown[]) => {
    const options = addressOf(args)
    const host = options.servername || options.host || ''
    const port = routes.vendors[host]
    const socket = port === undefined ? fail(new net.Socket(), host) : net.connect({ host: '127.0.0.1', port })
    const listener = args.at(-1)
    if (typeof listener === 'function') socket.once('secureConnect', listener as () => void)
    socket.once('connect', () => socket.emit('secureConnect'))
    return dress(socket)
  }) as typeof tls.connect
  syncBuiltinESMExports()
}

type Address = { host?: string | null; port?: number | string; path?: string | null; servername?: string }

/** `connect` takes `(options)`, `(port, host)` or `(path)`; Node's own callers pass `[options, listener]` as one argument. */
function addressOf(args: readonly unknown[]): Address {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args
  if (typeof first === 'object' && first !== null) return first
  if (typeof first === 'string' && Number.isNaN(Number(first))) return { path: first }
  return {
    port: first as number,
    ...(typeof second === 'string' && { host: second }),
    ...(typeof second === 'object' && second !== null && second),
  }
}

function fail(socket: net.Socket, host: string): net.Socket {
  const error = Object.assign(new Error(`getaddrinfo ENOTFOUND ${host} (no simulator plays this host)`), {
    code: 'ENOTFOUND',
    syscall: 'getaddrinfo',
    hostname: host,
  })
  process.nextTick(() => socket.destroy(error))
  return socket
}

/** What HTTP clients ask of a TLS socket. */
const dress = (socket: net.Socket): net.Socket =>
  Object.assign(socket, {
    encrypted: true,
    authorized: true,
    alpnProtocol: false,
    getPeerCertificate: () => ({}),
    getSession: () => undefined,
    isSessionReused: () => false,
    setSession: () => {},
  })

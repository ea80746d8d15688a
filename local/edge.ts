import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Program } from './declared.ts'
import { type Behavior, readDistribution } from './distribution.ts'
import type { EdgeRequest } from './edge-request.ts'
import { type EdgeResponse, fromOutcome, toEvent } from './function-url.ts'
import type { Functions } from './functions.ts'
import { addHeaders } from './response-headers.ts'

export type Edge = { url: string; close(): Promise<void> }
export type EdgeOptions = {
  program: Program
  functions: Functions
  /** The first that is free is taken; 0 is any. */
  ports: readonly number[]
  /** Where the local viewer is said to be: ISO 3166 code. */
  country?: string
  /** Told of every request that the firewall blocks, by the rule's name. */
  blocked?(rule: string): void
}

// CloudFront sends these with every request that it passes on: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
const ALWAYS = ['content-type', 'content-length', 'content-encoding', 'user-agent']
/** The distribution as declared, on this machine: firewall, edge function, origin header, function URL, response headers. */
export async function openEdge(options: EdgeOptions): Promise<Edge> {
  const { program, functions } = options
  const { behaviors, firewall } = readDistribution(program)

  async function answer(request: EdgeRequest): Promise<EdgeResponse> {
    const block = firewall?.check(request, Date.now())
    if (block) {
      options.blocked?.(block.rule)
      return { status: block.status, headers: block.headers, body: Buffer.from(block.body) }
    }
    const behavior = behaviors.find(({ fits }) => fits(request.path))!
    if (!behavior.methods.includes(request.method)) return notAllowed
    const passed = behavior.viewer ? await behavior.viewer(request) : request
    const response = 'status' in passed ? passed : await ask(behavior, passed)
    return behavior.headers ? addHeaders(response, behavior.headers, request.headers) : response
  }

  async function ask({ origin, forwards }: Behavior, request: EdgeRequest): Promise<EdgeResponse> {
    const passed = Object.entries(request.headers).filter(([name]) => ALWAYS.includes(name) || forwards(name))
    const headers = {
      ...Object.fromEntries(passed),
      via: '1.1 local.cloudfront.net (CloudFront)',
      'x-forwarded-for': [request.headers['x-forwarded-for'], request.address].filter(Boolean).join(', '),
      ...origin.headers,
    }
    const event = toEvent({ ...request, headers }, origin.host, Date.now())
    return fromOutcome(await functions.invoke(origin.function, JSON.stringify(event)))
  }

  const server = http.createServer((incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', chunk => chunks.push(chunk))
    incoming.on('end', async () => {
      const request = toRequest(incoming, Buffer.concat(chunks), options.country ?? 'BR')
      send(outgoing, request.method, await answer(request).catch(badGateway))
    })
  })
  server.keepAliveTimeout = 60_000
  const port = await listen(server, options.ports)
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise(closed => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

function toRequest(
  { method = 'GET', url = '/', headers, socket }: http.IncomingMessage,
  body: Buffer,
  country: string,
): EdgeRequest {
  const [, path = '/', query = ''] = /^([^?]*)\??(.*)$/s.exec(url) ?? []
  const flat = Object.entries(headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : (value ?? ''),
  ])
  return {
    method,
    path,
    query,
    headers: Object.fromEntries(flat),
    body,
    country,
    address: socket.remoteAddress ?? '127.0.0.1',
  }
}

function send(outgoing: http.ServerResponse, method: string, { status, headers, cookies, body }: EdgeResponse): void {
  const bodyless = status === 204 || status === 304
  outgoing.writeHead(status, {
    ...headers,
    ...(cookies && { 'set-cookie': [...cookies] }),
    ...(!bodyless && { 'content-length': body.length }),
  })
  outgoing.end(bodyless || method === 'HEAD' ? undefined : body)
}

const plain = (status: number, text: string): EdgeResponse => ({
  status,
  headers: { 'content-type': 'text/plain' },
  body: Buffer.from(text),
})
const notAllowed = plain(
  403,
  'This distribution is not configured to allow the HTTP request method that was used for this request.',
)
const badGateway = (error: unknown) => plain(502, error instanceof Error ? `${error.message}` : String(error))

async function listen(server: http.Server, ports: readonly number[]): Promise<number> {
  for (const port of ports) {
    const taken = await new Promise<boolean>((settled, fail) => {
      server.once('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EADDRINUSE' ? settled(true) : fail(error),
      )
      server.listen(port, '127.0.0.1', () => settled(false))
    })
    server.removeAllListeners('error')
    if (!taken) return (server.address() as AddressInfo).port
  }
  throw new Error(`None of the ports ${ports.join(', ')} is free.`)
}

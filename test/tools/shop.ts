import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A small shop and, on another origin, an ingestion endpoint that counts what it takes, as strictly about CORS as the real one. */
export type Shop = Awaited<ReturnType<typeof openShop>>

type Stored = { id: string; at: string; batch: string; ids: string; n: number; stream: string; seq: number }
type Prepared = { at: number; kept: string }
const SCRIPT = { 'content-type': 'text/javascript', sourcemap: '/tag/0/tag.js.map' }
const PATH = '/v1/events/loja-abc'
const COOKIES_ASKED = `window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }
gtag('consent', 'default', { ad_storage: 'denied', analytics_storage: 'denied', ad_user_data: 'denied', ad_personalization: 'denied' })
if (document.cookie.includes('yes=1')) gtag('consent', 'update', { analytics_storage: 'granted' })`

/** A page that has another one prepared and goes there when that has pushed; the other one. */
const PREPARING: { [path: string]: string } = {
  '/prepares': `<script>document.cookie = 'yes=1'</script><script type="speculationrules">{"prerender": [{"source": "list", "urls": ["/prepared"], "eagerness": "immediate"}]}</script>
<script>fetch('/when-prepared').then(() => { location.href = '/prepared' })</script>`,
  '/prepared': `<script>if (document.prerendering) {
  dataLayer.push({ event: 'purchase', n: 1 })
  fetch('/is-prepared?kept=' + Object.keys({ ...localStorage, ...sessionStorage }))
}</script>`,
}

const UNTAGGED = ['/without-tag', '/prepares']

export async function openShop(tag: string) {
  const stored = new Map<string, Stored>()
  const posts: { headers: IncomingMessage['headers']; method: string; status: number }[] = []
  const broken: string[] = []
  const watchers = new Set<() => void>()
  const prepared: Prepared[] = []
  const state = {
    refuse: undefined as undefined | { status: number; retryAfter?: string },
    /** While it is unresolved no event is answered. */
    hold: undefined as undefined | PromiseWithResolvers<void>,
    csp: '',
  }

  const tell = () => {
    for (const look of watchers) look()
  }
  /** Resolves as soon as the condition holds after a request; fails after `ms`. */
  const until = (condition: () => boolean, what: string, ms = 15_000) =>
    new Promise<void>((resolve, reject) => {
      const finish = (settle: () => void) => {
        watchers.delete(look)
        clearTimeout(timer)
        settle()
      }
      const timer = setTimeout(() => finish(() => reject(new Error(`never: ${what}; stored ${stored.size}`))), ms)
      const look = () => condition() && finish(resolve)
      watchers.add(look)
      look()
    })

  const store = (body: string) => {
    const { batch, events } = JSON.parse(body)
    const ids = events.map(({ id }: Stored) => id).join()
    for (const event of events as Stored[]) {
      const before = stored.get(event.id)
      if (before && before.ids !== ids) broken.push(`event ${event.n} came in two different batches`)
      stored.set(event.id, { ...event, batch, ids })
    }
  }
  const ingest = await listen(async (request, response) => {
    if (request.url === '/tag.js') return answer(response, 200, { ...SCRIPT }, tag)
    if (request.url !== PATH) return answer(response, 404)
    let body = ''
    for await (const chunk of request) body += chunk
    const { status, retryAfter } = state.refuse ?? { status: 200, retryAfter: undefined }
    posts.push({ headers: request.headers, method: request.method ?? '', status })
    if (state.hold) {
      tell()
      await state.hold.promise
    }
    if (request.method === 'POST' && status === 200) store(body)
    answer(
      response,
      status,
      {
        'access-control-allow-origin': request.headers.origin ?? '*',
        'access-control-expose-headers': 'Retry-After',
        ...(retryAfter && { 'retry-after': retryAfter }),
      },
      '{}',
    )
    tell()
  })
  const origin = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const script = `<script nonce="n" src="${origin(ingest)}/tag.js" data-tenant="loja-abc"></script>`
  const pages = await listen(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://shop.example')
    if (pathname === '/is-prepared') {
      prepared.push({ at: Date.now(), kept: searchParams.get('kept') ?? '' })
      tell()
    }
    if (pathname === '/when-prepared') await until(() => prepared.length > 0, 'a prepared page').catch(() => {})
    const html = `<!doctype html><title>Loja</title><script nonce="n">${COOKIES_ASKED}</script>
${UNTAGGED.includes(pathname) ? '' : script}${PREPARING[pathname] ?? ''}<a href="/next">next</a>${request.url}`
    answer(
      response,
      200,
      { 'content-type': 'text/html', ...(state.csp && { 'content-security-policy': state.csp }) },
      html,
    )
  })

  return {
    url: origin(pages),
    ingestUrl: origin(ingest),
    state,
    stored,
    posts,
    /** When the page that `/prepares` prepares had pushed, and what it then kept in the browser. */
    prepared,
    until,
    /** Numbers missing in any stream, and events that came in two different batches: both must be none. */
    faults: () => [...broken, ...missing([...stored.values()])],
    close: () =>
      Promise.all([pages, ingest].map(server => new Promise(resolve => server.close(resolve).closeAllConnections()))),
  }
}

function missing(events: readonly Stored[]): string[] {
  return [...Map.groupBy(events, ({ stream }) => stream)].flatMap(([stream, own]) => {
    const seen = new Set(own.map(({ seq }) => seq))
    const wanted = Array.from({ length: Math.max(...seen) }, (_, index) => index + 1)
    return wanted.filter(seq => !seen.has(seq)).map(seq => `number ${seq} of ${stream} is missing`)
  })
}

async function listen(handle: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const server = createServer(handle)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return server
}

function answer(response: ServerResponse, status: number, headers: { [name: string]: string } = {}, body = ''): void {
  response.writeHead(status, { 'cache-control': 'max-age=60', ...headers })
  response.end(body)
}

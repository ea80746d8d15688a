import { type Answer, asset } from '../core/answer.ts'

/** What a path of the ingestion endpoint is for, and the methods it takes (OPTIONS always). */
export type Place =
  | { kind: 'events'; methods: readonly ['POST']; tenant: string; connector?: string }
  | { kind: 'image'; methods: readonly ['GET', 'HEAD']; tenant: string }
  /** Older tags: the body says whose events they are. */
  | { kind: 'older'; methods: readonly ['POST']; connector: string }
  | { kind: 'asset'; methods: readonly ['GET', 'HEAD']; answer: Answer }

const READ = ['GET', 'HEAD'] as const
const POST = ['POST'] as const

/** A tag that is loaded from this address is at most so old: sites get a new one within minutes. */
const TAG_SECONDS = 300
const FOREVER_SECONDS = 31_536_000

/** The browser library: minified text, its version (a hash) and its source map (JSON). */
export type Tag = { readonly source: string; readonly version: string; readonly map: string }

/** Finds the place that a path names; undefined where there is none. */
export function routes(connectors: readonly string[], tag: Tag) {
  const mapPath = `/tag/${tag.version}/tag.js.map`
  const script = (seconds: number, immutable: boolean) =>
    withMap(asset('text/javascript', tag.source, seconds, immutable), mapPath)
  const fixed = new Map<string, Place>([
    ...connectors.map((connector): [string, Place] => [`/${connector}`, { kind: 'older', methods: POST, connector }]),
    ['/robots.txt', assetAt(asset('text/plain', 'User-agent: *\nDisallow: /\n', 86_400))],
    ['/healthz', assetAt(asset('text/plain', 'ok\n', 0))],
    ['/tag.js', assetAt(script(TAG_SECONDS, false))],
    [`/tag/${tag.version}/tag.js`, assetAt(script(FOREVER_SECONDS, true))],
    [mapPath, assetAt(asset('application/json', tag.map, FOREVER_SECONDS, true))],
  ])
  return (path: string): Place | undefined => {
    const match = /^\/v1\/events\/([a-z0-9-]{1,64})(?:\/([a-z]{1,32}))?$/.exec(path)
    if (!match) return fixed.get(path)
    const [, tenant = '', connector] = match
    if (connector === 'p') return { kind: 'image', methods: READ, tenant }
    return { kind: 'events', methods: POST, tenant, ...(connector && { connector }) }
  }
}

/** Where developer tools find the sources of a script: a header, because every shop would load a comment in it. */
const withMap = (script: Answer, sourcemap: string): Answer => ({
  ...script,
  headers: { ...script.headers, sourcemap },
})

const assetAt = (answer: Answer): Place => ({ kind: 'asset', methods: READ, answer })

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { buildTag } from '../../tag/build.ts'

const PAGES = join(import.meta.dirname, '..', 'peers', 'pages')

/** What a page needs to know; the rest is in `bench/peers/pages/job.mjs`. */
export type Job = {
  collector: string
  /** Events a request; 0: whatever the tracker does when nobody says. */
  batch: number
  /** Whether the person allows that anything is stored. */
  stores: boolean
  products: number
  /** Milliseconds between two products. */
  every: number
  /** When the visit ends, milliseconds after it began. */
  until: number
}
export type Sizes = { minified: number; gzip: number; brotli: number; files: number }

/** A page's files by path, minified with the settings that tag.js is built with; what it imports late is a file of its own. */
async function bundle(page: string): Promise<[path: string, file: Buffer][]> {
  const { outputFiles } = await build({
    entryPoints: [join(PAGES, `${page}.mjs`)],
    outdir: `/${page}`,
    write: false,
    bundle: true,
    splitting: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2021',
    charset: 'utf8',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  })
  return outputFiles.map(({ path, contents }) => [path, Buffer.from(contents)])
}

/** The server of the shop's pages and of the trackers' files. */
export async function openSite(pages: readonly string[]) {
  const files = new Map((await Promise.all([...pages, 'job'].map(bundle))).flat())
  files.set('/tag.js', Buffer.from((await buildTag()).source))
  let job: Job | undefined
  let loaded = new Set<string>()

  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    const file = files.get(path)
    const [, page] = /^\/page\/(\w+)$/.exec(path) ?? []
    if (file) loaded.add(path)
    response.writeHead(file || page || path === '/' ? 200 : 404, {
      'content-type': file ? 'text/javascript; charset=utf-8' : 'text/html; charset=utf-8',
    })
    response.end(file ?? (page && job ? htmlOf(page, job) : '<!doctype html><title>Loja ABC</title>'))
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** From now on pages have this job, and what they load is counted anew. */
    begin(given: Job) {
      job = given
      loaded = new Set()
    },
    /** What the page loaded, without the job itself. */
    sizes: (): Sizes => sizesOf([...loaded].filter(path => !path.startsWith('/job/')).map(path => files.get(path)!)),
    close: () =>
      new Promise<void>(done => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

const sizesOf = (files: readonly Buffer[]): Sizes => {
  const sum = (weigh: (file: Buffer) => number) => files.reduce((all, file) => all + weigh(file), 0)
  return {
    minified: sum(file => file.length),
    gzip: sum(file => gzipSync(file, { level: 9 }).length),
    brotli: sum(file => brotliCompressSync(file).length),
    files: files.length,
  }
}

const TEXT = '<p>Torrado na quarta-feira, enviado na quinta. Notas de chocolate, caramelo e laranja.</p>'.repeat(40)

const htmlOf = (page: string, job: Job) => `<!doctype html>
<html lang="pt-BR"><head><meta charset="utf-8"><title>Cafés especiais | Loja ABC</title>
<script>job = ${JSON.stringify(job)}</script>
${page === 'connect' ? ourSnippet(job) : ''}
<script type="module" src="/${page}/${page}.js"></script>
<script type="module" src="/job/job.js"></script>
</head><body><h1>Cafés especiais</h1>${TEXT}</body></html>`

const ourSnippet = ({ collector, stores }: Job) => `<script>
dataLayer = []
function gtag() { dataLayer.push(arguments) }
gtag('consent', 'default', { analytics_storage: '${stores ? 'granted' : 'denied'}', ad_storage: 'granted', ad_user_data: 'granted', ad_personalization: 'granted' })
</script>
<script async src="/tag.js" data-tenant="loja-abc" data-endpoint="${collector}" ${stores ? '' : 'data-needs=""'}></script>`

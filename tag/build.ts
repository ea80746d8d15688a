import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'

/** What the browser library may weigh, compressed: every page of every shop loads it. */
export const GZIP_BYTES = 2560

export type BuiltTag = {
  /** `tag.js`: one classic script, ready to be served. */
  source: string
  /** Changes with the source and with nothing else: the `<version>` of `/tag/<version>/tag.js`. */
  version: string
  /** Source map (JSON), its paths relative to `tag/`. */
  map: string
  gzipBytes: number
}

/** Bundles `tag.ts`. The same sources make the same bytes on every machine. */
export async function buildTag(): Promise<BuiltTag> {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ['tag.ts'],
    outfile: 'tag.js',
    write: false,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2021',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'external',
    tsconfigRaw: {},
    logLevel: 'silent',
  })
  const text = (name: string) => outputFiles.find(file => file.path.endsWith(name))?.text ?? ''
  const source = text('tag.js')
  return {
    source,
    version: createHash('sha256').update(source).digest('hex').slice(0, 12),
    map: text('tag.js.map'),
    gzipBytes: gzipSync(source, { level: 9 }).length,
  }
}

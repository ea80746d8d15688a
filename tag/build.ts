import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, transform } from 'esbuild'

/** What the browser library may weigh, compressed: every page of every shop loads it. */
export const GZIP_BYTES = 2560

export type BuiltTag = {
  /** `tag.js`: one classic script, ready to be served. */
  source: string
  /** Changes with the source and with nothing else: the `<version>` of `/tag/<version>/tag.js`. */
  version: string
  /** Source map (JSON): the TypeScript files, whole, their paths relative to `tag/`. */
  map: string
  gzipBytes: number
}

const TARGET = { target: 'es2021', charset: 'utf8', legalComments: 'none', logLevel: 'silent' } as const

/** Bundles `tag.ts`. The same sources make the same bytes on every machine. */
export async function buildTag(): Promise<BuiltTag> {
  // Names get shorter once all files are one function: minified while it bundles, it would be 13 bytes more, compressed.
  const { code: source, map } = await transform(await bundle(), {
    ...TARGET,
    minify: true,
    sourcemap: 'external',
    sourcefile: 'tag.js',
  })
  return {
    source,
    version: createHash('sha256').update(source).digest('hex').slice(0, 12),
    map,
    gzipBytes: gzipSync(source, { level: 9 }).length,
  }
}

/** All files as one script, which carries its source map. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    ...TARGET,
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: ['tag.ts'],
    outfile: 'tag.js',
    write: false,
    bundle: true,
    minifySyntax: true,
    format: 'iife',
    platform: 'browser',
    sourcemap: 'inline',
    tsconfigRaw: {},
  })
  return outputFiles[0]!.text
}

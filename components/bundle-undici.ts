import type { Plugin } from 'esbuild'

/**
 * Of undici, bundles get what functions/aws/http.ts uses: an agent and `request`. Its index brings fetch, websockets,
 * caches, mocks and two HTTP parsers along, seven times as much.
 */
export const undiciPlugin: Plugin = {
  name: 'undici',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: /^undici$/ }, async ({ kind, resolveDir }) => {
      const { path } = await resolve('undici/package.json', { kind, resolveDir })
      return { path, namespace: 'undici' }
    })
    onLoad({ filter: /./, namespace: 'undici' }, ({ path }) => ({
      contents: LEAN,
      loader: 'js',
      resolveDir: path.slice(0, -'/package.json'.length),
    }))
    onResolve(
      { filter: /web\/fetch\/(body|formdata)(\.js)?$|^\.\.\/web\/webidl$|llhttp-wasm\.js$/ },
      ({ path, importer }) =>
        /[\\/]undici[\\/]lib[\\/]/.test(importer) && !path.includes('simd')
          ? { path, namespace: 'undici-unused' }
          : null,
    )
    onLoad({ filter: /./, namespace: 'undici-unused' }, () => ({ contents: UNUSED, loader: 'js' }))
  },
}

/** As undici's own build for Node has it: one HTTP parser, not two. */
export const UNDICI_DEFINES = { esbuildDetection: '1', 'process.env.JEST_WORKER_ID': 'undefined' }

const LEAN = `
import Agent from './lib/dispatcher/agent.js'
import send from './lib/api/api-request.js'
export { Agent }
export function request(url, { dispatcher, ...options }) {
  const { origin, pathname, search } = new URL(url)
  return send.call(dispatcher, { ...options, origin, path: pathname + search })
}
`

/** Bodies that are forms or iterables (ours are text), and the parser for processors without SIMD (Graviton has it). */
const UNUSED = `throw new Error('not in the bundle: see components/bundle-undici.ts')`

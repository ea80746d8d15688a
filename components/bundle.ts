import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { build, type Plugin, stop } from 'esbuild'
import { UNDICI_DEFINES, undiciPlugin } from './bundle-undici.ts'

/** One function's code, as it runs in Lambda: `index.mjs` with the export `handler`. */
export type Bundle = { source: string }

/** The functions of one connector. `process` and `refresh` carry the connector; the others learn its name when they run. */
export const CONNECTOR_FUNCTIONS = ['process', 'refresh', 'wake', 'expire', 'operate'] as const
export type ConnectorFunction = (typeof CONNECTOR_FUNCTIONS)[number]

export type Bundles = {
  receive: Bundle
  hooks: Bundle
  inbox: Bundle
  connectors: Readonly<Record<string, Readonly<Record<ConnectorFunction, Bundle>>>>
}

/** The browser library that `receive` serves, with its source map. */
export type Tag = { source: string; version: string; map: string }

/**
 * Bundles every function in one run of esbuild. The same sources give the same bytes wherever they lie, so that a deploy
 * changes only functions whose code has changed.
 */
export async function buildBundles(root: string, connectors: readonly string[], tag: Tag): Promise<Bundles> {
  const carrying = connectors.flatMap(connector => CARRYING.map(name => ({ name, connector })))
  try {
    const { outputFiles } = await build({
      entryPoints: Object.fromEntries([
        ...SHARED.map(name => [name, `entry:${name}`]),
        ...carrying.map(({ name, connector }) => [`${connector}/${name}`, `entry:${name}?${connector}`]),
      ]),
      absWorkingDir: root,
      outdir: root,
      write: false,
      bundle: true,
      minify: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      mainFields: ['module', 'main'], // ES modules first: about a third smaller for the AWS SDK, which has both
      alias: { '@aws-sdk/credential-provider-node': './functions/entry/credentials.ts' },
      legalComments: 'none',
      logLevel: 'silent',
      banner: { js: REQUIRE },
      define: UNDICI_DEFINES,
      plugins: [entries(root, tag), undiciPlugin],
    })
    const sources = new Map(outputFiles.map(({ path, text }) => [path, text]))
    const bundle = (name: string): Bundle => ({ source: sources.get(resolve(root, `${name}.js`))! })
    const ofConnector = (connector: string) =>
      Object.fromEntries(
        CONNECTOR_FUNCTIONS.map(name => [name, bundle(among(CARRYING, name) ? `${connector}/${name}` : name)]),
      )
    return {
      receive: bundle('receive'),
      hooks: bundle('hooks'),
      inbox: bundle('inbox'),
      connectors: Object.fromEntries(connectors.map(name => [name, ofConnector(name)])) as Bundles['connectors'],
    }
  } finally {
    await stop() // else esbuild's service keeps the program from ending
  }
}

/** Bundles that are the same for all connectors, and those that carry one. */
const SHARED = ['receive', 'hooks', 'inbox', 'wake', 'expire', 'operate'] as const
const CARRYING = ['process', 'refresh'] as const
const among = (names: readonly string[], name: string): boolean => names.includes(name)

/** CommonJS packages call `require`, which an ES module does not have. */
const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);"

/** Finds an entry's file, and what `connect:connector` and `connect:tag` stand for in it. */
function entries(root: string, tag: Tag): Plugin {
  return {
    name: 'connect',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^entry:/ }, ({ path }) => {
        const [name, connector] = path.slice('entry:'.length).split('?')
        return {
          path: resolve(root, 'functions/entry', `${name}.ts`),
          namespace: 'entry',
          suffix: connector ? `?${connector}` : '',
          pluginData: { connector },
        }
      })
      onLoad({ filter: /./, namespace: 'entry' }, async ({ path, pluginData }) => ({
        contents: await readFile(path, 'utf8'),
        loader: 'ts',
        resolveDir: resolve(root, 'functions/entry'),
        pluginData,
      }))
      onResolve({ filter: /^connect:connector$/ }, ({ pluginData, importer }) =>
        pluginData?.connector
          ? { path: resolve(root, 'connectors', pluginData.connector, 'index.ts') }
          : { errors: [{ text: `connect:connector is known only to the entries of a connector, not to ${importer}` }] },
      )
      onResolve({ filter: /^connect:tag$/ }, () => ({ path: 'connect:tag', namespace: 'tag' }))
      onLoad({ filter: /./, namespace: 'tag' }, () => ({
        contents: Object.entries({ source: tag.source, version: tag.version, map: tag.map })
          .map(([name, text]) => `export const ${name} = ${JSON.stringify(text)}`)
          .join('\n'),
        loader: 'js',
      }))
    },
  }
}

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, stop } from 'esbuild'
import { type Bundles, buildBundles } from '../components/bundle.ts'
import { connectors } from '../connectors/index.ts'
import { buildTag } from '../tag/build.ts'
import { figuresOf } from './tools/measure.ts'
import { report } from './tools/report.ts'

/** Sizes of the functions' bundles, and what importing one takes against importing nothing but the DynamoDB client. */
const ROUNDS = 7
const ROOT = join(import.meta.dirname, '..')

const tag = await buildTag()
const bundles: Bundles = await buildBundles(ROOT, Object.keys(connectors), tag)
const bare = await bareClient()
const all: [name: string, source: string, limit: number][] = [
  ['receive', bundles.receive.source, 360],
  ['hooks', bundles.hooks.source, 360],
  ['inbox', bundles.inbox.source, 360],
  ...Object.entries(bundles.connectors).flatMap(([connector, some]) =>
    Object.entries(some).map(([name, { source }]): [string, string, number] => [
      `${connector}/${name}`,
      source,
      name === 'wake' || name === 'expire' ? 360 : 700,
    ]),
  ),
]
/** One of each kind is imported: those of the other connectors differ in a few kilobytes of vendor's facts. */
const [first = ''] = Object.keys(bundles.connectors)
const imported = [
  'receive',
  'hooks',
  'inbox',
  ...Object.keys(bundles.connectors[first] ?? {}).map(name => `${first}/${name}`),
]

const dir = mkdtempSync(join(tmpdir(), 'connect-bench-'))
const fileOf = (name: string) => join(dir, `${name.replace('/', '-')}.mjs`)
writeFileSync(fileOf('bare'), bare)
for (const [name, source] of all) if (imported.includes(name)) writeFileSync(fileOf(name), source)
const times = new Map(['bare', ...imported].map(name => [name, [] as { wall: number; cpu: number }[]]))
for (let round = 0; round < ROUNDS; round++) for (const [name, taken] of times) taken.push(importTime(fileOf(name)))
rmSync(dir, { recursive: true })

const wall = (name: string) => figuresOf((times.get(name) ?? []).map(time => time.wall))
const cpu = (name: string) => figuresOf((times.get(name) ?? []).map(time => time.cpu))
const least = figuresOf(times.get('bare')!.map(time => time.wall))
report(
  'bundles',
  {
    title: 'bundles: size, minified',
    columns: ['bundle', 'kB', 'number to reach'],
    rows: all.map(([name, source, limit]) => [name, Buffer.byteLength(source) / 1000, `at most ${limit}`]),
    notes: [`the browser's library: ${Buffer.byteLength(tag.source)} bytes minified`],
  },
  {
    title: 'bundles: import, in a process of its own each time',
    columns: [
      'bundle',
      'wall ms, median of 7',
      'least',
      'CPU ms, median',
      'against the bare client, by wall',
      'by CPU',
    ],
    rows: [...times.keys()].map(name => [
      name === 'bare' ? 'bare DynamoDB client, bundled alone' : name,
      wall(name).median,
      wall(name).least,
      cpu(name).median,
      wall(name).median / least.median,
      cpu(name).median / cpu('bare').median,
    ]),
    notes: ['number to reach: at most 1.5 times the bare client'],
  },
)

/** The client as an application without us would bundle it. */
async function bareClient(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents:
        "import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb'; export const handler = [new DynamoDBClient({}), PutItemCommand]",
      resolveDir: ROOT,
    },
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  })
  await stop()
  return outputFiles[0]!.text
}

/** Milliseconds from before the import to after it, with the environment that the functions need. */
function importTime(file: string): { wall: number; cpu: number } {
  const script = `const cpu = process.cpuUsage(), at = performance.now()
await import(${JSON.stringify(file)})
const wall = performance.now() - at, used = process.cpuUsage(cpu)
process.stdout.write(JSON.stringify({ wall, cpu: (used.user + used.system) / 1000 }))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    env: { AWS_REGION: 'us-east-1', CONNECT_STACK: 'bench', BUFFER_TABLES: '{}', ORIGIN_SECRET_HASHES: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(output.toString())
}

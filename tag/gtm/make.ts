/** `npm run gtm -- <stack> <tenant>`: what a marketer imports into GTM, and the templates for a gallery of one's own. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'yaml'
import { formatContainer } from './container-file.ts'
import { type Consent, DEFAULTS, NO_KEY, type Order, serverContainer, webContainer } from './containers.ts'
import { findEndpoint, type Outputs, pulumiOutputs } from './endpoint.ts'
import { CONSENTS } from './events.ts'
import { templateFiles } from './generate.ts'
import { validateContainer } from './validate.ts'

const USAGE = `npm run gtm -- <stack> <tenant> [options]
  --endpoint <origin>      where Connect is reached; default: the stack's output, else the local stack that runs
  --first-party <origin>   your tagging server, where browsers load the library and post to; default: the endpoint
  --consent <how>          wait: hold events until consent (default); signal: send them with the consent state;
                           strict: GTM fires the tags only with consent
  --needs <types>          consent types, separated by commas (default: analytics_storage)
  --page-views             send page views too
  --out <folder>           default: .local/gtm/<stack>/<tenant>
The server key for the tagging server is read from CONNECT_SERVER_KEY.`

export type Bench = {
  root: string
  now: Date
  env: { readonly [name: string]: string | undefined }
  outputs(stack: string): Promise<Outputs>
  out(text: string): void
  err(text: string): void
}

/** The exit code: 0 done, 1 could not be done, 2 not understood. */
export async function make(argv: readonly string[], bench: Bench): Promise<number> {
  const request = readRequest(argv)
  if ('help' in request) {
    bench.out(USAGE)
    return 0
  }
  if ('problem' in request) {
    bench.err(`${request.problem}\n\nSee: npm run gtm -- --help`)
    return 2
  }
  const order = await prepare(request, bench)
  if ('problem' in order) {
    bench.err(order.problem)
    return 1
  }
  const folder = resolve(bench.root, request.out ?? join('.local', 'gtm', request.stack, request.tenant))
  await write(folder, await filesOf(order, bench.root))
  for (const line of report(order, folder)) bench.out(line)
  return 0
}

type Request = {
  stack: string
  tenant: string
  endpoint?: string
  firstParty?: string
  consent: Consent
  needs: readonly string[]
  pageViews: boolean
  out?: string
}
type Problem = { problem: string }

function readRequest(argv: readonly string[]): Request | Problem | { help: true } {
  const options = {
    endpoint: { type: 'string' },
    'first-party': { type: 'string' },
    consent: { type: 'string', default: DEFAULTS.consent },
    needs: { type: 'string', default: DEFAULTS.needs.join() },
    'page-views': { type: 'boolean', default: DEFAULTS.pageViews },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
    if (values.help) return { help: true }
    const [stack, tenant, ...rest] = positionals
    if (!stack || !tenant || rest.length) return { problem: 'Which stack, and which tenant of it?' }
    const needs = values.needs.split(',').filter(Boolean)
    const unknown = needs.find(type => !(CONSENTS as readonly string[]).includes(type))
    if (unknown) return { problem: `--needs ${unknown}: there are ${CONSENTS.join(', ')}` }
    if (!isConsent(values.consent)) return { problem: `--consent ${values.consent}: there are wait, signal and strict` }
    const { endpoint, out, consent } = values
    const firstParty = values['first-party']
    return {
      stack,
      tenant,
      consent,
      needs,
      pageViews: values['page-views'],
      ...(endpoint !== undefined && { endpoint }),
      ...(firstParty !== undefined && { firstParty }),
      ...(out !== undefined && { out }),
    }
  } catch (error) {
    return { problem: (error as Error).message }
  }
}
const isConsent = (word: string): word is Consent => ['wait', 'signal', 'strict'].includes(word)

type Orders = { web: Order; server: Order; local: boolean }

/** Looks up what the installation says of the tenant. */
async function prepare(request: Request, { root, now, env, outputs }: Bench): Promise<Orders | Problem> {
  const { stack, tenant, consent, needs, pageViews } = request
  const row = await tenantRow(root, stack, tenant) // first: it asks nobody, and a name that is wrong is soon put right
  if ('problem' in row) return row
  const found = await findEndpoint(root, stack, request.endpoint, outputs)
  if ('problem' in found) return found
  const browser = request.firstParty ? await findEndpoint(root, stack, request.firstParty, outputs) : found
  if ('problem' in browser) return { problem: browser.problem.replace('--endpoint', '--first-party') }
  const serverKey = env.CONNECT_SERVER_KEY
  if (serverKey && !row.serverKeyHashes.includes(createHash('sha256').update(serverKey).digest('hex')))
    return {
      problem: `CONNECT_SERVER_KEY is no key of ${tenant}: its SHA-256 is not in serverKeyHashes of Pulumi.${stack}.yaml`,
    }
  const order = { tenant, origins: row.origins, consent, needs, pageViews, now, ...(serverKey && { serverKey }) }
  return {
    web: { ...order, endpoint: browser.endpoint },
    server: { ...order, endpoint: found.endpoint },
    local: [found, browser].some(({ endpoint }) => !endpoint.startsWith('https:')),
  }
}

type Row = { origins: readonly string[]; serverKeyHashes: readonly string[] }

/** `local` runs the configuration of dev unless told otherwise. */
async function tenantRow(root: string, stack: string, tenant: string): Promise<Row | Problem> {
  const file = `Pulumi.${stack === 'local' ? 'dev' : stack}.yaml`
  const text = await readFile(join(root, file), 'utf8').catch(() => undefined)
  if (text === undefined) return { problem: `There is no stack ${stack}: ${file} is missing` }
  const stackFile = parse(text) as { config?: { 'connect:tenants'?: { [id: string]: Partial<Row> } } } | null
  const tenants = stackFile?.config?.['connect:tenants'] ?? {}
  const row = Object.hasOwn(tenants, tenant) ? tenants[tenant] : undefined
  if (!row)
    return { problem: `There is no tenant ${tenant} in ${file}: it has ${Object.keys(tenants).join(', ') || 'none'}` }
  return { origins: row.origins ?? [], serverKeyHashes: row.serverKeyHashes ?? [] }
}

/** By path below the folder. Throws where a container breaks a rule of import: then a generator of ours is wrong. */
async function filesOf({ web, server, local }: Orders, root: string): Promise<{ [path: string]: string }> {
  const containers = {
    'web-container.json': formatContainer(webContainer(web)),
    'server-container.json': formatContainer(serverContainer(server)),
  }
  for (const [name, text] of Object.entries(containers)) {
    const findings = validateContainer(text)
    if (findings.length) throw new Error(`${name}: ${findings.map(({ problem }) => problem).join('; ')}`)
  }
  if (local) return containers
  const license = await readFile(join(root, 'LICENSE'), 'utf8')
  const forBrowsers = Object.entries(templateFiles(web.endpoint)).filter(([path]) => path.startsWith('web/'))
  const forServers = Object.entries(templateFiles(server.endpoint)).filter(([path]) => !path.startsWith('web/'))
  const templates = [...forBrowsers, ...forServers]
  const folders = [...new Set(templates.map(([path]) => dirname(path)))]
  return {
    ...containers,
    ...Object.fromEntries(templates.map(([path, text]) => [`gallery/${path}`, text])),
    ...Object.fromEntries(folders.map(name => [`gallery/${name}/LICENSE`, license])),
  }
}

async function write(folder: string, files: { [path: string]: string }) {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

const report = ({ web, server, local }: Orders, folder: string): string[] => [
  `${join(folder, 'web-container.json')}: ${local ? 'what the demo shop runs, to be read' : 'import it in GTM (Admin, Import container, Merge)'}. It loads ${web.endpoint}/tag.js for ${web.tenant}.`,
  `${join(folder, 'server-container.json')}: the same for a tagging server${server.serverKey ? '' : `; then replace "${NO_KEY}", or set CONNECT_SERVER_KEY and run this again`}.`,
  local
    ? 'These are for this machine only: GTM lets templates load from https addresses alone.'
    : `${join(folder, 'gallery')}: the same templates for a gallery of your own.`,
]

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..', '..')
  process.exitCode = await make(process.argv.slice(2), {
    root,
    now: new Date(),
    env: process.env,
    outputs: pulumiOutputs(root),
    out: text => console.log(text),
    err: text => console.error(text),
  })
}

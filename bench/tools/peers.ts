import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const PACKAGES = ['@walkeros/collector', '@walkeros/server-destination-api']
const DIR = join(import.meta.dirname, '..', 'peers')

/** walkerOS as far as the benches use it. */
export type Walker = {
  elb: { (event: object): Promise<{ ok: boolean }>; (command: string, value: object): Promise<unknown> }
}
type Collector = {
  startFlow(config: object): Promise<Walker>
}
export type WalkerPackages = { collector: Collector; api: { destinationAPI: object } }

/** The folder of the peers of `bench/peers/package.json`, installed when they are first asked for; undefined, and said why, where that fails. */
export function installPeers(): string | undefined {
  try {
    if (!allPresent())
      execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
        cwd: DIR,
        stdio: 'pipe',
        timeout: 120_000,
      })
    return DIR
  } catch (error) {
    console.log(`Peers skipped: they cannot be installed here (${String(error).split('\n')[0]})`)
    return undefined
  }
}

/** An earlier install may be of an earlier list. */
function allPresent(): boolean {
  const { dependencies } = JSON.parse(readFileSync(join(DIR, 'package.json'), 'utf8')) as { dependencies: object }
  return Object.keys(dependencies).every(name => existsSync(join(DIR, 'node_modules', name)))
}

export function walkerPackages(): WalkerPackages | undefined {
  const folder = installPeers()
  if (!folder) return undefined
  const require = createRequire(join(folder, 'package.json'))
  // Named at run time: they are no packages of this project, and nothing that checks its imports is to look for them.
  const [collector, api] = PACKAGES.map(name => require(name))
  return { collector, api }
}

/** A collector with the API destination, whose requests end in `send`. */
export async function startWalker(
  { collector, api }: WalkerPackages,
  send: (body: string) => void,
): Promise<Walker['elb']> {
  const sendServer = async (_url: string, body: string) => {
    send(body)
    return { ok: true }
  }
  const { elb } = await collector.startFlow({
    run: true,
    consent: { marketing: true },
    destinations: {
      api: {
        code: api.destinationAPI,
        config: { settings: { url: 'https://vendor.example/events' } },
        env: { sendServer },
      },
    },
  })
  return elb
}

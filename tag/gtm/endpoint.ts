import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** Where an installation is reached: an origin. `from` says how it was found. */
export type Endpoint = { endpoint: string; from: 'asked' | 'deployed' | 'local' }
/** The stack's outputs, or why there are none. */
export type Outputs = { [name: string]: unknown } | { failed: string }

/** What was asked for, else the deployed stack's own output, else the stack that runs on this machine. */
export async function findEndpoint(
  root: string,
  stack: string,
  asked: string | undefined,
  outputs: (stack: string) => Promise<Outputs>,
): Promise<Endpoint | { problem: string }> {
  if (asked !== undefined) return checked(asked, 'asked', '--endpoint')
  const told: Outputs = stack === 'local' ? { failed: 'it is the local one' } : await outputs(stack)
  if ('endpoint' in told && typeof told.endpoint === 'string') return checked(told.endpoint, 'deployed', 'the stack')
  const running = await runningStack(join(root, '.local'), stack)
  if (running) return checked(running, 'local', 'the local stack')
  const why = 'failed' in told ? told.failed : 'it has no output "endpoint": deploy it with pulumi up'
  return {
    problem: `Where is stack ${stack} reached? Its outputs say nothing (${why}), and no local stack ${stack} is running. Say --endpoint https://..., or start one with npm start`,
  }
}

function checked(text: string, from: Endpoint['from'], who: string): Endpoint | { problem: string } {
  const url = URL.parse(text)
  // GTM lets templates speak to https addresses only; a page on this machine may speak to this machine.
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (url && secure && url.pathname === '/' && !url.search && !url.hash && !url.username)
    return { endpoint: url.origin, from }
  return {
    problem: `${who} says "${text}": an endpoint is an https address without a path, such as https://connect.loja-abc.example`,
  }
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** The address of the youngest local stack of the name (`local`: of any) whose process is still there. */
async function runningStack(folder: string, stack: string): Promise<string | undefined> {
  const names = await readdir(folder).catch((): string[] => [])
  const files = await Promise.all(
    names.map(async name => {
      const file = join(folder, name, 'running.json')
      return { file, at: await stat(file).then(({ mtimeMs }) => mtimeMs, () => undefined) } // biome-ignore format: short
    }),
  )
  for (const { file, at } of files.sort((a, b) => (b.at ?? 0) - (a.at ?? 0))) {
    const running = at === undefined ? undefined : await readRunning(file)
    if (running && (stack === 'local' || running.stack === stack)) return running.ingestUrl
  }
  return undefined
}

type Running = { stack: string; ingestUrl: string; pid?: number }

async function readRunning(file: string): Promise<Running | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined) // it may have stopped just now
  const running = text ? (JSON.parse(text) as Running) : undefined
  return running && (running.pid === undefined || isAlive(running.pid)) ? running : undefined
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM'
  }
}

/** `pulumi stack output --json`. A missing binary, a locked backend and a stack that was never deployed are all answers. */
export const pulumiOutputs =
  (root: string) =>
  async (stack: string): Promise<Outputs> => {
    try {
      const { stdout } = await promisify(execFile)(
        'pulumi',
        ['stack', 'output', '--json', '--non-interactive', '--stack', stack],
        { cwd: root, timeout: 60_000 },
      )
      return JSON.parse(stdout)
    } catch (error) {
      const { code, stderr } = error as { code?: unknown; stderr?: string }
      if (code === 'ENOENT') return { failed: 'pulumi is not installed' }
      return { failed: stderr?.trim().split('\n')[0] || String(error) }
    }
  }

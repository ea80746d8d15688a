import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TableChange } from '../../local/change.ts'
import type { Program } from '../../local/declared.ts'
import { evaluate } from '../../local/evaluate.ts'
import { type LocalStack, type StackOptions, startStack } from '../../local/stack.ts'
import { tenantsOf } from './tenants.ts'

export type Line = { function: string; message?: string; [field: string]: unknown }
export type RunningStack = LocalStack & {
  /** Structured lines that the functions wrote. */
  lines: readonly Line[]
  changes: readonly TableChange[]
  /** Waits until `check` answers something. Throws, naming what was waited for, after ten seconds. */
  until<T>(what: string, check: () => T | undefined | false): Promise<T>
  /** Starts the stack again on the same data. */
  restart(): Promise<RunningStack>
  /** Stops it and forgets its data. */
  end(): Promise<void>
}

const PATIENCE_MS = 20_000
const STEP_MS = 5

const ROOT = join(import.meta.dirname, '..', '..')

/** What the dev stack declares for these connectors of its: one is a sixth of the work, and all are made alike. */
export const evaluateDev = (
  config: { [key: string]: string } = {},
  connectors: readonly string[] = ['rdstation'],
): Promise<Program> => evaluate({ stack: 'dev', dir: ROOT, config: { ...tenantsOf('dev', connectors), ...config } })

/** The stack on free ports and a folder of its own, without a clock: schedules fire when a test says so. */
export async function runStack(program: Program, options: StackOptions = {}): Promise<RunningStack> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'connect-stack-'))
  const lines: Line[] = []
  const changes: TableChange[] = []
  const stack = await startStack({
    program,
    dir: join(import.meta.dirname, '..', '..'),
    dataDir,
    ingestPort: 0,
    schedules: false,
    concurrency: 2,
    sink: {
      change: change => void changes.push(change),
      line: (name, text) => void (text.startsWith('{') && lines.push({ function: name, ...JSON.parse(text) })),
      mail() {},
    },
    ...options,
  })
  return Object.defineProperties({} as RunningStack, {
    ...Object.getOwnPropertyDescriptors(stack),
    ...Object.getOwnPropertyDescriptors({
      lines,
      changes,
      until,
      async restart() {
        await stack.stop()
        return runStack(program, { ...options, dataDir })
      },
      async end() {
        await stack.stop()
        rmSync(dataDir, { recursive: true, force: true })
      },
    }),
  })
}

async function until<T>(what: string, check: () => T | undefined | false): Promise<T> {
  for (const since = Date.now(); Date.now() - since < PATIENCE_MS; ) {
    const found = check()
    if (found) return found
    await new Promise(resolve => setTimeout(resolve, STEP_MS))
  }
  throw new Error(`Waited in vain for ${what}`)
}

export type Reply = { status: number; headers: http.IncomingHttpHeaders; body: string; json(): unknown }
export type Asked = { method?: string; headers?: { [name: string]: string }; body?: string | Buffer; from?: string }

/** A request as a client on `from` (an address of this machine) sends it, with nothing added or followed. */
export const ask = (url: string, { method = 'GET', headers = {}, body, from }: Asked = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { 'user-agent': 'Mozilla/5.0', ...headers },
      ...(from && { localAddress: from }),
    }
    const request = http.request(url, options, response => {
      const chunks: Buffer[] = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: text,
          json: () => JSON.parse(text),
        })
      })
    })
    request.on('error', reject)
    request.end(body)
  })

export const LOJA = 'https://www.loja-abc.example'
export const CLINICA = 'https://www.clinica-sol.example'

/** Posts as a browser's tag does. */
export const post = (
  { ingestUrl }: LocalStack,
  path: string,
  body: unknown,
  origin = LOJA,
  more: Asked = {},
): Promise<Reply> =>
  ask(`${ingestUrl}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...more,
    headers: { 'content-type': 'text/plain;charset=UTF-8', origin, ...more.headers },
  })

export const lead = (id: string, more: object = {}) => ({
  id,
  name: 'generate_lead',
  at: new Date().toISOString(),
  user: { email: `${id.toLowerCase()}@example.com` },
  consent: { analytics: true, marketing: true, userData: true },
  properties: { form: 'contato' },
  ...more,
})

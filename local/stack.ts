import { mkdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Vendor } from '../core/simulator.ts'
import { type Aws, aws } from './aws.ts'
import type { Mail, Sink } from './change.ts'
import { all, type Program } from './declared.ts'
import { openEdge } from './edge.ts'
import { evaluate } from './evaluate.ts'
import type { Failure } from './failures.ts'
import { startHooks } from './hooks.ts'
import type { Denial } from './iam.ts'
import type { Outcome } from './invocation.ts'
import type { Grant } from './roles.ts'
import { createSchedules } from './schedules.ts'
import type { WireItem } from './services/dynamodb.ts'
import { fillCredentials, loadSimulators } from './simulators.ts'
import { fileStore } from './store.ts'
import { openVendors } from './vendors.ts'

export type StackOptions = {
  /** Which stack's configuration. Default: dev. */
  stack?: string
  /** Folder of the program. Default: the working directory. */
  dir?: string
  /** Where data is kept. Default: `.local/<stack>` in `dir`. */
  dataDir?: string
  /** Port of ingestion. Default: 8787 if it is free, else any. */
  ingestPort?: number
  /** Forget what earlier runs left. */
  fresh?: boolean
  /** Schedules as declared, instead of a second for each minute. */
  realTime?: boolean
  /** Default: true. */
  schedules?: boolean
  /** Workers of one function at once. Default: 4. */
  concurrency?: number
  /** Calls that one worker takes at once: 1, as Lambda does it; more only for benchmarks. */
  callsPerWorker?: number
  sink?: Sink
  /** What was evaluated already, perhaps with something taken away. Default: the program in `dir`. */
  program?: Program
  /** A line now and then for whoever started it. */
  log?(line: string): void
}

export type LocalStack = {
  program: Program
  ingestUrl: string
  /** All of AWS; access key id `operator` may do everything. */
  awsUrl: string
  dataDir: string
  /** By connector. Set `mode`, read what was received. */
  vendors: ReadonlyMap<string, Vendor>
  secrets: { value(name: string): string | undefined; put(name: string, value: string): void }
  /** Physical names, and everything in one of them. */
  tables: { names: readonly string[]; items(name: string): Promise<readonly WireItem[]> }
  /** Calls a function and waits, with nobody's permissions in the way. */
  invoke(functionName: string, payload: unknown): Promise<Outcome | 'throttled'>
  /** Does now what a schedule does when it is due. */
  fire(scheduleName: string): void
  schedules: readonly string[]
  /** Ends the workers of a function in the middle of what they do; answers how many calls that cut off. */
  kill(functionName: string): number
  /** Removes what has expired by `now` (epoch ms). Answers how many items. */
  sweep(now: number): Promise<number>
  /** Calls that a role did not allow. */
  denials(): readonly Denial[]
  /** Everything that a role allows, and whether a call has needed it. */
  usage(): readonly Grant[]
  mails: readonly Mail[]
  failures: readonly Failure[]
  /** Ends at once; what was under way is as a power cut would leave it. */
  stop(): Promise<void>
}

const USUAL_PORT = 8787
const MINUTE_IS_A_SECOND = 60
const SWEEP_MS = 60_000
const SILENT: Sink = { change() {}, line() {}, mail() {} }

/** Makes what the Pulumi program declares real on this machine. One at a time per data folder. */
export async function startStack(options: StackOptions = {}): Promise<LocalStack> {
  const { stack = 'dev', sink = SILENT, log = () => {} } = options
  const dir = resolve(options.dir ?? '.')
  const dataDir = resolve(options.dataDir ?? join(dir, '.local', stack))
  const program = options.program ?? (await evaluate({ stack, dir }))
  if (options.fresh) rmSync(dataDir, { recursive: true, force: true })
  mkdirSync(dataDir, { recursive: true })

  const closers: (() => unknown)[] = []
  const closing = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const simulators = await loadSimulators(program, dir)
    const vendors = await openVendors(simulators)
    closers.push(vendors.close)
    const speed = options.realTime ? 1 : MINUTE_IS_A_SECOND
    const opened = (close: () => unknown) => void closers.push(close)
    const cloud = await aws({ ...options, program, dataDir, sink, speed, routes: vendors.routes, log, opened })
    fillCredentials(program, simulators, cloud.secrets)
    const schedules = createSchedules({ ...cloud, program, speed })
    closers.push(schedules.close)
    const ports = options.ingestPort === undefined ? [USUAL_PORT, 0] : [options.ingestPort]
    const edge = await openEdge({
      program,
      functions: cloud.functions,
      ports,
      blocked: once(rule => log(`The firewall has begun to block: rule ${rule}.`)),
    })
    closers.push(edge.close)
    closers.push(startHooks(vendors.vendors, edge.url, log))
    const running = fileStore(join(dataDir, 'running.json'), {})
    cloud.resume()
    // A sweep that a stop cuts off is made up for by the next one.
    const sweeper = setInterval(() => void cloud.tables.sweep(Date.now()).catch(() => {}), SWEEP_MS).unref()
    closers.push(() => clearInterval(sweeper))
    if (options.schedules ?? true) schedules.start()
    running.write({ stack, awsUrl: cloud.url, ingestUrl: edge.url, pid: process.pid })
    closers.push(() => rmSync(join(dataDir, 'running.json'), { force: true }))

    return {
      ...handle(program, cloud),
      dataDir,
      ingestUrl: edge.url,
      vendors: vendors.vendors,
      fire: schedules.fire,
      schedules: schedules.names,
      stop: closing,
    }
  } catch (error) {
    await closing()
    throw error
  }
}

/** What of the running cloud a person or a test may touch. */
const handle = (program: Program, { url, functions, tables, secrets, guard, usage, mails, failures }: Aws) => ({
  program,
  awsUrl: url,
  secrets,
  tables: {
    names: all(program, 'aws:dynamodb/table:Table').map(({ outputs }) => outputs.name),
    items: (name: string) => collect(tables.items(name)),
  },
  invoke: (name: string, payload: unknown) => functions.invoke(known(name, functions.names), JSON.stringify(payload)),
  kill: (name: string) => functions.kill(known(name, functions.names)),
  sweep: tables.sweep,
  denials: () => guard.denials,
  usage,
  mails,
  failures: failures.list,
})

/** Tells the same thing only the first time. */
function once(tell: (what: string) => void): (what: string) => void {
  const told = new Set<string>()
  return what => {
    if (!told.has(what)) tell(what)
    told.add(what)
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function known(name: string, names: readonly string[]): string {
  if (!names.includes(name)) throw new Error(`No function "${name}"; there are ${names.join(', ')}.`)
  return name
}

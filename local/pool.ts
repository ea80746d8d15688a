import { randomUUID } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import type { FunctionError, Order, Outcome, Report, WorkerSetup } from './invocation.ts'

export type PoolOptions = {
  name: string
  setup: Omit<WorkerSetup, 'functionName' | 'memoryMb'>
  env: { readonly [name: string]: string }
  timeoutMs: number
  memoryMb: number
  /** Workers at once. */
  concurrency: number
  /** Calls that one worker takes at once: 1, as Lambda does it, unless a benchmark says otherwise. */
  callsPerWorker?: number
  line(text: string): void
}

export type Pool = {
  invoke(payload: string): Promise<Outcome>
  /** Ends every worker in the middle of what it does; answers how many calls that cut off. */
  kill(): number
  /** Calls under way or waiting for a worker. */
  readonly pending: number
  close(): Promise<void>
}

type Job = { id: string; payload: string; done(outcome: Outcome): void; timer?: NodeJS.Timeout }
type Member = { thread: Worker; ready: boolean; gone: boolean; jobs: Map<string, Job>; idleSince: number }

/** How long a worker without a call is kept: about 40 MB each. */
const IDLE_MS = 60_000

/** The workers of one function: each a thread of its own with the function's environment and nothing of ours. */
export function createPool(options: PoolOptions): Pool {
  const members = new Set<Member>()
  const waiting: Job[] = []
  const perWorker = options.callsPerWorker ?? 1
  let closed = false

  function start(): void {
    const member: Member = { thread: startThread(options), ready: false, gone: false, jobs: new Map(), idleSince: 0 }
    members.add(member)
    member.thread.on('message', (report: Report) => {
      if ('ready' in report) member.ready = true
      else finish(member, report.id, report.outcome)
      dispatch()
    })
    member.thread.on('error', error => end(member, crash(error)))
    member.thread.on('exit', code => end(member, exited(`exit status ${code}`)))
  }

  /** Takes a worker out; what it was doing fails with `error`. */
  function end(member: Member, error: FunctionError): number {
    if (member.gone) return 0
    member.gone = true // a thread still takes messages until its exit
    members.delete(member)
    void member.thread.terminate()
    const cut = [...member.jobs.values()]
    for (const job of cut) settle(job, { ok: false, error: named(job, error) })
    if (!member.ready) for (const job of waiting.splice(0)) settle(job, { ok: false, error: named(job, error) })
    dispatch()
    return cut.length
  }

  function finish(member: Member, id: string, outcome: Outcome): void {
    const job = member.jobs.get(id)
    member.jobs.delete(id)
    member.idleSince = Date.now()
    if (job) settle(job, outcome)
  }

  function dispatch(): void {
    if (closed) return
    while (waiting.length) {
      const free = [...members].find(({ ready, jobs }) => ready && jobs.size < perWorker)
      if (free) run(free, waiting.shift()!)
      else {
        const starting = [...members].filter(({ ready }) => !ready).length
        if (members.size < options.concurrency && starting * perWorker < waiting.length) start()
        return
      }
    }
  }

  function run(member: Member, job: Job): void {
    member.jobs.set(job.id, job)
    const seconds = (options.timeoutMs / 1000).toFixed(2)
    const late = { errorType: 'Sandbox.Timedout', errorMessage: `Task timed out after ${seconds} seconds` }
    job.timer = setTimeout(() => end(member, late), options.timeoutMs)
    const order: Order = { id: job.id, payload: job.payload, deadline: Date.now() + options.timeoutMs }
    member.thread.postMessage(order)
  }

  const reaper = setInterval(() => {
    for (const member of members)
      if (member.ready && !member.jobs.size && Date.now() - member.idleSince > IDLE_MS) end(member, exited('idle'))
  }, IDLE_MS / 4).unref()

  return {
    invoke: payload =>
      new Promise(done => {
        const job = { id: randomUUID(), payload, done }
        if (closed) return settle(job, { ok: false, error: named(job, exited('stopped')) })
        waiting.push(job)
        dispatch()
      }),
    kill: () => [...members].reduce((cut, member) => cut + end(member, exited('signal: killed')), 0),
    get pending() {
      return waiting.length + [...members].reduce((calls, { jobs }) => calls + jobs.size, 0)
    },
    async close() {
      closed = true
      clearInterval(reaper)
      const threads = [...members].map(({ thread }) => thread.terminate())
      for (const member of members) end(member, exited('stopped'))
      for (const job of waiting.splice(0)) settle(job, { ok: false, error: named(job, exited('stopped')) })
      await Promise.all(threads)
    },
  }
}

function startThread({ name, setup, env, memoryMb, line }: PoolOptions): Worker {
  const workerData: WorkerSetup = { ...setup, functionName: name, memoryMb }
  const thread = new Worker(new URL('./worker.ts', import.meta.url), {
    name,
    workerData,
    env: { ...env },
    argv: [],
    stdout: true,
    stderr: true,
    // The runtime itself takes its part of the memory that the function is declared with.
    resourceLimits: { maxOldGenerationSizeMb: Math.max(64, memoryMb - 40) },
  })
  splitLines(thread.stdout, line)
  splitLines(thread.stderr, line)
  thread.unref()
  return thread
}

function splitLines(stream: NodeJS.ReadableStream, line: (text: string) => void): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const text of lines) if (text) line(text)
  })
  stream.on('end', () => rest && line(rest))
}

function settle(job: Job, outcome: Outcome): void {
  clearTimeout(job.timer)
  job.done(outcome)
}

const exited = (how: string): FunctionError => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `Error: Runtime exited with error: ${how}`,
})
const crash = (error: Error): FunctionError =>
  (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? exited('signal: killed')
    : { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
const named = ({ id }: Job, error: FunctionError): FunctionError => ({
  ...error,
  errorMessage: `RequestId: ${id} ${error.errorMessage}`,
})

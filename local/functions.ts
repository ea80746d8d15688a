import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { all, functionNameIn, type Program, type Resource } from './declared.ts'
import type { Routes } from './egress.ts'
import type { Failures } from './failures.ts'
import type { Guard, Role } from './iam.ts'
import type { Outcome } from './invocation.ts'
import { createPool, type Pool } from './pool.ts'
import { roleNamed } from './roles.ts'
import type { Invoker } from './services/lambda.ts'
import type { Store } from './store.ts'

/** An asynchronous call that has not ended well yet: kept over a restart, as Lambda's own queue would. */
export type Queued = { name: string; payload: string; attempt: number }

export type Functions = Invoker & {
  names: readonly string[]
  role(name: string): Role
  kill(name: string): number
  /** Takes over again what was queued when the stack last stopped. */
  resume(): void
  close(): Promise<void>
}

export type FunctionsOptions = {
  program: Program
  roles: ReadonlyMap<string, Role>
  guard: Guard
  failures: Failures
  queue: Store<Queued[]>
  /** Where bundles are written to. */
  dir: string
  awsUrl: string
  routes: Routes
  /** How much faster than AWS retries come. */
  speed: number
  /** Workers of one function at once, at most, whatever it reserves. */
  concurrency: number
  callsPerWorker?: number
  line(functionName: string, text: string): void
}

type Declared = ReturnType<typeof functionsIn>[number]
const functionsIn = (program: Program) => all(program, 'aws:lambda/function:Function')
// Lambda's own retries come after one and two minutes: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
const RETRY_MS = 60_000

export function createFunctions(options: FunctionsOptions): Functions {
  const { program, roles, guard, failures, speed } = options
  const declared = new Map(functionsIn(program).map(each => [each.outputs.name, each]))
  const role = (name: string) => roleNamed(roles, declared.get(name)?.inputs.role, `Function "${name}"`)
  const pools = new Map<string, Pool>()
  for (const [name, each] of declared) {
    mayRun(each, role(name), guard, program)
    pools.set(name, createPool(poolOptions(each, options)))
  }
  const aliases = all(program, 'aws:lambda/alias:Alias')
  const queued = new Map<Queued, NodeJS.Timeout | undefined>()
  const asynchronous = asyncRules(program)
  for (const [name, { destination }] of asynchronous) if (destination) failures.verify(name, role(name), destination)

  function resolve(reference: string, qualifier?: string) {
    const name = functionNameIn(reference)
    const asked = qualifier ?? reference.split(':').at(reference.startsWith('arn:') ? 7 : 1)
    const known =
      asked === undefined ||
      asked === '$LATEST' ||
      asked === '1' ||
      aliases.some(
        ({ inputs, outputs }) => outputs.name === asked && functionNameIn(String(inputs.functionName)) === name,
      )
    const found = declared.get(name)
    return found && known
      ? { name, arn: asked === undefined ? found.outputs.arn : `${found.outputs.arn}:${asked}` }
      : undefined
  }

  async function invoke(name: string, payload: string): Promise<Outcome | 'throttled'> {
    const pool = pools.get(name)!
    return declared.get(name)?.inputs.reservedConcurrentExecutions === 0 ? 'throttled' : pool.invoke(payload)
  }

  async function work(call: Queued): Promise<void> {
    queued.set(call, undefined)
    const outcome = await invoke(call.name, call.payload)
    if (!queued.has(call)) return // the stack stopped meanwhile
    if (outcome !== 'throttled' && outcome.ok) return void queued.delete(call)
    const rule = asynchronous.get(call.name)
    const error = outcome === 'throttled' ? 'Rate Exceeded.' : outcome.error.errorMessage
    options.line(
      call.name,
      JSON.stringify({
        level: 'error',
        service: 'lambda',
        message: `asynchronous call failed: ${error}`,
        attempt: call.attempt + 1,
      }),
    )
    if (call.attempt < (rule?.retries ?? 2)) {
      call.attempt += 1
      queued.set(
        call,
        setTimeout(() => void work(call), (RETRY_MS * call.attempt) / speed),
      )
    } else {
      queued.delete(call)
      failures.keep(call.name, role(call.name), rule?.destination, { source: call.name, error, payload: call.payload })
    }
  }

  return {
    names: [...declared.keys()],
    role,
    resolve,
    invoke,
    enqueue: (name, payload) => void work({ name, payload, attempt: 0 }),
    kill: name => pools.get(name)?.kill() ?? 0,
    resume() {
      const left = options.queue.read()
      options.queue.write([])
      for (const call of left) if (declared.has(call.name)) void work(call)
    },
    async close() {
      for (const timer of queued.values()) clearTimeout(timer)
      options.queue.write([...queued.keys()])
      queued.clear()
      await Promise.all([...pools.values()].map(pool => pool.close()))
    },
  }
}

/** What Lambda itself needs to run a function: to assume its role and to write its log. */
function mayRun({ outputs, inputs }: Declared, role: Role, guard: Guard, { region, account }: Program): void {
  if (!role.trusts.includes('lambda.amazonaws.com'))
    throw new Error(`Role "${role.name}" does not let lambda.amazonaws.com assume it.`)
  const group = inputs.loggingConfig?.logGroup ?? `/aws/lambda/${outputs.name}`
  const stream = `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:local`
  for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents']) guard.check(outputs.name, role, action, stream)
  if (inputs.tracingConfig?.mode === 'Active')
    for (const action of ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'])
      guard.check(outputs.name, role, action, '*')
}

function poolOptions(declared: Declared, options: FunctionsOptions) {
  const { name, arn } = declared.outputs
  const { inputs } = declared
  const [file = '', handler = ''] = String(inputs.handler).split('.')
  const memoryMb = inputs.memorySize ?? 128
  const reserved = inputs.reservedConcurrentExecutions ?? -1
  return {
    name,
    setup: { arn, file: writeBundle(join(options.dir, name), file, declared), handler, routes: options.routes },
    env: {
      ...(inputs.environment?.variables as { [name: string]: string } | undefined),
      ...runtimeEnv(name, memoryMb, options),
    },
    timeoutMs: (inputs.timeout ?? 3) * 1000,
    memoryMb,
    concurrency: reserved > 0 ? Math.min(reserved, options.concurrency) : options.concurrency,
    ...(options.callsPerWorker && { callsPerWorker: options.callsPerWorker }),
    line: (text: string) => options.line(name, text),
  }
}

function writeBundle(dir: string, file: string, { name, files = {} }: Resource<unknown>): string {
  mkdirSync(dir, { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text)
  const main = Object.keys(files).find(path => path === `${file}.mjs` || path === `${file}.js`)
  if (!main) throw new Error(`Function "${name}": its bundle has no file ${file}.mjs.`)
  return join(dir, main)
}

// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
const runtimeEnv = (name: string, memoryMb: number, { program, awsUrl, dir }: FunctionsOptions) => ({
  AWS_REGION: program.region,
  AWS_DEFAULT_REGION: program.region,
  AWS_ACCESS_KEY_ID: name,
  AWS_SECRET_ACCESS_KEY: 'local',
  AWS_ENDPOINT_URL: awsUrl,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '1',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  LAMBDA_TASK_ROOT: join(dir, name),
  TZ: ':UTC',
  // The machine's own settings must not leak in.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
})

/** How often Lambda repeats an asynchronous call, and where it puts what fails in the end. */
function asyncRules(program: Program): Map<string, { retries: number; destination?: string }> {
  const configs = all(program, 'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig')
  return new Map(
    configs.map(({ inputs }) => {
      const destination = inputs.destinationConfig?.onFailure?.destination
      return [
        functionNameIn(String(inputs.functionName)),
        { retries: inputs.maximumRetryAttempts ?? 2, ...(destination && { destination }) },
      ]
    }),
  )
}

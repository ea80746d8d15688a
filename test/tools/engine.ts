import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import engine from '@pulumi/pulumi/proto/engine_pb.js'
import resource from '@pulumi/pulumi/proto/resource_pb.js'
import { readConfig } from '../../local/evaluate.ts'
import { invent } from '../../local/invented.ts'

/**
 * A stand-in for the Pulumi engine: runs the program as `pulumi up` and `pulumi preview` do, through the SDK's own
 * language runner in a process of its own, and records what it registers. Nothing is created. In a preview, outputs that
 * only AWS knows stay unknown.
 */
export type Run = {
  /** 0 when the program ran to its end. */
  exitCode: number
  registrations: readonly Registration[]
  /** The stack's outputs; unknown ones are absent. */
  outputs: Readonly<Record<string, unknown>>
  /** What the program told the person who deploys. */
  warnings: readonly string[]
  errors: readonly string[]
}
export type Registration = {
  type: string
  name: string
  parent: string
  protect: boolean
  provider: string
  /** Secrets unwrapped; unknown values are `UNKNOWN`. */
  inputs: Inputs
  /** Paths of inputs that Pulumi keeps encrypted: `environment.variables`. */
  secretInputs: readonly string[]
}
export type Inputs = { readonly [name: string]: unknown }

export type RunOptions = {
  stack: string
  preview?: boolean
  /** Folder of the program. */
  dir?: string
  /** Config in place of the stack's file, by full key (`connect:logDays`); undefined takes a key away. */
  config?: Readonly<Record<string, string | undefined>>
}

// Markers of values that travel between program and engine:
// https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/rpc.ts
export const UNKNOWN = '04da6b54-80e4-46f7-96ec-b56ff0331ba9'
const MARKER = '4dabf18193072939515e22adb298388d'
const SECRET = '1b47061264138c4ac30d75fd1eb44270'
const OUTPUT = 'd0e6a833031e9bbcd3f4e8bde6ca49a4'

export async function runProgram(options: RunOptions): Promise<Run> {
  const { stack, preview = false, dir = new URL('../..', import.meta.url).pathname } = options
  const { project, config, secretKeys } = readConfig(dir, stack, {})
  for (const [key, value] of Object.entries(options.config ?? {}))
    if (value === undefined) delete config[key]
    else config[key] = value
  const log: Log = {
    region: config['aws:region'] ?? 'us-east-1',
    preview,
    registrations: [],
    warnings: [],
    errors: [],
    root: '',
    outputs: {},
  }
  const server = await serve(log)
  const runner = require.resolve('@pulumi/pulumi/cmd/run')
  const flags = { monitor: server.address, engine: server.address, project, stack, pwd: dir, parallel: '16' }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(process.execPath, [runner, ...args, ...(preview ? ['--dry-run'] : []), '.'], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env.PATH,
      PULUMI_NODEJS_TYPESCRIPT: 'false',
      PULUMI_CONFIG: JSON.stringify(config),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify([...secretKeys]),
    },
  })
  let complaints = ''
  child.stderr.on('data', chunk => {
    complaints += chunk
  })
  const exitCode = await new Promise<number>(done => child.on('close', code => done(code ?? 1)))
  server.stop()
  const errors = exitCode && !log.errors.length ? [complaints] : log.errors
  return { exitCode, registrations: log.registrations, outputs: log.outputs, warnings: log.warnings, errors }
}

// The SDK's own copy of gRPC, which speaks its services.
const require = createRequire(import.meta.url)
const ofSdk = createRequire(require.resolve('@pulumi/pulumi'))
const grpc = ofSdk('@grpc/grpc-js') as Grpc
const { Struct } = ofSdk('google-protobuf/google/protobuf/struct_pb.js') as { Struct: StructType }
const { Empty } = ofSdk('google-protobuf/google/protobuf/empty_pb.js') as { Empty: new () => object }
const { ResourceMonitorService } = ofSdk('@pulumi/pulumi/proto/resource_grpc_pb.js') as {
  ResourceMonitorService: Service
}
const { EngineService } = ofSdk('@pulumi/pulumi/proto/engine_grpc_pb.js') as { EngineService: Service }

type Service = Readonly<Record<string, unknown>>
type StructType = { fromJavaScript(value: Inputs): Parameters<resource.ResourceInvokeResponse['setReturn']>[0] }
type Answer = (error: object | null, message?: object) => void
// biome-ignore lint/suspicious/noExplicitAny: each method has a request type of its own
type Method = (call: { request: any }, answer: Answer) => void
type Grpc = {
  Server: new (
    options: object,
  ) => {
    addService(service: Service, methods: Readonly<Record<string, Method>>): void
    bindAsync(address: string, credentials: object, done: (error: Error | null, port: number) => void): void
    forceShutdown(): void
  }
  ServerCredentials: { createInsecure(): object }
  status: { UNIMPLEMENTED: number }
}

async function serve(log: Log): Promise<{ address: string; stop(): void }> {
  const server = new grpc.Server({ 'grpc.max_receive_message_length': -1 })
  server.addService(ResourceMonitorService, complete(ResourceMonitorService, monitorOf(log)))
  server.addService(EngineService, complete(EngineService, engineOf(log)))
  const port = await new Promise<number>((done, fail) => {
    const bound = (error: Error | null, free: number) => (error ? fail(error) : done(free))
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), bound)
  })
  return { address: `127.0.0.1:${port}`, stop: () => server.forceShutdown() }
}

/** Refuses by name what the stand-in does not play. */
const complete = (service: Service, methods: Readonly<Record<string, Method>>) =>
  Object.fromEntries(
    Object.keys(service).map(name => [
      name,
      methods[name] ?? ((_, answer) => answer({ code: grpc.status.UNIMPLEMENTED, details: name })),
    ]),
  ) as Record<string, Method>

const FEATURES = ['secrets', 'resourceReferences', 'outputValues', 'aliasSpecs', 'deletedWith']
const ACCOUNT = { accountId: '000000000000', id: '000000000000' }

type Log = {
  region: string
  preview: boolean
  registrations: Registration[]
  warnings: string[]
  errors: string[]
  root: string
  outputs: Inputs
}

/** The half of the engine that resources are registered with. */
const monitorOf = (log: Log): Record<string, Method> => ({
  supportsFeature({ request }, answer) {
    const reply = new resource.SupportsFeatureResponse()
    reply.setHassupport(FEATURES.includes(request.getId()))
    answer(null, reply)
  },
  registerResource({ request }, answer) {
    const registration = readRegistration(request)
    log.registrations.push(registration)
    const { type, name, inputs } = registration
    const knows = request.getCustom() && !log.preview
    const { id, state } = knows ? invent(log.region, type, name, inputs) : { id: '', state: inputs }
    const reply = new resource.RegisterResourceResponse()
    reply.setUrn(`urn:pulumi:stack::connect::${type}::${name}`)
    reply.setId(id)
    reply.setObject(Struct.fromJavaScript(state))
    answer(null, reply)
  },
  registerResourceOutputs({ request }, answer) {
    if (request.getUrn() === log.root) log.outputs = plain(request.getOutputs()?.toJavaScript() ?? {}) as Inputs
    answer(null, new Empty())
  },
  invoke({ request }, answer) {
    const known: Record<string, Inputs> = {
      'aws:index/getCallerIdentity:getCallerIdentity': ACCOUNT,
      'aws:index/getRegion:getRegion': { region: log.region, name: log.region, id: log.region },
    }
    const result = known[request.getTok()]
    const reply = new resource.ResourceInvokeResponse()
    reply.setReturn(Struct.fromJavaScript(result ?? {}))
    answer(result ? null : { code: grpc.status.UNIMPLEMENTED, details: request.getTok() }, reply)
  },
  registerPackage(_, answer) {
    const reply = new resource.RegisterPackageResponse()
    reply.setRef('package')
    answer(null, reply)
  },
  signalAndWaitForShutdown: (_, answer) => answer(null, new Empty()),
})

function readRegistration(request: resource.RegisterResourceRequest): Registration {
  const raw = (request.getObject()?.toJavaScript() ?? {}) as Inputs
  return {
    type: request.getType(),
    name: request.getName(),
    parent: request.getParent(),
    protect: request.getProtect() ?? false,
    provider: request.getProvider(),
    inputs: plain(raw) as Inputs,
    secretInputs: secretsIn(raw),
  }
}

/** The half that the program talks to about itself. */
const engineOf = (log: Log): Record<string, Method> => ({
  log({ request }, answer) {
    const { WARNING, ERROR } = engine.LogSeverity
    if (request.getSeverity() === WARNING) log.warnings.push(request.getMessage())
    if (request.getSeverity() === ERROR) log.errors.push(request.getMessage())
    answer(null, new Empty())
  },
  setRootResource({ request }, answer) {
    log.root = request.getUrn()
    answer(null, new engine.SetRootResourceResponse())
  },
  getRootResource(_, answer) {
    const reply = new engine.GetRootResourceResponse()
    reply.setUrn(log.root)
    answer(null, reply)
  },
  requirePulumiVersion: (_, answer) => answer(null, new engine.RequirePulumiVersionResponse()),
})

const marked = (value: unknown): Inputs | undefined =>
  typeof value === 'object' && value !== null && MARKER in value ? (value as Inputs) : undefined

/** Takes the wrapping of secrets and outputs off; unknown values become `UNKNOWN`. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const wrapped = marked(value)
  if (wrapped?.[MARKER] === SECRET) return plain(wrapped.value)
  if (wrapped?.[MARKER] === OUTPUT) return 'value' in wrapped ? plain(wrapped.value) : UNKNOWN
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]))
}

function secretsIn(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  if (marked(value)?.[MARKER] === SECRET) return [path]
  return Object.entries(value).flatMap(([key, inner]) => secretsIn(inner, path ? `${path}.${key}` : key))
}

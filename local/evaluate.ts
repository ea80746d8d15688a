import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parse } from 'yaml'
import { isKnownType, type Program, type Resource } from './declared.ts'
import { ACCOUNT, invent } from './invented.ts'

export type EvaluateOptions = {
  stack: string
  /** Folder of `Pulumi.yaml`, the stack's file and `index.ts`. */
  dir?: string
  /** Values for secrets: of `secure:` entries, and of keys that no file can hold. Made up where they are missing. */
  secrets?: { readonly [key: string]: string }
  /** Configuration beside or in place of the stack's file: strings, objects as JSON. */
  config?: { readonly [key: string]: string }
  timeoutMs?: number
}

/** Secrets that `pulumi config set --secret` gives a real stack; the local one makes them up. */
const LOCAL_SECRETS = ['connect:originSecret', 'connect:suppressionSalt']

/**
 * Runs the Pulumi program in this process through Pulumi's own mocks and answers what it declares. Throws, naming the
 * culprit, for a program that throws, declares or calls what the local stack does not know, or never settles.
 * Pulumi's state is the process's: one evaluation at a time.
 */
export async function evaluate(options: EvaluateOptions): Promise<Program> {
  const turn = queue.then(() => run(options))
  queue = turn.catch(() => {})
  return turn
}
let queue: Promise<unknown> = Promise.resolve()
let evaluations = 0

type Pulumi = typeof import('@pulumi/pulumi')

async function run({ stack, dir = process.cwd(), timeoutMs = 60_000, ...rest }: EvaluateOptions): Promise<Program> {
  const pulumi = await import('@pulumi/pulumi')
  const { project, config, secretKeys } = readConfig(dir, stack, rest.secrets ?? {}, rest.config ?? {})
  const region = config['aws:region'] ?? 'us-east-1'
  pulumi.runtime.setAllConfig(config, [...secretKeys])
  const watch = watcher(pulumi, region)
  await pulumi.runtime.setMocks(watch.mocks, project, stack, false, 'local')
  const strangers = takeOverRejections(watch.failed)
  // Pulumi notes a stack trace for each of tens of thousands of promises: two lines of each still name who threw.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 2
  try {
    const program = async () => {
      watch.observe()
      evaluations += 1
      return { ...(await import(`${pathToFileURL(resolve(dir, 'index.ts')).href}?evaluation=${evaluations}`)) }
    }
    const settled = async () => {
      const outputs = await pulumi.runtime.runInPulumiStack(program)
      await watch.settle()
      return await plainOutputs(pulumi, outputs)
    }
    const outputs = await within(settled(), timeoutMs, watch)
    if (watch.failures.length) throw watch.failures[0]
    const resources = await Promise.all(watch.resources.map(withFiles))
    return { stack, region, account: ACCOUNT, resources, outputs, config }
  } catch (error) {
    throw watch.failures[0] ?? error
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    await afterglow()
    strangers.giveBack()
  }
}

/** Mocks that remember: what was constructed, what was registered, what went wrong. */
function watcher(pulumi: Pulumi, region: string) {
  const resources: Resource[] = []
  const constructed = new Map<string, string>()
  const failures: unknown[] = []
  const refuse = (message: string): never => {
    const error = new Error(message)
    failures.push(error) // what a mock throws surfaces without its message
    throw error
  }
  return {
    resources,
    failures,
    failed: (error: unknown) => void failures.push(error),
    unregistered: () => [...constructed.keys()].filter(key => !resources.some(r => `${r.type} ${r.name}` === key)),
    observe() {
      pulumi.runtime.registerStackTransformation(({ type, name }) => {
        constructed.set(`${type} ${name}`, name)
        return undefined
      })
    },
    async settle() {
      for (let seen = -1; seen !== resources.length; ) {
        seen = resources.length
        await internals(pulumi).waitForRPCs()
        await new Promise(setImmediate)
      }
    },
    mocks: {
      newResource({ type, name, inputs, custom }: { type: string; name: string; inputs: unknown; custom?: boolean }) {
        if (!isKnownType(type))
          refuse(`The local stack does not know ${type} (resource "${name}"): teach local/declared.ts what it is.`)
        const clear = reveal(pulumi, inputs) as Resource['inputs']
        const { id, state } = invent(region, type, name, clear)
        resources.push({ type, name, id, inputs: clear, outputs: state as Resource['outputs'] })
        return {
          id: custom === false ? undefined : id,
          state: invent(region, type, name, inputs as Resource['inputs']).state,
        }
      },
      call({ token }: { token: string }) {
        if (token === 'aws:index/getCallerIdentity:getCallerIdentity')
          return { accountId: ACCOUNT, id: ACCOUNT, userId: 'local', arn: `arn:aws:iam::${ACCOUNT}:user/local` }
        if (token === 'aws:index/getRegion:getRegion')
          return { id: region, region, name: region, description: region, endpoint: '' }
        if (token === 'aws:index/getPartition:getPartition')
          return { id: 'aws', partition: 'aws', dnsSuffix: 'amazonaws.com', reverseDnsPrefix: 'com.amazonaws' }
        return refuse(`The program calls ${token}, which the local stack does not know.`)
      },
    },
  }
}

/** The stack's configuration as Pulumi would pass it: project defaults, the stack's file, secrets. */
export function readConfig(
  dir: string,
  stack: string,
  secrets: { readonly [key: string]: string },
  more: { readonly [key: string]: string } = {},
): { project: string; config: { [key: string]: string }; secretKeys: Set<string> } {
  const yaml = (name: string) =>
    parse(readFileSync(resolve(dir, name), 'utf8')) as { name?: string; config?: { [key: string]: unknown } }
  const project = yaml('Pulumi.yaml')
  const name = String(project.name)
  const config: { [key: string]: string } = {}
  const secretKeys = new Set<string>()
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  const full = (key: string) => (key.includes(':') ? key : `${name}:${key}`)
  const conceal = (key: string) => {
    config[key] = secrets[key] ?? createHash('sha256').update(`local ${key}`).digest('hex')
    secretKeys.add(key)
  }
  for (const [key, entry] of Object.entries(project.config ?? {})) {
    const value = isRecord(entry) ? (entry.default ?? entry.value) : entry
    if (value !== undefined) config[full(key)] = text(value)
  }
  for (const [key, value] of Object.entries(yaml(`Pulumi.${stack}.yaml`).config ?? {}))
    if (isRecord(value) && 'secure' in value) conceal(full(key))
    else config[full(key)] = text(value)
  for (const [key, value] of Object.entries(more)) config[full(key)] = value
  for (const key of [...LOCAL_SECRETS, ...Object.keys(secrets)]) if (!(key in config)) conceal(key)
  return { project: name, config, secretKeys }
}

const isRecord = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

// Pulumi marks a special value with this key; the value beside it says that it is a secret:
// https://github.com/pulumi/pulumi/blob/master/sdk/nodejs/runtime/rpc.ts (specialSigKey, specialSecretSig)
const SIGNATURE = '4dabf18193072939515e22adb298388d'
const SECRET = '1b47061264138c4ac30d75fd1eb44270'

/** A secret taints the whole property that it is in: takes the wrapping off everywhere. */
function reveal(pulumi: Pulumi, value: unknown): unknown {
  if (Array.isArray(value)) return value.map(entry => reveal(pulumi, entry))
  if (!isRecord(value) || isAsset(pulumi, value)) return value
  if (value[SIGNATURE] === SECRET) return reveal(pulumi, value.value)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, reveal(pulumi, inner)]))
}

const isAsset = (pulumi: Pulumi, value: unknown): boolean =>
  pulumi.asset.Asset.isInstance(value) || pulumi.asset.Archive.isInstance(value)

async function plainOutputs(pulumi: Pulumi, outputs: unknown): Promise<{ [name: string]: unknown }> {
  return new Promise((done, fail) => {
    pulumi
      .output(outputs as { [name: string]: unknown })
      .apply(value => done(reveal(pulumi, value ?? {}) as { [name: string]: unknown }))
    void internals(pulumi).waitForRPCs().catch(fail)
  })
}

/** The text of each file of a function's bundle. */
async function withFiles(resource: Resource): Promise<Resource> {
  if (resource.type !== 'aws:lambda/function:Function') return resource
  const archive = (await resource.inputs.code) as InstanceType<Pulumi['asset']['AssetArchive']>
  const files: { [name: string]: string } = {}
  for (const [name, entry] of Object.entries(await archive.assets)) {
    const asset = (await entry) as { text?: Promise<string>; path?: Promise<string> }
    if (asset.text !== undefined) files[name] = await asset.text
    else if (asset.path !== undefined) files[name] = readFileSync(await asset.path, 'utf8')
    else throw new Error(`Function "${resource.name}": the local stack cannot read the asset ${name}.`)
  }
  return { ...resource, files }
}

// Not in the SDK's types: resolves when no registration is under way.
const internals = (pulumi: Pulumi) => pulumi.runtime as unknown as { waitForRPCs(): Promise<void> }

/** A value that never resolves would end the process without a word: names what was constructed and never registered. */
async function within<T>(
  work: Promise<T>,
  timeoutMs: number,
  watch: { unregistered(): string[]; failures: unknown[] },
): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, fail) => {
    const started = Date.now()
    timer = setInterval(() => {
      if (watch.failures.length) fail(watch.failures[0])
      else if (Date.now() - started > timeoutMs)
        fail(
          new Error(
            `The program did not settle in ${timeoutMs} ms. Never registered: ${watch.unregistered().join(', ') || 'nothing; an output never resolves'}.`,
          ),
        )
    }, 50)
  })
  return Promise.race([work, deadline]).finally(() => clearInterval(timer))
}

/** What an evaluation that failed still rejects must not become the next one's. */
async function afterglow(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
}

/** Errors in `apply` arrive as unhandled rejections: they are the program's while it is evaluated. */
function takeOverRejections(failed: (error: unknown) => void) {
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', failed)
  return {
    giveBack() {
      process.off('unhandledRejection', failed)
      for (const other of others) process.on('unhandledRejection', other)
    },
  }
}

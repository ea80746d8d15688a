import { AsyncLocalStorage } from 'node:async_hooks'
import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { InvokeCommand } from '@aws-sdk/client-lambda'
import { type GetSecretValueCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager'
import type { PublishCommand } from '@aws-sdk/client-sns'
import type { AnyConnector, Event, HttpRequest, Secrets } from '../../core/connector.ts'
import { type Envelope, fromItem, toItem } from '../../core/envelope.ts'
import { destinationKey, tenantKey } from '../../core/keys.ts'
import type { Simulator, Vendor } from '../../core/simulator.ts'
import { DEFAULTS, type Destination, rowItem, type Tenant } from '../../core/tenant.ts'
import { envelopesFor, storeEnvelopes } from '../../functions/aws/accept.ts'
import { writeAll } from '../../functions/aws/ledger.ts'
import { readState } from '../../functions/aws/state.ts'
import { createExpire } from '../../functions/expire.ts'
import { createOperate } from '../../functions/operate.ts'
import { createProcess } from '../../functions/process.ts'
import { createRefresh } from '../../functions/refresh.ts'
import type { Env, Exchange, Http, ProcessEvent, World } from '../../functions/world.ts'
import { endOf } from '../../local/rehearse.ts'
import { type Dynamo, type Item, startDynamo } from './dynamo.ts'

export const START = Date.parse('2026-03-02T12:00:00.000Z')
const TENANT = 'loja-abc'

type Options<V extends Vendor> = {
  connector: AnyConnector
  // biome-ignore lint/suspicious/noExplicitAny: any connector's simulator
  simulator: Omit<Simulator<any>, 'vendor'> & { vendor(clock: { now(): number; random(): number }): V }
  destination?: Partial<Destination>
  tenant?: Partial<Tenant>
  timeoutMs?: number
}

/** A call that leaves a function: the points at which a test may stop, fail or kill it. */
export type Step = {
  kind: 'dynamo' | 'vendor' | 'login' | 'secret' | 'mail' | 'invoke' | 'sleep'
  name: string
  /** What is asked, where the call carries more than its name. */
  input?: object
}
/** Stands between a function and one of its calls. `perform` makes the call, with another input if one is given. */
export type Hook = (step: Step, perform: (input?: object) => Promise<unknown>) => Promise<unknown>

/**
 * One connector's functions, the very code that is deployed, over a real DynamoDB client, a played vendor and a clock that
 * moves only when somebody sleeps or the test says so. A hook sees every await, of all runs or of one.
 */
export type Rig<V extends Vendor = Vendor> = Awaited<ReturnType<typeof createRig<V>>>

export async function createRig<V extends Vendor>(options: Options<V>, dynamo?: Dynamo) {
  const database = dynamo ?? (await startDynamo())
  const names = ['buffer', 'state', 'tokens', 'letters', 'tenants', 'suppressions'] as const
  const tables = Object.fromEntries(
    await Promise.all(names.map(async name => [name, await database.table(name)] as const)),
  ) as Record<(typeof names)[number], string>
  let now = START
  let seed = 1
  const clock = {
    now: () => now,
    random: () => {
      seed = (seed * 16807) % 2147483647
      return seed / 2147483647
    },
  }
  const vendor = options.simulator.vendor(clock)
  const { connector } = options
  const settings = options.destination?.settings ?? options.simulator.settings
  const destination: Destination = {
    tenant: TENANT,
    connector: connector.name,
    account: TENANT,
    settings,
    onUnknown: connector.onUnknown,
    breaker: DEFAULTS.breaker,
    revision: '1',
    wants: [],
    urgent: [],
    requires: [],
    shards: 1,
    keepMs: DEFAULTS.keepMs,
    ...options.destination,
  }
  const tenant: Tenant = {
    id: TENANT,
    origins: [],
    serverKeyHashes: [],
    salt: 'salt',
    destinations: { [connector.name]: destination },
    ...options.tenant,
  }
  const put = (table: string, item: ReturnType<typeof rowItem>) =>
    database.client.send(new PutItemCommand({ TableName: table, Item: item }))
  const declare = async (changes: Partial<Destination> = {}) => {
    Object.assign(destination, changes)
    await put(tables.tenants, rowItem(destinationKey(connector.name, TENANT), destination))
    await put(tables.tenants, rowItem(tenantKey(TENANT), tenant))
  }
  await declare()

  const secrets = new Map<string, Secrets>([
    [`/connect/${connector.name}/${TENANT}/credentials`, options.simulator.credentials(settings)],
  ])
  const mails: { subject: string; text: string }[] = []
  const lines: { message: string; [field: string]: unknown }[] = []
  const invoked: ProcessEvent[] = []
  const refreshes: unknown[] = []
  let hook: Hook = (_, perform) => perform()
  const hooks = new AsyncLocalStorage<Hook>()
  let count = 0

  const env: Env = {
    CONNECT_STACK: 'test',
    LOG_LEVEL: 'debug',
    CONNECTOR: connector.name,
    BUFFER_TABLE: tables.buffer,
    STATE_TABLE: tables.state,
    TOKENS_TABLE: tables.tokens,
    LETTERS_TABLE: tables.letters,
    TENANTS_TABLE: tables.tenants,
    SUPPRESSIONS_TABLE: tables.suppressions,
    ERRORS_TOPIC: 'topic',
    PROCESS_FUNCTION: 'process',
    REFRESH_FUNCTION: 'refresh',
    TENANTS: TENANT,
  }
  /** Waits of several runs at once pass together, as they do in life. */
  const pass = (from: number, ms: number) => {
    now = Math.max(now, from + ms)
  }
  const ask = async (request: HttpRequest, timeoutMs: number): Promise<Exchange> => {
    const from = now
    const answer = await vendor.handle(request)
    if (answer === 'hang') pass(from, timeoutMs)
    else if (typeof answer !== 'string' && answer.delayMs) pass(from, answer.delayMs)
    return endOf(answer)
  }
  const through = <T>(step: Step, perform: (input?: object) => Promise<T>) =>
    (hooks.getStore() ?? hook)(step, perform) as Promise<T>
  const client = <C extends { input: object; constructor: { name: string } }>(
    kind: Step['kind'],
    perform: (command: C) => Promise<unknown>,
  ) => {
    const again = (command: C, input: object) => new (command.constructor as new (input: object) => C)(input)
    const send = (command: C) =>
      through({ kind, name: command.constructor.name, input: command.input }, input =>
        perform(input ? again(command, input) : command),
      )
    return { send } as never
  }

  const world: World = {
    env,
    ...clock,
    uuid: () => `uuid-${++count}`,
    sleep: (ms, signal) =>
      through({ kind: 'sleep', name: String(ms) }, async () => {
        if (!signal?.aborted) pass(now, ms)
      }),
    dynamo: client('dynamo', command => database.client.send(command as never)),
    secrets: client<GetSecretValueCommand>('secret', async ({ input }) => {
      const found = secrets.get(input.SecretId ?? '')
      if (!found) throw new ResourceNotFoundException({ message: 'no value', $metadata: {} })
      return { SecretString: JSON.stringify(found) }
    }),
    sns: client<PublishCommand>('mail', async ({ input }) => {
      mails.push({ subject: input.Subject ?? '', text: input.Message ?? '' })
      return {}
    }),
    lambda: client<InvokeCommand>('invoke', async ({ input }) => {
      const payload = JSON.parse(String(input.Payload))
      if (input.FunctionName === 'refresh') {
        refreshes.push(payload) // a function of its own: it lives on where its caller dies
        return { Payload: Buffer.from(JSON.stringify(await hooks.exit(() => refresh(payload)))) }
      }
      invoked.push(payload)
      return {}
    }),
    openHttp: (): Http => ({
      send: (request, { timeoutMs }) =>
        through({ kind: 'vendor', name: new URL(request.url).pathname, input: request }, () => ask(request, timeoutMs)),
      close: async () => {},
    }),
    exchange: (request, timeoutMs) => through({ kind: 'login', name: 'exchange' }, () => ask(request, timeoutMs)),
    write: line => void lines.push(JSON.parse(line)),
  }
  const refresh = createRefresh(world, connector)
  let handler = createProcess(world, connector)
  const timeoutMs = options.timeoutMs ?? 60_000
  const run = (event: Partial<RunEvent> = {}, process = handler) =>
    process({ do: 'run', tenant: TENANT, why: 'schedule', ...event }, contextOf(clock, timeoutMs))

  return {
    world,
    vendor,
    tables,
    mails,
    lines,
    /** Events that asked Lambda to run `process`, oldest first; nobody has run them. */
    invoked,
    refreshes,
    secrets,
    destination,
    tenant,
    declare,
    refresh,
    database,
    now: () => now,
    advance(ms: number) {
      now += ms
    },
    /** From now on every await of the functions goes through it. */
    setHook(next: Hook | undefined) {
      hook = next ?? ((_, perform) => perform())
    },
    /** A new execution environment: nothing that a function remembered is there any more. */
    cold() {
      handler = createProcess(world, connector)
    },
    run: (event: Partial<RunEvent> = {}) => run(event),
    /** A run in an execution environment of its own, whose awaits go through `hook` alone. */
    runWith: (hook: Hook, event: Partial<RunEvent> = {}) =>
      hooks.run(hook, () => run(event, createProcess(world, connector))),
    /** Any other work of the functions, whose awaits go through `hook` alone. */
    within: <T>(hook: Hook, work: () => Promise<T>) => hooks.run(hook, work),
    tick: () => handler({ do: 'tick' }, contextOf(clock, timeoutMs)),
    /** Runs what Lambda was asked to run, and what that asks for. */
    async runInvoked() {
      for (let next = invoked.shift(); next; next = invoked.shift()) await handler(next, contextOf(clock, timeoutMs))
    },
    operate: createOperate(world, connector.name),
    /** What DynamoDB's TTL and the stream behind it do with envelopes whose time is over. */
    async expire() {
      const items = await database.items(tables.buffer)
      const over = items.filter(({ ttl }) => Number(ttl?.N) * 1000 <= now)
      for (const { pk, sk } of over)
        await database.client.send(new DeleteItemCommand({ TableName: tables.buffer, Key: { pk: pk!, sk: sk! } }))
      await createExpire(world, connector.name)({ Records: over.map(removal) } as never)
      return over.length
    },
    /** Stores the events as one request would have. */
    async accept(events: readonly Event[]) {
      const envelopes = envelopesFor(world, TENANT, destination, events)
      await storeEnvelopes({ dynamo: database.client }, tables.buffer, envelopes)
    },
    /** The same for many requests at once. */
    async acceptAll(requests: readonly (readonly Event[])[]) {
      const envelopes = requests.flatMap(events => envelopesFor(world, TENANT, destination, events))
      const items = envelopes.map(envelope => ({ PutRequest: { Item: toItem(envelope) } }))
      await writeAll({ ...world, dynamo: database.client }, tables.buffer, items)
    },
    async putEnvelope(envelope: Envelope) {
      await database.client.send(new PutItemCommand({ TableName: tables.buffer, Item: toItem(envelope) }))
    },
    state: () => readState({ ...world, dynamo: database.client }, connector.name, TENANT),
    envelopes: async () => (await database.items(tables.buffer)).map(item => fromItem(item as never)),
    waiting: async () => (await database.items(tables.buffer)).flatMap(item => [...fromItem(item as never).waiting]),
    letters: async () =>
      (await database.items(tables.letters)).map(item => ({
        id: item.sk?.S ?? '',
        death: JSON.parse(item.death?.S ?? '{}'),
        item,
      })),
    stop: () => (dynamo ? Promise.resolve() : database.stop()),
  }
}

type RunEvent = Extract<ProcessEvent, { do: 'run' }>

const contextOf = ({ now }: { now(): number }, timeoutMs: number) => {
  const end = now() + timeoutMs
  return { awsRequestId: 'request', getRemainingTimeInMillis: () => end - now() }
}

/** A record of the table's stream; bytes are base64 there. */
const removal = ({ pk, sk, ...item }: Item) => ({
  eventName: 'REMOVE',
  userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' },
  dynamodb: {
    SequenceNumber: '1',
    Keys: { pk, sk },
    OldImage: Object.fromEntries(
      Object.entries({ pk, sk, ...item }).map(([name, value]) => [
        name,
        value?.B ? { B: Buffer.from(value.B).toString('base64') } : value,
      ]),
    ),
  },
})

import { join } from 'node:path'
import type { Mail, Sink } from './change.ts'
import { openDatabase } from './database.ts'
import { all, type Program } from './declared.ts'
import type { Routes } from './egress.ts'
import { createFailures, type Failures } from './failures.ts'
import { createFunctions, type Functions } from './functions.ts'
import { type Caller, json, jsonError, openGateway, type Service } from './gateway.ts'
import { createGuard, type Guard, type Role } from './iam.ts'
import { createMailbox } from './mailbox.ts'
import { roleNamed, rolesOf } from './roles.ts'
import { writeRows } from './rows.ts'
import { createTables, ensureTables, keysOf, type Table, type Tables, type WireChange } from './services/dynamodb.ts'
import { accessOf } from './services/dynamodb-access.ts'
import { createLambda } from './services/lambda.ts'
import { createSecrets, type Secrets } from './services/secrets.ts'
import { createSns } from './services/sns.ts'
import { fileStore } from './store.ts'
import { createStreams } from './streams.ts'
import { decodeChange } from './wire.ts'

/** The key id that people and tests call AWS with: it may do everything. */
export const OPERATOR = 'operator'

export type Aws = {
  url: string
  guard: Guard
  roles: ReadonlyMap<string, Role>
  failures: Failures
  functions: Functions
  tables: Tables
  secrets: Secrets
  mails: readonly Mail[]
  usage(): { function: string; action: string; resource: string; used: boolean }[]
  /** Takes up again what was under way when the stack last stopped. */
  resume(): void
  close(): Promise<void>
}

export type AwsOptions = {
  program: Program
  dataDir: string
  sink: Sink
  speed: number
  routes: Routes['vendors']
  concurrency?: number
  callsPerWorker?: number
  log(line: string): void
}

/** AWS as far as the program uses it: tables, secrets, topic, functions, streams, behind one address. */
export async function aws(options: AwsOptions): Promise<Aws> {
  const { program, dataDir, sink, log } = options
  const file = <T>(name: string, empty: T) => fileStore(join(dataDir, `${name}.json`), empty)
  const arn = (service: string, resource: string) =>
    `arn:aws:${service}:${program.region}:${program.account}:${resource}`
  const guard = createGuard(({ function: who, action, resource }) =>
    log(`Denied: ${who} may not ${action} on ${resource}.`),
  )
  const failures = createFailures(guard, file('failures', []), ({ source, error }) =>
    log(`Lost, with nowhere to keep it: ${source}: ${error}`),
  )
  const roles = rolesOf(program)
  const mailbox = createMailbox(program, file('mails', []), mail => sink.mail(mail))

  const database = await openDatabase(join(dataDir, 'tables'))
  const declared = tablesOf(program)
  await ensureTables(database, declared)
  let heard: (change: WireChange) => void = () => {}
  const tables = createTables(database, declared, change => heard(change))
  await writeRows(program, tables, file('rows', {}))
  for (const table of declared)
    for await (const item of tables.items(table.name))
      sink.change(decodeChange({ table: table.name, kind: 'INSERT', ttl: false, keys: keysOf(table, item), new: item }))
  for (const mail of mailbox.mails) sink.mail(mail)

  const secrets = createSecrets(secretsOf(program), file('secrets', {}), name =>
    arn('secretsmanager', `secret:${name}`),
  )
  const callers = new Map<string, Caller>([[OPERATOR, { name: OPERATOR, role: 'everything' }]])
  const services: { [name: string]: Service } = {
    dynamodb: dynamodb(tables, declared, name =>
      name.startsWith('arn:') || name === '*' ? name : arn('dynamodb', `table/${name}`),
    ),
    secretsmanager: secrets.service,
    sns: createSns(mailbox.publish),
    lambda: call => lambda(call),
  }
  const gateway = await openGateway({ callers, guard, services })
  const functions = createFunctions({
    ...options,
    roles,
    guard,
    failures,
    queue: file('queue', []),
    dir: join(dataDir, 'functions'),
    awsUrl: gateway.url,
    routes: { aws: Number(new URL(gateway.url).port), vendors: options.routes },
    concurrency: options.concurrency ?? 4,
    line: (name, text) => sink.line(name, text),
  })
  const lambda = createLambda(functions, name => arn('lambda', `function:${name}`))
  for (const name of functions.names) callers.set(name, { name, role: functions.role(name) })
  const streams = createStreams({ program, functions, guard, failures, store: file('streams', {}) })
  heard = change => {
    streams.accept(change)
    sink.change(decodeChange(change))
  }

  return {
    url: gateway.url,
    guard,
    roles,
    failures,
    functions,
    tables,
    secrets,
    mails: mailbox.mails,
    usage: () => usageOf(program, functions, roles),
    resume() {
      functions.resume()
      streams.resume()
    },
    async close() {
      streams.close()
      await functions.close()
      await gateway.close()
      await database.close()
    },
  }
}

function tablesOf(program: Program): Table[] {
  return all(program, 'aws:dynamodb/table:Table').map(({ outputs, inputs }) => ({
    name: outputs.name,
    arn: outputs.arn,
    hashKey: inputs.hashKey ?? 'pk',
    ...(inputs.rangeKey && { rangeKey: inputs.rangeKey }),
    ...(inputs.ttl?.enabled && inputs.ttl.attributeName && { ttl: inputs.ttl.attributeName }),
  }))
}

function secretsOf(program: Program) {
  const versions = all(program, 'aws:secretsmanager/secretVersion:SecretVersion')
  return all(program, 'aws:secretsmanager/secret:Secret').map(({ id, outputs }) => {
    const value = versions.find(({ inputs }) => inputs.secretId === id || inputs.secretId === outputs.name)?.inputs
      .secretString
    return { name: outputs.name, arn: outputs.arn, ...(value !== undefined && { value }) }
  })
}

const dynamodb =
  (tables: Tables, declared: readonly Table[], arnOf: (table: string) => string): Service =>
  async ({ operation, text, denied }) => {
    for (const { action, resource, context } of accessOf(operation, text, declared, arnOf)) {
      const denial = denied(action, resource, context)
      if (denial) return jsonError(400, 'AccessDeniedException', denial)
    }
    const { status, body } = await tables.call(operation, text)
    return json(body, '1.0', status)
  }

/** Every grant of the roles that functions and schedules use, with who holds it. */
function usageOf(program: Program, functions: Functions, roles: ReadonlyMap<string, Role>) {
  const scheduled = all(program, 'aws:scheduler/schedule:Schedule')
  const holders = new Map<Role, string>(functions.names.map(name => [functions.role(name), name]))
  for (const { outputs, inputs } of scheduled) {
    const role = roleNamed(roles, inputs.target.roleArn, outputs.name)
    if (!holders.has(role)) holders.set(role, role.name)
  }
  return [...holders].flatMap(([role, holder]) =>
    role.grants.map(({ action, resource, used }) => ({ function: holder, action, resource, used })),
  )
}

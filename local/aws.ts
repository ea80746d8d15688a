import { join } from 'node:path'
import type { Mail, Sink } from './change.ts'
import type { Program } from './declared.ts'
import type { Routes } from './egress.ts'
import { createFailures, type Failures } from './failures.ts'
import { createFunctions, type Functions } from './functions.ts'
import { type Caller, openGateway, type Service } from './gateway.ts'
import { createGuard, type Guard, type Role } from './iam.ts'
import { createMailbox } from './mailbox.ts'
import { type Grant, rolesOf, usageOf } from './roles.ts'
import type { Tables } from './services/dynamodb.ts'
import { createDynamodb } from './services/dynamodb-access.ts'
import { createLambda } from './services/lambda.ts'
import { createSecrets, type Secrets, secretsOf } from './services/secrets.ts'
import { createSns } from './services/sns.ts'
import { openStorage } from './storage.ts'
import { fileStore } from './store.ts'
import { createStreams } from './streams.ts'

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
  usage(): readonly Grant[]
  /** Takes up again what was under way when the stack last stopped. */
  resume(): void
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
  /** Told of everything that must be closed again, last opened first. */
  opened(close: () => unknown): void
}

/** AWS as far as the program uses it: tables, secrets, topic, functions, streams, behind one address. */
export async function aws(options: AwsOptions): Promise<Aws> {
  const { program, dataDir, sink, log, opened } = options
  const file = <T>(name: string, empty: T) => fileStore(join(dataDir, `${name}.json`), empty)
  const arnOf = (service: string, kind: string) => (name: string) =>
    `arn:aws:${service}:${program.region}:${program.account}:${kind}${name}`
  const guard = createGuard(denial => log(`Denied: ${denial.function} may not ${denial.action} on ${denial.resource}.`))
  const lost = ({ source, error }: { source: string; error: string }) => log(`Lost, kept nowhere: ${source}: ${error}`)
  const failures = createFailures(guard, file('failures', []), lost)
  const roles = rolesOf(program)
  const mailbox = createMailbox(program, file('mails', []), mail => sink.mail(mail))
  for (const mail of mailbox.mails) sink.mail(mail)

  const { declared, tables, ...storage } = await openStorage(program, dataDir, sink)
  opened(storage.close)
  const secrets = createSecrets(secretsOf(program), file('secrets', {}), arnOf('secretsmanager', 'secret:'))
  const callers = new Map<string, Caller>([[OPERATOR, { name: OPERATOR, role: 'everything' }]])
  const services: { [name: string]: Service } = {
    dynamodb: createDynamodb(tables, declared, arnOf('dynamodb', 'table/')),
    secretsmanager: secrets.service,
    sns: createSns(mailbox.publish),
    lambda: call => lambda(call),
  }
  const gateway = await openGateway({ callers, guard, services })
  opened(gateway.close)
  const functions = createFunctions({
    ...options,
    roles,
    guard,
    failures,
    queue: file('queue', []),
    dir: join(dataDir, 'functions'),
    awsUrl: gateway.url,
    routes: { aws: Number(new URL(gateway.url).port), vendors: options.routes },
    concurrency: options.concurrency ?? WORKERS,
    line: (name, text) => sink.line(name, text),
  })
  opened(functions.close)
  const lambda = createLambda(functions, arnOf('lambda', 'function:'))
  for (const name of functions.names) callers.set(name, { name, role: functions.role(name) })
  const streams = createStreams({ program, functions, guard, failures, store: file('streams', {}) })
  opened(streams.close)
  storage.listen(streams.accept)

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
  }
}

/** Of one function at once: about 40 MB each. */
const WORKERS = 4

import { Ajv, type ErrorObject } from 'ajv'
import type { AnyConnector } from '../core/connector.ts'
import { type Purpose, URGENT } from '../core/event.ts'
import { DEFAULTS, type Destination } from '../core/tenant.ts'
import { CONFIG } from './config-schema.ts'
import { complaint, type Place, sentence } from './config-sentence.ts'

/** What one stack installs: its config, checked, with defaults applied. Secrets are not in it. */
export type Installation = Sizes & {
  stack: string
  tenants: readonly TenantPlan[]
  /** One per connector that a tenant uses, in the order of their names. */
  pipelines: readonly PipelinePlan[]
  alertEmails: readonly string[]
  domain?: { names: readonly string[]; certificateArn: string }
  countries?: { codes: readonly string[]; are: 'allowed' | 'blocked' }
  /** What the person who deploys should know, although it stops nothing. */
  warnings: readonly string[]
}

export type Sizes = {
  /** MB. */
  receiveMemory: number
  processMemory: number
  refreshMemory: number
  /** 0: nothing is reserved. */
  receiveConcurrency: number
  receiveProvisioned: number
  accountConcurrency: number
  logDays: number
  logLevel: 'debug' | 'info' | 'warn' | 'error'
  /** In 5 minutes. */
  requestsPerAddress: number
  requestsPerTenant: number
  protect: boolean
  pointInTimeRecovery: boolean
  tenantBackupDays: number
}

export type TenantPlan = {
  id: string
  origins: readonly string[]
  tids: readonly string[]
  serverKeyHashes: readonly string[]
  requestsPer5Minutes?: number
}

export type PipelinePlan = {
  connector: AnyConnector
  destinations: readonly DestinationPlan[]
  accounts: readonly AccountPlan[]
}
export type DestinationPlan = Omit<Destination, 'revision'> & { schedule: string }
/** A vendor account: named for the tenant whose credentials it is reached with. */
export type AccountPlan = { account: string; auth: 'static' | 'token'; refreshEvery?: string }

export type Problem = { problem: string }

/**
 * Reads the values under `connect:` (names without the prefix, texts as Pulumi hands them over) for a stack, or says in
 * one sentence why they are no installation.
 */
export function readInstallation(
  values: Readonly<Record<string, string>>,
  connectors: Readonly<Record<string, AnyConnector>>,
  stack: string,
): Installation | Problem {
  const parsed = parse(values, stack)
  if ('problem' in parsed) return parsed
  const error = check(CONFIG, parsed.data)
  if (error) return { problem: sentence(placeOf(error), error, stack) }
  const config = parsed.data as Config
  const problem = findProblem(config, connectors, stack)
  if (problem) return { problem }
  return assemble(config, connectors, stack)
}

/** As the schema guarantees it. */
type Config = Sizes & {
  originSecret: string
  originSecretPrevious?: string
  suppressionSalt: string
  tenants: Record<string, TenantConfig>
  alertEmails: string[]
  domain?: NonNullable<Installation['domain']>
  countries?: NonNullable<Installation['countries']>
}
type TenantConfig = {
  origins: string[]
  tids?: string[]
  serverKeyHashes?: string[]
  requestsPer5Minutes?: number
  destinations: Record<string, DestinationConfig>
}
type DestinationConfig = {
  schedule: string
  account?: string
  requires: Purpose[]
  urgent?: string[]
  onUnknown?: 'resend' | 'hold'
  shards?: number
  keepDays?: number
  breaker?: { failures?: number; resetSeconds?: number }
  settings: Record<string, unknown>
}

/** Pulumi keeps every value as text: JSON for what is not a string. */
function parse(values: Readonly<Record<string, string>>, stack: string): { data: Record<string, unknown> } | Problem {
  const parsed: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(values)) {
    const schema: { type?: string; enum?: readonly unknown[] } | undefined =
      CONFIG.properties[name as keyof typeof CONFIG.properties]
    if (!schema || schema.type === 'string' || typeof schema.enum?.[0] === 'string') parsed[name] = text
    else
      try {
        parsed[name] = JSON.parse(text)
      } catch {
        return { problem: complaint({ key: [name] }, 'cannot be read', stack) }
      }
  }
  return { data: parsed }
}

function check(schema: object, data: unknown): ErrorObject | undefined {
  const ajv = new Ajv({ useDefaults: true, verbose: true, strict: true, keywords: ['secret'] })
  const validate = ajv.compile(schema)
  return validate(data) ? undefined : validate.errors?.at(-1)
}

function placeOf({ instancePath }: ErrorObject): Place {
  const path = instancePath
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const [root, tenant, within, destination, ...key] = path
  if (root !== 'tenants' || !tenant) return { key: path }
  return within === 'destinations' && destination ? { tenant, destination, key } : { tenant, key: path.slice(2) }
}

function findProblem(
  config: Config,
  connectors: Readonly<Record<string, AnyConnector>>,
  stack: string,
): string | undefined {
  const tids = new Map<string, string>()
  for (const [tenant, { tids: own = [], destinations }] of Object.entries(config.tenants)) {
    for (const tid of own) {
      const other = tids.get(tid)
      if (other) return complaint({ tenant, key: ['tids'] }, `has "${tid}", which "${other}" has too`, stack)
      tids.set(tid, tenant)
    }
    for (const [name, destination] of Object.entries(destinations)) {
      const found = findFault(config, tenant, name, destination, connectors, stack)
      if (found) return found
    }
  }
  return concurrencyProblem(config, stack)
}

function findFault(
  config: Config,
  tenant: string,
  name: string,
  destination: DestinationConfig,
  connectors: Readonly<Record<string, AnyConnector>>,
  stack: string,
): string | undefined {
  const place = { tenant, destination: name }
  const connector = connectors[name]
  if (!connector) {
    const known = Object.keys(connectors).sort().join(', ')
    return complaint({ ...place, key: [] }, `is not a connector (there are: ${known})`, stack)
  }
  const error = check(connector.settings, destination.settings)
  if (error) {
    const { key } = placeOf(error)
    return sentence({ ...place, key: ['settings', ...key] }, error, stack)
  }
  const wrong = connector.problems?.(destination.settings)[0]
  if (wrong) return complaint({ ...place, key: ['settings'] }, `is wrong: ${wrong}`, stack)
  const { account = tenant, urgent = [] } = destination
  const owner = config.tenants[account]?.destinations[name]
  if (!owner || (owner.account ?? account) !== account) {
    const fault = `is "${account}", which has no ${name} account of its own`
    return complaint({ ...place, key: ['account'] }, fault, stack)
  }
  const wants = connector.wants(destination.settings)
  const lost = urgent.find(event => !wants.includes(event))
  if (!lost) return undefined
  return complaint({ ...place, key: ['urgent'] }, `has "${lost}", an event that the destination does not map`, stack)
}

/** Lambda keeps 100 executions unreserved: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html */
const UNRESERVED = 100

function concurrencyProblem(config: Config, stack: string): string | undefined {
  const { receiveConcurrency, receiveProvisioned, accountConcurrency } = config
  if (receiveProvisioned > receiveConcurrency) {
    const fault = `is ${receiveProvisioned}, more than the ${receiveConcurrency} of connect:receiveConcurrency`
    return complaint({ key: ['receiveProvisioned'] }, fault, stack)
  }
  if (accountConcurrency <= UNRESERVED || receiveConcurrency + UNRESERVED <= accountConcurrency) return undefined
  const fault =
    `is ${receiveConcurrency}, but the account runs ${accountConcurrency} functions at a time (connect:accountConcurrency)` +
    ` and ${UNRESERVED} must stay unreserved: reserve at most ${accountConcurrency - UNRESERVED} or have the limit raised`
  return complaint({ key: ['receiveConcurrency'] }, fault, stack)
}

function assemble(config: Config, connectors: Readonly<Record<string, AnyConnector>>, stack: string): Installation {
  const { originSecret: _secret, originSecretPrevious: _previous, suppressionSalt: _salt, tenants, ...rest } = config
  const { accountConcurrency } = config
  const small = accountConcurrency <= UNRESERVED
  const warnings = small
    ? [
        `The account runs ${accountConcurrency} functions at a time: none are reserved for accepting events. ` +
          'Ask AWS for a higher limit, then set connect:accountConcurrency.',
      ]
    : []
  const used = new Set(Object.values(tenants).flatMap(({ destinations }) => Object.keys(destinations)))
  return {
    ...rest,
    stack,
    receiveConcurrency: small ? 0 : config.receiveConcurrency,
    receiveProvisioned: small ? 0 : config.receiveProvisioned,
    tenants: Object.entries(tenants).map(([id, { origins, tids = [], serverKeyHashes = [], requestsPer5Minutes }]) => ({
      id,
      origins,
      tids,
      serverKeyHashes,
      ...(requestsPer5Minutes !== undefined && { requestsPer5Minutes }),
    })),
    pipelines: [...used].sort().map(name => planPipeline(connectors[name]!, tenants)),
    warnings,
  }
}

function planPipeline(connector: AnyConnector, tenants: Record<string, TenantConfig>): PipelinePlan {
  const users = Object.entries(tenants).flatMap(([tenant, { destinations }]) => {
    const destination = destinations[connector.name]
    return destination ? [{ tenant, destination }] : []
  })
  const destinations = users.map(({ tenant, destination }) => planDestination(connector, tenant, destination))
  const owners = users.filter(({ tenant, destination }) => (destination.account ?? tenant) === tenant)
  return { connector, destinations, accounts: owners.map(owner => planAccount(connector, owner)) }
}

function planDestination(connector: AnyConnector, tenant: string, config: DestinationConfig): DestinationPlan {
  const wants = connector.wants(config.settings)
  const leaving = connector.leaving?.(config.settings) ?? []
  return {
    tenant,
    connector: connector.name,
    account: config.account ?? tenant,
    schedule: config.schedule,
    settings: config.settings,
    wants,
    urgent: config.urgent ?? URGENT.filter(event => wants.includes(event)),
    requires: config.requires,
    ...(leaving.length > 0 && { leaving }),
    shards: config.shards ?? DEFAULTS.shards,
    keepMs: config.keepDays ? config.keepDays * 86_400_000 : DEFAULTS.keepMs,
    onUnknown: config.onUnknown ?? connector.onUnknown,
    breaker: {
      failures: config.breaker?.failures ?? DEFAULTS.breaker.failures,
      resetMs: config.breaker?.resetSeconds ? config.breaker.resetSeconds * 1000 : DEFAULTS.breaker.resetMs,
    },
  }
}

function planAccount(
  connector: AnyConnector,
  { tenant, destination }: { tenant: string; destination: DestinationConfig },
): AccountPlan {
  const auth = connector.auth(destination.settings)
  return auth.kind === 'token'
    ? { account: tenant, auth: 'token', refreshEvery: auth.refreshEvery }
    : { account: tenant, auth: 'static' }
}

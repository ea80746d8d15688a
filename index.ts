import { createHash } from 'node:crypto'
import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { Alarms } from './components/alarms.ts'
import { Alerts } from './components/alerts.ts'
import { buildBundles } from './components/bundle.ts'
import { readInstallation } from './components/config.ts'
import { Dashboards } from './components/dashboards.ts'
import { Firewall } from './components/firewall.ts'
import { Handler } from './components/handler.ts'
import { Hooks } from './components/hooks.ts'
import { Ingestion } from './components/ingestion.ts'
import { Pipeline } from './components/pipeline.ts'
import { allow } from './components/policy.ts'
import { Failures } from './components/queues.ts'
import { Rows } from './components/rows.ts'
import { Tables } from './components/tables.ts'
import { connectors } from './connectors/index.ts'
import { buildTag } from './tag/build.ts'

const stack = pulumi.getStack()
const config = new pulumi.Config()
const values = Object.entries(pulumi.runtime.allConfig()).flatMap(([key, value]) =>
  key.startsWith(`${config.name}:`) ? [[key.slice(config.name.length + 1), value] as const] : [],
)
const installation = readInstallation(Object.fromEntries(values), connectors, stack)
if ('problem' in installation) throw new pulumi.RunError(installation.problem)
for (const warning of installation.warnings) pulumi.log.warn(warning)

const bundles = await buildBundles(
  import.meta.dirname,
  installation.pipelines.map(({ connector }) => connector.name),
  await buildTag(),
)

const prefix = `connect-${stack}`
const place = {
  prefix,
  stack,
  region: aws.getRegionOutput().region,
  account: aws.getCallerIdentityOutput().accountId,
  logDays: installation.logDays,
  logLevel: installation.logLevel,
}
const { account, region } = place

const tables = new Tables('tables', { prefix, keeping: installation, tenantBackupDays: installation.tenantBackupDays })
new Rows('rows', { table: tables.tenants, installation, suppressionSalt: config.requireSecret('suppressionSalt') })
const alerts = new Alerts('alerts', { prefix, emails: installation.alertEmails })
const failures = new Failures('failures', { prefix, account, protect: installation.protect })

const scheduleGroup = new aws.scheduler.ScheduleGroup('schedules', { name: prefix })
const pipelines = installation.pipelines.map(
  plan =>
    new Pipeline(plan.connector.name, {
      place,
      plan,
      sizes: installation,
      bundles: bundles.connectors[plan.connector.name]!,
      tables,
      failures,
      scheduleGroup: scheduleGroup.name,
      errors: alerts.errors,
    }),
)
const buffers = pipelines.map(({ buffer }) => buffer)

const originSecret = config.requireSecret('originSecret')
const previousSecret = config.getSecret('originSecretPrevious')
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const originSecretHashes = pulumi
  .all([originSecret, previousSecret])
  .apply(secrets => secrets.flatMap(secret => (secret ? [sha256(secret)] : [])).join(','))

const receive = new Handler('receive', {
  place,
  function: 'receive',
  bundle: bundles.receive,
  memory: installation.receiveMemory,
  timeoutSeconds: 15,
  reserved: installation.receiveConcurrency,
  warm: installation.receiveProvisioned,
  environment: {
    BUFFER_TABLES: pulumi.jsonStringify(
      Object.fromEntries(installation.pipelines.map(({ connector }, i) => [connector.name, buffers[i]!.name])),
    ),
    TENANTS_TABLE: tables.tenants.name,
    SUPPRESSIONS_TABLE: tables.suppressions.name,
    ORIGIN_SECRET_HASHES: originSecretHashes,
  },
  grants: [
    allow(
      ['dynamodb:PutItem'],
      buffers.map(({ arn }) => arn),
    ),
    allow(['dynamodb:GetItem'], [tables.tenants.arn], ['tenant#*', 'tid#*']),
    allow(['dynamodb:BatchGetItem'], [tables.suppressions.arn]),
  ],
})

const hooks = installation.pipelines.some(({ connector }) => connector.webhook)
  ? new Hooks('hooks', { place, installation, bundles, tables, pipelines, failures, originSecretHashes })
  : undefined

const firewall = new Firewall('firewall', { prefix, account, installation })
const ingestion = new Ingestion('ingestion', {
  prefix,
  region,
  account,
  logDays: installation.logDays,
  protect: installation.protect,
  receive,
  hooks: hooks?.hooks,
  acl: firewall.acl.arn,
  originSecret,
  domain: installation.domain,
})
const connectorNames = installation.pipelines.map(({ connector }) => connector.name)
const namedTables = {
  ...Object.fromEntries(connectorNames.map((name, i) => [`${name}-buffer`, buffers[i]!])),
  tokens: tables.tokens,
  'dead-letters': tables.letters,
  state: tables.state,
  tenants: tables.tenants,
  suppressions: tables.suppressions,
  inbox: tables.inbox,
}
const handlers = {
  receive,
  ...(hooks && { hooks: hooks.hooks, inbox: hooks.inbox }),
  ...Object.fromEntries(
    pipelines.flatMap((pipeline, i) =>
      Object.entries(pipeline.handlers).map(([kind, handler]) => [`${connectorNames[i]}-${kind}`, handler]),
    ),
  ),
}
new Alarms('alarms', {
  prefix,
  installation,
  alerts,
  receive,
  hooks,
  pipelines,
  tables: namedTables,
  failures,
  firewall: firewall.metricName,
  distribution: ingestion.distribution,
})
const functionNames = Object.values(handlers).map(({ functionName }) => functionName)
new Dashboards('dashboards', { prefix, region, installation, functions: functionNames })

export const { endpoint } = ingestion
export const tagUrl = pulumi.interpolate`${endpoint}/tag.js`
/** What a host name of one's own must be a CNAME of. */
export const distributionDomain = ingestion.distribution.domainName
/** Secrets that an operator has to fill, and with which names. */
export const secrets = Object.fromEntries(
  installation.pipelines.flatMap(({ connector, destinations, accounts }) =>
    accounts.flatMap(({ account: owner }) => {
      const { settings } = destinations.find(({ tenant }) => tenant === owner)!
      const place = `/connect/${connector.name}/${owner}`
      return [
        [`${place}/credentials`, connector.auth(settings).secrets],
        ...(connector.webhook ? [[`${place}/webhook`, connector.webhook.secrets]] : []),
      ]
    }),
  ),
)
export const functions = Object.fromEntries(
  Object.entries(handlers).map(([name, { functionName }]) => [name, functionName]),
)
export const tableNames = Object.fromEntries(Object.entries(namedTables).map(([name, table]) => [name, table.name]))

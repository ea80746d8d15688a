/**
 * What may stand under `connect:` in Pulumi.<stack>.yaml, as JSON Schema (draft-07). A description is what a person reads
 * in the error, so each says what to write. Scalars have their defaults in Pulumi.yaml, where `pulumi config` shows them.
 */

const SCHEDULE = '^(rate\\((1 (minute|hour|day)|[1-9]\\d{0,3} (minutes|hours|days))\\)|cron\\([^()]+\\))$'
const EVENT_NAME = '^[a-z][a-z0-9_]{0,63}$'
/** Short enough for `connect-<stack>-<connector>-<tenant>-<n>` to be the name of a schedule (64 characters). */
const TENANT = '^[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?$'

/** A list of texts; what it says of itself it says of each. */
const list = (pattern: string, description: string) => ({
  type: 'array',
  uniqueItems: true,
  items: { type: 'string', pattern, description },
  description,
})
const count = (minimum: number, maximum: number, description: string) =>
  ({ type: 'integer', minimum, maximum, description }) as const

const destination = {
  type: 'object',
  additionalProperties: false,
  required: ['schedule', 'requires', 'settings'],
  description: 'a destination of the tenant',
  properties: {
    schedule: {
      type: 'string',
      pattern: SCHEDULE,
      description: 'how often it delivers: rate(15 minutes) or cron(0 3 * * ? *)',
    },
    account: {
      type: 'string',
      pattern: TENANT,
      description: 'the tenant whose vendor account and credentials it uses',
    },
    requires: {
      type: 'array',
      items: { enum: ['analytics', 'marketing', 'userData'] },
      uniqueItems: true,
      description: 'the consents without which an event is skipped: [marketing], or [] for none',
    },
    urgent: list(EVENT_NAME, 'events that do not wait for the schedule: [generate_lead, purchase]'),
    onUnknown: {
      enum: ['resend', 'hold'],
      description: 'what to do with an event that was sent but never answered: resend or hold',
    },
    shards: count(1, 64, 'parts that are delivered side by side, 4 unless there is much traffic'),
    keepDays: count(1, 30, 'days after which a destination that stays off has its events moved to the dead letters'),
    breaker: {
      type: 'object',
      additionalProperties: false,
      properties: {
        failures: count(1, 1000, 'consecutive failures after which sending stops'),
        resetSeconds: count(1, 3600, 'seconds until one record probes whether the vendor is back'),
      },
      description: 'when to stop sending: {failures: 10, resetSeconds: 60}',
    },
    settings: { type: 'object', description: 'settings of the connector, see its README' },
  },
} as const

const tenant = {
  type: 'object',
  additionalProperties: false,
  required: ['origins', 'destinations'],
  description: 'a tenant',
  properties: {
    origins: list(
      '^(https://[a-z0-9.-]+(:\\d+)?|http://(localhost|127\\.0\\.0\\.1)(:\\d+)?)$',
      'sites as browsers name them, without a slash at the end: https://www.loja-abc.example',
    ),
    tids: list(
      '^[A-Za-z0-9._:-]{1,64}$',
      'values of `tid` (or their leading part) that older tags of this tenant send',
    ),
    serverKeyHashes: list(
      '^[0-9a-f]{64}$',
      'SHA-256 (64 hex digits) of the keys that server-side sources send in x-connect-key',
    ),
    requestsPer5Minutes: count(100, 2_000_000_000, 'requests in 5 minutes above which the edge answers 429'),
    destinations: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: '^[a-z]+$' },
      additionalProperties: destination,
      description: 'where its events go, by connector',
    },
  },
} as const

const secret = (description: string) => ({ type: 'string', minLength: 20, secret: true, description })

export const CONFIG = {
  type: 'object',
  additionalProperties: false,
  required: [
    'tenants',
    'alertEmails',
    'originSecret',
    'suppressionSalt',
    'receiveMemory',
    'processMemory',
    'refreshMemory',
    'receiveConcurrency',
    'receiveProvisioned',
    'accountConcurrency',
    'logDays',
    'logLevel',
    'requestsPerAddress',
    'requestsPerTenant',
    'protect',
    'pointInTimeRecovery',
    'tenantBackupDays',
  ],
  properties: {
    tenants: {
      type: 'object',
      minProperties: 1,
      propertyNames: { pattern: TENANT },
      additionalProperties: tenant,
      description: 'the customers of this installation, by id: lower case, digits and hyphens, at most 30 characters',
    },
    alertEmails: list('^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$', 'who gets the mails: [oncall@example.com], or [] for nobody'),
    originSecret: secret('the secret that the edge adds to each request, at least 20 characters'),
    originSecretPrevious: secret('the secret before it, accepted while the edge is being updated'),
    suppressionSalt: secret('the secret behind the hashes of opted-out people, at least 20 characters, never changed'),
    receiveMemory: count(128, 10240, 'MB of the function that accepts events'),
    processMemory: count(128, 10240, 'MB of the functions that deliver'),
    refreshMemory: count(128, 10240, 'MB of the functions that renew tokens'),
    receiveConcurrency: count(0, 10000, 'copies of the accepting function at one time, 0 to reserve none'),
    receiveProvisioned: count(0, 1000, 'copies of the accepting function that are kept started, of those reserved'),
    accountConcurrency: count(1, 1_000_000, "the AWS account's limit of concurrent Lambda executions in this region"),
    logDays: {
      enum: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365],
      description: 'days that logs are kept, one that CloudWatch Logs knows',
    },
    logLevel: { enum: ['debug', 'info', 'warn', 'error'], description: 'the least level that is logged' },
    requestsPerAddress: count(100, 2_000_000_000, 'requests of one IP address in 5 minutes above which it is refused'),
    requestsPerTenant: count(100, 2_000_000_000, 'requests for one tenant in 5 minutes above which it is refused'),
    protect: { type: 'boolean', description: 'true keeps tables and secrets from being deleted' },
    pointInTimeRecovery: { type: 'boolean', description: 'true keeps 35 days of recovery points of the tables' },
    tenantBackupDays: count(0, 3650, 'days that daily backups of the tenants table are kept, 0 for no backups'),
    domain: {
      type: 'object',
      additionalProperties: false,
      required: ['names', 'certificateArn'],
      properties: {
        names: {
          minItems: 1,
          ...list('^[a-z0-9-]+(\\.[a-z0-9-]+)+$', 'host names of the endpoint: [eventos.loja-abc.example]'),
        },
        certificateArn: {
          type: 'string',
          pattern: '^arn:aws:acm:us-east-1:\\d{12}:certificate/[0-9a-f-]+$',
          description: 'an issued certificate in us-east-1, the only region that CloudFront takes them from',
        },
      },
      description: 'the host names of the endpoint and their certificate: {names: [...], certificateArn: ...}',
    },
    countries: {
      type: 'object',
      additionalProperties: false,
      required: ['codes', 'are'],
      properties: {
        codes: { minItems: 1, ...list('^[A-Z]{2}$', 'ISO 3166 codes: [BR, PT]') },
        are: { enum: ['allowed', 'blocked'], description: 'allowed (and no other) or blocked' },
      },
      description: 'where requests may come from: {codes: [BR, PT], are: allowed}',
    },
  },
} as const

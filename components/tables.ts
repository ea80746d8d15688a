import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'

/** How a stack guards what it stores. */
export type Keeping = {
  /** Nothing of it can be deleted, by Pulumi or by hand, until this is false. */
  protect: boolean
  pointInTimeRecovery: boolean
}

const KEYS = {
  billingMode: 'PAY_PER_REQUEST',
  hashKey: 'pk',
  rangeKey: 'sk',
  attributes: [
    { name: 'pk', type: 'S' },
    { name: 'sk', type: 'S' },
  ],
  serverSideEncryption: { enabled: true },
} satisfies aws.dynamodb.TableArgs

/** A table with the keys of core/keys.ts. Items with `ttl` (epoch seconds) expire where `expiring` says so. */
function createTable(
  name: string,
  args: { physicalName: string; keeping: Keeping; recovery: boolean; expiring: boolean; stream?: boolean },
  opts: pulumi.CustomResourceOptions,
): aws.dynamodb.Table {
  return new aws.dynamodb.Table(
    name,
    {
      ...KEYS,
      name: args.physicalName,
      deletionProtectionEnabled: args.keeping.protect,
      ...(args.expiring && { ttl: { attributeName: 'ttl', enabled: true } }),
      ...(args.stream && { streamEnabled: true, streamViewType: 'NEW_AND_OLD_IMAGES' }),
      ...(args.recovery &&
        args.keeping.pointInTimeRecovery && { pointInTimeRecovery: { enabled: true, recoveryPeriodInDays: 35 } }),
    },
    { ...opts, protect: args.keeping.protect },
  )
}

/** The buffer of one connector: envelopes, with a stream that tells of what arrives and of what expires. */
export class BufferTable extends pulumi.ComponentResource {
  readonly table: aws.dynamodb.Table

  constructor(name: string, args: { physicalName: string; keeping: Keeping }, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:BufferTable', name, {}, opts)
    // Its events live for days: a recovery would bring back what has been delivered since.
    this.table = createTable(name, { ...args, recovery: false, expiring: true, stream: true }, { parent: this })
    this.registerOutputs({ table: this.table.name })
  }
}

/** The tables that all connectors share, told apart by how their keys begin. */
export class Tables extends pulumi.ComponentResource {
  readonly tokens: aws.dynamodb.Table
  readonly letters: aws.dynamodb.Table
  readonly state: aws.dynamodb.Table
  readonly tenants: aws.dynamodb.Table
  readonly suppressions: aws.dynamodb.Table
  readonly inbox: aws.dynamodb.Table

  constructor(
    name: string,
    args: { prefix: string; keeping: Keeping; tenantBackupDays: number },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('connect:aws:Tables', name, {}, opts)
    const table = (kind: string, recovery: boolean, expiring: boolean, stream = false) =>
      createTable(
        kind,
        { physicalName: `${args.prefix}-${kind}`, keeping: args.keeping, recovery, expiring, stream },
        { parent: this },
      )
    this.tokens = table('tokens', true, false)
    this.letters = table('dead-letters', true, true)
    this.state = table('state', false, true)
    this.tenants = table('tenants', true, false)
    this.suppressions = table('suppressions', true, true)
    this.inbox = table('inbox', true, true, true)
    if (args.tenantBackupDays) this.keepBackups(args.prefix, args.tenantBackupDays)
    this.registerOutputs({})
  }

  /** Daily, and for longer than the 35 days of point-in-time recovery. */
  private keepBackups(prefix: string, days: number): void {
    const vault = new aws.backup.Vault('backups', { name: prefix }, { parent: this })
    const plan = new aws.backup.Plan(
      'backups-daily',
      {
        name: prefix,
        rules: [
          {
            ruleName: 'daily',
            targetVaultName: vault.name,
            schedule: 'cron(0 4 * * ? *)',
            lifecycle: { deleteAfter: days },
          },
        ],
      },
      { parent: this },
    )
    const role = new aws.iam.Role(
      'backups-role',
      {
        name: `${prefix}-backup`,
        assumeRolePolicy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        }),
      },
      { parent: this },
    )
    const policy = new aws.iam.RolePolicyAttachment(
      'backups-policy',
      { role: role.name, policyArn: 'arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup' },
      { parent: this },
    )
    new aws.backup.Selection(
      'backups-tenants',
      { name: 'tenants', planId: plan.id, iamRoleArn: role.arn, resources: [this.tenants.arn] },
      { parent: this, dependsOn: [policy] },
    )
  }
}

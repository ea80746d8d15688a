import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { Bundle } from './bundle.ts'
import { allow, type Grant, policyOf } from './policy.ts'

/** What all functions of a stack have in common. */
export type Place = {
  /** `connect-<stack>`: every physical name begins with it. */
  prefix: string
  stack: string
  region: pulumi.Input<string>
  account: pulumi.Input<string>
  logDays: number
  logLevel: string
}

export type HandlerArgs = {
  place: Place
  /** After the prefix: `rdstation-process`. Function, role and log group carry it, so that a mail can name them. */
  function: string
  bundle: Bundle
  /** MB. */
  memory: number
  timeoutSeconds: number
  /** Names of `Env` in functions/world.ts. */
  environment: Readonly<Record<string, pulumi.Input<string>>>
  grants: readonly Grant[]
  /** Copies that AWS keeps for it, and never more than these. */
  reserved?: number | undefined
  /** Copies that are kept started, so that nobody waits for them: they cost money while they do nothing. */
  warm?: number | undefined
  /** For functions that are invoked asynchronously. */
  asynchronous?: { retries: number; maxAgeSeconds: number; failures: aws.sqs.Queue } | undefined
}

/** ARN of a function's alias `live`, known before the function exists: functions that start one another need that. */
export const liveArn = ({ region, account, prefix }: Place, name: string): pulumi.Output<string> =>
  pulumi.interpolate`arn:aws:lambda:${region}:${account}:function:${prefix}-${name}:${LIVE}`
const LIVE = 'live'

/** A Lambda function with its role, log group and alias. Everything that calls it calls the alias. */
export class Handler extends pulumi.ComponentResource {
  readonly function: aws.lambda.Function
  readonly alias: aws.lambda.Alias
  readonly logGroup: aws.cloudwatch.LogGroup
  readonly functionName: string

  constructor(name: string, args: HandlerArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Handler', name, {}, opts)
    const { place } = args
    this.functionName = `${place.prefix}-${args.function}`
    this.logGroup = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { name: `/aws/lambda/${this.functionName}`, retentionInDays: place.logDays },
      { parent: this },
    )
    const { role, policy } = this.createRole(name, args)
    this.function = new aws.lambda.Function(
      name,
      {
        name: this.functionName,
        role: role.arn,
        runtime: 'nodejs24.x',
        architectures: ['arm64'],
        handler: 'index.handler',
        code: new pulumi.asset.AssetArchive({ 'index.mjs': new pulumi.asset.StringAsset(args.bundle.source) }),
        memorySize: args.memory,
        timeout: args.timeoutSeconds,
        environment: {
          variables: { CONNECT_STACK: place.stack, LOG_LEVEL: place.logLevel, ...args.environment },
        },
        loggingConfig: { logFormat: 'JSON', systemLogLevel: 'WARN', logGroup: this.logGroup.name },
        publish: true,
        ...(args.reserved && { reservedConcurrentExecutions: args.reserved }),
      },
      { parent: this, dependsOn: [policy] },
    )
    this.alias = new aws.lambda.Alias(
      `${name}-live`,
      {
        name: LIVE,
        functionName: this.function.name,
        functionVersion: this.function.version,
        description: 'What is called: move it to an older version to roll back.',
      },
      { parent: this },
    )
    if (args.warm) this.keepWarm(name, args.warm)
    if (args.asynchronous) this.boundAsynchronous(name, args.asynchronous)
    this.registerOutputs({ functionName: this.functionName })
  }

  private createRole(name: string, { place, grants, asynchronous }: HandlerArgs) {
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: this.functionName,
        assumeRolePolicy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        }),
      },
      { parent: this },
    )
    const own = [
      allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [pulumi.interpolate`${this.logGroup.arn}:*`]),
      ...(asynchronous ? [allow(['sqs:SendMessage'], [asynchronous.failures.arn])] : []),
    ]
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      { name: place.prefix, role: role.name, policy: policyOf([...grants, ...own]) },
      { parent: this },
    )
    return { role, policy }
  }

  private keepWarm(name: string, copies: number): void {
    new aws.lambda.ProvisionedConcurrencyConfig(
      `${name}-warm`,
      { functionName: this.function.name, qualifier: this.alias.name, provisionedConcurrentExecutions: copies },
      { parent: this },
    )
  }

  private boundAsynchronous(name: string, asynchronous: NonNullable<HandlerArgs['asynchronous']>): void {
    new aws.lambda.FunctionEventInvokeConfig(
      `${name}-async`,
      {
        functionName: this.function.name,
        qualifier: this.alias.name,
        maximumRetryAttempts: asynchronous.retries,
        maximumEventAgeInSeconds: asynchronous.maxAgeSeconds,
        destinationConfig: { onFailure: { destination: asynchronous.failures.arn } },
      },
      { parent: this },
    )
  }
}

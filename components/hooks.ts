import type * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { Bundles } from './bundle.ts'
import type { Installation } from './config.ts'
import { Handler, type Place } from './handler.ts'
import type { Pipeline } from './pipeline.ts'
import { readingOf, readStream } from './pipeline-streams.ts'
import { allow } from './policy.ts'
import type { Failures } from './queues.ts'
import type { Tables } from './tables.ts'

export type HooksArgs = {
  place: Place
  installation: Installation
  bundles: Pick<Bundles, 'hooks' | 'inbox'>
  tables: Tables
  pipelines: readonly Pipeline[]
  failures: Failures
  /** Of the secrets with which the edge proves itself. */
  originSecretHashes: pulumi.Input<string>
}

/** Where vendors call us: `hooks` keeps what they say, `inbox` works it off. Neither can read what `process` signs with. */
export class Hooks extends pulumi.ComponentResource {
  readonly hooks: Handler
  readonly inbox: Handler
  readonly stream: aws.lambda.EventSourceMapping

  constructor(name: string, args: HooksArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Hooks', name, {}, opts)
    const { place, installation, bundles, tables, failures } = args
    const names = installation.pipelines.flatMap(({ connector }) => (connector.webhook ? [connector.name] : []))
    const own = names.map(connector => `${connector}#*`)
    const environment = { TENANTS_TABLE: tables.tenants.name, INBOX_TABLE: tables.inbox.name }
    this.hooks = new Handler(
      'hooks',
      {
        place,
        function: 'hooks',
        bundle: bundles.hooks,
        memory: installation.receiveMemory,
        timeoutSeconds: 15,
        environment: { ...environment, ORIGIN_SECRET_HASHES: args.originSecretHashes },
        grants: [
          allow(['dynamodb:PutItem'], [tables.inbox.arn], own),
          allow(['dynamodb:GetItem'], [tables.tenants.arn], own),
          allow(
            ['secretsmanager:GetSecretValue'],
            args.pipelines.flatMap(({ hookSecrets }) => Array.from(hookSecrets.values(), ({ arn }) => arn)),
          ),
        ],
      },
      { parent: this },
    )
    this.inbox = new Handler(
      'inbox',
      {
        place,
        function: 'inbox',
        bundle: bundles.inbox,
        memory: 512,
        timeoutSeconds: 60,
        environment: {
          ...environment,
          STATE_TABLE: tables.state.name,
          LETTERS_TABLE: tables.letters.name,
          SUPPRESSIONS_TABLE: tables.suppressions.name,
        },
        grants: [
          allow(['dynamodb:Query'], [tables.inbox.arn], own),
          allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [tables.state.arn], own),
          allow(['dynamodb:UpdateItem'], [tables.letters.arn], own),
          allow(['dynamodb:GetItem'], [tables.tenants.arn], [...own, 'tenant#*']),
          allow(['dynamodb:PutItem', 'dynamodb:DeleteItem'], [tables.suppressions.arn]),
          ...readingOf(tables.inbox, failures),
        ],
      },
      { parent: this },
    )
    this.stream = readStream('inbox', 'calls of vendors', tables.inbox, this.inbox, failures, { parent: this })
    this.registerOutputs({})
  }
}

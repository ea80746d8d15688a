import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { Bundles, ConnectorFunction } from './bundle.ts'
import type { PipelinePlan, Sizes } from './config.ts'
import { Handler, type HandlerArgs, type Place } from './handler.ts'
import { environmentsOf } from './pipeline-environments.ts'
import { grantsOf } from './pipeline-grants.ts'
import { Schedules } from './pipeline-schedules.ts'
import { readStream } from './pipeline-streams.ts'
import type { Failures } from './queues.ts'
import { BufferTable, type Tables } from './tables.ts'

export type PipelineArgs = {
  place: Place
  plan: PipelinePlan
  sizes: Sizes
  bundles: Bundles['connectors'][string]
  tables: Tables
  failures: Failures
  scheduleGroup: pulumi.Input<string>
  /** Topic of the mails. */
  errors: aws.sns.Topic
}

/** Everything of one connector: nothing in it is shared with another, so that none can slow or read another. */
export class Pipeline extends pulumi.ComponentResource {
  readonly buffer: aws.dynamodb.Table
  readonly handlers: Readonly<Record<ConnectorFunction, Handler>>
  /** By account. */
  readonly secrets: ReadonlyMap<string, aws.secretsmanager.Secret>
  /** By account, where the vendor calls us: what it proves itself with. */
  readonly hookSecrets: ReadonlyMap<string, aws.secretsmanager.Secret>
  readonly streams: Readonly<Record<'wake' | 'expire', aws.lambda.EventSourceMapping>>

  constructor(name: string, args: PipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Pipeline', name, {}, opts)
    const { place, plan, sizes, failures } = args
    const physicalName = `${place.prefix}-${name}-buffer`
    this.buffer = new BufferTable(`${name}-buffer`, { physicalName, keeping: sizes }, { parent: this }).table
    const { title, webhook } = plan.connector
    this.secrets = this.createSecrets(
      name,
      plan,
      sizes,
      'credentials',
      `What ${title} gave %s to log in with. Set by hand.`,
    )
    this.hookSecrets = webhook
      ? this.createSecrets(
          name,
          plan,
          sizes,
          'webhook',
          `What ${title} proves itself with when it calls %s. Set by hand.`,
        )
      : new Map()
    this.handlers = this.createHandlers(name, args)
    this.streams = {
      wake: readStream(`${name}-wake`, 'urgent arrivals', this.buffer, this.handlers.wake, failures, { parent: this }),
      expire: readStream(`${name}-expire`, 'expiries', this.buffer, this.handlers.expire, failures, { parent: this }),
    }
    const { process, refresh } = this.handlers
    new Schedules(`${name}-schedules`, { ...args, process, refresh }, { parent: this })
    this.registerOutputs({})
  }

  /** Empty: an operator fills them, so that no credential passes through Pulumi. */
  private createSecrets(name: string, plan: PipelinePlan, { protect }: Sizes, kind: string, description: string) {
    return new Map(
      plan.accounts.map(({ account }) => [
        account,
        new aws.secretsmanager.Secret(
          `${name}-${account}-${kind}`,
          {
            name: `/connect/${name}/${account}/${kind}`,
            description: description.replace('%s', account),
            recoveryWindowInDays: protect ? 30 : 0, // 0: the name is free again at once
          },
          { parent: this, protect },
        ),
      ]),
    )
  }

  private createHandlers(name: string, args: PipelineArgs): Readonly<Record<ConnectorFunction, Handler>> {
    const { place, sizes, bundles, failures } = args
    const parts = { ...args, buffer: this.buffer, secrets: this.secrets }
    const grants = grantsOf(name, parts)
    const environments = environmentsOf(name, parts)
    const handler = (kind: ConnectorFunction, size: Pick<HandlerArgs, 'memory' | 'timeoutSeconds' | 'asynchronous'>) =>
      new Handler(
        `${name}-${kind}`,
        {
          ...size,
          place,
          function: `${name}-${kind}`,
          bundle: bundles[kind],
          environment: environments[kind],
          grants: grants[kind],
        },
        { parent: this },
      )
    const { invocations } = failures
    return {
      process: handler('process', {
        memory: sizes.processMemory,
        timeoutSeconds: PROCESS_SECONDS,
        // No second try: the tick finds what a failed run left, once its lease is over.
        asynchronous: { retries: 0, maxAgeSeconds: 300, failures: invocations },
      }),
      refresh: handler('refresh', {
        memory: sizes.refreshMemory,
        timeoutSeconds: 30,
        asynchronous: { retries: 2, maxAgeSeconds: 3600, failures: invocations },
      }),
      wake: handler('wake', { memory: 256, timeoutSeconds: 30 }),
      expire: handler('expire', { memory: 256, timeoutSeconds: 30 }),
      operate: handler('operate', { memory: 256, timeoutSeconds: 30 }),
    }
  }
}

const PROCESS_SECONDS = 60

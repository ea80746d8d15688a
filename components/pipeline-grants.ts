import type * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { ConnectorFunction } from './bundle.ts'
import type { PipelinePlan } from './config.ts'
import { liveArn, type Place } from './handler.ts'
import { readingOf } from './pipeline-streams.ts'
import { allow, type Grant } from './policy.ts'
import type { Failures } from './queues.ts'
import type { Tables } from './tables.ts'

type Parts = {
  place: Place
  plan: PipelinePlan
  tables: Tables
  failures: Failures
  errors: aws.sns.Topic
  buffer: aws.dynamodb.Table
  secrets: ReadonlyMap<string, aws.secretsmanager.Secret>
}

/**
 * What each function of a connector may do, and nothing that it does not do: a test compares this with what the
 * functions are seen to use. Shared tables are narrowed to the keys of the connector.
 */
export function grantsOf(name: string, parts: Parts): Readonly<Record<ConnectorFunction, readonly Grant[]>> {
  const { place, plan, tables, failures, errors, buffer } = parts
  const own = [`${name}#*`]
  const state = (...actions: string[]) => allow(actions.map(dynamo), [tables.state.arn], own)
  const letters = (...actions: string[]) => allow(actions.map(dynamo), [tables.letters.arn], own)
  // Destinations are the connector's own; a tenant's row holds the salt of its opt-outs.
  const tenants = (...actions: string[]) => allow(actions.map(dynamo), [tables.tenants.arn], [...own, 'tenant#*'])
  const mail = allow(['sns:Publish'], [errors.arn])
  const start = (...functions: ConnectorFunction[]) =>
    allow(
      ['lambda:InvokeFunction'],
      functions.map(kind => liveArn(place, `${name}-${kind}`)),
    )
  const stream = readingOf(buffer, failures)
  // A person whom the vendor refuses for good because he wants no more.
  const remembersOptOuts = plan.connector.rules.some(rule => rule.optOut)
  return {
    process: [
      allow(['Query', 'GetItem', 'UpdateItem', 'BatchWriteItem'].map(dynamo), [buffer.arn]),
      state('GetItem', 'PutItem', 'UpdateItem', 'Query', 'BatchGetItem', 'BatchWriteItem', 'DeleteItem'),
      letters('UpdateItem'),
      tenants('GetItem'),
      allow(['dynamodb:GetItem'], [tables.tokens.arn], [`${name}#*#access`]),
      allow(['dynamodb:BatchGetItem'], [tables.suppressions.arn]),
      ...(remembersOptOuts ? [allow(['dynamodb:PutItem'], [tables.suppressions.arn])] : []),
      allow(['secretsmanager:GetSecretValue'], secretsOf('static', parts)),
      start('process', 'refresh'),
      mail,
    ],
    refresh: [
      allow(['secretsmanager:GetSecretValue'], secretsOf('token', parts)),
      allow(['GetItem', 'PutItem'].map(dynamo), [tables.tokens.arn], own),
      state('GetItem', 'PutItem', 'UpdateItem'),
      allow(['dynamodb:GetItem'], [tables.tenants.arn], own),
      mail,
    ],
    wake: [start('process'), ...stream],
    expire: [letters('UpdateItem'), state('GetItem', 'PutItem'), ...stream],
    operate: [
      allow(['PutItem', 'Query'].map(dynamo), [buffer.arn]),
      letters('Query', 'GetItem', 'UpdateItem', 'DeleteItem'),
      state('GetItem', 'PutItem', 'Query', 'DeleteItem'),
      tenants('GetItem'),
      allow(['dynamodb:PutItem'], [tables.suppressions.arn]),
      start('process'),
    ],
  }
}

const dynamo = (action: string) => `dynamodb:${action}`

function secretsOf(auth: 'static' | 'token', { plan, secrets }: Parts): pulumi.Input<string>[] {
  const accounts = plan.accounts.filter(account => account.auth === auth)
  return accounts.map(({ account }) => secrets.get(account)!.arn)
}

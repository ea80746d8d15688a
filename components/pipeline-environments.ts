import type * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { ConnectorFunction } from './bundle.ts'
import type { PipelinePlan } from './config.ts'
import { liveArn, type Place } from './handler.ts'
import type { Tables } from './tables.ts'

type Parts = {
  place: Place
  plan: PipelinePlan
  tables: Tables
  errors: aws.sns.Topic
  buffer: aws.dynamodb.Table
}
type Environment = Readonly<Record<string, pulumi.Input<string>>>

/** The environment of each function of a connector: `Env` in functions/world.ts says what each variable means. */
export function environmentsOf(
  name: string,
  { place, plan, tables, errors, buffer }: Parts,
): Readonly<Record<ConnectorFunction, Environment>> {
  const own = { CONNECTOR: name }
  const state = { ...own, STATE_TABLE: tables.state.name }
  const destinations = { ...state, TENANTS_TABLE: tables.tenants.name }
  const tokens = { TOKENS_TABLE: tables.tokens.name }
  const mail = { ERRORS_TOPIC: errors.arn }
  const letters = { LETTERS_TABLE: tables.letters.name }
  const process = { PROCESS_FUNCTION: liveArn(place, `${name}-process`) }
  const delivery = {
    ...destinations,
    ...letters,
    ...process,
    BUFFER_TABLE: buffer.name,
    SUPPRESSIONS_TABLE: tables.suppressions.name,
  }
  return {
    process: {
      ...delivery,
      ...tokens,
      ...mail,
      REFRESH_FUNCTION: liveArn(place, `${name}-refresh`),
      TENANTS: plan.destinations.map(({ tenant }) => tenant).join(','),
    },
    refresh: { ...destinations, ...tokens, ...mail },
    wake: { ...own, ...process },
    expire: { ...state, ...letters },
    operate: delivery,
  }
}

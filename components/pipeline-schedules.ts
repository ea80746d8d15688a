import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { PipelinePlan } from './config.ts'
import type { Handler, Place } from './handler.ts'
import { allow, policyOf, trust } from './policy.ts'
import type { Failures } from './queues.ts'

type Args = {
  place: Place
  plan: PipelinePlan
  failures: Failures
  scheduleGroup: pulumi.Input<string>
  process: Handler
  refresh: Handler
}
type Call = { expression: string; target: Handler; input: object; flexibleMinutes: number; retries: number }

/** The scheduler's role, and the policy without which it may do nothing. */
type Allowed = { role: aws.iam.Role; policy: aws.iam.RolePolicy }

/** Shards that one scheduled run delivers; a destination with more of them has more schedules. */
const SHARDS_PER_RUN = 4

/** The clockwork of one connector: a schedule per destination, the tick that catches what they miss, the refreshes. */
export class Schedules extends pulumi.ComponentResource {
  constructor(name: string, args: Args, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Schedules', name, {}, opts)
    const { plan, process, refresh } = args
    const allowed = this.createRole(name, args)
    const schedule = (own: string, call: Call) => this.createSchedule(own, call, args, allowed)
    const connector = plan.connector.name
    schedule(`${connector}-tick`, {
      expression: 'rate(1 minute)',
      target: process,
      input: { do: 'tick' },
      flexibleMinutes: 0,
      retries: 0, // the next one is a minute away
    })
    for (const { tenant, schedule: expression, shards } of plan.destinations) {
      const groups = groupsOf(shards)
      for (const [i, group] of groups.entries())
        schedule(`${connector}-${tenant}-${i}`, {
          expression,
          target: process,
          input: { do: 'run', tenant, why: 'schedule', ...(groups.length > 1 && { shards: group }) },
          flexibleMinutes: flexibility(expression),
          retries: 2,
        })
    }
    for (const { account, refreshEvery } of plan.accounts)
      if (refreshEvery)
        schedule(`${connector}-${account}-refresh`, {
          expression: refreshEvery,
          target: refresh,
          input: { account, why: 'schedule' },
          flexibleMinutes: flexibility(refreshEvery),
          retries: 2,
        })
    this.registerOutputs({})
  }

  private createSchedule(name: string, call: Call, { place, failures, scheduleGroup }: Args, allowed: Allowed): void {
    new aws.scheduler.Schedule(
      `${name}-schedule`,
      {
        name: `${place.prefix}-${name}`,
        groupName: scheduleGroup,
        scheduleExpression: call.expression,
        flexibleTimeWindow: call.flexibleMinutes
          ? { mode: 'FLEXIBLE', maximumWindowInMinutes: call.flexibleMinutes }
          : { mode: 'OFF' },
        target: {
          arn: call.target.alias.arn,
          roleArn: allowed.role.arn,
          input: JSON.stringify(call.input),
          retryPolicy: { maximumRetryAttempts: call.retries, maximumEventAgeInSeconds: 120 },
          deadLetterConfig: { arn: failures.schedules.arn },
        },
      },
      { parent: this, dependsOn: [allowed.policy] },
    )
  }

  private createRole(name: string, { place, plan, failures, process, refresh }: Args): Allowed {
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        name: `${place.prefix}-${plan.connector.name}-scheduler`,
        assumeRolePolicy: trust('scheduler.amazonaws.com', place.account),
      },
      { parent: this },
    )
    const refreshes = plan.accounts.some(({ auth }) => auth === 'token')
    const called = refreshes ? [process, refresh] : [process]
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        name: place.prefix,
        role: role.name,
        policy: policyOf([
          allow(
            ['lambda:InvokeFunction'],
            called.map(({ alias }) => alias.arn),
          ),
          allow(['sqs:SendMessage'], [failures.schedules.arn]),
        ]),
      },
      { parent: this },
    )
    return { role, policy }
  }
}

const groupsOf = (shards: number): readonly (readonly number[])[] =>
  Array.from({ length: Math.ceil(shards / SHARDS_PER_RUN) }, (_, group) =>
    Array.from(
      { length: Math.min(SHARDS_PER_RUN, shards - group * SHARDS_PER_RUN) },
      (_, i) => group * SHARDS_PER_RUN + i,
    ),
  )

/** Minutes by which a run may start late, so that destinations do not all run at once: a fifth of its rhythm, at most 15. */
function flexibility(expression: string): number {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression)
  if (!rate) return 0 // a cron expression names its time
  const minutes = Number(rate[1]) * { minute: 1, hour: 60, day: 1440 }[rate[2] as 'minute' | 'hour' | 'day']
  return Math.min(15, Math.floor(minutes / 5))
}

import type * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { METRIC_NAMESPACE } from '../core/log.ts'
import { destinationName } from '../core/tenant.ts'
import { createAlarm, type Metric, type Watch } from './alarm.ts'
import type { Alerts } from './alerts.ts'
import type { Installation } from './config.ts'
import type { Handler } from './handler.ts'
import type { Hooks } from './hooks.ts'
import type { Pipeline } from './pipeline.ts'
import type { Failures } from './queues.ts'

export type AlarmsArgs = {
  prefix: string
  installation: Installation
  alerts: Alerts
  receive: Handler
  hooks: Hooks | undefined
  pipelines: readonly Pipeline[]
  /** By what a person calls them. */
  tables: Readonly<Record<string, aws.dynamodb.Table>>
  failures: Failures
  /** The web ACL's name in metrics. */
  firewall: string
  distribution: aws.cloudfront.Distribution
}

/** What the code cannot say about itself, and what it counts. Each alarm's text says what to look at. */
export class Alarms extends pulumi.ComponentResource {
  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Alarms', name, {}, opts)
    const watches = {
      ...functionWatches(args),
      ...ingestionWatches(args),
      ...tableWatches(args),
      ...failureWatches(args),
      ...destinationWatches(args),
      ...edgeWatches(args),
    }
    for (const [key, watch] of Object.entries(watches)) createAlarm(args, key, watch, { parent: this })
    this.registerOutputs({})
  }
}

type Watches = Readonly<Record<string, Watch>>
const each = <T>(items: readonly T[], watches: (item: T) => Watches): Watches =>
  Object.assign({}, ...items.map(watches))

function functionWatches({ prefix, receive, hooks, pipelines }: AlarmsArgs): Watches {
  const shared = hooks ? [receive, hooks.hooks, hooks.inbox] : [receive]
  const handlers = [...shared, ...pipelines.flatMap(pipeline => Object.values(pipeline.handlers))]
  return each(handlers, ({ functionName }) => {
    const short = functionName.slice(prefix.length + 1)
    const own = (name: string) => lambda(functionName, name)
    return {
      [`${short}-errors`]: {
        description: `More than 5 % of the calls of ${functionName} failed in 5 minutes. Its log: /aws/lambda/${functionName}.`,
        metrics: { errors: own('Errors'), calls: own('Invocations') },
        expression: '100 * errors / MAX([errors, calls])',
        above: 5,
      },
      [`${short}-throttles`]: {
        description: `Lambda refused calls of ${functionName}: raise its reservation or the account's concurrency.`,
        metrics: { throttles: own('Throttles') },
        above: 0,
      },
    }
  })
}

function ingestionWatches({ installation, receive: { functionName } }: AlarmsArgs): Watches {
  const directHits = { namespace: METRIC_NAMESPACE, name: 'directHits', dimensions: { Stack: installation.stack } }
  return {
    'receive-slow': {
      description: `One call in twenty of ${functionName} takes more than 3 s. Look for table throttles first.`,
      metrics: { duration: { ...lambda(functionName, 'Duration'), stat: 'p95' } },
      above: 3000,
    },
    'direct-hits': {
      description:
        'Somebody calls the function URL past the edge. They are refused; if it goes on, rotate connect:originSecret and let the URL be made anew.',
      metrics: { directHits },
      above: 100,
    },
  }
}

const tableWatches = ({ tables }: AlarmsArgs): Watches =>
  each(Object.entries(tables), ([name, table]) => {
    const own = (metric: string): Metric => ({
      namespace: 'AWS/DynamoDB',
      name: metric,
      dimensions: { TableName: table.name },
    })
    return {
      [`${name}-table-throttles`]: {
        description: pulumi.interpolate`DynamoDB refuses reads or writes of ${table.name}: look for the tenant whose traffic has grown and give its destination more shards.`,
        metrics: { reads: own('ReadThrottleEvents'), writes: own('WriteThrottleEvents') },
        expression: 'FILL(reads, 0) + FILL(writes, 0)',
        above: 0,
        periods: 2,
      },
    }
  })

function failureWatches({ prefix, failures, hooks, pipelines, installation }: AlarmsArgs): Watches {
  const waiting = (queue: aws.sqs.Queue): Metric => ({
    namespace: 'AWS/SQS',
    name: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: queue.name },
    stat: 'Maximum',
  })
  const lost = (mapping: aws.lambda.EventSourceMapping): Metric => ({
    namespace: 'AWS/Lambda',
    name: 'OnFailureDestinationDeliveredEventCount',
    dimensions: { EventSourceMappingUUID: mapping.uuid },
  })
  const lostRecords = (name: string, mapping: aws.lambda.EventSourceMapping): Watches => {
    const description = `${prefix}-${name} failed on stream records for good: they are in the bucket ${prefix}-failed-streams-*.`
    return { [`${name}-lost-records`]: { description, metrics: { lost: lost(mapping) }, above: 0 } }
  }
  return {
    'failed-invocations': {
      description: `Calls of a function failed for good; each message in ${prefix}-failed-invocations says which and why.`,
      metrics: { waiting: waiting(failures.invocations) },
      above: 0,
    },
    'missed-schedules': {
      description: `Scheduled calls were not placed; each message in ${prefix}-missed-schedules says which and why.`,
      metrics: { waiting: waiting(failures.schedules) },
      above: 0,
    },
    ...each([...pipelines.entries()], ([i, { streams }]) =>
      each(Object.entries(streams), ([kind, mapping]) =>
        lostRecords(`${installation.pipelines[i]!.connector.name}-${kind}`, mapping),
      ),
    ),
    ...(hooks && lostRecords('inbox', hooks.stream)),
  }
}

/** Metrics that the functions write themselves: functions/delivery/tick.ts, run.ts and functions/refresh.ts. */
function destinationWatches({ installation: { stack, pipelines } }: AlarmsArgs): Watches {
  const destinations = pipelines.flatMap(pipeline => pipeline.destinations)
  return each(destinations, ({ connector, tenant, keepMs }) => {
    const name = destinationName(tenant, connector)
    const own = (metric: string, stat: string): Metric => ({
      namespace: METRIC_NAMESPACE,
      name: metric,
      dimensions: { Stack: stack, Destination: name },
      stat,
    })
    const key = `${connector}-${tenant}`
    const look = `npm run connect -- ${stack} status ${name}`
    return {
      [`${key}-backlog`]: {
        description: `More than 1,000 events have waited at ${name} for 15 minutes. ${look}`,
        metrics: { waiting: own('waiting', 'Maximum') },
        above: 1000,
        periods: 3,
      },
      [`${key}-oldest`]: {
        description: `The oldest event at ${name} has waited for half of the time after which it is given up. ${look}`,
        metrics: { oldest: own('oldestMs', 'Maximum') },
        above: keepMs / 2,
      },
      [`${key}-breaker`]: {
        description: `${name} has been failing for 15 minutes: nothing is sent but probes. ${look}`,
        metrics: { open: own('breakerOpen', 'Minimum') },
        above: 0,
        periods: 3,
      },
      [`${key}-dead`]: {
        description: `Events for ${name} became dead letters. npm run connect -- ${stack} letters ${name}`,
        metrics: { dead: own('dead', 'Sum'), unseen: own('neverProcessed', 'Sum') },
        expression: 'FILL(dead, 0) + FILL(unseen, 0)',
        above: 0,
      },
      [`${key}-refresh`]: {
        description: `${name} got no new token; the old one is used as long as it lasts. ${look}`,
        metrics: { failed: own('refreshFailed', 'Sum') },
        above: 0,
      },
    }
  })
}

function edgeWatches({ firewall, distribution }: AlarmsArgs): Watches {
  return {
    'blocked-surge': {
      description:
        'The firewall blocked more than 1,000 requests in 5 minutes. Its log tells by which rule: an attack, or a limit set too low.',
      metrics: {
        blocked: { namespace: 'AWS/WAFV2', name: 'BlockedRequests', dimensions: { WebACL: firewall, Rule: 'ALL' } },
      },
      above: 1000,
      edge: true,
    },
    'edge-errors': {
      description:
        'More than 5 % of all requests are answered with 5xx at the edge. Browsers keep and repeat what failed.',
      metrics: {
        errors: {
          namespace: 'AWS/CloudFront',
          name: '5xxErrorRate',
          dimensions: { DistributionId: distribution.id, Region: 'Global' },
          stat: 'Average',
        },
      },
      above: 5,
      edge: true,
    },
  }
}

const lambda = (functionName: string, name: string): Metric => ({
  namespace: 'AWS/Lambda',
  name,
  dimensions: { FunctionName: functionName },
})

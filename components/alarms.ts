import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { Alerts } from './alerts.ts'
import { EDGE_REGION } from './firewall.ts'
import type { Handler } from './handler.ts'
import type { Pipeline } from './pipeline.ts'
import type { Failures } from './queues.ts'

export type AlarmsArgs = {
  prefix: string
  alerts: Alerts
  receive: Handler
  pipelines: readonly Pipeline[]
  tables: readonly aws.dynamodb.Table[]
  failures: Failures
  /** The web ACL's name in metrics. */
  firewall: string
  distribution: aws.cloudfront.Distribution
}

type Metric = { namespace: string; name: string; dimensions: Record<string, pulumi.Input<string>>; stat?: string }
type Watch = {
  description: string
  metrics: Record<string, Metric>
  /** Of the metrics' names; without it the one metric itself. */
  expression?: string
  above: number
  /** Of 5 minutes each. */
  periods?: number
  edge?: boolean
}

/** What the code cannot say about itself. Each alarm's text says what to look at. */
export class Alarms extends pulumi.ComponentResource {
  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Alarms', name, {}, opts)
    this.watchFunctions(args)
    this.watchReceive(args)
    this.watchTables(args)
    this.watchFailures(args)
    this.watchEdge(args)
    this.registerOutputs({})
  }

  private watchFunctions(args: AlarmsArgs): void {
    const handlers = [args.receive, ...args.pipelines.flatMap(({ handlers }) => Object.values(handlers))]
    for (const { functionName } of handlers) {
      const own = (name: string) => lambda(functionName, name)
      const short = functionName.slice(args.prefix.length + 1)
      this.alarm(args, `${short}-errors`, {
        description: `More than 5 % of the calls of ${functionName} failed in 5 minutes. Its log: /aws/lambda/${functionName}.`,
        metrics: { errors: own('Errors'), calls: own('Invocations') },
        expression: '100 * errors / MAX([errors, calls])',
        above: 5,
      })
      this.alarm(args, `${short}-throttles`, {
        description: `Lambda refused calls of ${functionName}: raise its reservation or the account's concurrency.`,
        metrics: { throttles: own('Throttles') },
        above: 0,
      })
    }
  }

  private watchReceive(args: AlarmsArgs): void {
    const { functionName } = args.receive
    this.alarm(args, 'receive-slow', {
      description: `One call in twenty of ${functionName} takes more than 3 s. Look for table throttles first.`,
      metrics: { duration: { ...lambda(functionName, 'Duration'), stat: 'p95' } },
      above: 3000,
    })
  }

  private watchTables(args: AlarmsArgs): void {
    for (const [i, table] of args.tables.entries()) {
      const own = (name: string): Metric => ({ namespace: 'AWS/DynamoDB', name, dimensions: { TableName: table.name } })
      this.alarm(args, `table-${i}-throttles`, {
        description: 'DynamoDB refuses reads or writes of a table: see its "throttled events" for the hot key.',
        metrics: { reads: own('ReadThrottleEvents'), writes: own('WriteThrottleEvents') },
        expression: 'FILL(reads, 0) + FILL(writes, 0)',
        above: 0,
        periods: 2,
      })
    }
  }

  private watchFailures(args: AlarmsArgs): void {
    const { invocations, schedules } = args.failures
    const waiting = (queue: aws.sqs.Queue): Metric => ({
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: queue.name },
      stat: 'Maximum',
    })
    this.alarm(args, 'failed-invocations', {
      description: `Calls of a function failed for good; each message in ${args.prefix}-failed-invocations says which and why.`,
      metrics: { waiting: waiting(invocations) },
      above: 0,
    })
    this.alarm(args, 'missed-schedules', {
      description: `Scheduled calls were not placed; each message in ${args.prefix}-missed-schedules says which and why.`,
      metrics: { waiting: waiting(schedules) },
      above: 0,
    })
    for (const { streams } of args.pipelines)
      for (const [kind, mapping] of Object.entries(streams))
        this.alarm(args, `${kind}-lost-records`, {
          description: `Stream records went unprocessed to the bucket ${args.prefix}-failed-streams-*: ${kind} failed on them.`,
          metrics: {
            delivered: {
              namespace: 'AWS/Lambda',
              name: 'OnFailureDestinationDeliveredEventCount',
              dimensions: { EventSourceMappingUUID: mapping.uuid },
            },
          },
          above: 0,
        })
  }

  private watchEdge(args: AlarmsArgs): void {
    this.alarm(args, 'blocked-surge', {
      description:
        'The firewall blocks far more than usual. Its log tells by which rule: an attack, or a limit set too low.',
      metrics: {
        blocked: {
          namespace: 'AWS/WAFV2',
          name: 'BlockedRequests',
          dimensions: { WebACL: args.firewall, Rule: 'ALL' },
        },
      },
      above: 1000,
      edge: true,
    })
    this.alarm(args, 'edge-errors', {
      description:
        'More than 5 % of all requests are answered with 5xx at the edge. Browsers keep and repeat what failed.',
      metrics: {
        errors: {
          namespace: 'AWS/CloudFront',
          name: '5xxErrorRate',
          dimensions: { DistributionId: args.distribution.id, Region: 'Global' },
          stat: 'Average',
        },
      },
      above: 5,
      edge: true,
    })
  }

  private alarm({ prefix, alerts }: AlarmsArgs, name: string, watch: Watch): void {
    const topic = watch.edge ? alerts.edgeAlarms : alerts.alarms
    new aws.cloudwatch.MetricAlarm(
      `alarm-${name}`,
      {
        name: `${prefix}-${name}`,
        ...(watch.edge && { region: EDGE_REGION }),
        alarmDescription: watch.description,
        comparisonOperator: 'GreaterThanThreshold',
        threshold: watch.above,
        evaluationPeriods: watch.periods ?? 1,
        treatMissingData: 'notBreaching',
        metricQueries: queriesOf(watch),
        alarmActions: [topic.arn],
        okActions: [topic.arn],
      },
      { parent: this },
    )
  }
}

const lambda = (functionName: string, name: string): Metric => ({
  namespace: 'AWS/Lambda',
  name,
  dimensions: { FunctionName: functionName },
})

const PERIOD_SECONDS = 300

function queriesOf({ metrics, expression }: Watch): aws.types.input.cloudwatch.MetricAlarmMetricQuery[] {
  const read = Object.entries(metrics).map(([id, { namespace, name, dimensions, stat = 'Sum' }]) => ({
    id,
    metric: { namespace, metricName: name, dimensions, stat, period: PERIOD_SECONDS },
    returnData: !expression,
  }))
  return expression ? [...read, { id: 'watched', expression, label: 'watched', returnData: true }] : read
}

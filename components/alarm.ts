import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { Alerts } from './alerts.ts'
import { EDGE_REGION } from './firewall.ts'

export type Metric = {
  namespace: string
  name: string
  dimensions: Readonly<Record<string, pulumi.Input<string>>>
  /** Default: the sum over a period. */
  stat?: string
}

/** What an alarm watches, and what it says when it goes off: what has happened and where to look. */
export type Watch = {
  description: pulumi.Input<string>
  metrics: Readonly<Record<string, Metric>>
  /** Of the metrics' names; without it the one metric itself. */
  expression?: string
  above: number
  /** Of 5 minutes each, all of which must be above. Default: 1. */
  periods?: number
  /** Of a metric that AWS keeps in us-east-1. */
  edge?: boolean
}

export const PERIOD_SECONDS = 300

/** An alarm that mails when it goes off and when it is over. */
export function createAlarm(
  { prefix, alerts }: { prefix: string; alerts: Alerts },
  name: string,
  watch: Watch,
  opts: pulumi.CustomResourceOptions,
): void {
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
    opts,
  )
}

function queriesOf({ metrics, expression }: Watch): aws.types.input.cloudwatch.MetricAlarmMetricQuery[] {
  const read = Object.entries(metrics).map(([id, { namespace, name, dimensions, stat = 'Sum' }]) => ({
    id,
    metric: { namespace, metricName: name, dimensions: { ...dimensions }, stat, period: PERIOD_SECONDS },
    returnData: !expression,
  }))
  return expression ? [...read, { id: 'watched', expression, label: 'watched', returnData: true }] : read
}

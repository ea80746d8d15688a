import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { Handler } from './handler.ts'
import type { Failures } from './queues.ts'

/** What of a buffer's stream a function hears of; the rest is neither delivered nor billed. */
const FILTERS = {
  // Keys of urgent envelopes begin with `u#` (core/keys.ts).
  'urgent arrivals': { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'u#' }] } } } },
  // Removals by time to live, not ours: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
  expiries: {
    eventName: ['REMOVE'],
    userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] },
  },
}

/** How hard a batch is tried before it lands in the bucket. A wake-up soon loses its point; an expiry never does. */
const PATIENCE = {
  'urgent arrivals': { maximumRetryAttempts: 2, maximumRecordAgeInSeconds: 300 },
  expiries: { maximumRetryAttempts: 20, maximumRecordAgeInSeconds: 43_200 },
}

export function readStream(
  name: string,
  what: keyof typeof FILTERS,
  table: aws.dynamodb.Table,
  reader: Handler,
  failures: Failures,
  opts: pulumi.CustomResourceOptions,
): aws.lambda.EventSourceMapping {
  return new aws.lambda.EventSourceMapping(
    name,
    {
      eventSourceArn: table.streamArn,
      functionName: reader.alias.arn,
      startingPosition: 'TRIM_HORIZON',
      batchSize: 100,
      filterCriteria: { filters: [{ pattern: JSON.stringify(FILTERS[what]) }] },
      functionResponseTypes: ['ReportBatchItemFailures'],
      bisectBatchOnFunctionError: true,
      ...PATIENCE[what],
      destinationConfig: { onFailure: { destinationArn: failures.streams.arn } },
      metricsConfig: { metrics: ['EventCount'] }, // says how many records went to the bucket: an alarm watches it
    },
    opts,
  )
}

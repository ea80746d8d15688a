import * as aws from '@pulumi/aws'
import type * as pulumi from '@pulumi/pulumi'
import type { Handler } from './handler.ts'
import type { Grant } from './policy.ts'
import { allow } from './policy.ts'
import type { Failures } from './queues.ts'

/** What of a table's stream a function hears of; the rest is neither delivered nor billed. */
const FILTERS = {
  // Keys of urgent envelopes begin with `u#` (core/keys.ts).
  'urgent arrivals': { eventName: ['INSERT'], dynamodb: { Keys: { pk: { S: [{ prefix: 'u#' }] } } } },
  // Removals by time to live, not ours: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
  expiries: {
    eventName: ['REMOVE'],
    userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] },
  },
  // The first part of a call is written last, and stands for all of it.
  'calls of vendors': { eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: ['part#0'] } } } },
}

/** How hard a batch is tried before it lands in the bucket. A wake-up soon loses its point; an expiry never does. */
const PATIENCE = {
  'urgent arrivals': { maximumRetryAttempts: 2, maximumRecordAgeInSeconds: 300 },
  expiries: { maximumRetryAttempts: 20, maximumRecordAgeInSeconds: 43_200 },
  'calls of vendors': { maximumRetryAttempts: 20, maximumRecordAgeInSeconds: 43_200 },
}

/** A call may have a thousand updates; an envelope that expires has a few events. */
const BATCH = { 'urgent arrivals': 100, expiries: 100, 'calls of vendors': 10 }

/** What a function needs to read a table's stream, and to leave what it fails on. */
export const readingOf = (table: aws.dynamodb.Table, failures: Failures): readonly Grant[] => [
  allow(
    ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:ListStreams'],
    [table.streamArn],
  ),
  allow(['s3:PutObject'], [failures.streams.arn.apply(arn => `${arn}/*`)]),
  allow(['s3:ListBucket'], [failures.streams.arn]),
]

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
      batchSize: BATCH[what],
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

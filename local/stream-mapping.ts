import { randomUUID } from 'node:crypto'
import { type all, functionNameIn } from './declared.ts'
import { type Pattern, parsePattern } from './filter.ts'
import type { Outcome } from './invocation.ts'
import type { WireChange } from './services/dynamodb.ts'

/** A table's stream; `view` is which images it carries. */
export type Stream = { arn: string; view: string }
/** A change as a function reads it from a table's stream. */
export type StreamRecord = {
  eventID: string
  eventName: WireChange['kind']
  eventSourceARN: string
  dynamodb: { SequenceNumber: string; ApproximateCreationDateTime: number; [more: string]: unknown }
  [more: string]: unknown
}
/** How a function reads a stream. */
export type Mapping = {
  name: string
  function: string
  patterns: readonly Pattern[]
  batchSize: number
  retries: number
  maxAgeMs: number
  bisect: boolean
  partial: boolean
  destination: string | undefined
}
// What Lambda does with the function's role to read a stream: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
export const POLLING = [
  'dynamodb:DescribeStream',
  'dynamodb:GetRecords',
  'dynamodb:GetShardIterator',
  'dynamodb:ListStreams',
]
/** `sequence` orders the records of one stream. */
export function recordOf(change: WireChange, { arn, view }: Stream, region: string, sequence: bigint): StreamRecord {
  return {
    eventID: randomUUID().replaceAll('-', ''),
    eventName: change.kind,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    eventSourceARN: arn,
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
    ...(change.ttl && { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      Keys: change.keys,
      ...(change.new && view.includes('NEW') && { NewImage: change.new }),
      ...(change.old && view.includes('OLD') && { OldImage: change.old }),
      SequenceNumber: `${Date.now()}${String(sequence).padStart(12, '0')}`,
      SizeBytes: 1,
      StreamViewType: view,
    },
  }
}

const FOREVER = 10_000

type Declared = ReturnType<typeof all<'aws:lambda/eventSourceMapping:EventSourceMapping'>>[number]['inputs']
export function mappingOf(name: string, inputs: Declared): Mapping {
  const retries = inputs.maximumRetryAttempts ?? -1
  const age = inputs.maximumRecordAgeInSeconds ?? -1
  return {
    name,
    function: functionNameIn(String(inputs.functionName)),
    patterns: (inputs.filterCriteria?.filters ?? []).map(({ pattern }) => parsePattern(pattern ?? '{}')),
    batchSize: inputs.batchSize ?? 100,
    retries: retries < 0 ? FOREVER : retries,
    maxAgeMs: age < 0 ? Number.POSITIVE_INFINITY : age * 1000,
    bisect: inputs.bisectBatchOnFunctionError ?? false,
    partial: inputs.functionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
    destination: inputs.destinationConfig?.onFailure?.destinationArn,
  }
}

/** Where the function stopped: the first record to repeat. With partial answers, the first failure that it names. */
export function failedAt(
  { partial }: Mapping,
  batch: readonly StreamRecord[],
  outcome: Outcome | 'throttled',
): { from: number; whole: boolean; error: string } | undefined {
  if (outcome === 'throttled') return { from: 0, whole: true, error: 'Rate Exceeded.' }
  if (!outcome.ok) return { from: 0, whole: true, error: outcome.error.errorMessage }
  if (!partial) return undefined
  const answer = JSON.parse(outcome.payload) as { batchItemFailures?: { itemIdentifier: string }[] } | null
  const named = (answer?.batchItemFailures ?? []).map(({ itemIdentifier }) =>
    batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
  )
  if (!named.length) return undefined
  // A name that is not in the batch fails the whole batch: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
  const from = Math.min(...named)
  return { from: Math.max(0, from), whole: from < 0, error: 'the function reported failed records' }
}

import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { EDGE_REGION } from './firewall.ts'
import { createBucket } from './queues.ts'

/** What the access log keeps of a request: nothing that could identify a person (no address, query, referrer or cookie). */
const FIELDS = [
  'date',
  'time',
  'x-edge-location',
  'c-country',
  'asn',
  'cs-method',
  'cs-uri-stem',
  'cs-protocol',
  'cs-bytes',
  'sc-status',
  'sc-bytes',
  'time-taken',
  'x-edge-result-type',
  'x-edge-detailed-result-type',
  'x-edge-request-id',
  'ssl-protocol',
]

type Args = {
  prefix: string
  account: pulumi.Input<string>
  logDays: number
  protect: boolean
  distribution: aws.cloudfront.Distribution
}

/** The access log of the distribution, in a bucket. Delivery is configured where CloudFront lives, in us-east-1. */
export class EdgeLog extends pulumi.ComponentResource {
  constructor(
    name: string,
    { prefix, account, logDays, protect, distribution }: Args,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('connect:aws:EdgeLog', name, {}, opts)
    const parent = { parent: this }
    const bucket = createBucket('edge-log', { prefix, account, days: logDays, protect }, parent)
    const writable = new aws.s3.BucketPolicy(name, { bucket: bucket.id, policy: letLogsWrite(bucket, account) }, parent)
    const source = new aws.cloudwatch.LogDeliverySource(
      name,
      { region: EDGE_REGION, name: `${prefix}-edge`, logType: 'ACCESS_LOGS', resourceArn: distribution.arn },
      parent,
    )
    const destination = new aws.cloudwatch.LogDeliveryDestination(
      name,
      {
        region: EDGE_REGION,
        name: `${prefix}-edge`,
        outputFormat: 'json',
        deliveryDestinationConfiguration: { destinationResourceArn: bucket.arn },
      },
      { ...parent, dependsOn: [writable] },
    )
    new aws.cloudwatch.LogDelivery(
      name,
      {
        region: EDGE_REGION,
        deliverySourceName: source.name,
        deliveryDestinationArn: destination.arn,
        recordFields: FIELDS,
      },
      parent,
    )
    this.registerOutputs({})
  }
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-infrastructure-V2-S3.html
const letLogsWrite = (bucket: aws.s3.Bucket, account: pulumi.Input<string>) =>
  pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'delivery.logs.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: pulumi.interpolate`${bucket.arn}/*`,
        Condition: {
          StringEquals: { 'aws:SourceAccount': account, 's3:x-amz-acl': 'bucket-owner-full-control' },
          ArnLike: { 'aws:SourceArn': pulumi.interpolate`arn:aws:logs:${EDGE_REGION}:${account}:delivery-source:*` },
        },
      },
    ],
  })

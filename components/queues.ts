import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'

const FORTNIGHT = 14 * 86_400

/** Where lands what AWS gave up on: calls of functions, due schedules, parts of streams. All empty in a healthy stack. */
export class Failures extends pulumi.ComponentResource {
  /** Asynchronous calls that failed all their tries. */
  readonly invocations: aws.sqs.Queue
  /** Schedules whose call could not be placed. */
  readonly schedules: aws.sqs.Queue
  /** Records of table streams that a function failed on; they are events, so it is guarded like a table. */
  readonly streams: aws.s3.Bucket

  constructor(name: string, args: Omit<BucketArgs, 'days'>, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Failures', name, {}, opts)
    const queue = (kind: string) =>
      new aws.sqs.Queue(
        kind,
        { name: `${args.prefix}-${kind}`, messageRetentionSeconds: FORTNIGHT, sqsManagedSseEnabled: true },
        { parent: this },
      )
    this.invocations = queue('failed-invocations')
    this.schedules = queue('missed-schedules')
    this.streams = createBucket('failed-streams', { ...args, days: 14 }, { parent: this })
    this.registerOutputs({})
  }
}

type BucketArgs = {
  prefix: string
  account: pulumi.Input<string>
  days: number
  /** False lets `pulumi destroy` remove it with what is in it. */
  protect: boolean
}

/** A private, encrypted bucket whose objects go after `days`. The account's id is in its name: names are worldwide. */
export function createBucket(
  name: string,
  { prefix, account, days, protect }: BucketArgs,
  opts: pulumi.CustomResourceOptions,
): aws.s3.Bucket {
  const bucket = new aws.s3.Bucket(
    name,
    { bucket: pulumi.interpolate`${prefix}-${name}-${account}`, forceDestroy: !protect },
    opts,
  )
  const of = { bucket: bucket.id }
  new aws.s3.BucketServerSideEncryptionConfiguration(
    name,
    { ...of, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }] },
    opts,
  )
  new aws.s3.BucketPublicAccessBlock(
    name,
    { ...of, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    opts,
  )
  new aws.s3.BucketLifecycleConfiguration(
    name,
    { ...of, rules: [{ id: 'expire', status: 'Enabled', filter: { prefix: '' }, expiration: { days } }] },
    opts,
  )
  return bucket
}

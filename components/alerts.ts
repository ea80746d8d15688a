import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { EDGE_REGION } from './firewall.ts'

/** The topics that people are told by, and who they are. */
export class Alerts extends pulumi.ComponentResource {
  /** Mails that the functions write. They name ids and codes, so they are encrypted with the account's SNS key. */
  readonly errors: aws.sns.Topic
  /** Alarms of CloudWatch. It cannot use that key, and an alarm says nothing but the name of a metric. */
  readonly alarms: aws.sns.Topic
  /** The same for metrics of the edge: an alarm notifies only in its own region. */
  readonly edgeAlarms: aws.sns.Topic

  constructor(
    name: string,
    args: { prefix: string; emails: readonly string[] },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('connect:aws:Alerts', name, {}, opts)
    const parent = { parent: this }
    const { prefix } = args
    this.errors = new aws.sns.Topic('errors', { name: `${prefix}-errors`, kmsMasterKeyId: 'alias/aws/sns' }, parent)
    this.alarms = new aws.sns.Topic('alarms', { name: `${prefix}-alarms` }, parent)
    this.edgeAlarms = new aws.sns.Topic('edge-alarms', { name: `${prefix}-edge-alarms`, region: EDGE_REGION }, parent)
    const topics = { errors: this.errors, alarms: this.alarms, 'edge-alarms': this.edgeAlarms }
    for (const [kind, topic] of Object.entries(topics))
      for (const endpoint of args.emails)
        new aws.sns.TopicSubscription(
          `${kind}-${endpoint}`,
          {
            topic: topic.arn,
            protocol: 'email',
            endpoint,
            ...(topic === this.edgeAlarms && { region: EDGE_REGION }),
          },
          parent,
        )
    this.registerOutputs({})
  }
}

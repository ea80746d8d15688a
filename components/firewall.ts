import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { Installation } from './config.ts'
import { rulesOf } from './firewall-rules.ts'

/** CloudFront takes web ACLs from this region only, wherever the rest of the stack is. */
export const EDGE_REGION = 'us-east-1'

export type FirewallArgs = {
  prefix: string
  account: pulumi.Input<string>
  installation: Installation
}

/** The web ACL in front of the distribution, and its log of what it blocked. */
export class Firewall extends pulumi.ComponentResource {
  readonly acl: aws.wafv2.WebAcl
  readonly metricName: string

  constructor(name: string, args: FirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Firewall', name, {}, opts)
    this.metricName = args.prefix
    this.acl = new aws.wafv2.WebAcl(
      name,
      {
        region: EDGE_REGION,
        name: args.prefix,
        scope: 'CLOUDFRONT',
        defaultAction: { allow: {} },
        rules: rulesOf(args.installation),
        customResponseBodies: [
          { key: 'slow-down', contentType: 'APPLICATION_JSON', content: '{"error":"too many requests"}' },
          { key: 'too-large', contentType: 'APPLICATION_JSON', content: '{"error":"request too large"}' },
        ],
        visibilityConfig: {
          cloudwatchMetricsEnabled: true,
          metricName: this.metricName,
          sampledRequestsEnabled: false, // samples would keep query strings and addresses
        },
      },
      { parent: this },
    )
    this.logBlocks(name, args)
    this.registerOutputs({})
  }

  /** Only what was blocked is logged, without query strings, cookies and keys; bodies never are. */
  private logBlocks(name: string, { prefix, account, installation }: FirewallArgs): void {
    const group = new aws.cloudwatch.LogGroup(
      `${name}-logs`,
      { region: EDGE_REGION, name: `aws-waf-logs-${prefix}`, retentionInDays: installation.logDays },
      { parent: this },
    )
    const writable = new aws.cloudwatch.LogResourcePolicy(
      `${name}-logs`,
      {
        region: EDGE_REGION,
        policyName: `${prefix}-waf`,
        policyDocument: pulumi.jsonStringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'delivery.logs.amazonaws.com' },
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: pulumi.interpolate`${group.arn}:*`,
              Condition: { StringEquals: { 'aws:SourceAccount': account } },
            },
          ],
        }),
      },
      { parent: this },
    )
    const hidden = ['authorization', 'cookie', 'referer', 'x-connect-key']
    new aws.wafv2.WebAclLoggingConfiguration(
      `${name}-logs`,
      {
        region: EDGE_REGION,
        resourceArn: this.acl.arn,
        logDestinationConfigs: [group.arn],
        loggingFilter: {
          defaultBehavior: 'DROP',
          filters: [
            { behavior: 'KEEP', requirement: 'MEETS_ANY', conditions: [{ actionCondition: { action: 'BLOCK' } }] },
          ],
        },
        redactedFields: [{ queryString: {} }, ...hidden.map(header => ({ singleHeader: { name: header } }))],
      },
      { parent: this, dependsOn: [writable] },
    )
  }
}

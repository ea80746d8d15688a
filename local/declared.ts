import type * as aws from '@pulumi/aws'
import type { Unwrap } from '@pulumi/pulumi'

/** The resources that the local stack makes real, with what the program says of each. */
type Kinds = {
  'aws:dynamodb/table:Table': aws.dynamodb.TableArgs
  'aws:dynamodb/tableItem:TableItem': aws.dynamodb.TableItemArgs
  'aws:lambda/function:Function': aws.lambda.FunctionArgs
  'aws:lambda/alias:Alias': aws.lambda.AliasArgs
  'aws:lambda/functionUrl:FunctionUrl': aws.lambda.FunctionUrlArgs
  'aws:lambda/permission:Permission': aws.lambda.PermissionArgs
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': aws.lambda.FunctionEventInvokeConfigArgs
  'aws:lambda/eventSourceMapping:EventSourceMapping': aws.lambda.EventSourceMappingArgs
  'aws:iam/role:Role': aws.iam.RoleArgs
  'aws:iam/rolePolicy:RolePolicy': aws.iam.RolePolicyArgs
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': aws.iam.RolePolicyAttachmentArgs
  'aws:scheduler/schedule:Schedule': aws.scheduler.ScheduleArgs
  'aws:secretsmanager/secret:Secret': aws.secretsmanager.SecretArgs
  'aws:secretsmanager/secretVersion:SecretVersion': aws.secretsmanager.SecretVersionArgs
  'aws:sns/topic:Topic': aws.sns.TopicArgs
  'aws:sns/topicSubscription:TopicSubscription': aws.sns.TopicSubscriptionArgs
  'aws:sqs/queue:Queue': aws.sqs.QueueArgs
  'aws:cloudfront/distribution:Distribution': aws.cloudfront.DistributionArgs
  'aws:cloudfront/function:Function': aws.cloudfront.FunctionArgs
  'aws:cloudfront/cachePolicy:CachePolicy': aws.cloudfront.CachePolicyArgs
  'aws:cloudfront/originRequestPolicy:OriginRequestPolicy': aws.cloudfront.OriginRequestPolicyArgs
  'aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy': aws.cloudfront.ResponseHeadersPolicyArgs
  'aws:wafv2/webAcl:WebAcl': aws.wafv2.WebAclArgs
}

/** Known, and without anything to do on one machine: what watches, stores logs, encrypts or guards in AWS. */
const PASSIVE = [
  /^pulumi:(pulumi:Stack|providers:)/,
  /^connect:/, // our components: only their children are real
  /^aws:cloudwatch\//,
  /^aws:s3\/bucket[A-Za-z]*:/,
  /^aws:kms\/(key|alias|keyPolicy):/,
  /^aws:iam\/rolePoliciesExclusive:/,
  /^aws:sns\/topicPolicy:/,
  /^aws:sqs\/(queuePolicy|redriveAllowPolicy):/,
  /^aws:wafv2\/(webAclLoggingConfiguration|ipSet|regexPatternSet):/,
  /^aws:cloudfront\/(originAccessControl|monitoringSubscription|realtimeLogConfig):/,
  /^aws:lambda\/(runtimeManagementConfig|functionRecursionConfig|provisionedConcurrencyConfig):/,
  /^aws:scheduler\/scheduleGroup:/,
  /^aws:(acm\/|route53\/record:|backup\/|budgets\/)/,
]

const REAL: { readonly [type in keyof Kinds]: true } = {
  'aws:dynamodb/table:Table': true,
  'aws:dynamodb/tableItem:TableItem': true,
  'aws:lambda/function:Function': true,
  'aws:lambda/alias:Alias': true,
  'aws:lambda/functionUrl:FunctionUrl': true,
  'aws:lambda/permission:Permission': true,
  'aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig': true,
  'aws:lambda/eventSourceMapping:EventSourceMapping': true,
  'aws:iam/role:Role': true,
  'aws:iam/rolePolicy:RolePolicy': true,
  'aws:iam/rolePolicyAttachment:RolePolicyAttachment': true,
  'aws:scheduler/schedule:Schedule': true,
  'aws:secretsmanager/secret:Secret': true,
  'aws:secretsmanager/secretVersion:SecretVersion': true,
  'aws:sns/topic:Topic': true,
  'aws:sns/topicSubscription:TopicSubscription': true,
  'aws:sqs/queue:Queue': true,
  'aws:cloudfront/distribution:Distribution': true,
  'aws:cloudfront/function:Function': true,
  'aws:cloudfront/cachePolicy:CachePolicy': true,
  'aws:cloudfront/originRequestPolicy:OriginRequestPolicy': true,
  'aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy': true,
  'aws:wafv2/webAcl:WebAcl': true,
}

export const isKnownType = (type: string): boolean => Object.hasOwn(REAL, type) || PASSIVE.some(of => of.test(type))

/** A resource as the program declares it and as AWS would answer for it; secrets in the clear. */
export type Resource<Inputs = { readonly [name: string]: unknown }> = {
  type: string
  /** The program's own name for it. */
  name: string
  id: string
  inputs: Inputs
  outputs: { readonly name: string; readonly arn: string; readonly [name: string]: unknown }
  /** Of a Lambda function: the files of its bundle. */
  files?: { readonly [name: string]: string }
}

export type Program = {
  stack: string
  region: string
  account: string
  resources: readonly Resource[]
  /** What the program exports. */
  outputs: { readonly [name: string]: unknown }
  config: { readonly [key: string]: string }
}

/** All resources of one type, with the types that the provider gives their arguments. */
export const all = <K extends keyof Kinds>(program: Program, type: K): readonly Resource<Unwrap<Kinds[K]>>[] =>
  program.resources.filter(resource => resource.type === type) as unknown as Resource<Unwrap<Kinds[K]>>[]

/** `connect-dev-rdstation-process` in `arn:aws:lambda:...:function:connect-dev-rdstation-process:live`, or a bare name. */
export const functionNameIn = (reference: string): string =>
  (/:function:([^:]+)/.exec(reference)?.[1] ?? reference.split(':')[0]) as string

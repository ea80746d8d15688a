import * as pulumi from '@pulumi/pulumi'

/** One thing that a role may do. `keys` narrows it to items of a shared table whose partition key matches. */
export type Grant = {
  actions: readonly string[]
  resources: readonly pulumi.Input<string>[]
  keys?: readonly string[]
}

export const allow = (
  actions: readonly string[],
  resources: readonly pulumi.Input<string>[],
  keys?: readonly string[],
): Grant => ({ actions, resources, ...(keys && { keys }) })

/** The grants as an IAM policy. Grants on nothing (a connector without static secrets) are left out. */
export const policyOf = (grants: readonly Grant[]): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: grants
      .filter(({ resources }) => resources.length)
      .map(({ actions, resources, keys }) => ({
        Effect: 'Allow',
        Action: actions,
        Resource: resources,
        ...(keys && { Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } } }),
      })),
  })

/** Who may take a role: an AWS service, and only on behalf of this account. */
export const trust = (service: string, account: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.jsonStringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      },
    ],
  })

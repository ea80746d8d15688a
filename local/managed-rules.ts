import type { EdgeRequest } from './edge-request.ts'

type Rules = { readonly [rule: string]: (request: EdgeRequest) => boolean }

/**
 * Of AWS's managed rule groups only what their documentation says exactly; the rest looks for attacks in ways that only AWS
 * knows, and lets everything pass here. Undefined for a group of another name.
 * https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html
 */
export const managedRules = (group: string): Rules | undefined => GROUPS[group]

const GROUPS: { readonly [group: string]: Rules } = {
  AWSManagedRulesCommonRuleSet: {
    NoUserAgent_HEADER: ({ headers }) => !headers['user-agent'],
    SizeRestrictions_QUERYSTRING: ({ query }) => query.length > 2048,
    SizeRestrictions_Cookie_HEADER: ({ headers }) => (headers.cookie ?? '').length > 10_240,
    SizeRestrictions_BODY: ({ body }) => body.length > 8 * 1024,
    SizeRestrictions_URIPATH: ({ path }) => path.length > 1024,
  },
  AWSManagedRulesKnownBadInputsRuleSet: {},
  AWSManagedRulesSQLiRuleSet: {},
  AWSManagedRulesAmazonIpReputationList: {},
}

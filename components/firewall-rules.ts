import type { types } from '@pulumi/aws'
import type { Installation } from './config.ts'

type Rule = types.input.wafv2.WebAclRule
type Statement = types.input.wafv2.WebAclRuleStatement
type Draft = Pick<Rule, 'name' | 'action' | 'overrideAction' | 'statement'>

/** The firewall's rules, first match first. Rules that read bodies or queries only count: events are full of URLs and HTML. */
export function rulesOf({ tenants, countries, requestsPerAddress, requestsPerTenant }: Installation): Rule[] {
  const limited = tenants.flatMap(({ id, requestsPer5Minutes: limit }) => (limit ? [{ id, limit }] : []))
  const drafts: Draft[] = [
    rate('rate-hooks', requestsPerTenant, {
      aggregateKeyType: 'CUSTOM_KEYS',
      customKeys: [{ uriPath: { textTransformations: AS_IT_IS } }],
      scopeDownStatement: startsWith(HOOKS),
    }),
    vendorsCalls(),
    ...(countries ? [geography(countries)] : []),
    tooLarge(),
    managed('AWSManagedRulesAmazonIpReputationList', []),
    managed('AWSManagedRulesKnownBadInputsRuleSet', KNOWN_BAD_INPUTS),
    managed('AWSManagedRulesCommonRuleSet', COMMON),
    managed('AWSManagedRulesSQLiRuleSet', SQL_INJECTION),
    rate('rate-address', requestsPerAddress, {
      aggregateKeyType: 'IP',
      scopeDownStatement: not(carriesKey),
    }),
    ...limited.map(({ id, limit }) =>
      rate(`rate-${id}`, limit, { aggregateKeyType: 'CONSTANT', scopeDownStatement: isFor(id) }),
    ),
    rate('rate-tenant', requestsPerTenant, {
      aggregateKeyType: 'CUSTOM_KEYS',
      customKeys: [{ uriPath: { textTransformations: AS_IT_IS } }],
      scopeDownStatement: all([startsWith('/v1/events/'), ...limited.map(({ id }) => not(isFor(id)))]),
    }),
  ]
  return drafts.map((draft, priority) => ({
    ...draft,
    priority,
    visibilityConfig: { cloudwatchMetricsEnabled: true, metricName: `${draft.name}`, sampledRequestsEnabled: false },
  }))
}

const AS_IT_IS = [{ priority: 0, type: 'NONE' }]
const WINDOW_SECONDS = 300

/** What a blocked browser may read of the answer: without CORS headers a page cannot even see its status. */
const refuse = (responseCode: number, customResponseBodyKey: string, more: { name: string; value: string }[] = []) => ({
  block: {
    customResponse: {
      responseCode,
      customResponseBodyKey,
      responseHeaders: [{ name: 'Access-Control-Allow-Origin', value: '*' }, ...more],
    },
  },
})

const slowDown = refuse(429, 'slow-down', [
  { name: 'Access-Control-Expose-Headers', value: 'Retry-After' },
  { name: 'Retry-After', value: '60' }, // the window slides: after a minute a fifth of it is free again
])

function rate(
  name: string,
  limit: number,
  by: Omit<types.input.wafv2.WebAclRuleStatementRateBasedStatement, 'limit'>,
): Draft {
  const rateBasedStatement = { limit, evaluationWindowSec: WINDOW_SECONDS, ...by }
  return { name, action: slowDown, statement: { rateBasedStatement } }
}

/**
 * A body of a million bytes or more: seven digits of content-length. WAF cannot measure more than the first 64 KiB of a
 * body; the exact limit (256 KiB) is the function's, this one keeps floods of large bodies away from it.
 */
const tooLarge = (): Draft => ({
  name: 'too-large',
  action: refuse(413, 'too-large'),
  statement: {
    sizeConstraintStatement: {
      fieldToMatch: { singleHeader: { name: 'content-length' } },
      comparisonOperator: 'GT',
      size: 6,
      textTransformations: AS_IT_IS,
    },
  },
})

const HOOKS = '/v1/hooks/'
/**
 * Vendors call from few addresses, from wherever they are, with bodies of megabytes: the rules about addresses, countries and
 * bodies are for browsers. Each call is verified by its signature; all that is limited is how many there are to one address of ours.
 */
const vendorsCalls = (): Draft => ({ name: 'vendors-calls', action: { allow: {} }, statement: startsWith(HOOKS) })

/** A managed rule group of which `counted` rules only count. */
const managed = (group: string, counted: readonly string[]): Draft => ({
  name: group.replace('AWSManagedRules', ''),
  overrideAction: { none: {} },
  statement: {
    managedRuleGroupStatement: {
      vendorName: 'AWS',
      name: group,
      ruleActionOverrides: counted.map(name => ({ name, actionToUse: { count: {} } })),
    },
  },
})

// Names: https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-baseline.html and -use-case.html
const COMMON = [
  'SizeRestrictions_BODY',
  'SizeRestrictions_QUERYSTRING',
  'SizeRestrictions_Cookie_HEADER',
  'CrossSiteScripting_BODY',
  'CrossSiteScripting_QUERYARGUMENTS',
  'CrossSiteScripting_COOKIE',
  'GenericLFI_BODY',
  'GenericLFI_QUERYARGUMENTS',
  'GenericRFI_BODY',
  'GenericRFI_QUERYARGUMENTS',
  'EC2MetaDataSSRF_BODY',
  'EC2MetaDataSSRF_COOKIE',
  'EC2MetaDataSSRF_QUERYARGUMENTS',
  'RestrictedExtensions_QUERYARGUMENTS',
]
const KNOWN_BAD_INPUTS = [
  'JavaDeserializationRCE_BODY',
  'JavaDeserializationRCE_QUERYSTRING',
  'Log4JRCE_BODY',
  'Log4JRCE_QUERYSTRING',
  'ReactJSRCE_BODY',
]
const SQL_INJECTION = [
  'SQLi_BODY',
  'SQLi_QUERYARGUMENTS',
  'SQLi_COOKIE',
  'SQLiExtendedPatterns_BODY',
  'SQLiExtendedPatterns_QUERYARGUMENTS',
]

function geography({ codes, are }: NonNullable<Installation['countries']>): Draft {
  const from = { geoMatchStatement: { countryCodes: [...codes] } }
  return { name: 'countries', action: { block: {} }, statement: are === 'blocked' ? from : not(from) }
}

const byPath = (positionalConstraint: 'STARTS_WITH' | 'EXACTLY', searchString: string): Statement => ({
  byteMatchStatement: {
    fieldToMatch: { uriPath: {} },
    positionalConstraint,
    searchString,
    textTransformations: AS_IT_IS,
  },
})
const startsWith = (path: string) => byPath('STARTS_WITH', path)
const isFor = (tenant: string): Statement => ({
  orStatement: { statements: [byPath('EXACTLY', `/v1/events/${tenant}`), startsWith(`/v1/events/${tenant}/`)] },
})

/** Server-side sources send for many people from one address, and say so with their key. */
const carriesKey: Statement = {
  sizeConstraintStatement: {
    fieldToMatch: { singleHeader: { name: 'x-connect-key' } },
    comparisonOperator: 'GT',
    size: 0,
    textTransformations: AS_IT_IS,
  },
}
function not(statement: Statement): Statement {
  return { notStatement: { statement } }
}
/** WAF wants at least two statements in an `and`. */
function all(statements: Statement[]): Statement {
  return statements.length > 1 ? { andStatement: { statements } } : statements[0]!
}

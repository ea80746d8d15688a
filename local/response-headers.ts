import type { EdgeResponse } from './function-url.ts'

type Items = { items?: readonly string[] }
/** What of a response headers policy the local stack plays. */
export type HeadersPolicy = {
  corsConfig?: {
    accessControlAllowOrigins: Items
    accessControlAllowMethods: Items
    accessControlAllowHeaders: Items
    accessControlExposeHeaders?: Items
    accessControlMaxAgeSec?: number
    accessControlAllowCredentials: boolean
    originOverride: boolean
  }
  securityHeadersConfig?: {
    strictTransportSecurity?: {
      accessControlMaxAgeSec: number
      includeSubdomains?: boolean
      preload?: boolean
      override: boolean
    }
    contentTypeOptions?: { override: boolean }
    frameOptions?: { frameOption: string; override: boolean }
    referrerPolicy?: { referrerPolicy: string; override: boolean }
    contentSecurityPolicy?: { contentSecurityPolicy: string; override: boolean }
  }
  customHeadersConfig?: { items?: readonly { header: string; value: string; override: boolean }[] }
  removeHeadersConfig?: { items?: readonly { header: string }[] }
}
type Added = { name: string; value: string; override: boolean }

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html */
export function addHeaders(
  response: EdgeResponse,
  policy: HeadersPolicy,
  request: { readonly [name: string]: string },
): EdgeResponse {
  const removed = (policy.removeHeadersConfig?.items ?? []).map(({ header }) => header.toLowerCase())
  const headers = Object.fromEntries(Object.entries(response.headers).filter(([name]) => !removed.includes(name)))
  // The origin's CORS headers stay as a whole unless the policy overrides them.
  const answered = 'access-control-allow-origin' in response.headers
  const cors =
    request.origin && (policy.corsConfig?.originOverride || !answered)
      ? corsHeaders(policy.corsConfig, request.origin)
      : []
  const custom = (policy.customHeadersConfig?.items ?? []).map(({ header, ...rest }) => ({
    name: header.toLowerCase(),
    ...rest,
  }))
  for (const { name, value, override } of [...cors, ...securityHeaders(policy.securityHeadersConfig), ...custom])
    if (override || !(name in headers)) headers[name] = value
  return { ...response, headers }
}

function corsHeaders(cors: HeadersPolicy['corsConfig'], origin: string): Added[] {
  const allowed = cors?.accessControlAllowOrigins.items ?? []
  if (!cors || !(allowed.includes('*') || allowed.includes(origin))) return []
  const list = (name: string, values: Items | undefined) =>
    values?.items?.length ? [{ name, value: values.items.join(', '), override: cors.originOverride }] : []
  return [
    { name: 'access-control-allow-origin', value: allowed.includes('*') ? '*' : origin, override: cors.originOverride },
    ...list('access-control-expose-headers', cors.accessControlExposeHeaders),
    ...(cors.accessControlAllowCredentials ? list('access-control-allow-credentials', { items: ['true'] }) : []),
  ]
}

function securityHeaders(security: HeadersPolicy['securityHeadersConfig'] = {}): Added[] {
  const {
    strictTransportSecurity: transport,
    contentTypeOptions,
    frameOptions,
    referrerPolicy,
    contentSecurityPolicy,
  } = security
  const flags = `${transport?.includeSubdomains ? '; includeSubDomains' : ''}${transport?.preload ? '; preload' : ''}`
  return [
    ...(transport
      ? [
          {
            name: 'strict-transport-security',
            value: `max-age=${transport.accessControlMaxAgeSec}${flags}`,
            override: transport.override,
          },
        ]
      : []),
    ...(contentTypeOptions
      ? [{ name: 'x-content-type-options', value: 'nosniff', override: contentTypeOptions.override }]
      : []),
    ...(frameOptions
      ? [{ name: 'x-frame-options', value: frameOptions.frameOption, override: frameOptions.override }]
      : []),
    ...(referrerPolicy
      ? [{ name: 'referrer-policy', value: referrerPolicy.referrerPolicy, override: referrerPolicy.override }]
      : []),
    ...(contentSecurityPolicy
      ? [
          {
            name: 'content-security-policy',
            value: contentSecurityPolicy.contentSecurityPolicy,
            override: contentSecurityPolicy.override,
          },
        ]
      : []),
  ]
}

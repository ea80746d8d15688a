import { readFileSync } from 'node:fs'
import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { EdgeLog } from './edge-log.ts'
import type { Handler } from './handler.ts'

export type IngestionArgs = {
  prefix: string
  region: pulumi.Input<string>
  account: pulumi.Input<string>
  logDays: number
  protect: boolean
  receive: Handler
  /** Where vendors call, if one of them does. */
  hooks?: Handler | undefined
  /** The web ACL's ARN. */
  acl: pulumi.Input<string>
  /** What the edge proves itself with; the function knows its hash. */
  originSecret: pulumi.Output<string>
  domain?: { names: readonly string[]; certificateArn: string } | undefined
}

// Managed by AWS: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html and
// .../using-managed-origin-request-policies.html (a function URL refuses a Host that is not its own)
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad'
const ALL_VIEWER_EXCEPT_HOST = 'b689b0a8-53d0-40ab-baf2-68738e2966ac'

/** The way in: CloudFront, its edge function and policies, and the function URL behind it. */
export class Ingestion extends pulumi.ComponentResource {
  readonly distribution: aws.cloudfront.Distribution
  /** `https://` and the host, without a slash. */
  readonly endpoint: pulumi.Output<string>

  constructor(name: string, args: IngestionArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Ingestion', name, {}, opts)
    const url = this.openUrl(name, args.receive)
    const hooks = args.hooks && this.openUrl('hooks', args.hooks)
    const edge = new aws.cloudfront.Function(
      `${name}-edge`,
      {
        name: `${args.prefix}-edge`,
        runtime: 'cloudfront-js-2.0',
        comment: 'Answers preflights',
        code: readFileSync(new URL('./edge.js', import.meta.url), 'utf8'),
        publish: true,
      },
      { parent: this },
    )
    this.distribution = this.createDistribution(name, args, { url, hooks }, edge)
    new EdgeLog(`${name}-log`, { ...args, distribution: this.distribution }, { parent: this })
    const host = args.domain?.names[0] ?? this.distribution.domainName
    this.endpoint = pulumi.interpolate`https://${host}`
    this.registerOutputs({ endpoint: this.endpoint })
  }

  /** A beacon cannot sign its body, so the URL takes unsigned calls, and the function refuses those without the secret. */
  private openUrl(name: string, { function: receive, alias }: Handler): aws.lambda.FunctionUrl {
    const live = { functionName: receive.name, qualifier: alias.name }
    const url = new aws.lambda.FunctionUrl(`${name}-url`, { ...live, authorizationType: 'NONE' }, { parent: this })
    const permit = { function: receive.name, qualifier: alias.name, principal: '*' }
    // Both are needed since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    new aws.lambda.Permission(
      `${name}-url`,
      { ...permit, action: 'lambda:InvokeFunctionUrl', functionUrlAuthType: 'NONE' },
      { parent: this },
    )
    new aws.lambda.Permission(
      `${name}-invoke`,
      { ...permit, action: 'lambda:InvokeFunction', invokedViaFunctionUrl: true },
      { parent: this },
    )
    return url
  }

  private createDistribution(
    name: string,
    { prefix, acl, domain, originSecret }: IngestionArgs,
    { url, hooks }: { url: aws.lambda.FunctionUrl; hooks: aws.lambda.FunctionUrl | undefined },
    edge: aws.cloudfront.Function,
  ): aws.cloudfront.Distribution {
    const headers = this.createHeaders(name, prefix)
    const behaviour = {
      targetOriginId: ORIGIN,
      viewerProtocolPolicy: 'https-only',
      cachedMethods: ['GET', 'HEAD'],
      responseHeadersPolicyId: headers.id,
      compress: true,
      functionAssociations: [{ eventType: 'viewer-request', functionArn: edge.arn }],
    }
    const uncached = {
      ...behaviour,
      allowedMethods: ['GET', 'HEAD', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'],
      cachePolicyId: CACHING_DISABLED,
      originRequestPolicyId: ALL_VIEWER_EXCEPT_HOST,
    }
    const tagCache = this.createTagCache(name, prefix)
    const tag = { ...behaviour, allowedMethods: ['GET', 'HEAD', 'OPTIONS'], cachePolicyId: tagCache.id }
    return new aws.cloudfront.Distribution(
      name,
      {
        enabled: true,
        comment: prefix,
        httpVersion: 'http2and3',
        isIpv6Enabled: true,
        webAclId: acl,
        ...(domain && { aliases: [...domain.names] }),
        origins: [origin(ORIGIN, url, originSecret), ...(hooks ? [origin(HOOKS, hooks, originSecret)] : [])],
        orderedCacheBehaviors: [
          { ...tag, pathPattern: '/tag.js' },
          { ...tag, pathPattern: '/tag/*' },
          ...(hooks ? [{ ...uncached, targetOriginId: HOOKS, pathPattern: '/v1/hooks/*' }] : []),
        ],
        defaultCacheBehavior: uncached,
        restrictions: { geoRestriction: { restrictionType: 'none' } }, // countries are the firewall's
        viewerCertificate: certificate(domain),
      },
      { parent: this },
    )
  }

  /** The browser library: cached as long as the function says, whatever the query or cookies. */
  private createTagCache(name: string, prefix: string): aws.cloudfront.CachePolicy {
    const none = {
      cookiesConfig: { cookieBehavior: 'none' },
      headersConfig: { headerBehavior: 'none' },
      queryStringsConfig: { queryStringBehavior: 'none' },
    }
    return new aws.cloudfront.CachePolicy(
      `${name}-tag`,
      {
        name: `${prefix}-tag`,
        minTtl: 0,
        defaultTtl: 300,
        maxTtl: 31_536_000,
        parametersInCacheKeyAndForwardedToOrigin: {
          ...none,
          enableAcceptEncodingBrotli: true,
          enableAcceptEncodingGzip: true,
        },
      },
      { parent: this },
    )
  }

  /** CORS is the function's; here is the net for answers that it did not give (a throttled or failing origin). */
  private createHeaders(name: string, prefix: string): aws.cloudfront.ResponseHeadersPolicy {
    return new aws.cloudfront.ResponseHeadersPolicy(
      `${name}-headers`,
      {
        name: prefix,
        corsConfig: {
          accessControlAllowCredentials: false,
          accessControlAllowOrigins: { items: ['*'] },
          accessControlAllowMethods: { items: ['GET', 'HEAD', 'POST', 'OPTIONS'] },
          accessControlAllowHeaders: { items: ['content-type', 'x-connect-key'] },
          accessControlExposeHeaders: { items: ['Retry-After'] },
          accessControlMaxAgeSec: 86_400,
          originOverride: false,
        },
        securityHeadersConfig: {
          strictTransportSecurity: { accessControlMaxAgeSec: 31_536_000, includeSubdomains: false, override: true },
          contentTypeOptions: { override: true },
        },
      },
      { parent: this },
    )
  }
}

const ORIGIN = 'receive'
const HOOKS = 'hooks'

const origin = (originId: string, { functionUrl }: aws.lambda.FunctionUrl, secret: pulumi.Output<string>) => ({
  originId,
  domainName: functionUrl.apply(url => new URL(url).hostname),
  customHeaders: [{ name: 'x-connect-origin', value: secret }],
  customOriginConfig: {
    httpPort: 80,
    httpsPort: 443,
    originProtocolPolicy: 'https-only',
    originSslProtocols: ['TLSv1.2'],
    originReadTimeout: 20, // the function's own limit is 15 s
    originKeepaliveTimeout: 60,
  },
})

const certificate = (domain: IngestionArgs['domain']) =>
  domain
    ? { acmCertificateArn: domain.certificateArn, sslSupportMethod: 'sni-only', minimumProtocolVersion: 'TLSv1.2_2021' }
    : { cloudfrontDefaultCertificate: true }

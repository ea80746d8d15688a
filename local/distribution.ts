import { all, functionNameIn, type Program } from './declared.ts'
import { createFirewall, type Firewall, type WebAcl } from './firewall.ts'
import type { HeadersPolicy } from './response-headers.ts'
import { createViewerFunction, type ViewerFunction } from './viewer-function.ts'

type Declared = ReturnType<typeof all<'aws:cloudfront/distribution:Distribution'>>[number]
export type Behavior = {
  fits(path: string): boolean
  methods: readonly string[]
  viewer: ViewerFunction | undefined
  headers: HeadersPolicy | undefined
  origin: Origin
  /** Which of the viewer's headers go on to the origin. */
  forwards(header: string): boolean
}
type Origin = { host: string; function: string; headers: { readonly [name: string]: string } }

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
const FORWARDING: { readonly [policy: string]: (header: string) => boolean } = {
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': header => header !== 'host', // AllViewerExceptHostHeader
}

/** What the program's one distribution says; throws, naming it, for what the local edge cannot play. */
export function readDistribution(program: Program): { behaviors: readonly Behavior[]; firewall: Firewall | undefined } {
  const [distribution] = all(program, 'aws:cloudfront/distribution:Distribution')
  if (!distribution) throw new Error('The program declares no distribution.')
  return { behaviors: behaviorsOf(program, distribution), firewall: firewallOf(program, distribution) }
}

function firewallOf(program: Program, { inputs }: Declared): Firewall | undefined {
  const acl = all(program, 'aws:wafv2/webAcl:WebAcl').find(({ outputs }) => outputs.arn === inputs.webAclId)
  if (inputs.webAclId && !acl) throw new Error(`The distribution's web ACL ${inputs.webAclId} is not declared.`)
  return acl && createFirewall(acl.inputs as WebAcl)
}

/** In the order in which CloudFront tries them; the default, which fits every path, is last. */
function behaviorsOf(program: Program, { inputs }: Declared): Behavior[] {
  const origins = new Map(inputs.origins.map(origin => [origin.originId, originOf(program, origin)]))
  const declared = [...(inputs.orderedCacheBehaviors ?? []), { ...inputs.defaultCacheBehavior, pathPattern: '*' }]
  return declared.map(behavior => {
    const origin = origins.get(behavior.targetOriginId)
    if (!origin)
      throw new Error(`Behaviour "${behavior.pathPattern}": its origin ${behavior.targetOriginId} is not declared.`)
    const escaped = behavior.pathPattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    const pattern = new RegExp(`^${escaped}$`, 's')
    return {
      fits: path => pattern.test(path),
      methods: behavior.allowedMethods,
      viewer: viewerOf(program, behavior.functionAssociations ?? []),
      headers: headersOf(program, behavior.responseHeadersPolicyId),
      origin,
      forwards: forwardingOf(behavior.originRequestPolicyId),
    }
  })
}

function originOf(
  program: Program,
  {
    domainName,
    customHeaders = [],
  }: { domainName: string; customHeaders?: { name: string; value: string }[] | undefined },
): Origin {
  const url = all(program, 'aws:lambda/functionUrl:FunctionUrl').find(
    ({ outputs }) => new URL(String(outputs.functionUrl)).host === domainName,
  )
  if (!url) throw new Error(`Origin ${domainName} is no function URL of the program: the local stack plays no other.`)
  const name = functionNameIn(String(url.inputs.functionName))
  mayBeCalled(program, name, url.inputs.authorizationType)
  return {
    host: domainName,
    function: name,
    headers: Object.fromEntries(customHeaders.map(({ name, value }) => [name.toLowerCase(), value])),
  }
}

/** A function URL needs two permissions: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
function mayBeCalled(program: Program, name: string, authorization: string): void {
  const permissions = all(program, 'aws:lambda/permission:Permission').filter(
    ({ inputs }) => functionNameIn(String(inputs.function)) === name,
  )
  const url = permissions.some(
    ({ inputs }) => inputs.action === 'lambda:InvokeFunctionUrl' && inputs.functionUrlAuthType === authorization,
  )
  const invoke = permissions.some(
    ({ inputs }) => inputs.action === 'lambda:InvokeFunction' && inputs.invokedViaFunctionUrl,
  )
  if (!url) throw new Error(`Function "${name}": nobody may lambda:InvokeFunctionUrl on it.`)
  if (!invoke) throw new Error(`Function "${name}": nobody may lambda:InvokeFunction on it through its URL.`)
}

function viewerOf(
  program: Program,
  associations: readonly { eventType: string; functionArn: string }[],
): ViewerFunction | undefined {
  const [association, ...more] = associations
  if (!association) return undefined
  if (more.length || association.eventType !== 'viewer-request')
    throw new Error('The local stack plays one edge function per behaviour, on viewer requests.')
  const edge = all(program, 'aws:cloudfront/function:Function').find(
    ({ outputs }) => outputs.arn === association.functionArn,
  )
  if (!edge) throw new Error(`Edge function ${association.functionArn} is not declared.`)
  return createViewerFunction(edge.outputs.name, String(edge.inputs.code))
}

function headersOf(program: Program, id: string | undefined): HeadersPolicy | undefined {
  if (!id) return undefined
  const policy = all(program, 'aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy').find(each => each.id === id)
  if (!policy) throw new Error(`Response headers policy ${id} is not known to the local stack.`)
  return policy.inputs as HeadersPolicy
}

function forwardingOf(id: string | undefined): (header: string) => boolean {
  if (!id) return () => false
  const forwards = FORWARDING[id]
  if (!forwards) throw new Error(`Origin request policy ${id} is not known to the local stack.`)
  return forwards
}

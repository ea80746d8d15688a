import { createHash } from 'node:crypto'

/** What only AWS knows before a deploy, made up: ids, ARNs, addresses. Stable from run to run. */
export const ACCOUNT = '000000000000'
type State = { readonly [name: string]: unknown }

export function invent(region: string, type: string, name: string, inputs: State): { id: string; state: State } {
  const physical = physicalName(name, inputs)
  const home = typeof inputs.region === 'string' ? inputs.region : region
  const arn = (service: string, resource: string, where = home) => `arn:aws:${service}:${where}:${ACCOUNT}:${resource}`
  const state = (more: State = {}, id = physical) => ({ id, state: { ...inputs, name: physical, ...more } })
  switch (type) {
    case 'aws:dynamodb/table:Table': {
      const table = arn('dynamodb', `table/${physical}`)
      const label = '2026-01-01T00:00:00.000'
      return state({
        arn: table,
        ...(inputs.streamEnabled === true && { streamArn: `${table}/stream/${label}`, streamLabel: label }),
      })
    }
    case 'aws:lambda/function:Function': {
      const lambda = arn('lambda', `function:${physical}`)
      return state({ arn: lambda, version: '1', qualifiedArn: `${lambda}:1`, invokeArn: `${lambda}/invocations` })
    }
    case 'aws:lambda/alias:Alias': {
      const target = String(inputs.functionName)
      const lambda = target.startsWith('arn:') ? target : arn('lambda', `function:${target}`)
      return state(
        { arn: `${lambda}:${physical}`, invokeArn: `${lambda}:${physical}/invocations` },
        `${lambda}:${physical}`,
      )
    }
    case 'aws:lambda/functionUrl:FunctionUrl': {
      const urlId = digest(`${inputs.functionName}`).slice(0, 32)
      return state({ functionUrl: `https://${urlId}.lambda-url.${home}.on.aws/`, urlId })
    }
    case 'aws:iam/role:Role':
      return state({
        arn: arn('iam', `role/${physical}`, ''),
        uniqueId: `AROA${digest(physical).slice(0, 16).toUpperCase()}`,
      })
    case 'aws:iam/rolePolicy:RolePolicy':
      return state({}, `${inputs.role}:${physical}`)
    case 'aws:sns/topic:Topic':
      return state({ arn: arn('sns', physical) }, arn('sns', physical))
    case 'aws:sqs/queue:Queue':
      return state(
        { arn: arn('sqs', physical), url: `https://sqs.${home}.amazonaws.com/${ACCOUNT}/${physical}` },
        `https://sqs.${home}.amazonaws.com/${ACCOUNT}/${physical}`,
      )
    case 'aws:secretsmanager/secret:Secret': {
      const secret = arn('secretsmanager', `secret:${physical}-${digest(physical).slice(0, 6)}`)
      return state({ arn: secret }, secret)
    }
    case 'aws:scheduler/schedule:Schedule':
      return state({ arn: arn('scheduler', `schedule/default/${physical}`) }, `default/${physical}`)
    case 'aws:lambda/eventSourceMapping:EventSourceMapping': {
      const uuid = digest(name).slice(0, 32)
      return state({ uuid, arn: arn('lambda', `event-source-mapping:${uuid}`) }, uuid)
    }
    case 'aws:cloudwatch/logGroup:LogGroup':
      return state({ arn: arn('logs', `log-group:${physical}`) })
    case 'aws:cloudfront/distribution:Distribution': {
      const id = `E${digest(name).slice(0, 13).toUpperCase()}`
      return state(
        {
          arn: arn('cloudfront', `distribution/${id}`, ''),
          domainName: `${id.toLowerCase()}.cloudfront.net`,
          hostedZoneId: 'Z2FDTNDATAQYW2',
          etag: 'E1',
        },
        id,
      )
    }
    case 'aws:wafv2/webAcl:WebAcl':
      return state({ arn: arn('wafv2', `global/webacl/${physical}/${digest(name).slice(0, 32)}`), capacity: 100 })
    default: {
      const service = type.split(':')[1]?.split('/')[0] ?? 'local'
      const s3 = service === 's3'
      return state({
        arn: s3 ? `arn:aws:s3:::${physical}` : arn(service, physical),
        ...(s3 && {
          bucket: physical,
          bucketDomainName: `${physical}.s3.amazonaws.com`,
          bucketRegionalDomainName: `${physical}.s3.${home}.amazonaws.com`,
        }),
      })
    }
  }
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

function physicalName(name: string, inputs: State): string {
  for (const key of ['name', 'bucket', 'functionName'])
    if (key !== 'functionName' && typeof inputs[key] === 'string') return inputs[key]
  return `${name}-${digest(name).slice(0, 7)}`
}

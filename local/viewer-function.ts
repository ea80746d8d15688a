import { createContext, Script } from 'node:vm'
import type { EdgeRequest } from './edge-request.ts'
import type { EdgeResponse } from './function-url.ts'

type Values = { [name: string]: { value: string; multiValue?: { value: string }[] } }
type ViewerRequest = { method: string; uri: string; querystring: Values; headers: Values; cookies: Values }
type ViewerResponse = { statusCode: number; headers?: Values; body?: string | { encoding?: string; data: string } }

/** Lets a request pass, changed or not, or answers it. */
export type ViewerFunction = (request: EdgeRequest) => Promise<EdgeRequest | EdgeResponse>

/**
 * A CloudFront function on viewer requests, in a realm of its own.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
export function createViewerFunction(name: string, code: string): ViewerFunction {
  const realm = createContext({ console, Buffer })
  new Script(code, { filename: `${name}.js` }).runInContext(realm, { timeout: 1000 })
  const call = new Script('(event => handler(JSON.parse(event)))', { filename: `${name}.js` }).runInContext(realm) as (
    event: string,
  ) => Promise<unknown>
  return async request => {
    const given = viewerRequest(request)
    const event = {
      version: '1.0',
      context: { eventType: 'viewer-request' },
      viewer: { ip: request.address },
      request: given,
    }
    const result = JSON.parse(JSON.stringify(await call(JSON.stringify(event)))) as ViewerRequest | ViewerResponse
    return 'statusCode' in result ? toResponse(result) : changed(request, given, result)
  }
}

const viewerRequest = ({ method, path, query, headers }: EdgeRequest): ViewerRequest => ({
  method,
  uri: path,
  querystring: values([...new URLSearchParams(query)]),
  headers: values(Object.entries(headers).filter(([name]) => name !== 'cookie')),
  cookies: values(
    (headers.cookie ?? '')
      .split(/; ?/)
      .filter(Boolean)
      .map(pair => pair.split(/=(.*)/s, 2) as [string, string]),
  ),
})

function values(pairs: readonly (readonly [string, string])[]): Values {
  const all: Values = {}
  for (const [name, value = ''] of pairs) {
    const known = all[name]
    if (known) known.multiValue = [...(known.multiValue ?? [{ value: known.value }]), { value }]
    else all[name] = { value }
  }
  return all
}

/** Only what the function changed is written anew: a query keeps its own spelling. */
function changed(request: EdgeRequest, given: ViewerRequest, result: ViewerRequest): EdgeRequest {
  const same = JSON.stringify(given.querystring) === JSON.stringify(result.querystring)
  const headers = Object.fromEntries(
    Object.entries(result.headers).map(([name, { value }]) => [name.toLowerCase(), value]),
  )
  return {
    ...request,
    path: result.uri,
    query: same ? request.query : new URLSearchParams(pairs(result.querystring)).toString(),
    headers: { ...headers, ...(request.headers.cookie && { cookie: request.headers.cookie }) },
  }
}

const pairs = (all: Values): [string, string][] =>
  Object.entries(all).flatMap(([name, { value, multiValue }]) =>
    (multiValue ?? [{ value }]).map(one => [name, one.value] as [string, string]),
  )

function toResponse({ statusCode, headers = {}, body = '' }: ViewerResponse): EdgeResponse {
  const data =
    typeof body === 'string'
      ? Buffer.from(body)
      : Buffer.from(body.data, body.encoding === 'base64' ? 'base64' : 'utf8')
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name.toLowerCase(), value])),
    body: data,
  }
}

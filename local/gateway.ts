import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Context, Guard, Role } from './iam.ts'

/** Who makes a call, known by the access key id that it signs with: a function, or the operator, who may do everything. */
export type Caller = { name: string; role: Role | 'everything' }

/** One call to an AWS service, as it crosses the wire. */
export type Call = {
  /** Of `X-Amz-Target: DynamoDB_20120810.PutItem`: `PutItem`. Empty for services that use paths or forms. */
  operation: string
  path: string
  headers: http.IncomingHttpHeaders
  text: string
  /** Undefined if the caller's role allows it, else AWS's sentence. */
  denied(action: string, resource: string, context?: Context): string | undefined
}
export type Answer = { status: number; headers: { readonly [name: string]: string }; body: string }
export type Service = (call: Call) => Promise<Answer>

export type Gateway = { url: string; close(): Promise<void> }

/** The one loopback address at which all of AWS is found; each call is checked against the role of who makes it. */
export async function openGateway(options: {
  port?: number
  callers: ReadonlyMap<string, Caller>
  guard: Guard
  /** By the service's name in the signature: `dynamodb`, `sns`. */
  services: { readonly [name: string]: Service }
}): Promise<Gateway> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', async () => {
      const answer = await handle(request, Buffer.concat(chunks).toString()).catch(failure)
      response.writeHead(answer.status, {
        'x-amzn-requestid': randomUUID(),
        ...answer.headers,
        'content-length': Buffer.byteLength(answer.body),
      })
      response.end(answer.body)
    })
  })
  server.keepAliveTimeout = 60_000

  async function handle({ headers, url = '/' }: http.IncomingMessage, text: string): Promise<Answer> {
    const [, keyId = '', serviceName = ''] =
      /Credential=([^/]+)\/\d+\/[^/]+\/([a-z0-9-]+)\//.exec(headers.authorization ?? '') ?? []
    const caller = options.callers.get(keyId)
    const service = options.services[serviceName]
    if (!service) return jsonError(404, 'UnknownOperationException', `The local stack does not play "${serviceName}".`)
    if (!caller)
      return jsonError(403, 'UnrecognizedClientException', 'The security token included in the request is invalid.')
    const target = String(headers['x-amz-target'] ?? '')
    return service({
      operation: target.slice(target.indexOf('.') + 1),
      path: url,
      headers,
      text,
      denied(action, resource, context) {
        if (options.guard.check(caller.name, caller.role, action, resource, context)) return undefined
        return `User: ${caller.name} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`
      },
    })
  }

  await new Promise<void>(listening => server.listen(options.port ?? 0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(closed => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

export const json = (body: unknown, version: '1.0' | '1.1' = '1.1', status = 200): Answer => ({
  status,
  headers: { 'content-type': `application/x-amz-json-${version}` },
  body: typeof body === 'string' ? body : JSON.stringify(body),
})

/** An error as the JSON protocols carry it: the client makes its typed exception from `x-amzn-errortype`. */
export const jsonError = (status: number, type: string, message: string): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': type },
  body: JSON.stringify({ __type: type, message, Message: message }),
})

const failure = (error: unknown): Answer =>
  jsonError(500, 'InternalServerError', error instanceof Error ? `${error.stack}` : String(error))

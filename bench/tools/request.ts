import { randomUUID } from 'node:crypto'
import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { SECRET, SITE } from '../../test/tools/receiving.ts'

/** A POST as the function URL hands it over, from a browser on the tenant's site through the edge. */
export const functionUrlEvent = (body: string, path: string): LambdaFunctionURLEvent => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: '',
  headers: {
    'x-connect-origin': SECRET,
    origin: SITE,
    'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
    'content-type': 'text/plain;charset=UTF-8',
  },
  requestContext: {
    accountId: 'anonymous',
    apiId: 'bench',
    domainName: 'bench',
    domainPrefix: 'bench',
    http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
    requestId: randomUUID(),
    routeKey: '$default',
    stage: '$default',
    time: '',
    timeEpoch: Date.now(),
  },
  body,
  isBase64Encoded: false,
})

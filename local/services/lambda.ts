import { jsonError, type Service } from '../gateway.ts'
import type { Outcome } from '../invocation.ts'

/** What Lambda does for who invokes a function: `resolve` knows names, ARNs and qualifiers. */
export type Invoker = {
  /** The function behind a reference, with the ARN that a policy must allow; undefined if there is none. */
  resolve(reference: string, qualifier?: string): { name: string; arn: string } | undefined
  /** Waits for the answer; `throttled` when the function may not run so often at once. */
  invoke(name: string, payload: string): Promise<Outcome | 'throttled'>
  /** Takes it over: retries and failure destination as declared. */
  enqueue(name: string, payload: string): void
}

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const SYNC_BYTES = 6 * 1024 * 1024
const ASYNC_BYTES = 1024 * 1024

export function createLambda(invoker: Invoker, arnOf: (name: string) => string): Service {
  return async ({ path, headers, text, denied }) => {
    const [, reference, query] = /^\/2015-03-31\/functions\/([^/?]+)\/invocations\/?(?:\?(.*))?$/.exec(path) ?? []
    if (!reference)
      return jsonError(404, 'ResourceNotFoundException', `The local stack does not play Lambda's ${path}.`)
    const name = decodeURIComponent(reference)
    const found = invoker.resolve(name, new URLSearchParams(query).get('Qualifier') ?? undefined)
    const denial = denied('lambda:InvokeFunction', found?.arn ?? arnOf(name))
    if (denial) return jsonError(403, 'AccessDeniedException', denial)
    if (!found) return jsonError(404, 'ResourceNotFoundException', `Function not found: ${arnOf(name)}`)
    const later = headers['x-amz-invocation-type'] === 'Event'
    if (Buffer.byteLength(text) > (later ? ASYNC_BYTES : SYNC_BYTES))
      return jsonError(
        413,
        'RequestTooLargeException',
        `Request must be smaller than ${later ? ASYNC_BYTES : SYNC_BYTES} bytes`,
      )
    if (later) {
      invoker.enqueue(found.name, text || '{}')
      return { status: 202, headers: {}, body: '' }
    }
    const outcome = await invoker.invoke(found.name, text || '{}')
    if (outcome === 'throttled') return jsonError(429, 'TooManyRequestsException', 'Rate Exceeded.')
    return {
      status: 200,
      headers: {
        'content-type': 'application/json',
        'x-amz-executed-version': '1',
        ...(!outcome.ok && { 'x-amz-function-error': 'Unhandled' }),
      },
      body: outcome.ok ? outcome.payload : JSON.stringify(outcome.error),
    }
  }
}

import { Agent, request } from 'undici'
import type { Exchange, Http } from '../world.ts'

/** Connections of one run: keep-alive, no redirects, all gone after `close`. */
export function openHttp(): Http {
  const agent = new Agent({
    connections: 16,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    connect: { timeout: 5_000 },
    maxResponseSize: 16 * 1024 * 1024,
  })
  return {
    async send({ method, url, headers, body }, { timeoutMs, signal }): Promise<Exchange> {
      try {
        const answer = await request(url, {
          dispatcher: agent,
          method,
          headers,
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
          headersTimeout: timeoutMs,
          bodyTimeout: timeoutMs,
          ...(body !== undefined && { body }),
        })
        const text = await answer.body.text()
        return { answered: true, status: answer.statusCode, headers: flat(answer.headers), body: parse(text) }
      } catch (error) {
        return failure(error)
      }
    },
    close: () => agent.destroy(),
  }
}

const flat = (headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  )

function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return text
  }
}

/** Codes of Node and undici that prove that nothing of the request reached the vendor, and what we call them. */
const NOT_SENT: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection-refused',
  ENOTFOUND: 'host-not-found',
  EAI_AGAIN: 'host-not-found',
  EHOSTUNREACH: 'host-unreachable',
  ENETUNREACH: 'host-unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate',
  CERT_HAS_EXPIRED: 'certificate',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate',
  EPROTO: 'tls',
}
const MAYBE_SENT: Readonly<Record<string, string>> = {
  ECONNRESET: 'connection-reset',
  EPIPE: 'connection-reset',
  UND_ERR_SOCKET: 'connection-reset',
  ETIMEDOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'answer-too-large',
  TimeoutError: 'timeout',
  AbortError: 'aborted',
}

/** `words` name the kind of failure only: messages of network errors may hold addresses and URLs. */
export function failure(error: unknown): Exchange {
  const { code, name, cause } = error as { code?: string; name?: string; cause?: { code?: string } }
  const codes = [code, cause?.code, name].filter(value => value !== undefined)
  const unsent = codes.find(value => NOT_SENT[value])
  if (unsent) return { answered: false, sent: 'no', code: NOT_SENT[unsent]!, words: unsent }
  const known = codes.find(value => MAYBE_SENT[value])
  return { answered: false, sent: 'maybe', code: known ? MAYBE_SENT[known]! : 'network', words: known ?? codes[0] ?? '' }
}

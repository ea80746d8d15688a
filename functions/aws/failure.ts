import type { Exchange } from '../world.ts'

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
  return {
    answered: false,
    sent: 'maybe',
    code: known ? MAYBE_SENT[known]! : 'network',
    words: known ?? codes[0] ?? '',
  }
}

/** JSON where it is JSON, else the text; undefined for an empty body. */
export function parse(text: string): unknown {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return text
  }
}

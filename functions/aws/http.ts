import { Agent, request } from 'undici'
import type { Exchange, Http } from '../world.ts'
import { failure, parse } from './failure.ts'

/** Connections of one run: keep-alive, no redirects, all gone after `close`. A connection has `connectMs` to be made, TLS included. */
export function openHttp({ connectMs = 5_000 } = {}): Http {
  const agent = new Agent({
    connections: 16,
    pipelining: 1,
    keepAliveTimeout: 10_000,
    connect: { timeout: connectMs },
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

import axios from 'axios'
import type { HttpRequest } from '../../core/connector.ts'
import type { Exchange } from '../world.ts'
import { failure, parse } from './failure.ts'

const ANSWER_BYTES = 1024 * 1024 // a token is a few kB; whatever is larger is no token

/** One token exchange. No redirect (it would carry the credentials elsewhere), no proxy of the environment. */
export async function exchange({ method, url, headers, body }: HttpRequest, timeoutMs: number): Promise<Exchange> {
  try {
    const answer = await axios.request<string>({
      method,
      url,
      headers: { ...headers },
      data: body,
      timeout: timeoutMs,
      signal: AbortSignal.timeout(timeoutMs), // axios' own timeout starts anew with every byte
      maxRedirects: 0,
      maxContentLength: ANSWER_BYTES,
      proxy: false,
      responseType: 'text',
      transformRequest: data => data,
      transformResponse: data => data,
      validateStatus: () => true,
    })
    return { answered: true, status: answer.status, headers: flat(answer.headers), body: parse(answer.data ?? '') }
  } catch (error) {
    return failure(translated(error))
  }
}

const flat = (headers: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name.toLowerCase(), String(value)]],
    ),
  )

/** axios' own names for what Node would call otherwise: https://axios-http.com/docs/handling_errors */
function translated(error: unknown): unknown {
  const { code, cause } = error as { code?: string; cause?: { code?: string } }
  if (code === 'ECONNABORTED' || code === 'ERR_CANCELED') return { code: 'ETIMEDOUT' }
  if (code === 'ERR_BAD_RESPONSE') return { code: 'UND_ERR_RES_EXCEEDED_MAX_SIZE' }
  return cause?.code ? cause : error
}

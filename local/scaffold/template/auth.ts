import type { Auth, Judgement, RawAnswer, Token } from '../../../core/connector.ts'
import { codeOf } from './errors.ts'
import type { Settings } from './settings.ts'

const HOUR_S = 3600 // a token's life where the answer names none

/** Client credentials: https://www.rfc-editor.org/rfc/rfc6749#section-4.4 */
export const auth: Auth<Settings> = {
  kind: 'token',
  secrets: { clientId: 'id of the app', clientSecret: 'its secret' },
  refreshEvery: 'rate(30 minutes)',
  exchange: (_settings, { clientId = '', clientSecret = '' }) => ({
    method: 'POST',
    url: 'https://api.sample.example/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
    }).toString(),
  }),
  read,
  sign: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${value}` } }),
}

function read(answer: RawAnswer, now: number): Token | Judgement {
  const { access_token: value, expires_in: lifeS } = (answer.body ?? {}) as { [field: string]: unknown }
  if (answer.status !== 200 || typeof value !== 'string' || value === '') return refusal(answer)
  return { value, expiresAt: now + (typeof lifeS === 'number' && lifeS > 0 ? lifeS : HOUR_S) * 1000 }
}

/** Wrong credentials do not heal by themselves; everything else may. */
function refusal({ status, body }: RawAnswer): Judgement {
  const code = codeOf(body) ?? (status < 300 ? 'no-token' : `http-${status}`)
  if (status === 429) return { verdict: 'throttled', code }
  return { verdict: status < 300 || status === 408 || status >= 500 ? 'retry' : 'misconfigured', code }
}

import type { Auth, HttpRequest, Judgement, RawAnswer, Secrets, Token } from '../../core/connector.ts'
import type { Settings } from './settings.ts'

const LOGIN = 'https://login.microsoftonline.com'
const HOUR_S = 3600

/**
 * The application's own login: one token for one environment, no refresh token.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export const clientCredentials: Auth<Settings> = {
  kind: 'token',
  secrets: {
    clientId: 'Application (client) ID of the app in Microsoft Entra',
    clientSecret: 'Value (not the ID) of one of its client secrets',
  },
  // A token lives about an hour; asking much more often is answered with AADSTS50196.
  refreshEvery: 'rate(45 minutes)',
  exchange,
  read,
  sign: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${value}` } }),
}

function exchange({ environment, directory }: Settings, { clientId = '', clientSecret = '' }: Secrets): HttpRequest {
  return {
    method: 'POST',
    url: `${LOGIN}/${encodeURIComponent(directory)}/oauth2/v2.0/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret,
      scope: `${environment}/.default`,
    }).toString(),
  }
}

function read(answer: RawAnswer, now: number): Token | Judgement {
  const { access_token: value, expires_in: lifeS } = fieldsOf(answer.body)
  if (answer.status >= 300 || typeof value !== 'string' || value === '') return refusal(answer)
  return { value, expiresAt: now + (typeof lifeS === 'number' && lifeS > 0 ? lifeS : HOUR_S) * 1000 }
}

// Codes: https://learn.microsoft.com/entra/identity-platform/reference-error-codes
const OUTAGES: readonly unknown[] = [90006, 90012, 90024, 90033, 90090]
const TOO_OFTEN: readonly unknown[] = [50196, 90055]
const PAUSE_MS = 300_000

/** Told by number: wrong and expired secrets, unknown apps and directories, blocked logins do not heal by themselves. */
function refusal({ status, body }: RawAnswer): Judgement {
  const { error, error_description: description, error_codes: codes, correlation_id: correlation } = fieldsOf(body)
  const number = Array.isArray(codes) ? codes[0] : undefined
  const code = typeof number === 'number' ? `AADSTS${number}` : typeof error === 'string' ? error : undefined
  const [said = ''] = typeof description === 'string' ? description.split(/\r?\n/) : []
  const words = [said, typeof correlation === 'string' ? `correlation ${correlation}` : ''].filter(Boolean).join('; ')
  return {
    verdict: verdictOf(status, number),
    code: code ?? (status < 300 ? 'no-token' : `http-${status}`),
    ...(words && { words }),
    ...(TOO_OFTEN.includes(number) && { waitMs: PAUSE_MS }),
  }
}

function verdictOf(status: number, number: unknown): 'retry' | 'throttled' | 'misconfigured' {
  if (TOO_OFTEN.includes(number)) return 'throttled'
  if (OUTAGES.includes(number)) return 'retry'
  if (status === 429) return 'throttled'
  return status === 408 || status >= 500 || status < 300 ? 'retry' : 'misconfigured'
}

const fieldsOf = (body: unknown): { readonly [name: string]: unknown } =>
  typeof body === 'object' && body !== null ? (body as { [name: string]: unknown }) : {}

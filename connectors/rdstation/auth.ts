import type { Auth, HttpRequest, Judgement, RawAnswer, Secrets, Token } from '../../core/connector.ts'
import { faultsOf } from './errors.ts'
import { DEFAULTS, type Settings } from './settings.ts'

const DAY_S = 86_400 // https://developers.rdstation.com/reference/atualizar-access-token

/** https://developers.rdstation.com/reference/autenticacao-api-key */
export const apiKey: Auth<Settings> = {
  kind: 'static',
  secrets: { apiKey: 'API key of the RD Station Marketing account (Integrations, API key)' },
  sign: (request, { apiKey: key = '' }) => {
    const url = new URL(request.url)
    url.searchParams.set('api_key', key)
    return { ...request, url: url.href }
  },
}

/** https://developers.rdstation.com/reference/criar-fluxo-renovacao-access-token */
export const oauth = ({ rotation = DEFAULTS.rotation }: Settings): Auth<Settings> => ({
  kind: 'token',
  secrets: {
    clientId: 'client_id of the app in RD Station App Publisher',
    clientSecret: 'its client_secret',
    refreshToken: 'refresh_token that the account owner’s authorisation of the app brought',
  },
  refreshEvery: 'rate(12 hours)',
  exchange,
  read: (answer, now, last) => read(answer, now, last, rotation),
  sign: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${value}` } }),
})

function exchange(settings: Settings, secrets: Secrets, last: Token | undefined): HttpRequest {
  const { tokenUrl = DEFAULTS.tokenUrl, tokenEncoding = DEFAULTS.tokenEncoding } = settings
  const body = {
    client_id: secrets.clientId ?? '',
    client_secret: secrets.clientSecret ?? '',
    refresh_token: last?.refresh ?? secrets.refreshToken ?? '',
  }
  const form = tokenEncoding === 'form'
  return {
    method: 'POST',
    url: tokenUrl,
    headers: {
      'content-type': form ? 'application/x-www-form-urlencoded' : 'application/json',
      accept: 'application/json',
    },
    body: form ? new URLSearchParams({ grant_type: 'refresh_token', ...body }).toString() : JSON.stringify(body),
  }
}

/** Whether refresh tokens rotate is not documented: one that comes is stored, unless the settings say to keep the first. */
function read(answer: RawAnswer, now: number, last: Token | undefined, rotation: 'store' | 'keep'): Token | Judgement {
  const { access_token: value, expires_in: lifeS, refresh_token: renewed } = fields(answer.body)
  if (answer.status >= 300 || typeof value !== 'string' || value === '') return refusal(answer)
  const refresh = rotation === 'store' && typeof renewed === 'string' && renewed ? renewed : last?.refresh
  return {
    value,
    expiresAt: now + (typeof lifeS === 'number' && lifeS > 0 ? lifeS : DAY_S) * 1000,
    ...(refresh && { refresh }),
  }
}

/** Wrong credentials and revoked refresh tokens do not heal by themselves: https://developers.rdstation.com/reference/erros-autenticacao */
function refusal({ status, body }: RawAnswer): Judgement {
  const [{ code, words } = {}] = faultsOf(body)
  const verdict =
    status === 429 ? 'throttled' : status === 408 || status >= 500 || status < 300 ? 'retry' : 'misconfigured'
  return { verdict, code: code ?? (status < 300 ? 'no-token' : `http-${status}`), ...(words && { words }) }
}

const fields = (body: unknown): { readonly [name: string]: unknown } =>
  typeof body === 'object' && body !== null ? (body as { [name: string]: unknown }) : {}

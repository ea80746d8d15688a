import { createPrivateKey, sign } from 'node:crypto'
import type { Auth, HttpRequest, Judgement, RawAnswer, Secrets, Token } from '../../core/connector.ts'
import { isObject } from './errors.ts'
import { DEFAULTS, type Settings } from './settings.ts'

const PATH = '/services/oauth2/token'
const MINUTE_MS = 60_000

const SECRETS = {
  // https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_client_credentials_flow.htm
  client_credentials: {
    clientId:
      'consumer key of the app (Setup, External Client App Manager), with the client credentials flow switched on',
    clientSecret: 'its consumer secret',
  },
  // https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_jwt_flow.htm
  jwt: {
    clientId: 'consumer key of the app that the certificate was uploaded to',
    username: 'user who was approved for the app beforehand',
    privateKey: 'private key of the certificate, PEM',
  },
  // https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_refresh_token_flow.htm
  refresh_token: {
    clientId: 'consumer key of the app',
    clientSecret: 'its consumer secret',
    refreshToken: "refresh token that the user's authorisation of the app brought",
  },
} as const

export const login = ({
  auth = DEFAULTS.auth,
  sessionMinutes = DEFAULTS.sessionMinutes,
}: Settings): Auth<Settings> => ({
  kind: 'token',
  secrets: SECRETS[auth],
  refreshEvery: `rate(${Math.floor(sessionMinutes / 2)} minutes)`,
  exchange: (settings, secrets, last, now) => post(settings, grantOf(settings, secrets, last, now)),
  read: (answer, now, last) => read(answer, now, last, sessionMinutes * MINUTE_MS),
  sign: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: `Bearer ${value}` } }),
})

const post = ({ loginUrl }: Settings, form: { [name: string]: string }): HttpRequest => ({
  method: 'POST',
  url: `${loginUrl}${PATH}`,
  headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
  body: new URLSearchParams(form).toString(),
})

function grantOf(
  settings: Settings,
  secrets: Secrets,
  last: Token | undefined,
  now: number,
): { [name: string]: string } {
  const { clientId = '', clientSecret = '', refreshToken = '' } = secrets
  const { auth = DEFAULTS.auth } = settings
  if (auth === 'jwt')
    return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: assertion(settings, secrets, now) }
  const app = { client_id: clientId, client_secret: clientSecret }
  if (auth === 'client_credentials') return { grant_type: 'client_credentials', ...app }
  return { grant_type: 'refresh_token', refresh_token: last?.refresh ?? refreshToken, ...app }
}

const ASSERTION_S = 180 // Salesforce takes an assertion for three minutes

function assertion(
  settings: Settings,
  { clientId = '', username = '', privateKey = '' }: Secrets,
  now: number,
): string {
  const claims = { iss: clientId, sub: username, aud: audienceOf(settings), exp: Math.floor(now / 1000) + ASSERTION_S }
  const signed = [{ alg: 'RS256' }, claims]
    .map(part => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${signed}.${signature(signed, privateKey)}`
}

const audienceOf = ({ audience, loginUrl }: Settings): string =>
  audience ?? `https://${/\.sandbox\.|\/\/test\./.test(loginUrl) ? 'test' : 'login'}.salesforce.com`

/** Empty for what is no private key: Salesforce then refuses the assertion, and its words reach the operator. */
function signature(text: string, privateKey: string): string {
  try {
    const key = createPrivateKey(privateKey.replaceAll('\\n', '\n')) // as it looks once it has been through a form
    return sign('sha256', Buffer.from(text), key).toString('base64url')
  } catch {
    return ''
  }
}

/** The answer names no lifetime: it is the session's, by settings. Where requests go is for the answer to say, each time anew. */
function read(answer: RawAnswer, now: number, last: Token | undefined, lifeMs: number): Token | Judgement {
  const {
    access_token: value,
    instance_url: instance,
    issued_at: issued,
    refresh_token: renewed,
  } = isObject(answer.body) ? answer.body : {}
  if (answer.status >= 300 || typeof value !== 'string' || value === '') return refusal(answer)
  const baseUrl = typeof instance === 'string' && instance ? instance.replace(/\/+$/, '') : last?.baseUrl
  // An app that rotates sends a new one, and the old one is dead.
  const refresh = typeof renewed === 'string' && renewed ? renewed : last?.refresh
  return {
    value,
    expiresAt: issueTime(issued, now, lifeMs) + lifeMs,
    ...(baseUrl && { baseUrl }),
    ...(refresh && { refresh }),
  }
}

/** Salesforce's clock (epoch ms, as text) where it can be believed: a token must not seem dead on arrival, nor live longer than from now. */
function issueTime(issued: unknown, now: number, lifeMs: number): number {
  const at = Number(issued)
  return at <= now && at > now - lifeMs / 2 ? at : now
}

/** https://help.salesforce.com/s/articleView?id=sf.remoteaccess_oauth_flow_errors.htm */
function refusal({ status, body }: RawAnswer): Judgement {
  const { error, error_description: description } = isObject(body) ? body : {}
  const code = typeof error === 'string' && error ? error : status < 300 ? 'no-token' : `http-${status}`
  const words = typeof description === 'string' ? description : typeof body === 'string' ? body : ''
  return { verdict: verdictOf(status, code, words), code, ...(words && { words }) }
}

/** Two who renew one refresh token at once: the loser's turn comes again. */
const RACE = /token request is already being processed|expired authorization code/i

function verdictOf(status: number, code: string, words: string): Judgement['verdict'] {
  if (code === 'rate_limit_exceeded' || /login rate exceeded/i.test(words) || status === 429) return 'throttled'
  if (code === 'invalid_grant' && RACE.test(words)) return 'retry'
  // 420: the edge has no route to the host just now. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
  return status < 300 || status === 408 || status === 420 || status >= 500 ? 'retry' : 'misconfigured'
}

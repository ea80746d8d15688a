import type { Auth, HttpRequest, Judgement, RawAnswer, Secrets, Token } from '../../core/connector.ts'
import { isObject, rules, saidIn } from './errors.ts'
import { DEFAULTS, type Settings } from './settings.ts'

const PATH = '/rest/api/v1.3/auth/token'
const MINUTE_MS = 60_000

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/GetStarted/Authentication/authenticating.htm */
export const login = ({ tokenMinutes = DEFAULTS.tokenMinutes }: Settings): Auth<Settings> => ({
  kind: 'token',
  secrets: {
    username: 'name of the API user in Responsys (Account, Users), with access to the list and tables',
    password: 'its password',
  },
  refreshEvery: `rate(${Math.floor(tokenMinutes * 0.75)} minutes)`,
  exchange,
  read: (answer, now, last) => read(answer, now, last, tokenMinutes * MINUTE_MS),
  sign: (request, { value }) => ({ ...request, headers: { ...request.headers, authorization: value } }), // no "Bearer"
})

/**
 * A living token buys the next one; a dead one is refused, and only then the engine logs in with the password, once:
 * wrong passwords are counted and lock the user.
 */
function exchange({ loginUrl }: Settings, secrets: Secrets, last: Token | undefined): HttpRequest {
  const { username = '', password = '' } = secrets
  return last?.refresh
    ? post(last.baseUrl ?? loginUrl, { auth_type: 'token' }, { authorization: last.refresh })
    : post(loginUrl, { user_name: username, password, auth_type: 'password' })
}

const post = (host: string, form: { [name: string]: string }, headers: HttpRequest['headers'] = {}): HttpRequest => ({
  method: 'POST',
  url: `${host}${PATH}`,
  headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...headers },
  body: new URLSearchParams(form).toString(),
})

function read(answer: RawAnswer, now: number, last: Token | undefined, lifeMs: number): Token | Judgement {
  const { authToken, issuedAt, endPoint } = isObject(answer.body) ? answer.body : {}
  if (answer.status >= 300 || typeof authToken !== 'string' || authToken === '') return refusal(answer)
  const baseUrl = typeof endPoint === 'string' && endPoint ? endPoint.replace(/\/+$/, '') : last?.baseUrl
  if (!baseUrl)
    return { verdict: 'misconfigured', code: 'no-endpoint', words: 'The login names no address for further requests' }
  return { value: authToken, refresh: authToken, baseUrl, expiresAt: issueTime(issuedAt, now, lifeMs) + lifeMs }
}

/** Oracle's clock where it can be believed: a token must not seem dead on arrival, nor live longer than from now. */
const issueTime = (issuedAt: unknown, now: number, lifeMs: number) =>
  typeof issuedAt === 'number' && issuedAt <= now && issuedAt > now - lifeMs / 2 ? issuedAt : now

/** A login knows three ways to fail; a token that cannot be renewed is for the password to replace. */
function refusal(answer: RawAnswer): Judgement {
  const { code = answer.status < 300 ? 'no-token' : `http-${answer.status}`, words } = saidIn(answer)
  const rule = rules.find(one => one.code === code || (Array.isArray(one.code) && one.code.includes(code)))
  const waitMs = rule?.waitMs
  const verdict = rule?.verdict ?? byStatus(answer.status)
  return {
    verdict: verdict === 'throttled' || verdict === 'retry' ? verdict : 'misconfigured',
    code,
    ...(words && { words }),
    ...(waitMs !== undefined && { waitMs }),
  }
}

const byStatus = (status: number): Judgement['verdict'] =>
  status === 429 ? 'throttled' : status < 300 || status === 408 || status >= 500 ? 'retry' : 'misconfigured'

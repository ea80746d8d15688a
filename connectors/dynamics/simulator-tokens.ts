import type { HttpRequest } from '../../core/connector.ts'

const LIFE_S = 3599
type Issued = { status: number; body: object }

/**
 * Microsoft Entra: tokens carry their account, environment and end, so that the fake knows those of an earlier life again.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export function createTokens(clock: { now(): number }) {
  const alive = new Set<string>()
  let expired = false
  let issued = 0

  function issue(directory: string, request: HttpRequest): Issued {
    if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
      return deny(900144, 'invalid_request', "The request body must contain the following parameter: 'grant_type'.")
    const body = Object.fromEntries(new URLSearchParams(request.body ?? ''))
    const missing = ['grant_type', 'client_id', 'client_secret', 'scope'].find(name => !body[name])
    if (missing)
      return deny(900144, 'invalid_request', `The request body must contain the following parameter: '${missing}'.`)
    if (['common', 'organizations', 'consumers'].includes(directory))
      return deny(
        50194,
        'invalid_request',
        `The application is not configured as a multi-tenant application. Usage of the /${directory} endpoint is not supported.`,
      )
    if (directory.startsWith('unknown')) return deny(90002, 'invalid_request', `Tenant '${directory}' not found.`)
    const [, environment] = /^(https:\/\/[a-z0-9.-]+\.dynamics\.com)\/\.default$/.exec(body.scope ?? '') ?? []
    if (!environment)
      return deny(70011, 'invalid_scope', 'The provided value for the input parameter scope is not valid.')
    const [, account] = /^app-of-([a-z0-9-]+)$/.exec(body.client_id ?? '') ?? []
    if (!account) return deny(700016, 'unauthorized_client', 'The application was not found in the directory.')
    if (body.client_secret !== `secret-of-${account}`)
      return deny(
        7000215,
        'invalid_client',
        'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.',
        401,
      )
    const value = `access-of-${account}@${new URL(environment).hostname}.${clock.now() + LIFE_S * 1000}.${++issued}`
    alive.add(value)
    return {
      status: 200,
      body: { token_type: 'Bearer', expires_in: LIFE_S, ext_expires_in: LIFE_S, access_token: value },
    }
  }

  return {
    issue,
    /** Whose Bearer token the request carries, if it is good for this environment. */
    accountOf({ headers }: HttpRequest, hostname: string): string | undefined {
      const [, value = '', account, environment, until] =
        /^Bearer (access-of-([a-z0-9-]+)@([a-z0-9.-]+)\.(\d+)\.\d+)$/.exec(headers.authorization ?? '') ?? []
      const good = environment === hostname && Number(until) > clock.now() && (!expired || alive.has(value))
      return good ? account : undefined
    },
    expireAll() {
      expired = true
      alive.clear()
    },
  }
}

const TRACE = 'f0e1d2c3-0000-4000-8000-a1b2c3d4e5f6'
const deny = (code: number, error: string, message: string, status = 400): Issued => ({
  status,
  body: {
    error,
    error_description: `AADSTS${code}: ${message} Trace ID: ${TRACE}\r\nCorrelation ID: ${TRACE}\r\n`,
    error_codes: [code],
    trace_id: TRACE,
    correlation_id: TRACE,
  },
})

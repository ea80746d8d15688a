import type { HttpRequest } from '../../core/connector.ts'

const DAY_S = 86_400
type Issued = { status: number; body: object }

/**
 * The OAuth side: tokens carry their account and number, so that the fake knows those of an earlier life again. A refresh
 * token is dead as soon as the one that it brought has been used.
 */
export function createTokens(clock: { now(): number }) {
  const oldestValid = new Map<string, number>()
  const alive = new Set<string>()
  let expired = false
  let issued = 0

  function issue(request: HttpRequest): Issued {
    const body = credentialsIn(request)
    if (!body) return deny('UNSUPPORTED_MEDIA_TYPE', 'The content type is not supported.', 415)
    const account = /^app-of-([a-z0-9-]+)$/.exec(body.client_id ?? '')?.[1]
    if (!account || body.client_secret !== `secret-of-${account}`)
      return deny('ACCESS_DENIED', 'Wrong credentials provided.')
    const [, owner, number] = /^refresh-of-([a-z0-9-]+)\.(\d+)$/.exec(body.refresh_token ?? '') ?? []
    const generation = Number(number)
    if (owner !== account || generation < (oldestValid.get(account) ?? 0))
      return deny('INVALID_REFRESH_TOKEN', 'The provided refresh token is invalid or was revoked.')
    oldestValid.set(account, generation)
    const value = `access-of-${account}.${clock.now() + DAY_S * 1000}.${++issued}`
    alive.add(value)
    return {
      status: 200,
      body: { access_token: value, expires_in: DAY_S, refresh_token: `refresh-of-${account}.${generation + 1}` },
    }
  }

  return {
    issue,
    /** Whose Bearer token the request carries, if it is good. */
    accountOf({ headers }: HttpRequest): string | undefined {
      const [, value = '', account, until] =
        /^Bearer (access-of-([a-z0-9-]+)\.(\d+)\.\d+)$/.exec(headers.authorization ?? '') ?? []
      const good = Number(until) > clock.now() && (!expired || alive.has(value))
      return good ? account : undefined
    },
    expireAll() {
      expired = true
      alive.clear()
    },
  }
}

/** JSON or form, as both are accepted; undefined for anything else. */
function credentialsIn({ headers, body = '' }: HttpRequest): { [name: string]: string } | undefined {
  const type = headers['content-type'] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(body))
  try {
    return type.startsWith('application/json') ? JSON.parse(body) : undefined
  } catch {
    return undefined
  }
}

const deny = (error_type: string, error_message: string, status = 401): Issued => ({
  status,
  body: { errors: { error_type, error_message } },
})

import type { HttpRequest } from '../../core/connector.ts'
import type { VendorAnswer } from '../../core/simulator.ts'
import { DEFAULTS } from './settings.ts'
import { envelope } from './simulator-envelope.ts'

const LIFE_MS = DEFAULTS.tokenMinutes * 60_000
const WRONG_PASSWORDS = 5
type Issued = { account: string; answer: Exclude<VendorAnswer, string> }

/**
 * The login side: tokens carry their account and time, so that the fake knows those of an earlier life again. A user whose
 * password was wrong too often is locked.
 */
export function createLogins(clock: { now(): number }, endPoint: string) {
  const alive = new Set<string>()
  const wrong = new Map<string, number>()
  let expired = false
  let issued = 0

  function grant(account: string): Issued {
    const at = clock.now()
    const authToken = `token-of-${account}.${at}.${++issued}`
    alive.add(authToken)
    return { account, answer: { status: 200, body: { authToken, issuedAt: at, endPoint } } }
  }
  const deny = (status: number, code: string, title: string): Issued => ({
    account: '',
    answer: envelope(status, code, title),
  })

  function byPassword(user: string, password: string | null): Issued {
    const failures = wrong.get(user) ?? 0
    if (failures >= WRONG_PASSWORDS) return deny(401, 'PASSWORD_LOCKOUT', 'Password locked')
    const account = /^api-of-([a-z0-9-]+)$/.exec(user)?.[1]
    if (account && password === `secret-of-${account}`) return grant(account)
    wrong.set(user, failures + 1)
    return deny(400, 'INVALID_USER_NAME_PASSWORD', 'Invalid username or password')
  }

  /** Whose token the request carries, raw and unadorned, if it is good. */
  function accountOf({ headers }: HttpRequest): string | undefined {
    const value = headers.authorization ?? ''
    const [, account, at] = /^token-of-([a-z0-9-]+)\.(\d+)\.\d+$/.exec(value) ?? []
    return Number(at) + LIFE_MS > clock.now() && (!expired || alive.has(value)) ? account : undefined
  }

  return {
    accountOf,
    /** `renewing`: at the address for API calls, where only a living token can be exchanged. */
    issue(request: HttpRequest, renewing: boolean): Issued {
      if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
        return deny(415, 'INVALID_REQUEST_CONTENT', 'Invalid request content')
      const form = new URLSearchParams(request.body ?? '')
      if (form.get('auth_type') === 'token') {
        const account = accountOf(request)
        return account ? grant(account) : deny(401, 'INVALID_TOKEN', 'Not a valid token')
      }
      if (renewing || form.get('auth_type') !== 'password')
        return deny(400, 'INVALID_PARAMETER', 'Invalid request parameters')
      return byPassword(form.get('user_name') ?? '', form.get('password'))
    },
    expireAll() {
      expired = true
      alive.clear()
    },
  }
}

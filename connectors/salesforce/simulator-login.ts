import { verify } from 'node:crypto'
import type { HttpRequest } from '../../core/connector.ts'
import { publicKey } from './simulator-key.ts'

const SESSION_MS = 7_200_000 // the default of an org
const SHARED = /^(?:login|test)\.salesforce\.com$/

type Form = { readonly [name: string]: string }
type Issued = { status: number; body: object }
type Grant = { account: string; refresh?: string } | Issued

/**
 * OAuth of the org: tokens carry their account, so that the fake knows those of an earlier life again. The app rotates: a
 * refresh token is dead as soon as the one that it brought has been used.
 */
export function createLogins(clock: { now(): number }, instance: string) {
  const oldestValid = new Map<string, number>()
  const alive = new Set<string>()
  let expired = false
  let issued = 0

  function grantOf(form: Form, host: string): Grant {
    if (form.grant_type === 'client_credentials') return byCredentials(form, host)
    if (form.grant_type === 'refresh_token') return byRefreshToken(form)
    if (form.grant_type === 'urn:ietf:params:oauth:grant-type:jwt-bearer') return byAssertion(form, clock.now())
    return deny('unsupported_grant_type', 'grant type not supported')
  }

  function byRefreshToken(form: Form): Grant {
    const account = accountOfApp(form)
    if (typeof account !== 'string') return account
    const [, owner, number] = /^refresh-of-([a-z0-9-]+)\.(\d+)$/.exec(form.refresh_token ?? '') ?? []
    const generation = Number(number)
    if (owner !== account || generation < (oldestValid.get(account) ?? 0))
      return deny('invalid_grant', 'expired access/refresh token')
    oldestValid.set(account, generation)
    return { account, refresh: `refresh-of-${account}.${generation + 1}` }
  }

  return {
    issue(request: HttpRequest): Issued {
      if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded'))
        return deny('invalid_request', 'the body is no form')
      const form = Object.fromEntries(new URLSearchParams(request.body ?? ''))
      const grant = grantOf(form, new URL(request.url).hostname)
      if ('status' in grant) return grant
      const now = Math.floor(clock.now()) // the token names its end in whole milliseconds
      const value = `00D0000!AQ.${grant.account}.${now + SESSION_MS}.${++issued}`
      alive.add(value)
      const body = {
        access_token: value,
        instance_url: instance,
        token_type: 'Bearer',
        issued_at: String(now),
        scope: 'api',
      }
      return { status: 200, body: { ...body, ...(grant.refresh && { refresh_token: grant.refresh }) } }
    },
    /** Whose token the request carries; undefined for one that is dead, null for a header that is none. */
    accountOf({ headers }: HttpRequest): string | undefined | null {
      const [, value] = /^(?:Bearer|OAuth) (\S+)$/.exec(headers.authorization ?? '') ?? []
      if (value === undefined) return null
      const [, account, until] = /^00D0000!AQ\.([a-z0-9-]+)\.(\d+)\.\d+$/.exec(value) ?? []
      return Number(until) > clock.now() && (!expired || alive.has(value)) ? account : undefined
    },
    expireAll() {
      expired = true
      alive.clear()
    },
  }
}

function accountOfApp({ client_id: id = '', client_secret: secret }: Form): string | Issued {
  const account = /^app-of-([a-z0-9-]+)$/.exec(id)?.[1]
  if (!account) return deny('invalid_client_id', 'client identifier invalid')
  return secret === `secret-of-${account}` ? account : deny('invalid_client', 'invalid client credentials')
}

function byCredentials(form: Form, host: string): Grant {
  if (SHARED.test(host)) return deny('invalid_grant', 'request not supported on this domain')
  const account = accountOfApp(form)
  return typeof account === 'string' ? { account } : account
}

function byAssertion({ assertion = '' }: Form, now: number): Grant {
  const [head = '', body = '', signature = ''] = assertion.split('.')
  const { alg } = jsonIn(head)
  const { iss, sub, aud, exp } = jsonIn(body)
  const signed = Buffer.from(`${head}.${body}`)
  if (alg !== 'RS256' || !signature || !verify('sha256', signed, publicKey(), Buffer.from(signature, 'base64url')))
    return deny('invalid_grant', 'invalid assertion')
  const account = /^app-of-([a-z0-9-]+)$/.exec(String(iss))?.[1]
  if (!account) return deny('invalid_client_id', 'client identifier invalid')
  if (aud !== 'https://login.salesforce.com' && aud !== 'https://test.salesforce.com')
    return deny('invalid_grant', 'audience is invalid')
  const left = Number(exp) - now / 1000
  if (!(left > 0 && left <= 300)) return deny('invalid_grant', 'expired authorization assertion')
  return sub === `connect@${account}.example.com`
    ? { account }
    : deny('invalid_grant', "user hasn't approved this consumer")
}

function jsonIn(part: string): { readonly [name: string]: unknown } {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return {}
  }
}

const deny = (error: string, error_description: string, status = 400): Issued => ({
  status,
  body: { error, error_description },
})

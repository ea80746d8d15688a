import { createHash } from 'node:crypto'
import { InvokeCommand } from '@aws-sdk/client-lambda'
import type { AnyConnector, HttpRequest, Secrets } from '../../core/connector.ts'
import type { Destination } from '../../core/tenant.ts'
import { type AccessToken, type AccountLimits, belongs, readAccountLimits, usable } from '../../core/token.ts'
import { readCredentials } from '../aws/credentials.ts'
import { readAccess } from '../aws/tokens.ts'
import type { RefreshEvent, RefreshResult, World } from '../world.ts'

/** What signs a request. `id` changes when there is another: a new token, another version of the secret. */
export type Credential = {
  ok: true
  id: string
  sign(request: HttpRequest): HttpRequest
  baseUrl?: string
  limits?: AccountLimits
}
export type NoCredential = Extract<RefreshResult, { ok: false }>

export type Credentials = {
  read(connector: AnyConnector, destination: Destination): Promise<Credential | NoCredential>
  /** A fresh one after `failed` was refused; a `failed` that somebody has replaced already costs no login. */
  renew(connector: AnyConnector, destination: Destination, failed: Credential): Promise<Credential | NoCredential>
  /** Of the credential at hand, without asking for one: `none` where there is none. */
  id(connector: AnyConnector, destination: Destination): Promise<string>
}
type CredentialWorld = Pick<World, 'dynamo' | 'env' | 'lambda' | 'now' | 'secrets'>

/** `process` reads access tokens, never refresh tokens; a vendor with static keys is the only reason to read a secret. */
export function createCredentials(world: CredentialWorld): Credentials {
  const keys = cachedKeys(world)

  const fromToken = async (connector: AnyConnector, destination: Destination, why: Wish) => {
    const auth = connector.auth(destination.settings)
    if (auth.kind !== 'token') throw new Error(`${connector.name} has no tokens`)
    const { account } = destination
    if (why === undefined) {
      const stored = await readAccess(world, connector.name, account)
      if (!stored || !usable(stored, world.now())) return fromToken(connector, destination, { why: 'missing' })
      return {
        ok: true,
        id: String(stored.version),
        sign: (request: HttpRequest) => auth.sign(request, stored),
        ...base(stored),
      } as const
    }
    const result = await refresh(world, { account, ...why })
    if (!result.ok) return result
    const stored = await readAccess(world, connector.name, account)
    if (!stored) return { ok: false, verdict: 'retry', code: 'token-not-published', words: '' } as const
    if (stored.baseUrl !== undefined && !belongs(stored.baseUrl, connector.hosts))
      return {
        ok: false,
        verdict: 'misconfigured',
        code: 'strange-host',
        words: 'The token names a host that is not the vendor’s',
      } as const
    return {
      ok: true,
      id: String(stored.version),
      sign: (request: HttpRequest) => auth.sign(request, stored),
      ...base(stored),
    } as const
  }

  const fromSecret = async (connector: AnyConnector, destination: Destination, reread: boolean) => {
    const auth = connector.auth(destination.settings)
    if (auth.kind !== 'static') throw new Error(`${connector.name} has no static keys`)
    const found = await keys(connector, destination, reread)
    if (!found.ok) return found
    return { ok: true, id: found.id, sign: (request: HttpRequest) => auth.sign(request, found.secrets) } as const
  }

  const isStatic = (connector: AnyConnector, destination: Destination) =>
    connector.auth(destination.settings).kind === 'static'
  return {
    read: (connector, destination): Promise<Credential | NoCredential> =>
      isStatic(connector, destination)
        ? fromSecret(connector, destination, false)
        : fromToken(connector, destination, undefined),
    async renew(connector, destination, failed): Promise<Credential | NoCredential> {
      if (isStatic(connector, destination)) {
        const again = await fromSecret(connector, destination, true)
        if (!again.ok || again.id !== failed.id) return again
        return { ok: false, verdict: 'misconfigured', code: 'key-refused', words: 'The vendor refuses the key' }
      }
      return fromToken(connector, destination, { why: 'unauthorized', failedVersion: Number(failed.id) })
    },
    async id(connector, destination): Promise<string> {
      if (isStatic(connector, destination)) {
        const found = await keys(connector, destination, true)
        return found.ok ? found.id : 'none'
      }
      return String((await readAccess(world, connector.name, destination.account))?.version ?? 'none')
    },
  }
}
type Wish = Omit<RefreshEvent, 'account'> | undefined
const base = ({ baseUrl, limits }: AccessToken) => ({
  ...(baseUrl !== undefined && { baseUrl }),
  limits: readAccountLimits(limits),
})

async function refresh(world: CredentialWorld, event: RefreshEvent): Promise<RefreshResult> {
  const { Payload, FunctionError } = await world.lambda.send(
    new InvokeCommand({ FunctionName: world.env.REFRESH_FUNCTION, Payload: JSON.stringify(event) }),
  )
  if (FunctionError) return { ok: false, verdict: 'retry', code: 'refresh-failed', words: '' }
  return JSON.parse(Buffer.from(Payload ?? []).toString())
}

const FRESH_MS = 300_000

/** Static keys by account, read again after five minutes or on request. `id` changes with what the secret holds. */
function cachedKeys(world: CredentialWorld) {
  const known = new Map<string, Keys & { at: number }>()
  return async (connector: AnyConnector, { account, settings }: Destination, reread: boolean): Promise<Keys> => {
    const cached = known.get(account)
    if (cached && !reread && world.now() < cached.at + FRESH_MS) return cached
    const found = await readCredentials(world, connector.name, account, connector.auth(settings).secrets)
    const keys: Keys = found.ok
      ? { ok: true, id: fingerprint(found.secrets), secrets: found.secrets }
      : { ok: false, verdict: 'misconfigured', code: found.code, words: found.problem }
    known.set(account, { ...keys, at: world.now() })
    return keys
  }
}
type Keys = { ok: true; id: string; secrets: Secrets } | NoCredential

const fingerprint = (secrets: Secrets): string =>
  createHash('sha256')
    .update(JSON.stringify(Object.entries(secrets).sort()))
    .digest('base64url')
    .slice(0, 16)

import { InvokeCommand } from '@aws-sdk/client-lambda'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import type { AnyConnector, HttpRequest, Secrets } from '../../core/connector.ts'
import type { Destination } from '../../core/tenant.ts'
import { belongs, usable } from '../../core/token.ts'
import { readAccess } from '../aws/tokens.ts'
import type { RefreshEvent, RefreshResult, World } from '../world.ts'

/** What signs a request. `id` changes when there is another: a new token, another version of the secret. */
export type Credential = { ok: true; id: string; sign(request: HttpRequest): HttpRequest; baseUrl?: string }
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
  const secrets = cachedSecrets(world)

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
    const name = `/connect/${connector.name}/${destination.account}/credentials`
    const found = await secrets(name, reread)
    const missing = Object.keys(auth.secrets).filter(key => !found.values[key])
    if (missing.length)
      return {
        ok: false,
        verdict: 'misconfigured',
        code: 'no-credentials',
        words: `The secret ${name} has no ${missing.join(', ')}`,
      } as const
    return { ok: true, id: found.version, sign: (request: HttpRequest) => auth.sign(request, found.values) } as const
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
        const { version } = await secrets(`/connect/${connector.name}/${destination.account}/credentials`, false)
        return version
      }
      return String((await readAccess(world, connector.name, destination.account))?.version ?? 'none')
    },
  }
}
type Wish = Omit<RefreshEvent, 'account'> | undefined
const base = ({ baseUrl }: { baseUrl?: string }) => (baseUrl === undefined ? {} : { baseUrl })

async function refresh(world: CredentialWorld, event: RefreshEvent): Promise<RefreshResult> {
  const { Payload, FunctionError } = await world.lambda.send(
    new InvokeCommand({ FunctionName: world.env.REFRESH_FUNCTION, Payload: JSON.stringify(event) }),
  )
  if (FunctionError) return { ok: false, verdict: 'retry', code: 'refresh-failed', words: '' }
  return JSON.parse(Buffer.from(Payload ?? []).toString())
}

const FRESH_MS = 300_000

/** Secrets by name, read again after five minutes or on request. */
function cachedSecrets(world: CredentialWorld) {
  const known = new Map<string, { at: number; version: string; values: Secrets }>()
  return async (name: string, reread: boolean): Promise<{ version: string; values: Secrets }> => {
    const cached = known.get(name)
    if (cached && !reread && world.now() < cached.at + FRESH_MS) return cached
    const found = { at: world.now(), ...(await readSecret(world, name)) }
    known.set(name, found)
    return found
  }
}

/** A secret that nobody has filled yet, or that is not JSON, has no values: the caller names what is missing. */
async function readSecret(world: CredentialWorld, name: string): Promise<{ version: string; values: Secrets }> {
  try {
    const { SecretString, VersionId = '' } = await world.secrets.send(new GetSecretValueCommand({ SecretId: name }))
    return { version: VersionId, values: parseSecrets(SecretString ?? '') }
  } catch (error) {
    if ((error as { name?: string }).name === 'ResourceNotFoundException') return { version: 'none', values: {} }
    throw error
  }
}

function parseSecrets(text: string): Secrets {
  try {
    const value: unknown = JSON.parse(text)
    return value && typeof value === 'object' ? (value as Secrets) : {}
  } catch {
    return {}
  }
}

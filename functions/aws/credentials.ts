import { GetSecretValueCommand, ResourceNotFoundException } from '@aws-sdk/client-secrets-manager'
import type { Secrets } from '../../core/connector.ts'
import type { World } from '../world.ts'

export const credentialsName = (connector: string, account: string): string =>
  `/connect/${connector}/${account}/credentials`

/** What a vendor proves itself with when it calls us: apart from the credentials, because who listens must not be able to speak. */
export const webhookName = (connector: string, account: string): string => `/connect/${connector}/${account}/webhook`

/** `problem`: a sentence that names the secret, what it lacks, and the command that sets it; never a value. */
export type Credentials = { ok: true; secrets: Secrets } | { ok: false; code: string; problem: string }

/** What an operator has put into the account's secret: see `readSecrets`. */
export const readCredentials = (
  world: Pick<World, 'secrets'>,
  connector: string,
  account: string,
  needed: { readonly [name: string]: string },
): Promise<Credentials> => readSecrets(world, credentialsName(connector, account), needed)

/**
 * Reads a secret that an operator has set: a JSON object of texts with at least the names of `needed` (name to what belongs
 * there). Throws only if Secrets Manager cannot be reached.
 */
export async function readSecrets(
  world: Pick<World, 'secrets'>,
  SecretId: string,
  needed: { readonly [name: string]: string },
): Promise<Credentials> {
  const problem = (code: string, fault: string): Credentials => ({
    ok: false,
    code,
    problem: `The secret ${SecretId} ${fault}: aws secretsmanager put-secret-value --secret-id ${SecretId} --secret-string file://credentials.json`,
  })
  const text = await readSecret(world, SecretId)
  if (!text) return problem('credentials-missing', `is empty; put a JSON object with ${listed(needed)} there`)
  const secrets = asSecrets(text)
  if (!secrets) return problem('credentials-unreadable', `is not a JSON object of texts; it needs ${listed(needed)}`)
  const missing = Object.fromEntries(Object.entries(needed).filter(([name]) => !secrets[name]))
  if (Object.keys(missing).length) return problem('credentials-incomplete', `lacks ${listed(missing)}`)
  return { ok: true, secrets }
}

const listed = (names: { readonly [name: string]: string }): string =>
  Object.entries(names)
    .map(([name, what]) => `"${name}" (${what})`)
    .join(', ')

async function readSecret(world: Pick<World, 'secrets'>, SecretId: string): Promise<string | undefined> {
  try {
    const { SecretString } = await world.secrets.send(new GetSecretValueCommand({ SecretId }))
    return SecretString
  } catch (error) {
    // The program makes the secret without a value: until there is one, it "does not exist".
    if (error instanceof ResourceNotFoundException) return undefined
    throw error
  }
}

function asSecrets(text: string): Secrets | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.values(value).every(entry => typeof entry === 'string') ? (value as Secrets) : undefined
  } catch {
    return undefined
  }
}

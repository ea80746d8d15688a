import { randomUUID } from 'node:crypto'
import { all, type Program } from '../declared.ts'
import { json, jsonError, type Service } from '../gateway.ts'
import type { Store } from '../store.ts'

/** A secret as declared; `value` where the program itself writes one. */
export type DeclaredSecret = { name: string; arn: string; value?: string }
type Version = { id: string; value: string; at: number }
export type StoredSecrets = { [name: string]: Version[] }

export type Secrets = {
  service: Service
  /** The current value; undefined while nobody has put one. */
  value(name: string): string | undefined
  put(name: string, value: string): void
}

/** Secrets Manager: reading the current value, and putting a new one; kept in `store`. */
export function createSecrets(
  declared: readonly DeclaredSecret[],
  store: Store<StoredSecrets>,
  arnOf: (name: string) => string,
): Secrets {
  const stored = store.read()
  const put = (name: string, value: string): Version => {
    const version = { id: randomUUID(), value, at: Date.now() }
    stored[name] = [...(stored[name] ?? []).slice(-1), version]
    store.write(stored)
    return version
  }
  for (const { name, value } of declared)
    if (value !== undefined && stored[name]?.at(-1)?.value !== value) put(name, value)

  const service: Service = async ({ operation, text, denied }) => {
    const body = JSON.parse(text) as { SecretId: string; SecretString?: string; VersionStage?: string }
    const secret = declared.find(({ name, arn }) => name === body.SecretId || arn === body.SecretId)
    const denial = denied(`secretsmanager:${operation}`, secret?.arn ?? arnOf(body.SecretId))
    if (denial) return jsonError(400, 'AccessDeniedException', denial)
    if (!secret) return jsonError(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    const about = { ARN: secret.arn, Name: secret.name }
    if (operation === 'PutSecretValue') {
      const { id } = put(secret.name, body.SecretString ?? '')
      return json({ ...about, VersionId: id, VersionStages: ['AWSCURRENT'] })
    }
    if (operation !== 'GetSecretValue')
      return jsonError(400, 'InvalidRequestException', `The local stack does not play secretsmanager:${operation}.`)
    const stage = body.VersionStage ?? 'AWSCURRENT'
    const version = stored[secret.name]?.at(stage === 'AWSPREVIOUS' ? -2 : -1)
    if (!version)
      return jsonError(
        400,
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
      )
    return json({
      ...about,
      VersionId: version.id,
      SecretString: version.value,
      VersionStages: [stage],
      CreatedDate: version.at / 1000,
    })
  }
  return { service, value: name => stored[name]?.at(-1)?.value, put }
}

/** The program's secrets, with the values that it writes itself. */
export function secretsOf(program: Program): DeclaredSecret[] {
  const versions = all(program, 'aws:secretsmanager/secretVersion:SecretVersion')
  return all(program, 'aws:secretsmanager/secret:Secret').map(({ id, outputs: { name, arn } }) => {
    const written = versions.find(({ inputs }) => inputs.secretId === id || inputs.secretId === name)
    const value = written?.inputs.secretString
    return { name, arn, ...(value !== undefined && { value }) }
  })
}

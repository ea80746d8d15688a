import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SNSClient } from '@aws-sdk/client-sns'
import type { Env, World } from '../world.ts'

/** The parts of the real world that cost nothing. Each client below is made only by the entries that use it. */
export const base = (): Pick<World, 'env' | 'now' | 'random' | 'uuid' | 'sleep' | 'write'> => ({
  env: process.env as unknown as Env,
  now: Date.now,
  random: Math.random,
  uuid: randomUUID,
  sleep: (ms, signal) => wait(ms, undefined, { ...(signal && { signal }) }).catch(() => {}),
  write: line => void process.stdout.write(`${line}\n`),
})

// Short waits and few tries: a caller waits behind each of these calls, and every one of them is repeated by design.
const patience = { maxAttempts: 3, requestHandler: { connectionTimeout: 500, requestTimeout: 2_000 } }

export const dynamo = () => new DynamoDBClient(patience)
export const secrets = () => new SecretsManagerClient(patience)
export const sns = () => new SNSClient(patience)
/** Synchronous calls of `refresh` wait for a vendor's login: up to its own timeout of 30 s. */
export const lambda = (requestTimeout = 35_000) =>
  new LambdaClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 500, requestTimeout } })

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

/**
 * `cacheMiddleware`: the steps of a call are put together once for each kind of call. What describes each call for a logger, and
 * this program's SDK to AWS, is left out: together an eighth of a call's CPU (bench/README.md).
 */
export const dynamo = () => {
  const client = new DynamoDBClient({ ...patience, cacheMiddleware: true })
  for (const step of ['loggerMiddleware', 'getUserAgentMiddleware']) client.middlewareStack.remove(step)
  return client
}
export const secrets = () => new SecretsManagerClient(patience)
export const sns = () => new SNSClient(patience)
/** Synchronous calls of `refresh` wait for a vendor's login: up to its own timeout of 30 s. */
export const lambda = (requestTimeout = 35_000) =>
  new LambdaClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 500, requestTimeout } })

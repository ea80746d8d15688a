import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { type Answer, refusal, unavailable, wrongMethod } from '../core/answer.ts'
import { hashesFromHex, matchesHash } from '../core/caller.ts'
import type { HookCall, Secrets, Webhook } from '../core/connector.ts'
import { HOOK_BYTES } from '../core/inbox.ts'
import { createLog } from '../core/log.ts'
import { type Destination, destinationName } from '../core/tenant.ts'
import { storeHook } from './aws/inbox.ts'
import { createTenants } from './aws/tenants.ts'
import { createHookSecrets } from './hook-secrets.ts'
import type { World } from './world.ts'

/** An address that a vendor calls, and what is known of it. */
type Door = { webhook: Webhook<object>; destination: Destination; secrets: Secrets }

/**
 * Where vendors call: `/v1/hooks/{tenant}/{connector}`. What the vendor has signed is stored before it is looked into, and
 * answered at once; functions/inbox.ts works it off. Whatever a caller does wrong is a 4xx.
 */
export function createHooks(
  world: Pick<World, 'env' | 'now' | 'dynamo' | 'secrets' | 'write'>,
  webhooks: Readonly<Record<string, Webhook<object>>>,
): (event: LambdaFunctionURLEvent) => Promise<Answer> {
  const log = createLog({ ...world, level: world.env.LOG_LEVEL }, 'hooks')
  const originHashes = hashesFromHex((world.env.ORIGIN_SECRET_HASHES ?? '').split(','))
  const tenants = createTenants(world)
  const secretsOf = createHookSecrets(world, problem => log.error('no webhook secret', { problem }))
  const count = (values: { [metric: string]: number }, { connector, tenant }: Destination) =>
    log.metrics({ Stack: world.env.CONNECT_STACK, Destination: destinationName(tenant, connector) }, values)

  return async event => {
    if (!matchesHash(event.headers['x-connect-origin'], originHashes)) {
      log.metrics({ Stack: world.env.CONNECT_STACK }, { directHits: 1 })
      return refusal(403, 'this endpoint is reached through its edge only', {})
    }
    const { requestId } = event.requestContext
    try {
      const answer = await answerTo(event)
      if (answer.statusCode >= 400) log.info('refused', { requestId, status: answer.statusCode, path: event.rawPath })
      return answer
    } catch (error) {
      log.error('failed', { requestId, error: String(error) })
      return unavailable({})
    }
  }

  async function answerTo(event: LambdaFunctionURLEvent): Promise<Answer> {
    const { method } = event.requestContext.http
    const found = await doorAt(event.rawPath)
    if ('statusCode' in found) return found
    if (method === 'GET') return shakeHands(found, event)
    return method === 'POST' ? take(found, event) : wrongMethod(['GET', 'POST'], {})
  }

  async function doorAt(path: string): Promise<Door | Answer> {
    const [, tenant = '', name = ''] = /^\/v1\/hooks\/([a-z0-9-]{1,64})\/([a-z]{1,32})$/.exec(path) ?? []
    const webhook = Object.hasOwn(webhooks, name) ? webhooks[name] : undefined
    const destination = webhook && (await tenants.destination(name, tenant))
    if (!destination) return refusal(404, 'nothing is listened to at this address', {})
    const secrets = await secretsOf(webhook, destination)
    // Without its secret nobody can be told from the vendor, who will call again.
    return secrets ? { webhook, destination, secrets } : refusal(403, 'not set up', {})
  }

  function shakeHands({ webhook, secrets }: Door, event: LambdaFunctionURLEvent): Answer {
    const echo = webhook.handshake?.(event.queryStringParameters ?? {}, secrets)
    return echo === undefined ? refusal(403, 'not who it should be', {}) : plain(echo)
  }

  async function take({ webhook, destination, secrets }: Door, event: LambdaFunctionURLEvent): Promise<Answer> {
    const raw = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8')
    if (raw.length > HOOK_BYTES) return refusal(413, 'the body is larger than 4 MiB', {})
    const call: HookCall = { raw, headers: event.headers, query: event.queryStringParameters ?? {} }
    if (!webhook.verify(call, secrets, world.now())) {
      count({ hooksRefused: 1 }, destination)
      return refusal(403, 'not who it should be', {})
    }
    await storeHook(world, destination, raw)
    count({ hooks: 1 }, destination)
    return plain('')
  }
}

const plain = (body: string): Answer => ({
  statusCode: 200,
  headers: {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  },
  body,
})

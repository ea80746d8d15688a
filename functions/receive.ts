import type { LambdaFunctionURLEvent } from 'aws-lambda'
import {
  type Answer,
  image,
  preflight,
  type Reader,
  refusal,
  unavailable,
  withoutBody,
  wrongMethod,
} from '../core/answer.ts'
import { type Body, type BodyError, parseBody } from '../core/body.ts'
import { hashesFromHex, isBot, matchesHash, siteOf } from '../core/caller.ts'
import { createLog } from '../core/log.ts'
import type { Tenant } from '../core/tenant.ts'
import { createTenants } from './aws/tenants.ts'
import { createAccept } from './receive-events.ts'
import { type Place, routes, type Tag } from './receive-routes.ts'
import type { World } from './world.ts'

/**
 * The ingestion endpoint: who may send what to where. It answers 200 after every write is acknowledged and 503 if one was
 * not; whatever the sender did wrong is a 4xx.
 */
export function createReceive(
  world: Pick<World, 'env' | 'now' | 'uuid' | 'dynamo' | 'write'>,
  tag: Tag,
): (event: LambdaFunctionURLEvent) => Promise<Answer> {
  const log = createLog({ write: world.write, now: world.now, level: world.env.LOG_LEVEL }, 'receive')
  const tables: { readonly [connector: string]: string } = JSON.parse(world.env.BUFFER_TABLES ?? '{}')
  const originHashes = hashesFromHex((world.env.ORIGIN_SECRET_HASHES ?? '').split(','))
  const placeOf = routes(Object.keys(tables), tag)
  const tenants = createTenants(world)
  const accept = createAccept(world, log, tables)

  return async event => {
    if (!matchesHash(event.headers['x-connect-origin'], originHashes)) {
      log.metrics({ Stack: world.env.CONNECT_STACK }, { directHits: 1 })
      return refusal(403, 'this endpoint is reached through its edge only', {})
    }
    const { requestId } = event.requestContext
    const reader = { origin: event.headers.origin }
    try {
      const answer = await answerTo(event, reader)
      if (answer.statusCode >= 400) log.info('refused', { requestId, status: answer.statusCode, path: event.rawPath })
      return answer
    } catch (error) {
      log.error('failed', { requestId, error: String(error) })
      return unavailable(reader)
    }
  }

  async function answerTo(event: LambdaFunctionURLEvent, reader: Reader): Promise<Answer> {
    const { method } = event.requestContext.http
    if (method === 'OPTIONS') return preflight()
    const place = placeOf(event.rawPath)
    if (!place) return refusal(404, 'there is nothing at this address', reader)
    if (!place.methods.some(allowed => allowed === method)) return wrongMethod(place.methods, reader)
    if (place.kind === 'asset') return method === 'HEAD' ? withoutBody(place.answer) : place.answer
    if (method === 'HEAD') return withoutBody(image(reader)) // asks, tells nothing
    return admit(event, place, reader)
  }

  /** Where the path names the tenant, a stranger is turned away before anything of the body is looked at. */
  async function admit(event: LambdaFunctionURLEvent, place: Inlet, reader: Reader): Promise<Answer> {
    const told = place.kind === 'older' ? bodyOf(event, place) : undefined
    if (told && 'error' in told) return refusal(told.status, told.error, reader)
    const tenant = told ? await tenantOf(told) : await tenants.tenant((place as { tenant: string }).tenant)
    if (!tenant) return refusal(404, 'no such tenant', reader)
    const connector = 'connector' in place ? place.connector : undefined
    if (connector !== undefined && !Object.hasOwn(tenant.destinations, connector))
      return refusal(404, 'no such connector at this tenant', reader)
    const site = siteOf(event.headers, place.kind === 'image' ? 'image' : 'post')
    const server = holdsKey(event, tenant)
    if (!server && !(site && tenant.origins.includes(site)))
      return refusal(403, 'not a site of this tenant: add its origin to the tenant, or send its server key', {})
    const body = told ?? bodyOf(event, place)
    if ('error' in body) return refusal(body.status, body.error, reader)
    return accept({
      body,
      tenant,
      clientId: told?.clientId,
      connector,
      requestId: event.requestContext.requestId,
      // A server's user agent says nothing of the visitor.
      bot: !server && isBot(event.headers['user-agent']),
      image: place.kind === 'image',
      reader,
    })
  }

  /** Older tags name the tenant itself, or a `tid` that is registered for it. */
  async function tenantOf({ clientId, tid }: Body): Promise<Tenant | undefined> {
    const tenant = clientId && TENANT.test(clientId) ? await tenants.tenant(clientId) : undefined
    return tenant ?? (tid && tid.length <= 128 ? await tenants.tenantOfTid(tid) : undefined)
  }
}

type Inlet = Exclude<Place, { kind: 'asset' }>

const TENANT = /^[a-z0-9-]{1,64}$/

function bodyOf(event: LambdaFunctionURLEvent, place: Inlet): Body | BodyError {
  if (place.kind === 'image') return parseBody(decoded(event.queryStringParameters?.d ?? '', 'base64url'))
  return parseBody(event.isBase64Encoded ? decoded(event.body ?? '', 'base64') : (event.body ?? ''))
}
const decoded = (text: string, encoding: 'base64' | 'base64url') => Buffer.from(text, encoding).toString()

function holdsKey({ headers }: LambdaFunctionURLEvent, { serverKeyHashes }: Tenant): boolean {
  const key = headers['x-connect-key']
  return key !== undefined && matchesHash(key, hashesFromHex(serverKeyHashes))
}

import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import type { Webhook } from '../core/connector.ts'
import { readHook } from '../core/inbox.ts'
import { readInboxKey } from '../core/keys.ts'
import { createLog, type Log } from '../core/log.ts'
import { type Destination, destinationName, type Tenant } from '../core/tenant.ts'
import { readParts } from './aws/inbox.ts'
import { createTenants } from './aws/tenants.ts'
import { heed } from './heed.ts'
import type { World } from './world.ts'

/**
 * Works off what vendors have called in with. Everything that it does may be repeated, so a record that fails is reported and
 * comes again; a body that is not understood is told and left where it is until its time is over.
 */
export function createInbox(
  world: Pick<World, 'env' | 'now' | 'random' | 'sleep' | 'dynamo' | 'write'>,
  webhooks: Readonly<Record<string, Webhook<object>>>,
) {
  const log = createLog({ ...world, level: world.env.LOG_LEVEL }, 'inbox')
  const tenants = createTenants(world)

  async function workOff(record: DynamoDBRecord): Promise<void> {
    const pk = record.dynamodb?.Keys?.pk?.S ?? ''
    const name = readInboxKey(pk)
    if (!name) return
    const { connector, tenant, hash } = name
    const webhook = Object.hasOwn(webhooks, connector) ? webhooks[connector] : undefined
    const destination = webhook && (await tenants.destination(connector, tenant))
    const owner = destination && (await tenants.tenant(tenant))
    const told = log.with({ tenant, destination: destinationName(tenant, connector), hook: hash })
    if (!webhook || !destination || !owner) return told.warn('a call for nobody') // removed from the config since
    const body = readHook(await partsOf(record, pk))
    if (body === undefined) return told.error('not JSON')
    const updates = webhook.read(body, destination.settings)
    tell(told, destination, updates.length, await heed(world, told, listenerOf(destination, owner), updates))
  }

  async function partsOf(record: DynamoDBRecord, pk: string): Promise<Uint8Array[]> {
    const { body, parts } = record.dynamodb?.NewImage ?? {}
    return parts?.N === '1' && body?.B ? [Buffer.from(body.B, 'base64')] : readParts(world, pk)
  }

  function tell(
    told: Log,
    { connector, tenant }: Destination,
    updates: number,
    counts: { [what: string]: number },
  ): void {
    told.info('heard', { updates, ...counts })
    const Destination = destinationName(tenant, connector)
    if (Object.keys(counts).length) told.metrics({ Stack: world.env.CONNECT_STACK, Destination }, counts)
  }

  return async ({ Records = [] }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const batchItemFailures: DynamoDBBatchResponse['batchItemFailures'] = []
    for (const record of Records) {
      try {
        await workOff(record)
      } catch (error) {
        log.error('not worked off', { sequence: record.dynamodb?.SequenceNumber, error: String(error) })
        batchItemFailures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' })
      }
    }
    return { batchItemFailures }
  }
}

const listenerOf = ({ connector, tenant, keepMs }: Destination, { salt }: Tenant) => ({
  connector,
  tenant,
  salt,
  keepMs,
})

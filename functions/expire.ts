import type { AttributeValue, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda'
import type { Report } from '../core/cause.ts'
import { type DeathReason, type Envelope, fromItem } from '../core/envelope.ts'
import { readPartition } from '../core/keys.ts'
import { deathOf } from '../core/letter.ts'
import { createLog } from '../core/log.ts'
import { noteCause } from './aws/causes.ts'
import { putLetters } from './aws/letters.ts'
import type { World } from './world.ts'

/**
 * The net under everything: what DynamoDB removes because its time is over was never taken by any run, and becomes dead
 * letters. A record whose letters cannot be put is reported, so that its part of the batch comes again.
 */
export function createExpire(
  world: Pick<World, 'env' | 'now' | 'random' | 'sleep' | 'dynamo' | 'write'>,
  connector: string,
) {
  const log = createLog({ ...world, level: world.env.LOG_LEVEL }, 'expire', { connector })

  const bury = async (record: DynamoDBRecord): Promise<void> => {
    const removed = removedEnvelope(record)
    if (!removed) return
    const { tenant, envelope } = removed
    const { receivedAt, waiting } = envelope
    await putLetters(
      world,
      { connector, tenant },
      waiting.map(one => ({ waiting: one, receivedAt })),
    )
    for (const report of reportsOf(envelope, world.now())) await noteCause(world, { connector, tenant }, report)
    const ids = waiting.map(({ event }) => event.id)
    log.warn('expired', { destination: `${tenant}/${connector}`, tenant, ids })
    log.metrics(
      { Stack: world.env.CONNECT_STACK, Destination: `${tenant}/${connector}` },
      { neverProcessed: waiting.length },
    )
  }

  return async ({ Records = [] }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const batchItemFailures: DynamoDBBatchResponse['batchItemFailures'] = []
    for (const record of Records) {
      try {
        await bury(record)
      } catch (error) {
        log.error('letters not put', { sequence: record.dynamodb?.SequenceNumber, error: (error as Error).name })
        batchItemFailures.push({ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' })
      }
    }
    return { batchItemFailures }
  }
}

/** The envelope, if it was DynamoDB itself that removed it: what we remove ourselves is settled. */
function removedEnvelope(record: DynamoDBRecord): { tenant: string; envelope: Envelope } | undefined {
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
  const { type, principalId } = (record.userIdentity ?? {}) as { type?: string; principalId?: string }
  if (record.eventName !== 'REMOVE' || type !== 'Service' || principalId !== 'dynamodb.amazonaws.com') return undefined
  const image = record.dynamodb?.OldImage
  const partition = readPartition(record.dynamodb?.Keys?.pk?.S ?? '')
  if (!image || !partition) return undefined
  return { tenant: partition.tenant, envelope: fromItem(decoded(image)) }
}

/** Streams give bytes as base64, where the client gives bytes. */
const decoded = (image: { readonly [name: string]: AttributeValue }) =>
  Object.fromEntries(
    Object.entries(image).map(([name, { S, N, B }]) => [
      name,
      B === undefined ? { S, N } : { B: Buffer.from(B, 'base64') },
    ]),
  )

function reportsOf({ receivedAt, waiting }: Envelope, now: number): Report[] {
  const byReason = new Map<DeathReason, Report & { died: number; examples: string[] }>()
  for (const one of waiting) {
    const { reason, code, words } = deathOf(one, now)
    const report = byReason.get(reason) ?? {
      reason,
      since: reason === 'never-processed' ? receivedAt : now,
      died: 0,
      examples: [],
      ...(code !== undefined && { code }),
      ...(words !== undefined && { words }),
    }
    report.died++
    if (report.examples.length < 3) report.examples.push(one.event.id)
    byReason.set(reason, report)
  }
  return [...byReason.values()]
}

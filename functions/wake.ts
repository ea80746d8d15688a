import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda'
import { readPartition } from '../core/keys.ts'
import { createLog } from '../core/log.ts'
import { startProcess } from './aws/start.ts'
import type { World } from './world.ts'

/**
 * Hears of new urgent envelopes and starts `process` for their shards at once. It never fails its batch: a start that is
 * lost is made up for by the next tick, while a batch that fails would hold up everybody's leads behind it.
 */
export function createWake(world: Pick<World, 'env' | 'now' | 'lambda' | 'write'>) {
  const log = createLog({ ...world, level: world.env.LOG_LEVEL }, 'wake')

  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    await Promise.all(
      [...urgentShards(event)].map(async ([tenant, shards]) => {
        try {
          await startProcess(world, {
            do: 'run',
            tenant,
            why: 'wake',
            lanes: ['urgent'],
            shards: [...shards].sort((a, b) => a - b),
          })
        } catch (error) {
          log.warn('process not started', { tenant, error: (error as Error).name })
        }
      }),
    )
    return { batchItemFailures: [] }
  }
}

function urgentShards({ Records = [] }: DynamoDBStreamEvent): Map<string, Set<number>> {
  const tenants = new Map<string, Set<number>>()
  for (const { eventName, dynamodb } of Records) {
    const partition = readPartition(dynamodb?.Keys?.pk?.S ?? '')
    if (eventName !== 'INSERT' || partition?.lane !== 'urgent') continue
    const shards = tenants.get(partition.tenant) ?? new Set()
    tenants.set(partition.tenant, shards.add(partition.shard))
  }
  return tenants
}

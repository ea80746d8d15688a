import { DeleteItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb'
import { ledgerKey } from '../../core/keys.ts'
import type { World } from '../world.ts'
import type { DestinationId } from './causes.ts'
import { conditionFailed } from './state.ts'

type ClaimWorld = Pick<World, 'dynamo' | 'env'>

/** A row of the ledger that a run has claimed and never told the outcome of. */
export type OpenClaim = { pk: string; record: string; run: string }

export async function readClaims(
  world: ClaimWorld,
  { connector, tenant }: DestinationId,
  eventId: string,
): Promise<readonly OpenClaim[]> {
  const pk = ledgerKey(connector, tenant, eventId)
  const { Items = [] } = await world.dynamo.send(
    new QueryCommand({
      TableName: world.env.STATE_TABLE ?? '',
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: pk } },
      ConsistentRead: true,
    }),
  )
  const claimed = Items.filter(({ state }) => state?.S === 'claimed')
  return claimed.map(({ sk, run }) => ({ pk, record: sk?.S ?? '', run: run?.S ?? '' }))
}

/** Gives the call free to be made again, unless another run has claimed or made it since. */
export async function releaseClaim(world: ClaimWorld, { pk, record, run }: OpenClaim): Promise<void> {
  try {
    await world.dynamo.send(
      new DeleteItemCommand({
        TableName: world.env.STATE_TABLE ?? '',
        Key: { pk: { S: pk }, sk: { S: record } },
        ConditionExpression: '#run = :run AND #state = :claimed',
        ExpressionAttributeNames: { '#run': 'run', '#state': 'state' },
        ExpressionAttributeValues: { ':run': { S: run }, ':claimed': { S: 'claimed' } },
      }),
    )
  } catch (error) {
    if (!conditionFailed(error)) throw error
  }
}

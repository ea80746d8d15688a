import type { Hook } from '../../test/tools/rig.ts'

/** Capacity units that DynamoDB says were consumed. */
export type Units = { writes: number; reads: number }
export const noUnits = (): Units => ({ writes: 0, reads: 0 })

const READS = ['GetItemCommand', 'QueryCommand', 'BatchGetItemCommand']
type Capacity = { CapacityUnits?: number }

/** Asks with each call what it consumed, and adds it up. A condition that does not hold costs the write all the same, and says nothing. */
export function counting(units: Units): Hook {
  return async (step, perform) => {
    if (step.kind !== 'dynamo') return perform()
    const side = READS.includes(step.name) ? 'reads' : 'writes'
    try {
      const answer = (await perform({ ...step.input, ReturnConsumedCapacity: 'TOTAL' })) as {
        ConsumedCapacity?: Capacity | readonly Capacity[]
      }
      const said = [answer.ConsumedCapacity ?? []].flat() as Capacity[]
      if (!said.length) throw new Error(`${step.name} does not say what it consumed`)
      for (const { CapacityUnits = 0 } of said) units[side] += CapacityUnits
      return answer
    } catch (error) {
      if ((error as Error).name === 'ConditionalCheckFailedException') units.writes++
      throw error
    }
  }
}

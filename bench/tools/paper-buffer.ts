import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import type { Envelope } from '../../core/envelope.ts'
import { toItem } from '../../core/envelope.ts'
import type { Dynamo } from '../../test/tools/dynamo.ts'
import { memoryDynamo } from '../../test/tools/memory-dynamo.ts'

/** A page of a query ends after 1 MB: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html */
const PAGE_BYTES = 1_048_576
/** A strongly consistent read unit: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
const UNIT_BYTES = 4096

type Command = { input: { [name: string]: unknown }; constructor: { name: string } }
type Item = Record<string, AttributeValue>

/**
 * Tables in memory, except that one partition of the buffer exists on paper only: its envelopes are made as pages are read, so that
 * a million of them take no memory and what the functions themselves need can be seen. `pages` and `units` count what was read of it.
 */
export function paperBuffer(
  count: number,
  partition: string,
  make: (n: number) => Pick<Envelope, 'waiting' | 'receivedAt' | 'ttl'>,
) {
  const inner = memoryDynamo()
  const removed = new Set<number>()
  const counted = { pages: 0, units: 0, commands: 0 }

  const itemOf = (n: number): Item => toItem({ pk: partition, sk: keyOf(n), rev: 'rev', ...make(n) })
  const query = (from: number) => {
    const Items: Item[] = []
    let bytes = 0
    let n = from
    for (; n < count && bytes < PAGE_BYTES; n++) {
      if (removed.has(n)) continue
      const item = itemOf(n)
      bytes += sizeOf(item)
      Items.push(item)
    }
    counted.pages++
    counted.units += Math.ceil(Math.max(1, bytes) / UNIT_BYTES)
    return {
      Items,
      Count: Items.length,
      ...(n < count && { LastEvaluatedKey: { pk: { S: partition }, sk: { S: keyOf(n - 1) } } }),
    }
  }
  const send = async (command: Command) => {
    counted.commands++
    const { input } = command
    const values = input.ExpressionAttributeValues as { [name: string]: { S?: string } } | undefined
    if (command.constructor.name === 'QueryCommand' && values?.[':pk']?.S === partition) {
      const start = input.ExclusiveStartKey as { sk: { S: string } } | undefined
      return query(start ? numberOf(start.sk.S) + 1 : 0)
    }
    if (command.constructor.name === 'BatchWriteItemCommand')
      for (const requests of Object.values(
        input.RequestItems as { [table: string]: { DeleteRequest?: { Key: Item } }[] },
      ))
        for (const { DeleteRequest } of requests)
          if (DeleteRequest?.Key.pk?.S === partition) removed.add(numberOf(DeleteRequest.Key.sk?.S ?? ''))
    return inner.client.send(command as never)
  }
  const dynamo: Dynamo = { ...inner, client: { send } as unknown as Dynamo['client'] }
  return { dynamo, counted, left: () => count - removed.size }
}

const keyOf = (n: number) => String(n).padStart(12, '0')
const numberOf = (sk: string) => Number(sk)
const sizeOf = (item: Item) =>
  Object.entries(item).reduce(
    (sum, [name, { S, B, N }]) => sum + name.length + (S ? Buffer.byteLength(S) : (B?.length ?? N?.length ?? 0)),
    0,
  )

import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AttributeValue, CreateTableCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'

export type Item = { [name: string]: AttributeValue }

/** A DynamoDB of a test's own: in memory, in this process, on a free port of 127.0.0.1, spoken to by the real client. */
export type Dynamo = {
  client: DynamoDBClient
  endpoint: string
  /** Makes an empty table with the keys that all our tables have (`pk`, `sk`), whose name begins with `name`. */
  table(name: string): Promise<string>
  /** Everything in it. */
  items(table: string): Promise<Item[]>
  stop(): Promise<void>
}

export async function startDynamo(): Promise<Dynamo> {
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  let made = 0
  return {
    client,
    endpoint,
    async table(name) {
      const unique = `${name}-${++made}`
      await client.send(tableWithOurKeys(unique))
      return unique
    },
    async items(table) {
      const found: Item[] = []
      for await (const page of paginateScan({ client }, { TableName: table, ConsistentRead: true }))
        found.push(...(page.Items ?? []))
      return found
    },
    async stop() {
      client.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const tableWithOurKeys = (name: string) =>
  new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  })

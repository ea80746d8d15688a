import { createHash } from 'node:crypto'
import type { DynamoDBStreamEvent, LambdaFunctionURLEvent } from 'aws-lambda'
import { webhooks } from '../../connectors/webhooks.ts'
import { whatsapp } from '../../connectors/whatsapp/index.ts'
import simulator from '../../connectors/whatsapp/simulator.ts'
import type { Answer } from '../../core/answer.ts'
import type { Hook } from '../../core/simulator.ts'
import { createHooks } from '../../functions/hooks.ts'
import { createInbox } from '../../functions/inbox.ts'
import { createRig, type Rig } from './rig.ts'

const SECRET = 'the secret of the edge'
export const ADDRESS = '/v1/hooks/loja-abc/whatsapp'

export type Call = Partial<{
  method: string
  path: string
  query: { [name: string]: string }
  headers: { [name: string]: string | undefined }
  body: string
  base64: boolean
}>

/** WhatsApp's delivery, and beside it the two functions that hear what it calls back. */
export type Hooking = {
  rig: Rig
  inboxTable: string
  /** As the function URL passes it on. */
  call(call: Call): Promise<Answer>
  /** Posts what the played vendor has signed. */
  post(hook: Hook, more?: Call): Promise<Answer>
  /** Lets `inbox` read the stream, whatever is in the table, from the beginning. Answers how many records it failed on. */
  workOff(): Promise<number>
  state(kind: 'message' | 'person'): Promise<{ [name: string]: string | number | undefined }[]>
  suppressed(): Promise<string[]>
  stop(): Promise<void>
}

export async function startHooking(): Promise<Hooking> {
  const rig: Rig = await createRig({ connector: whatsapp, simulator })
  const inboxTable = await rig.database.table('inbox')
  rig.secrets.set('/connect/whatsapp/loja-abc/webhook', simulator.webhookSecrets!(simulator.settings, 'demo'))
  const world = {
    ...rig.world,
    env: {
      ...rig.world.env,
      INBOX_TABLE: inboxTable,
      ORIGIN_SECRET_HASHES: createHash('sha256').update(SECRET).digest('hex'),
    },
  }
  const hooks = createHooks(world, webhooks)
  const inbox = createInbox(world, webhooks)
  const call = (asked: Call) => hooks(requestOf(asked))
  return {
    rig,
    inboxTable,
    call,
    post: ({ headers, body }, more = {}) => call({ body, ...more, headers: { ...headers, ...more.headers } }),
    async workOff() {
      const items = await rig.database.items(inboxTable)
      const Records = items
        .filter(({ sk }) => sk?.S === 'part#0')
        .map(({ pk, sk, body, parts }, index) => ({
          eventName: 'INSERT' as const,
          dynamodb: {
            SequenceNumber: String(index),
            Keys: { pk: { S: pk?.S ?? '' }, sk: { S: sk?.S ?? '' } },
            NewImage: { body: { B: Buffer.from(body?.B ?? []).toString('base64') }, parts: { N: parts?.N ?? '' } },
          },
        }))
      return (await inbox({ Records } as DynamoDBStreamEvent)).batchItemFailures.length
    },
    async state(kind) {
      const items = await rig.database.items(rig.tables.state)
      return items
        .filter(({ pk }) => pk?.S?.startsWith(`whatsapp#loja-abc#${kind}#`))
        .map(item => Object.fromEntries(Object.entries(item).map(([name, { S, N }]) => [name, N ? Number(N) : S])))
    },
    suppressed: async () => (await rig.database.items(rig.tables.suppressions)).map(({ sk }) => sk?.S ?? ''),
    stop: () => rig.stop(),
  }
}

function requestOf({ method = 'POST', path = ADDRESS, query, headers = {}, body, base64 = false }: Call) {
  const all = { 'x-connect-origin': SECRET, ...headers }
  return {
    rawPath: path,
    headers: Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
    ...(query && { queryStringParameters: query }),
    requestContext: { http: { method }, requestId: 'request' },
    ...(body !== undefined && { body: base64 ? Buffer.from(body).toString('base64') : body }),
    isBase64Encoded: base64,
  } as LambdaFunctionURLEvent
}

import type { Answer, Batch, Call, Connector, HttpRequest, Outcome } from '../../core/connector.ts'
import { together } from '../../core/connector.ts'
import { explain, rules } from './errors.ts'
import { idsOf, type Message, map, type Record, repliesTo } from './map.ts'
import { schema } from './schema.ts'
import { DEFAULTS, problems, type Settings, wants } from './settings.ts'
import { webhook } from './webhook.ts'

export type { Settings } from './settings.ts'

const HOST = 'https://graph.facebook.com'

/** WhatsApp Business Cloud API: one message for an event, to people who have opted in. */
export const whatsapp: Connector<Settings, Record> = {
  name: 'whatsapp',
  title: 'WhatsApp Business',
  docs: 'https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates',
  settings: schema,
  problems,
  hosts: [/^graph\.facebook\.com$/],
  auth: () => ({
    kind: 'static', // a system user's token has no refresh: it lives until it is withdrawn, or for 60 days
    secrets: {
      accessToken:
        'token of a system user with whatsapp_business_messaging, with no expiry (Business Settings, System users)',
    },
    sign: (request, { accessToken = '' }) => ({
      ...request,
      headers: { ...request.headers, authorization: `Bearer ${accessToken}` },
    }),
  }),
  calls: {
    message: {
      repeatable: false, // no idempotency key: the same request twice is two messages on somebody's telephone
      records: () => 1,
      bytes: 65_536, // ours: a text, or a template with every parameter at its longest, is far below it
      overhead: 0,
      timeoutMs: 15_000,
      rates: ({ messagesPerSecond = DEFAULTS.messagesPerSecond }) => [{ requests: messagesPerSecond, perMs: 1000 }],
      source: 'https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput',
    },
  },
  wants,
  ordered: true, // "shipped" must not overtake "paid"
  onUnknown: 'hold',
  rules,
  idsOf,
  repliesTo,
  map,
  explain,
  deliver,
  webhook,
}

async function* deliver({ settings, records }: Batch<Settings, Record>, call: Call): AsyncIterable<Outcome> {
  for (const record of records) {
    const { message, otherwise } = record.data
    let answer = await call.send(post(settings, message))
    // Nothing was sent, for certain: the template may go at once.
    if (answer.code === WINDOW_SHUT && otherwise) answer = await call.send(post(settings, otherwise))
    // 200 means accepted; what became of it comes by webhook. One without a message's id says not even that.
    if (answer.verdict === 'delivered' && !hasMessage(answer))
      yield { id: record.id, verdict: 'unknown', code: 'no-message-id' }
    else yield* together([record], answer)
  }
}

/** "Re-engagement message", rows of errors.ts. */
const WINDOW_SHUT = '131047'

const post = ({ version = DEFAULTS.version, phoneNumberId }: Settings, data: Message): HttpRequest => ({
  method: 'POST',
  url: `${HOST}/${version}/${phoneNumberId}/messages`,
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify(data),
})

function hasMessage({ body }: Answer): boolean {
  const { messages } = (typeof body === 'object' && body !== null ? body : {}) as { messages?: unknown }
  const [first] = Array.isArray(messages) ? messages : []
  return typeof first?.id === 'string' && first.id !== ''
}

export default whatsapp

import type { Answer, Batch, Call, CallKind, Connector, HttpRequest, Outcome } from '../../core/connector.ts'
import { together } from '../../core/connector.ts'
import { apiKey, oauth } from './auth.ts'
import { explain, rules } from './errors.ts'
import { map, type Record } from './map.ts'
import { DEFAULTS, problems, type Settings, schema, wants } from './settings.ts'
import { webhook } from './webhook.ts'

export type { Settings } from './settings.ts'

const BASE = 'https://api.rd.services'
const LIMITS = 'https://developers.rdstation.com/reference/limite-de-requisicoes-da-api'

// 0.2 MB a body, and 10 kB of it left free: the page does not say which megabyte it means.
const limits = {
  repeatable: false, // no event id and no idempotency key: the same event twice is two conversions
  bytes: 190_000,
  timeoutMs: 15_000,
  rates: ({ plan = DEFAULTS.plan }) => [{ requests: plan === 'advanced' ? 500 : 120, perMs: 60_000 }],
} satisfies Partial<CallKind<Settings>>

/** RD Station Marketing: conversions, opportunities, sales and e-commerce events of contacts known by email. */
export const rdstation: Connector<Settings, Record> = {
  name: 'rdstation',
  title: 'RD Station Marketing',
  docs: 'https://developers.rdstation.com/reference/batch-eventos',
  settings: schema,
  problems,
  hosts: [/^api\.rd\.services$/],
  auth: settings => (settings.auth === 'api_key' ? apiKey : oauth(settings)),
  calls: {
    events: {
      ...limits,
      records: ({ recordsPerRequest = DEFAULTS.recordsPerRequest }) => recordsPerRequest,
      overhead: 2,
      source: LIMITS,
    },
    conversion: { ...limits, records: () => 1, overhead: 0, source: LIMITS },
  },
  wants,
  ordered: false,
  onUnknown: 'resend', // a repeat repeats a line in the contact's history
  rules,
  map,
  explain,
  deliver,
  webhook,
}

async function* deliver({ call: kind, records }: Batch<Settings, Record>, call: Call): AsyncIterable<Outcome> {
  const whole = kind === 'events'
  const answer = await call.send(
    post(whole ? '/platform/events/batch' : '/platform/conversions', whole ? records.map(data) : records.map(data)[0]),
  )
  // RD Station answers in JSON: whoever says 200 with a page, or with half an answer, proves nothing of the events.
  if (answer.verdict === 'delivered' && typeof answer.body === 'string' && answer.body.trim()) {
    for (const { id } of records) yield { id, verdict: 'unknown', code: 'answer-not-understood' }
    return
  }
  const taken = whole && answer.verdict === 'delivered' ? eventsIn(answer) : records.length
  yield* together(records.slice(0, taken), answer)
  // Answered in the order of the request, one for each: of records beyond the answer's end nothing is known.
  for (const { id } of records.slice(taken)) yield { id, verdict: 'unknown', code: 'fewer-answers-than-events' }
}

const data = (record: { data: Record }) => record.data

const post = (path: string, body: unknown): HttpRequest => ({
  method: 'POST',
  url: `${BASE}${path}`,
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify(body),
})

/** How many events a 200 names; one without a list took them all. */
function eventsIn({ body }: Answer): number {
  const { events } = (typeof body === 'object' && body !== null ? body : {}) as { events?: unknown }
  return Array.isArray(events) ? events.length : Number.POSITIVE_INFINITY
}

export default rdstation

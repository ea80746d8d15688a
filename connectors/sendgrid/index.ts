import type { Batch, Call, Connector, Outcome } from '../../core/connector.ts'
import { together } from '../../core/connector.ts'
import { explain, rules } from './errors.ts'
import { FILES, followJob, putContacts } from './jobs.ts'
import { map, type Record } from './map.ts'
import { isSendable, mailRequest, suppressionsRequest } from './requests.ts'
import { schema } from './schema.ts'
import { DEFAULTS, leaving, problems, type Settings, wants } from './settings.ts'
import { webhook } from './webhook.ts'

export type { Settings } from './settings.ts'

const API = /^api(?:\.eu)?\.sendgrid\.com$/

/** Twilio SendGrid: mail by dynamic templates, contacts of Marketing Campaigns, suppression lists. */
export const sendgrid: Connector<Settings, Record> = {
  name: 'sendgrid',
  title: 'Twilio SendGrid',
  docs: 'https://www.twilio.com/docs/sendgrid/api-reference',
  settings: schema,
  problems,
  hosts: [API, FILES],
  auth: () => ({
    kind: 'static', // keys live until they are deleted
    secrets: { apiKey: 'API key (Settings, API Keys) with the scopes mail.send, marketing and asm.groups' },
    sign(request, { apiKey = '' }) {
      if (!API.test(new URL(request.url).hostname)) return request // a job's file is somebody else's: the key is not for it
      return { ...request, headers: { ...request.headers, authorization: `Bearer ${apiKey}` } }
    },
  }),
  calls: {
    mail: {
      repeatable: false, // no idempotency key: the same request twice is every mail twice
      records: ({ mailsPerRequest = DEFAULTS.mailsPerRequest }) => mailsPerRequest,
      bytes: 19_000_000, // 30 MB today, 20 MB on older pages
      overhead: 8_192, // sender, template, ten categories of 255
      timeoutMs: 30_000,
      rates: ({ mailRequestsPerSecond = DEFAULTS.mailRequestsPerSecond }) => [
        { requests: mailRequestsPerSecond, perMs: 1000 },
      ],
      source: 'https://www.twilio.com/docs/sendgrid/api-reference/mail-send/limitations',
    },
    contacts: {
      repeatable: true, // an upsert
      records: () => 30_000,
      bytes: 6_000_000,
      overhead: 8_192, // the lists
      timeoutMs: 30_000,
      rates: ({ contactRequestsPerMinute = DEFAULTS.contactRequestsPerMinute }) => [
        { requests: contactRequestsPerMinute, perMs: 60_000 },
      ],
      source: 'https://www.twilio.com/docs/sendgrid/api-reference/contacts/add-or-update-a-contact',
    },
    suppressions: {
      repeatable: true, // an address is on the list or not
      records: () => 1000, // ours: no number is published
      bytes: 1_000_000,
      overhead: 64,
      timeoutMs: 15_000,
      rates: ({ contactRequestsPerMinute = DEFAULTS.contactRequestsPerMinute }) => [
        { requests: contactRequestsPerMinute, perMs: 60_000 },
      ],
      source: 'https://www.twilio.com/docs/sendgrid/api-reference/suppressions-global-suppressions',
    },
  },
  wants,
  leaving,
  ordered: false, // a receipt does not wait for the minutes that a contact's job takes
  onUnknown: 'hold', // a repeat is a second mail
  rules,
  map,
  explain,
  deliver,
  webhook,
}

async function* deliver(batch: Batch<Settings, Record>, call: Call): AsyncIterable<Outcome> {
  const { settings, job } = batch
  if (job !== undefined) return yield* followJob(batch, job, call)
  const records = batch.records.filter(isSendable)
  for (const record of batch.records)
    if (!isSendable(record)) yield { id: record.id, ...call.judge(400, 'invalid-email', 'not an email address') }
  if (records.length === 0) return
  if (batch.call === 'contacts') return yield* putContacts(records, settings, call)
  const request = batch.call === 'mail' ? mailRequest(records, settings) : suppressionsRequest(records, settings)
  const answer = await call.send(request)
  // Mails are taken without a word, addresses with JSON: whoever says 200 with a page proves nothing.
  if (answer.verdict === 'delivered' && typeof answer.body === 'string' && answer.body.trim()) {
    const verdict = batch.call === 'mail' ? 'unknown' : 'retry'
    for (const { id } of records) yield { id, verdict, code: 'answer-not-understood' }
  } else yield* together(records, answer)
}

export default sendgrid

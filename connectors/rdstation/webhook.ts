import { sameSecret, type Update, type Webhook } from '../../core/connector.ts'
import type { Settings } from './settings.ts'

/** RD Station signs nothing: the key is part of the address. https://developers.rdstation.com/reference/webhooks */
export const webhook: Webhook<Settings> = {
  secrets: { hookKey: 'A long word of your own, part of the webhook’s address: ...?key=<hookKey>' },
  verify: ({ query }, { hookKey = '' }) => sameSecret(query.key ?? '', hookKey),
  /** What a contact has allowed, with each conversion or opportunity: https://developers.rdstation.com/reference/webhooks-payload-mkt */
  read(body) {
    const { contact, event_timestamp: then } = fields(body)
    const { email, legal_bases: bases } = fields(contact)
    const at = Date.parse(String(then))
    if (typeof email !== 'string' || !email.includes('@') || Number.isNaN(at)) return []
    const told = (Array.isArray(bases) ? bases : []).map(fields)
    const statuses = told.filter(({ category }) => category === 'communications').map(({ status }) => status)
    const kind = statuses.includes('declined') ? 'opt-out' : statuses.includes('granted') ? 'opt-in' : undefined
    const person = { emails: [email.trim().toLowerCase()] }
    return kind ? [{ kind, person, at } satisfies Update] : []
  },
}

const fields = (value: unknown): { readonly [name: string]: unknown } =>
  typeof value === 'object' && value !== null ? (value as { [name: string]: unknown }) : {}

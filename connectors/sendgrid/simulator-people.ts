import type { Event } from '../../core/connector.ts'

// The fake's account, the people of the worked cases, what they do, and what SendGrid should have of it.
export const TEMPLATES = {
  welcome: `d-${'0'.repeat(31)}1`,
  receipt: `d-${'0'.repeat(31)}2`,
  cart: `d-${'0'.repeat(31)}3`,
}
export const GROUP = 1234
export const OTHER_GROUP = 1235
export const LISTS = ['2c1e0000-0000-4000-8000-000000000001', '2c1e0000-0000-4000-8000-000000000002'] as const
/** https://www.twilio.com/docs/sendgrid/api-reference/custom-fields/get-all-field-definitions */
export const CUSTOM_FIELDS: readonly string[] = ['e1_T', 'e2_N', 'e3_D', 'w4']
export const SENDER = { email: 'loja@example.com', name: 'Loja' }
/** An address that the job refuses, as it does where identifiers belong to two contacts. */
export const CLASHING = 'clash@example.com'

export const event = (name: string, id: string, rest: Partial<Event> = {}): Event => ({
  id,
  name,
  at: '2026-11-20T12:00:00.000Z',
  user: { email: `${id}@example.com` },
  consent: { marketing: true },
  ...rest,
})
export const lead = (id: string, rest: Partial<Event> = {}) => event('generate_lead', id, rest)
export const order = (id: string, rest: Partial<Event> = {}) =>
  event('purchase', id, { commerce: { transactionId: `O-${id}`, currency: 'BRL', value: 10 }, ...rest })

export const contact = (id: string, rest: object = {}) => ({
  list_ids: [LISTS[0]],
  email: `${id}@example.com`,
  ...rest,
})
export const receipt = (id: string, rest: object = {}) => ({
  template_id: TEMPLATES.receipt,
  from: SENDER,
  categories: ['purchase'],
  to: [{ email: `${id}@example.com` }],
  dynamic_template_data: { event: 'purchase', transaction_id: `O-${id}`, currency: 'BRL', value: 10 },
  custom_args: { connect_event: id },
  ...rest,
})

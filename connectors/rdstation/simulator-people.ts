import type { Event } from '../../core/connector.ts'

// The people of the worked cases, what they do, and what RD Station should have of it.
const AT = '2026-11-20T12:00:00.000Z'
export const event = (name: string, id: string, rest: Partial<Event> = {}): Event => ({
  id,
  name,
  at: AT,
  user: { email: `${id}@example.com` },
  ...rest,
})
export const lead = (id: string, rest: Partial<Event> = {}) =>
  event('generate_lead', id, { properties: { form_id: 'newsletter' }, ...rest })

export const item = (n: number) => ({ id: `SKU-${n}`, name: `Shirt ${n}`, price: 10, quantity: 1 })
export const order = (id: string, rest: Partial<Event> = {}) =>
  event('purchase', id, {
    commerce: { transactionId: `O-${id}`, currency: 'BRL', value: 10, items: [item(1)] },
    ...rest,
  })

export const cdp = (event_type: string, payload: object) => ({ event_type, event_family: 'CDP', payload })
export const sentLead = (id: string, rest: object = {}) =>
  cdp('CONVERSION', { email: `${id}@example.com`, conversion_identifier: 'newsletter', tags: ['site'], ...rest })

import type { Event } from '../../core/connector.ts'

// The people of the worked cases, what they do, and what Responsys should have of it.
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
export const view = (id: string, rest: Partial<Event> = {}) =>
  event('view_item', id, { commerce: { currency: 'BRL', value: 59.9, items: [item(1)] }, ...rest })

export const item = (n: number) => ({ id: `SKU-${n}`, name: `Shirt ${n}`, price: 10, quantity: 1 })
export const order = (id: string, rest: Partial<Event> = {}) =>
  event('purchase', id, {
    commerce: { transactionId: `O-${id}`, currency: 'BRL', value: 20, items: [item(1), item(2)] },
    ...rest,
  })

export const profile = (id: string, rest: object = {}) => ({
  into: 'CONTACTS_LIST',
  EMAIL_ADDRESS_: `${id}@example.com`,
  ...rest,
})
export const eventRow = (name: string, id: string, rest: object = {}) => ({
  into: 'WEB_EVENTS',
  EVENT_ID: id,
  EVENT_NAME: name,
  EVENT_TS: AT,
  EMAIL_ADDRESS: `${id}@example.com`,
  ...rest,
})
export const leadRow = (id: string, rest: object = {}) =>
  eventRow('generate_lead', id, { FORM_ID: 'newsletter', ...rest })
export const viewRow = (id: string, rest: object = {}) =>
  eventRow('view_item', id, {
    PRODUCT_ID: 'SKU-1',
    PRODUCT_NAME: 'Shirt 1',
    QUANTITY: '1',
    CURRENCY: 'BRL',
    VALUE: '59.9',
    ...rest,
  })
export const orderRow = (id: string, rest: object = {}) => ({
  into: 'ORDERS',
  ORDER_ID: `O-${id}`,
  EMAIL_ADDRESS: `${id}@example.com`,
  ORDER_TS: AT,
  CURRENCY: 'BRL',
  VALUE: '20',
  QUANTITY: '2',
  ...rest,
})
export const itemRow = (id: string, line: number) => ({
  into: 'ORDER_ITEMS',
  ORDER_ID: `O-${id}`,
  LINE_NO: String(line),
  PRODUCT_ID: `SKU-${line}`,
  PRODUCT_NAME: `Shirt ${line}`,
  PRICE: '10',
  QUANTITY: '1',
})

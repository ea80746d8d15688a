import type { Event } from '../../core/connector.ts'

// The people of the worked cases, what they do, and what the org should have of it.
const AT = '2026-11-20T12:00:00.000Z'
export const event = (name: string, id: string, rest: Partial<Event> = {}): Event => ({
  id,
  name,
  at: AT,
  user: { email: `${id}@example.com` },
  ...rest,
})
export const lead = (id: string, rest: Partial<Event> = {}) =>
  event('generate_lead', id, {
    user: { email: `${id}@example.com`, lastName: 'Silva', company: 'Acme' },
    properties: { form_id: 'newsletter' },
    ...rest,
  })
export const view = (id: string, rest: Partial<Event> = {}) =>
  event('view_item', id, { commerce: { currency: 'BRL', value: 59.9, items: [item(1)] }, ...rest })

export const item = (n: number) => ({ id: `SKU-${n}`, name: `Shirt ${n}`, price: 10, quantity: 1 })
export const order = (id: string, rest: Partial<Event> = {}) =>
  event('purchase', id, {
    commerce: { transactionId: `O-${id}`, currency: 'BRL', value: 20, items: [item(1), item(2)] },
    ...rest,
  })

export const leadRecord = (id: string, rest: object = {}) => ({
  type: 'Lead',
  Web_Lead_Id__c: id,
  LastName: 'Silva',
  Company: 'Acme',
  Email: `${id}@example.com`,
  LeadSource: 'Web',
  Description: 'Form: newsletter',
  ...rest,
})
export const eventRecord = (name: string, id: string, rest: object = {}) => ({
  type: 'Web_Event__c',
  Event_Id__c: id,
  Name__c: name,
  Occurred_At__c: AT,
  Email__c: `${id}@example.com`,
  ...rest,
})
export const viewRecord = (id: string, rest: object = {}) =>
  eventRecord('view_item', id, {
    Sku__c: 'SKU-1',
    Product_Name__c: 'Shirt 1',
    Quantity__c: 1,
    Value__c: 59.9,
    Currency__c: 'BRL',
    ...rest,
  })
export const orderRecord = (id: string, rest: object = {}) => ({
  type: 'Web_Order__c',
  Order_Number__c: `O-${id}`,
  Placed_At__c: AT,
  Email__c: `${id}@example.com`,
  Value__c: 20,
  Currency__c: 'BRL',
  Quantity__c: 2,
  ...rest,
})
export const itemRecord = (id: string, line: number, rest: object = {}) => ({
  type: 'Web_Order_Item__c',
  Line_Id__c: `O-${id}-${line}`,
  Web_Order__r: { Order_Number__c: `O-${id}` },
  Sku__c: `SKU-${line}`,
  Product_Name__c: `Shirt ${line}`,
  Price__c: 10,
  Quantity__c: 1,
  ...rest,
})

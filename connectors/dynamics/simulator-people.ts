import { hash } from 'node:crypto'
import type { Event } from '../../core/connector.ts'
import type { Settings } from './settings.ts'

// The environment and the people of the worked cases, what they do, and what Dynamics should have of it.
export const SPRING = '5d1c2b3a-0000-4000-8000-000000000001'
export const DOLLAR = '5d1c2b3a-0000-4000-8000-000000000002'
export const settings: Settings = {
  environment: 'https://loja-abc.crm2.dynamics.com',
  directory: 'loja-abc.onmicrosoft.com',
  orders: { set: 'new_orders', key: 'new_eventid', contact: 'new_Contact' },
  activities: { set: 'new_webactivities', key: 'new_eventid' },
  campaigns: { spring: SPRING },
  currencies: { BRL: 'base', USD: DOLLAR },
}

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
export const item = (n: number) => ({ id: `SKU-${n}`, name: `Shirt ${n}`, price: 10, quantity: 2 })
export const order = (id: string, rest: Partial<Event> = {}) =>
  event('purchase', id, {
    commerce: { transactionId: `O-${id}`, currency: 'BRL', value: 20, items: [item(1)] },
    ...rest,
  })

const sha256 = (text: string) => hash('sha256', text)
export const keyOf = (id: string) => sha256(`${id}@example.com`)
export const rowKeyOf = (eventId: string) => sha256(eventId)

/** A lead of whom nothing is known but the address and the form. */
export const sentLead = (id: string, rest: object = {}) => ({
  emailaddress1: `${id}@example.com`,
  subject: 'Site: newsletter',
  lastname: id,
  leadsourcecode: 8,
  new_externalid: keyOf(id),
  ...rest,
})
export const sentRow = (name: string, id: string, rest: object = {}) => ({
  new_name: name,
  new_eventname: name,
  new_occurredat: AT,
  new_personkey: keyOf(id),
  new_eventid: rowKeyOf(id),
  ...rest,
})

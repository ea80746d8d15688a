import { applyMapping, type Draft, type Event, type Item, type Json, type Skip } from '../../core/connector.ts'
import { DEFAULTS, type EventType, type Settings, typesOf } from './settings.ts'

/** One event as RD Station takes it: https://developers.rdstation.com/reference/conversao */
export type Record = { event_type: EventType; event_family: 'CDP'; payload: Payload }
type Payload = { readonly [field: string]: Json }
type Fields = { [field: string]: Json | undefined }

const LINE_ITEMS = 20 // at most, as are the lengths below: https://developers.rdstation.com/reference/eventos-de-ecommerce
const CATEGORIES = 10
const PAYMENT_METHODS = 5
const CURRENCIES = ['ARS', 'BRL', 'CAD', 'CLP', 'COP', 'EUR', 'MXN', 'PEN', 'USD', 'UYU']

export function map(event: Event, settings: Settings): readonly Draft<Record>[] | Skip {
  const types = typesFor(event, settings)
  if (types.length === 0) return { skip: `${event.name} is not sent to RD Station: see its setting events` }
  const drafts: Draft<Record>[] = []
  for (const [step, type] of types.entries()) {
    const payload = payloadOf(type, event, settings)
    if (!payload.email) return { skip: 'no email: RD Station knows contacts by email' }
    drafts.push({
      call: settings.auth === 'api_key' ? 'conversion' : 'events',
      step,
      key: `${event.id} ${type}`, // two events of one contact may share a request: RD Station keeps them apart
      group: '',
      data: { event_type: type, event_family: 'CDP', payload },
    })
  }
  return drafts
}

function typesFor(event: Event, settings: Settings): readonly EventType[] {
  const types = typesOf(event.name, settings)
  if (event.name !== 'purchase' || !types.includes('ECOMMERCE_ORDER_PLACED')) return types
  if (types.includes('ECOMMERCE_ORDER_PAID')) return types
  const { paid, payment_status: status } = event.properties ?? {}
  const told = paid === true || status === 'paid'
  const choice = settings.orderPaid ?? DEFAULTS.orderPaid
  return choice === 'always' || (choice === 'when-told' && told) ? [...types, 'ECOMMERCE_ORDER_PAID'] : types
}

function payloadOf(type: EventType, event: Event, settings: Settings): Payload {
  const conversion = type === 'CONVERSION'
  const { '*': everywhere = {}, [event.name]: here = {} } = settings.mapping ?? {}
  const fields: Fields = {
    email: event.user?.email,
    ...fieldsOf(type, event, settings),
    ...applyMapping(everywhere, event),
    ...applyMapping(here, event),
  }
  const payload: { [field: string]: Json } = {}
  for (const [field, value] of Object.entries(fields))
    if (value !== undefined && value !== '' && (conversion || !field.startsWith('cf_'))) payload[field] = value
  if (typeof payload.email === 'string') payload.email = payload.email.trim().toLowerCase()
  if (payload.tags !== undefined) payload.tags = lowerCase(payload.tags)
  return payload
}

function fieldsOf(type: EventType, event: Event, settings: Settings): Fields {
  if (type === 'CONVERSION') return { ...conversion(event, settings), ...legalBases(event, settings) }
  if (type === 'OPPORTUNITY') return funnel(settings)
  if (type === 'SALE') return { ...funnel(settings), value: event.commerce?.value }
  if (type === 'OPPORTUNITY_LOST') return { ...funnel(settings), reason: text(event.properties?.reason) }
  if (!type.startsWith('ECOMMERCE_')) return {} // chats, calls, media: their fields come from the mapping
  return { ...contact(event), ...ecommerce(type, event), ...legalBases(event, settings) }
}

const funnel = (settings: Settings): Fields => ({ funnel_name: settings.funnel ?? DEFAULTS.funnel })

const IDENTIFIERS: { readonly [name: string]: string } = { view_item: 'viewed-product', add_to_cart: 'added-to-cart' }

function conversion(event: Event, settings: Settings): Fields {
  const { user = {}, campaign = {}, properties = {} } = event
  const form = text(properties.conversion_identifier) ?? text(properties.form_id) ?? text(properties.form_name)
  const tags = [...(settings.tags ?? []), ...texts(properties.tags)]
  return {
    conversion_identifier: form ?? IDENTIFIERS[event.name] ?? event.name.replaceAll('_', '-'),
    ...contact(event),
    company_name: user.company,
    city: user.city,
    state: user.state,
    country: user.country,
    client_tracking_id: text(properties.client_tracking_id),
    traffic_source: campaign.source,
    traffic_medium: campaign.medium,
    traffic_campaign: campaign.name,
    traffic_value: campaign.term,
    tags: tags.length ? tags : undefined,
  }
}

const contact = ({ user = {} }: Event): Fields => ({
  name: [user.firstName, user.lastName].filter(Boolean).join(' '),
  mobile_phone: user.phone,
})

/** Consent never asked for is not mentioned: https://developers.rdstation.com/reference/bases-legais-rdstation-marketing */
function legalBases({ consent }: Event, { legalBases: wanted = DEFAULTS.legalBases }: Settings): Fields {
  if (!wanted || consent?.marketing === undefined) return {}
  const status = consent.marketing ? 'granted' : 'declined'
  return { legal_bases: [{ category: 'communications', type: 'consent', status }] }
}

function ecommerce(type: EventType, event: Event): Fields {
  const { commerce = {}, properties = {}, page = {} } = event
  const order = commerce.transactionId || event.id // an order without a number still has one of its own
  if (type === 'ECOMMERCE_ORDER_FULFILLED' || type === 'ECOMMERCE_SHIPMENT_DELIVERED')
    return shipment(type, order, properties)
  if (type === 'ECOMMERCE_CHECKOUT_STARTED' || type === 'ECOMMERCE_CART_ABANDONED')
    return {
      identifier: text(properties.checkout_id) ?? text(properties.cart_id) ?? order,
      checkout_url: text(properties.checkout_url) ?? page.url,
      ...amounts(event),
    }
  return {
    identifier: order,
    ...amounts(event),
    ...shipping(event),
    order_url: text(properties.order_url),
    payment_methods: paymentMethods(properties),
    cancel_reason: type === 'ECOMMERCE_ORDER_CANCELLED' ? cancelReason(properties) : undefined,
  }
}

const shipment = (type: EventType, order: string, properties: NonNullable<Event['properties']>): Fields => ({
  identifier: text(properties.shipment_id) ?? order,
  order_identifier: order,
  ...(type === 'ECOMMERCE_ORDER_FULFILLED' && {
    tracking_company: text(properties.tracking_company),
    tracking_code: text(properties.tracking_code),
    tracking_url: text(properties.tracking_url),
  }),
})

/** Amounts in a currency that RD Station does not know are left out: they would be read as another's. */
function amounts({ commerce = {} }: Event): Fields {
  const { currency, value, items = [] } = commerce
  const payable = currency === undefined || CURRENCIES.includes(currency)
  const total = items.reduce((sum, item) => sum + quantity(item), 0)
  return {
    ...(payable && { currency, price: value }),
    total_items: total || undefined,
    line_items: items.length ? items.slice(0, LINE_ITEMS).map(item => lineItem(item, payable)) : undefined,
  }
}

const quantity = (item: Item) => Math.max(1, Math.round(item.quantity ?? 1))

function lineItem(item: Item, payable: boolean): Json {
  const fields: Fields = {
    product_id: item.id?.slice(0, 150),
    product_title: item.name?.slice(0, 255),
    price: payable ? item.price : undefined,
    quantity: quantity(item),
    product_url: item.url,
    variant_title: item.variant,
    image_url: item.image,
    categories: item.category?.split(' > ').slice(0, CATEGORIES),
  }
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined))
}

const shipping = ({ commerce = {}, user = {}, properties = {} }: Event): Fields => ({
  shipping_price:
    commerce.currency === undefined || CURRENCIES.includes(commerce.currency) ? commerce.shipping : undefined,
  shipping_city: text(properties.shipping_city) ?? user.city,
  shipping_state: text(properties.shipping_state) ?? user.state,
  shipping_country: text(properties.shipping_country) ?? user.country,
})

function paymentMethods({ payment_methods: many, payment_type: one }: NonNullable<Event['properties']>) {
  const methods = [...texts(many), ...texts(one)]
  return methods.length ? methods.slice(0, PAYMENT_METHODS) : undefined
}

const CANCEL_REASONS = ['customer', 'declined', 'fraud', 'inventory', 'other']
function cancelReason({ cancel_reason: reason }: NonNullable<Event['properties']>): string | undefined {
  const told = text(reason)
  return told === undefined || CANCEL_REASONS.includes(told) ? told : 'other'
}

/** A property as RD Station wants its texts: one value of another type refuses the whole request (MUST_BE_STRING). */
const text = (value: Json | undefined): string | undefined =>
  (typeof value === 'string' && value.trim() !== '') || typeof value === 'number' ? String(value) : undefined

const texts = (value: Json | undefined): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((one): one is string => typeof one === 'string' && one !== '')

/** Upper case in a tag refuses the whole request (VALUES_MUST_BE_LOWERCASE), a repeated one too (VALUES_MUST_BE_UNIQUE). */
const lowerCase = (tags: Json): Json => [...new Set(texts(tags).map(tag => tag.trim().toLowerCase()))]

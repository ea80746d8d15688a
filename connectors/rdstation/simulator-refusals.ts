import { EVENT_TYPES } from './settings.ts'

/** What RD Station says of one thing that it does not take. */
export type Complaint = { error_type: string; error_message: string; path: string }

/** Custom fields that the fake account has: others must be created first. */
const CUSTOM_FIELDS: readonly string[] = ['cf_plan', 'cf_store', 'cf_interest', 'cf_product']

type Body = { readonly [field: string]: unknown }
type Say = (type: string, field: string, message: string) => void

/** Everything that RD Station would refuse in one event: https://developers.rdstation.com/reference/mensagens-de-erro-rdsm */
export function complaintsOf(event: unknown, at: string): readonly Complaint[] {
  const found: Complaint[] = []
  const say: Say = (error_type, field, error_message) => found.push({ error_type, error_message, path: at + field })
  if (!isObject(event)) say('INVALID_DATA_TYPE', '', 'must be an object')
  else if (typeof event.event_type !== 'string' || !EVENT_TYPES.includes(event.event_type as never))
    say('INVALID_OPTION', '.event_type', `must be one of: ${EVENT_TYPES.join(', ')}`)
  else if (event.event_family !== 'CDP') say('INVALID_OPTION', '.event_family', 'must be CDP')
  else if (!isObject(event.payload)) say('CANNOT_BE_NULL', '.payload', 'cannot be null')
  else payload(event.event_type, event.payload, (type, field, message) => say(type, `.payload.${field}`, message))
  return found
}

function payload(type: string, body: Body, say: Say) {
  email(body.email, say)
  texts(body, say)
  tags(body.tags, say)
  legalBases(body.legal_bases, say)
  if (type === 'CONVERSION') conversion(body, say)
  if (/^(OPPORTUNITY|SALE)/.test(type)) required(body, ['funnel_name'], say)
  if (type.startsWith('ECOMMERCE_')) ecommerce(type, body, say)
}

function email(value: unknown, say: Say) {
  if (value === undefined || value === null || value === '') say('CANNOT_BE_BLANK', 'email', 'cannot be blank')
  else if (typeof value !== 'string') say('MUST_BE_STRING', 'email', 'must be a string')
  else if (value.length > 255) say('TOO_LONG', 'email', 'is longer than 255')
  else if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value)) say('INVALID_EMAIL_FORMAT', 'email', 'is not an email')
}

const TEXTS = [
  ...['conversion_identifier', 'name', 'job_title', 'state', 'city', 'country', 'personal_phone', 'mobile_phone'],
  ...['website', 'company_name', 'company_site', 'company_address', 'client_tracking_id', 'traffic_source'],
  ...[
    'traffic_medium',
    'traffic_campaign',
    'traffic_value',
    'identifier',
    'order_identifier',
    'checkout_url',
    'order_url',
  ],
  ...['shipping_city', 'shipping_state', 'shipping_country', 'tracking_company', 'tracking_code', 'tracking_url'],
  ...['funnel_name', 'reason', 'cancel_reason', 'currency'],
]

function texts(body: Body, say: Say) {
  for (const field of TEXTS)
    if (body[field] !== undefined && typeof body[field] !== 'string') say('MUST_BE_STRING', field, 'must be a string')
}

function tags(value: unknown, say: Say) {
  if (value === undefined) return
  if (!Array.isArray(value) || value.some(tag => typeof tag !== 'string'))
    return say('MUST_BE_STRING_ARRAY', 'tags', 'must be an array of strings')
  if (value.some(tag => tag !== tag.toLowerCase())) say('VALUES_MUST_BE_LOWERCASE', 'tags', 'must be lower case')
  if (new Set(value).size < value.length) say('VALUES_MUST_BE_UNIQUE', 'tags', 'must be unique')
}

function legalBases(value: unknown, say: Say) {
  if (value === undefined) return
  const wrong = (base: unknown) =>
    !isObject(base) || base.category !== 'communications' || !['granted', 'declined'].includes(String(base.status))
  if (!Array.isArray(value) || value.some(wrong)) say('MUST_BE_VALID_OPTION', 'legal_bases', 'is not a legal basis')
}

function conversion(body: Body, say: Say) {
  required(body, ['conversion_identifier'], say)
  const unknown = Object.keys(body).filter(field => field.startsWith('cf_') && !CUSTOM_FIELDS.includes(field))
  if (unknown.length)
    say('INVALID_FIELDS', unknown[0]!, `Payload contains fields that do not exist: (${unknown.join(', ')})`)
  if (body.available_for_mailing !== undefined && typeof body.available_for_mailing !== 'boolean')
    say('MUST_BE_BOOLEAN', 'available_for_mailing', 'must be a boolean')
}

const CURRENCIES = 'ARS BRL CAD CLP COP EUR MXN PEN USD UYU'.split(' ')
const CANCEL_REASONS = ['customer', 'declined', 'fraud', 'inventory', 'other']

/** Field lists: https://developers.rdstation.com/reference/eventos-de-ecommerce */
function ecommerce(type: string, body: Body, say: Say) {
  required(body, ['identifier'], say)
  if (type === 'ECOMMERCE_SHIPMENT_DELIVERED') required(body, ['order_identifier'], say)
  if (/CHECKOUT_STARTED|CART_ABANDONED/.test(type)) required(body, ['checkout_url'], say)
  option(body, 'currency', CURRENCIES, say)
  option(body, 'cancel_reason', CANCEL_REASONS, say)
  amount(body, 'price', say)
  amount(body, 'shipping_price', say)
  atLeastOne(body, 'total_items', say)
  const { payment_methods: methods, line_items: items } = body
  if (methods !== undefined && (!Array.isArray(methods) || methods.length > 5))
    say('TOO_LONG', 'payment_methods', 'must have 5 at most')
  if (items !== undefined) lineItems(items, say)
}

function lineItems(items: unknown, say: Say) {
  if (!Array.isArray(items)) return say('INVALID_DATA_TYPE', 'line_items', 'must be an array')
  if (items.length > 20) say('TOO_LONG', 'line_items', 'must have 20 at most')
  for (const [index, item] of items.entries()) {
    const here: Say = (type, field, message) => say(type, `line_items[${index}].${field}`, message)
    if (!isObject(item)) return here('INVALID_DATA_TYPE', '', 'must be an object')
    for (const [field, most] of [
      ['product_id', 150],
      ['product_title', 255],
    ] as const)
      if (typeof item[field] === 'string' && item[field].length > most)
        here('TOO_LONG', field, `is longer than ${most}`)
    amount(item, 'price', here)
    atLeastOne(item, 'quantity', here)
    if (Array.isArray(item.categories) && item.categories.length > 10) here('TOO_LONG', 'categories', 'has 10 at most')
  }
}

function required(body: Body, names: readonly string[], say: Say) {
  for (const name of names)
    if (body[name] === undefined || body[name] === null || body[name] === '')
      say('CANNOT_BE_BLANK', name, 'cannot be blank')
}

function option(body: Body, field: string, options: readonly string[], say: Say) {
  if (body[field] !== undefined && !options.includes(String(body[field])))
    say('MUST_BE_VALID_OPTION', field, `must be one of: ${options.join(', ')}`)
}

function amount(body: Body, field: string, say: Say) {
  if (body[field] !== undefined && typeof body[field] !== 'number') say('INVALID_DATA_TYPE', field, 'must be a number')
}

function atLeastOne(body: Body, field: string, say: Say) {
  const value = body[field]
  if (value !== undefined && !(Number.isInteger(value) && Number(value) >= 1))
    say('INVALID', field, 'must be 1 or more')
}

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

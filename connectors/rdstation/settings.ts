import { type Mapping, mappingProblems, mappingSchema, type SettingsSchema } from '../../core/connector.ts'

/**
 * What RD Station takes today. The older ORDER_PLACED, ORDER_PLACED_ITEM, CART_ABANDONED and CART_ABANDONED_ITEM are refused
 * since 1 January 2026: https://developers.rdstation.com/reference/eventos-ecommerce-deprecated
 */
export const EVENT_TYPES = [
  'CONVERSION',
  'OPPORTUNITY',
  'SALE',
  'OPPORTUNITY_LOST',
  'CHAT_STARTED',
  'CHAT_FINISHED',
  'CALL_FINISHED',
  'MEDIA_PLAYBACK_STARTED',
  'MEDIA_PLAYBACK_STOPPED',
  'ECOMMERCE_CHECKOUT_STARTED',
  'ECOMMERCE_CART_ABANDONED',
  'ECOMMERCE_ORDER_PLACED',
  'ECOMMERCE_ORDER_PAID',
  'ECOMMERCE_ORDER_FULFILLED',
  'ECOMMERCE_SHIPMENT_DELIVERED',
  'ECOMMERCE_ORDER_CANCELLED',
  'ECOMMERCE_ORDER_REFUNDED',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

export type Settings = {
  auth?: 'oauth' | 'api_key'
  plan?: 'light' | 'basic' | 'pro' | 'advanced'
  events?: { readonly [name: string]: readonly EventType[] }
  orderPaid?: 'when-told' | 'always' | 'never'
  mapping?: { readonly [nameOrStar: string]: Mapping }
  tags?: readonly string[]
  funnel?: string
  legalBases?: boolean
  recordsPerRequest?: number
  tokenUrl?: string
  tokenEncoding?: 'json' | 'form'
  rotation?: 'store' | 'keep'
}

export const DEFAULTS = {
  auth: 'oauth',
  plan: 'pro',
  orderPaid: 'when-told',
  funnel: 'default',
  legalBases: true,
  recordsPerRequest: 100,
  tokenUrl: 'https://api.rd.services/auth/token',
  tokenEncoding: 'json',
  rotation: 'store',
} as const satisfies Settings

/** What becomes of each event when the settings do not say otherwise; an empty list is off. */
const EVENTS: { readonly [name: string]: readonly EventType[] } = {
  generate_lead: ['CONVERSION'],
  sign_up: ['CONVERSION'],
  // Off: a contact may have 120 events in 24 h, and browsing would use them up before the order comes.
  view_item: [],
  add_to_cart: [],
  begin_checkout: ['ECOMMERCE_CHECKOUT_STARTED'],
  cart_abandoned: ['ECOMMERCE_CART_ABANDONED'],
  purchase: ['ECOMMERCE_ORDER_PLACED'],
  order_paid: ['ECOMMERCE_ORDER_PAID'],
  order_fulfilled: ['ECOMMERCE_ORDER_FULFILLED'],
  shipment_delivered: ['ECOMMERCE_SHIPMENT_DELIVERED'],
  order_cancelled: ['ECOMMERCE_ORDER_CANCELLED'],
  refund: ['ECOMMERCE_ORDER_REFUNDED'],
  qualify_lead: ['OPPORTUNITY'],
  close_convert_lead: ['SALE'],
  close_unconvert_lead: ['OPPORTUNITY_LOST'],
}

/** What an event of this name becomes at this destination; an api_key may send conversions only. */
export function typesOf(name: string, { events, auth }: Settings): readonly EventType[] {
  const chosen = events && Object.hasOwn(events, name) ? events[name] : undefined
  const types = chosen ?? (Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined) ?? []
  return auth === 'api_key' ? types.filter(type => type === 'CONVERSION') : types
}

export const wants = (settings: Settings): readonly string[] =>
  [...new Set([...Object.keys(EVENTS), ...Object.keys(settings.events ?? {})])].filter(
    name => typesOf(name, settings).length > 0,
  )

export function problems({ auth, events = {}, mapping = {} }: Settings): readonly string[] {
  return [
    ...Object.entries(mapping).flatMap(([name, fields]) => mappingProblems(fields, `mapping.${name}`)),
    ...Object.entries(events).flatMap(([name, types]) =>
      auth === 'api_key' && types.some(type => type !== 'CONVERSION')
        ? [`events.${name}: an api_key sends CONVERSION only; set auth to "oauth" for ${types.join(', ')}`]
        : [],
    ),
  ]
}

export const schema: SettingsSchema<Settings> = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: {
    auth: {
      type: 'string',
      enum: ['oauth', 'api_key'],
      default: DEFAULTS.auth,
      description: 'How RD Station knows us: oauth sends every kind of event, api_key conversions only, one a request',
    },
    plan: {
      type: 'string',
      enum: ['light', 'basic', 'pro', 'advanced'],
      default: DEFAULTS.plan,
      description: "The account's plan, which decides its rate: advanced 500 requests a minute, the others 120",
    },
    events: {
      type: 'object',
      additionalProperties: { type: 'array', uniqueItems: true, items: { type: 'string', enum: EVENT_TYPES } },
      description:
        'What an event becomes, by its name: a list of RD Station event types sent in this order; [] switches it off',
    },
    orderPaid: {
      type: 'string',
      enum: ['when-told', 'always', 'never'],
      default: DEFAULTS.orderPaid,
      description:
        'Whether ECOMMERCE_ORDER_PAID follows a purchase: when-told if its properties say "paid": true or "payment_status": "paid"',
    },
    mapping: {
      type: 'object',
      additionalProperties: mappingSchema,
      description:
        'Payload fields by event name, or by "*" for all: a path ("user.city"), a text ("lead {properties.form}"), {"value": ...} or a list of which the first found counts. Fields cf_... go with conversions only and must exist in RD Station',
    },
    tags: {
      type: 'array',
      items: { type: 'string', pattern: '^[^A-Z]+$' },
      description: 'Tags that every conversion carries, lower case',
    },
    funnel: {
      type: 'string',
      maxLength: 100,
      default: DEFAULTS.funnel,
      description: 'Funnel of opportunities and sales',
    },
    legalBases: {
      type: 'boolean',
      default: DEFAULTS.legalBases,
      description: "Whether the event's marketing consent is sent as a legal basis for communications",
    },
    recordsPerRequest: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: DEFAULTS.recordsPerRequest,
      description: 'Events in one request, at most; RD Station documents no number',
    },
    tokenUrl: {
      type: 'string',
      pattern: '^https://api\\.rd\\.services/[a-z0-9/_-]+$',
      default: DEFAULTS.tokenUrl,
      description:
        'Where tokens are renewed; apps of the newer consent screen use https://api.rd.services/oauth2/token',
    },
    tokenEncoding: {
      type: 'string',
      enum: ['json', 'form'],
      default: DEFAULTS.tokenEncoding,
      description: 'Body of a token request; the newer token URL takes form',
    },
    rotation: {
      type: 'string',
      enum: ['store', 'keep'],
      default: DEFAULTS.rotation,
      description: 'What to do with a refresh token that comes with a new access token: store it or keep the first one',
    },
  },
}

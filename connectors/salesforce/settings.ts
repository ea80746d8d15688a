import type { Mapping } from '../../core/connector.ts'

/** What an event may become in Salesforce: a record of one of these objects, or several. */
export const TARGETS = ['contact', 'lead', 'order', 'opportunity', 'item', 'event'] as const
export type Target = (typeof TARGETS)[number]
export type SObject = { object: string; externalId: string }

export type Settings = {
  loginUrl: string
  auth?: 'client_credentials' | 'jwt' | 'refresh_token'
  audience?: string
  sessionMinutes?: number
  apiVersion?: string
  events?: { readonly [name: string]: readonly Target[] }
  objects?: { readonly [target in Target]?: Partial<SObject> }
  fields?: { readonly [target in Target]?: { readonly [field: string]: string } }
  mapping?: { readonly [target in Target]?: { readonly [nameOrStar: string]: Mapping } }
  placeholder?: string
  saveDuplicates?: boolean
  recordsPerRequest?: number
  requestsPerMinute?: number
  requestsPerDay?: number
}

export const DEFAULTS = {
  auth: 'client_credentials',
  sessionMinutes: 120,
  apiVersion: '66.0',
  objects: {
    contact: { object: 'Contact', externalId: 'Customer_Id__c' },
    lead: { object: 'Lead', externalId: 'Web_Lead_Id__c' },
    order: { object: 'Web_Order__c', externalId: 'Order_Number__c' },
    opportunity: { object: 'Opportunity', externalId: 'Order_Number__c' },
    item: { object: 'Web_Order_Item__c', externalId: 'Line_Id__c' },
    event: { object: 'Web_Event__c', externalId: 'Event_Id__c' },
  },
  saveDuplicates: false,
  recordsPerRequest: 200,
  requestsPerMinute: 300,
} as const satisfies Partial<Settings>

const ROW: readonly Target[] = ['event']
/** What becomes of each event when the settings do not say otherwise; an empty list is off. */
const EVENTS: { readonly [name: string]: readonly Target[] } = {
  generate_lead: ['lead'],
  sign_up: ['contact', 'event'],
  login: ['contact'],
  purchase: ['order', 'item'],
  order_paid: ['order'],
  order_fulfilled: ['order'],
  shipment_delivered: ['order'],
  order_cancelled: ['order'],
  refund: ['order', 'event'],
  view_item_list: ROW,
  select_item: ROW,
  view_item: ROW,
  add_to_wishlist: ROW,
  add_to_cart: ROW,
  remove_from_cart: ROW,
  view_cart: ROW,
  cart_abandoned: ROW,
  begin_checkout: ROW,
  add_shipping_info: ROW,
  add_payment_info: ROW,
  view_promotion: ROW,
  select_promotion: ROW,
  qualify_lead: ROW,
  disqualify_lead: ROW,
  working_lead: ROW,
  close_convert_lead: ROW,
  close_unconvert_lead: ROW,
}

export const own = <T>(map: { readonly [name: string]: T } | undefined, name: string): T | undefined =>
  map && Object.hasOwn(map, name) ? map[name] : undefined

export const targetsOf = (name: string, { events }: Settings): readonly Target[] =>
  own(events, name) ?? own(EVENTS, name) ?? []

export const wants = (settings: Settings): readonly string[] =>
  [...new Set([...Object.keys(EVENTS), ...Object.keys(settings.events ?? {})])].filter(
    name => targetsOf(name, settings).length > 0,
  )

export const sObjectOf = (target: Target, { objects }: Settings): SObject => ({
  ...DEFAULTS.objects[target],
  ...objects?.[target],
})

/** A field as this org calls it; the empty name leaves it out. */
export const fieldName = (target: Target, field: string, { fields }: Settings): string =>
  own(fields?.[target], field) ?? field

/** `Web_Order__r.Order_Number__c`: how a line names its order. A custom object `X__c` is referred to through `X__r`. */
export function orderReference(settings: Settings): string {
  const { object, externalId } = sObjectOf('order', settings)
  return `${object.replace(/__c$/, '__r')}.${externalId}`
}

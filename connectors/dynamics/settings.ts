import { type Mapping, mappingProblems } from '../../core/connector.ts'

/**
 * What an event becomes, in this order. `lead` and `contact` are made where they are missing, `lead-update` changes a lead
 * that is there; `order` and `activity` are rows of custom tables, one an event.
 */
export const TARGETS = ['lead', 'lead-update', 'contact', 'order', 'activity'] as const
export type Target = (typeof TARGETS)[number]
/** Which columns these are: of the lead, of the contact, or of the two tables of rows. */
export type Kind = Exclude<Target, 'lead-update'>

/** A custom table. `lead` and `contact` are its lookups (navigation properties), where it has them. */
export type Table = { set: string; key: string; lead?: string; contact?: string }

export const IDENTITIES = ['email', 'phone', 'id'] as const
export const CONSENT_COLUMNS = [
  'donotbulkemail',
  'donotemail',
  'donotphone',
  'donotpostalmail',
  'donotfax',
  'donotsendmm',
] as const

export type Settings = {
  environment: string
  directory: string
  apiVersion?: string
  prefix?: string
  leadKey?: string
  contactKey?: string
  keyScope?: string
  matchBy?: readonly string[]
  leadPer?: 'person' | 'event'
  events?: { readonly [name: string]: readonly Target[] }
  orders?: Table
  activities?: Table
  columns?: { readonly [kind in Kind]?: { readonly [column: string]: string } }
  mapping?: { readonly [target in Target]?: { readonly [nameOrStar: string]: Mapping } }
  subject?: string
  leadSource?: number
  campaigns?: { readonly [name: string]: string }
  currencies?: { readonly [code: string]: string }
  consent?: 'both' | 'opt-out' | 'never'
  consentColumns?: readonly string[]
  closeLeads?: boolean
  duplicateDetection?: boolean
  recordsPerRequest?: number
  requestsPer5Minutes?: number
  recordsPerDay?: number
}

export const DEFAULTS = {
  apiVersion: 'v9.2',
  prefix: 'new',
  keyScope: '',
  matchBy: ['email', 'phone'],
  leadPer: 'person',
  subject: 'Site',
  leadSource: 8,
  consent: 'both',
  consentColumns: ['donotbulkemail'],
  closeLeads: false,
  duplicateDetection: false,
  recordsPerRequest: 50,
  requestsPer5Minutes: 6000,
} as const satisfies Partial<Settings>

const LEAD: readonly Target[] = ['lead']
const STAGE: readonly Target[] = ['lead-update']
const ROW: readonly Target[] = ['activity']
/** What becomes of each event when the settings do not say otherwise. Rows go only where their table is set. */
const EVENTS: { readonly [name: string]: readonly Target[] } = {
  generate_lead: LEAD,
  sign_up: LEAD,
  form_submit: LEAD,
  purchase: ['contact', 'order'],
  working_lead: STAGE,
  qualify_lead: STAGE,
  disqualify_lead: STAGE,
  close_convert_lead: STAGE,
  close_unconvert_lead: STAGE,
  view_item_list: ROW,
  select_item: ROW,
  view_item: ROW,
  view_promotion: ROW,
  select_promotion: ROW,
  add_to_wishlist: ROW,
  add_to_cart: ROW,
  remove_from_cart: ROW,
  view_cart: ROW,
  begin_checkout: ROW,
  add_shipping_info: ROW,
  add_payment_info: ROW,
  cart_abandoned: ROW,
  order_paid: ROW,
  order_fulfilled: ROW,
  shipment_delivered: ROW,
  order_cancelled: ROW,
  refund: ROW,
}

/** What an event of this name becomes at this destination. */
export function targetsOf(name: string, settings: Settings): readonly Target[] {
  const chosen = own(settings.events, name) ?? own(EVENTS, name) ?? []
  return chosen.filter(target => !unable(target, settings))
}

/** What a destination cannot do as it is set, and why. */
function unable(target: Target, { orders, activities, leadPer }: Settings): string | undefined {
  if (target === 'order' && !orders) return 'order needs a table: see orders'
  if (target === 'activity' && !activities) return 'activity needs a table: see activities'
  if (target === 'lead-update' && leadPer === 'event')
    return 'lead-update cannot find its lead where each event has its own: set leadPer to "person"'
  return undefined
}

export const wants = (settings: Settings): readonly string[] =>
  [...new Set([...Object.keys(EVENTS), ...Object.keys(settings.events ?? {})])].filter(
    name => targetsOf(name, settings).length > 0,
  )

export function problems(settings: Settings): readonly string[] {
  const { directory, events = {}, mapping = {}, orders, activities } = settings
  return [
    ...(orders && orders.set === activities?.set
      ? [
          `activities.set: "${orders.set}" is the table of orders: rows of one event would be one row; name another table`,
        ]
      : []),
    ...(/^(?:common|organizations|consumers)$/.test(directory)
      ? [`directory: "${directory}" cannot log an application in: write the GUID or the domain of the directory`]
      : []),
    ...Object.entries(events).flatMap(([name, targets]) =>
      targets.flatMap(target => {
        const why = unable(target, settings)
        return why ? [`events.${name}: ${why}`] : []
      }),
    ),
    ...Object.entries(mapping).flatMap(([target, byName]) =>
      Object.entries(byName ?? {}).flatMap(([name, fields]) => mappingProblems(fields, `mapping.${target}.${name}`)),
    ),
  ]
}

/** Own properties only: an event may be called `constructor`. */
export const own = <T>(map: { readonly [name: string]: T } | undefined, name: string): T | undefined =>
  map && Object.hasOwn(map, name) ? map[name] : undefined

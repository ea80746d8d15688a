import { type Mapping, mappingProblems } from '../../core/connector.ts'
import { everyColumnOf, KEYS, type Target } from './columns.ts'

/** Columns of a list by which Responsys may recognise a person; a hash finds, but never creates. */
export const MATCH_COLUMNS = [
  'RIID_',
  'CUSTOMER_ID_',
  'EMAIL_ADDRESS_',
  'MOBILE_NUMBER_',
  'EMAIL_SHA256_HASH_',
] as const
export type MatchColumn = (typeof MATCH_COLUMNS)[number]
export type CallName = 'profile' | 'extension' | 'table' | 'program'
export type Place = Exclude<Target, 'program'>

export type Settings = {
  loginUrl: string
  list: string
  listFolder?: string
  match?: readonly string[]
  insert?: boolean
  defaultPermission?: 'OPTOUT' | 'OPTIN'
  permission?: 'granted' | 'both' | 'never'
  extension?: string
  tableFolder?: string
  tables?: { readonly [target in 'event' | 'order' | 'items']?: string }
  tablesWithoutKey?: readonly string[]
  events?: { readonly [name: string]: readonly Place[] }
  programs?: { readonly [name: string]: string }
  columns?: { readonly [target in Target]?: { readonly [column: string]: string } }
  mapping?: { readonly [target in Target]?: { readonly [nameOrStar: string]: Mapping } }
  timeFormat?: 'iso' | 'datetime'
  recordsPerRequest?: number
  requestsPerMinute?: { readonly [call in CallName]?: number }
  tokenMinutes?: number
}

export const DEFAULTS = {
  listFolder: '!MasterData',
  match: ['EMAIL_ADDRESS_'],
  insert: true,
  defaultPermission: 'OPTOUT',
  permission: 'granted',
  tableFolder: '!MasterData',
  tables: { event: 'WEB_EVENTS', order: 'ORDERS', items: 'ORDER_ITEMS' },
  timeFormat: 'iso',
  recordsPerRequest: 200,
  tokenMinutes: 120,
} as const satisfies Partial<Settings>

const ROW: readonly Place[] = ['event']
const LAST: readonly Place[] = ['extension', 'event']
/** What becomes of each event when the settings do not say otherwise; an empty list is off. */
const EVENTS: { readonly [name: string]: readonly Place[] } = {
  generate_lead: ['profile', 'event'],
  sign_up: ['profile', 'event'],
  view_item: LAST,
  add_to_cart: LAST,
  remove_from_cart: LAST,
  view_cart: LAST,
  begin_checkout: LAST,
  cart_abandoned: LAST,
  purchase: ['profile', 'extension', 'order', 'items'],
  view_item_list: ROW,
  select_item: ROW,
  view_promotion: ROW,
  select_promotion: ROW,
  add_to_wishlist: ROW,
  add_shipping_info: ROW,
  add_payment_info: ROW,
  order_paid: ROW,
  order_fulfilled: ROW,
  shipment_delivered: ROW,
  order_cancelled: ROW,
  refund: ROW,
  qualify_lead: ROW,
  working_lead: ROW,
  disqualify_lead: ROW,
  close_convert_lead: ROW,
  close_unconvert_lead: ROW,
}

const own = <T>(map: { readonly [name: string]: T } | undefined, name: string): T | undefined =>
  map && Object.hasOwn(map, name) ? map[name] : undefined

/**
 * What an event of this name becomes at this destination. Extension tables and programs know nobody whom the list does
 * not know: where one of them is asked for, the person goes into the list first.
 */
export function targetsOf(name: string, settings: Settings): readonly Target[] {
  const chosen = own(settings.events, name) ?? own(EVENTS, name) ?? []
  const targets: Target[] = chosen.filter(target => target !== 'extension' || settings.extension)
  if (programOf(name, settings)) targets.push('program')
  const needsPerson = targets.includes('extension') || targets.includes('program')
  return needsPerson && !targets.includes('profile') ? ['profile', ...targets] : targets
}

export const programOf = (name: string, { programs }: Settings): string | undefined => own(programs, name)

export const wants = (settings: Settings): readonly string[] =>
  [...new Set([EVENTS, settings.events ?? {}, settings.programs ?? {}].flatMap(Object.keys))].filter(
    name => targetsOf(name, settings).length > 0,
  )

export const matchOf = ({ match = DEFAULTS.match }: Settings) => match as readonly MatchColumn[]
const HASH: MatchColumn = 'EMAIL_SHA256_HASH_'
/** Whether a person whom the list does not know is added to it: a hash can only find. */
export const inserts = (settings: Settings): boolean =>
  (settings.insert ?? DEFAULTS.insert) && !matchOf(settings).includes(HASH)

/** A column as this account calls it; the empty name leaves it out. */
export const columnName = (target: Target, column: string, { columns }: Settings): string =>
  own(columns?.[target], column) ?? column

// https://docs.oracle.com/cloud/latest/marketingcs_gs/OMCEA/List_SuppTblSpecifyFields.htm
const COLUMN = /^[A-Za-z][A-Za-z0-9_]{0,29}$/

export function problems(settings: Settings): readonly string[] {
  return [
    ...matchProblems(settings),
    ...entries(settings.columns).flatMap(([target, names]) => columnProblems(target, names, settings)),
    ...entries(settings.mapping).flatMap(([target, byEvent]) =>
      entries(byEvent).flatMap(([name, mapping]) => [
        ...mappingProblems(mapping, `mapping.${target}.${name}`),
        ...Object.keys(mapping).flatMap(column => nameProblem(column, `mapping.${target}.${name}.${column}`)),
      ]),
    ),
    ...withoutExtension(settings),
  ]
}

const entries = <K extends string, V>(map: { readonly [key in K]?: V } | undefined) =>
  Object.entries(map ?? {}) as [K, V][]

function matchProblems(settings: Settings): readonly string[] {
  const match = matchOf(settings)
  if (match.includes(HASH) && match.includes('EMAIL_ADDRESS_'))
    return [`match: ${HASH} and EMAIL_ADDRESS_ cannot be used together; leave one of them out`]
  if (match.length > 2 || new Set(match).size < match.length) return ['match: one column, or two different ones']
  return []
}

const nameProblem = (name: string, at: string) =>
  COLUMN.test(name) ? [] : [`${at}: a column has 1 to 30 letters, digits or _, a letter first`]

function columnProblems(target: Target, names: { readonly [column: string]: string }, settings: Settings) {
  const known = everyColumnOf(target)
  const keys: readonly string[] =
    target === 'profile' ? matchOf(settings) : target in KEYS ? KEYS[target as keyof typeof KEYS] : []
  const taken = Object.keys(known).map(column => columnName(target, column, settings))
  return Object.entries(names).flatMap(([column, name]) => {
    const at = `columns.${target}.${column}`
    if (!Object.hasOwn(known, column))
      return [`${at}: Connect fills no such column; it fills ${Object.keys(known).join(', ')}`]
    if (name === '') return keys.includes(column) ? [`${at}: tells records apart and cannot be left out`] : []
    if (column.endsWith('_') && name !== column)
      return [`${at}: is Responsys's own column and cannot have another name; "" leaves it out`]
    if (taken.filter(one => one === name).length > 1) return [`${at}: another column is called ${name} already`]
    return nameProblem(name, at)
  })
}

const withoutExtension = ({ events = {}, extension }: Settings) =>
  extension
    ? []
    : Object.entries(events).flatMap(([name, targets]) =>
        targets.includes('extension')
          ? [`events.${name}: "extension" needs the setting extension, the name of the profile extension table`]
          : [],
      )

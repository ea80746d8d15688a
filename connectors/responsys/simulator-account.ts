import { type Columns, type ColumnType, everyColumnOf, KEYS, type Target } from './columns.ts'

export type Schema = { readonly [column: string]: ColumnType }
export type Table = { schema: Schema; keys: readonly string[] }

const typesOf = (columns: Columns): Schema =>
  Object.fromEntries(Object.entries(columns).map(([name, { type }]) => [name, type]))
const schemaOf = (target: Target): Schema => typesOf(everyColumnOf(target))

/** What every account of the fake has: lists, extension tables and supplemental tables are made in Responsys beforehand. */
export const FOLDER = '!MasterData'
export const LISTS: { readonly [name: string]: Schema } = {
  CONTACTS_LIST: {
    ...schemaOf('profile'),
    RIID_: 'STR25',
    EMAIL_SHA256_HASH_: 'STR100',
    EMAIL_PERMISSION_STATUS_: 'STR25',
    PLAN: 'STR25',
    STORE: 'STR100',
  },
}
export const EXTENSIONS: { readonly [name: string]: Schema } = {
  WEB_PROFILE: { ...schemaOf('extension'), LAST_CITY: 'STR100' },
}
export const TABLES: { readonly [name: string]: Table } = {
  WEB_EVENTS: { schema: { ...schemaOf('event'), PLAN: 'STR25', HAPPENED_AT: 'TIMESTAMP' }, keys: KEYS.event },
  ORDERS: { schema: { ...schemaOf('order'), STATUS: 'STR25' }, keys: KEYS.order },
  ORDER_ITEMS: { schema: schemaOf('items'), keys: KEYS.items },
  /** One without a primary key. */
  EVENT_LOG: { schema: schemaOf('event'), keys: [] },
}
export const PROGRAMS: readonly string[] = [
  'lead_created',
  'order_placed',
  'checkout_started',
  'cart_updated',
  'browse_product',
]

/** What is wrong with a cell, in Responsys's words; undefined for one that fits. */
export function cellProblem(type: ColumnType, value: string): string | undefined {
  const wrong = `The value "${value}" is not valid for the field type ${type}`
  if (type === 'NUMBER') return /^-?\d+(\.\d+)?$/.test(value) ? undefined : wrong
  if (type === 'INTEGER') return /^-?\d+$/.test(value) ? undefined : wrong
  if (type === 'TIMESTAMP')
    return /^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{3}Z| \d\d:\d\d:\d\d)$/.test(value) ? undefined : wrong
  return value.length <= Number(type.slice(3)) ? undefined : wrong
}

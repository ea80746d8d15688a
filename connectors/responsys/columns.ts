import { hash } from 'node:crypto'
import type { Event, Item } from '../../core/connector.ts'

/** What an event may become: a record of the list or of its extension table, rows of three tables, an entry into a program. */
export const TARGETS = ['profile', 'extension', 'event', 'order', 'items', 'program'] as const
export type Target = (typeof TARGETS)[number]

/** Field types of Responsys: https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-lists-listName-listExtensions-petName-members-post.htm */
export type ColumnType = 'STR25' | 'STR100' | 'STR500' | 'NUMBER' | 'INTEGER' | 'TIMESTAMP'
export type Column = {
  type: ColumnType
  from(event: Event, item: Item | undefined, line: number): string | number | undefined
  /** Tells records apart: never cut to fit, too long is for Responsys to refuse. */
  whole?: true
}
export type Columns = { readonly [name: string]: Column }

type From = Column['from']
const words = (from: From): Column => ({ type: 'STR100', from })
const longer = (from: From): Column => ({ type: 'STR500', from })
const short = (from: From): Column => ({ type: 'STR25', from })
const whole = (from: From): Column => ({ type: 'STR100', from, whole: true })
const number = (from: From): Column => ({ type: 'NUMBER', from })
const integer = (from: From): Column => ({ type: 'INTEGER', from })
const when: Column = { type: 'TIMESTAMP', from: event => event.at }

const first = ({ commerce }: Event): Item | undefined => commerce?.items?.[0]
const pieces = ({ commerce }: Event): number | undefined =>
  commerce?.items?.length ? commerce.items.reduce((sum, { quantity = 1 }) => sum + quantity, 0) : undefined

/** An order without a number has its event's, which a repeated delivery repeats. */
export const orderIdOf = ({ commerce, id }: Event): string => commerce?.transactionId || id

/** Names with a trailing underscore are Responsys's own; the others have to exist in the list. */
const PROFILE: Columns = {
  CUSTOMER_ID_: whole(({ user }) => user?.id),
  EMAIL_ADDRESS_: whole(({ user }) => user?.email),
  MOBILE_NUMBER_: whole(({ user }) => user?.phone),
  FIRST_NAME: words(({ user }) => user?.firstName),
  LAST_NAME: words(({ user }) => user?.lastName),
  CITY_: words(({ user }) => user?.city),
  STATE_: words(({ user }) => user?.state),
  COUNTRY_: words(({ user }) => user?.country),
}

/** Of an address that came hashed, or of the address: hashing again is what makes the two the same person. */
export const emailHashOf = ({ user }: Event): string | undefined =>
  user?.emailHash ?? (user?.email && hash('sha256', user.email))

const EVENT: Columns = {
  EVENT_ID: whole(({ id }) => id),
  EVENT_NAME: words(({ name }) => name),
  EVENT_TS: when,
  CUSTOMER_ID: whole(({ user }) => user?.id),
  EMAIL_ADDRESS: whole(({ user }) => user?.email),
  PAGE_URL: longer(({ page }) => page?.url),
  PRODUCT_ID: words(event => first(event)?.id),
  PRODUCT_NAME: words(event => first(event)?.name),
  QUANTITY: number(pieces),
  CURRENCY: short(({ commerce }) => commerce?.currency),
  VALUE: number(({ commerce }) => commerce?.value),
  ORDER_ID: whole(({ commerce }) => commerce?.transactionId),
  FORM_ID: words(({ properties }) => textOf(properties?.form_id ?? properties?.form_name)),
  SOURCE: words(({ campaign }) => campaign?.source),
  MEDIUM: words(({ campaign }) => campaign?.medium),
  CAMPAIGN: words(({ campaign }) => campaign?.name),
}

const ORDER: Columns = {
  ORDER_ID: whole(orderIdOf),
  CUSTOMER_ID: whole(({ user }) => user?.id),
  EMAIL_ADDRESS: whole(({ user }) => user?.email),
  ORDER_TS: when,
  CURRENCY: short(({ commerce }) => commerce?.currency),
  VALUE: number(({ commerce }) => commerce?.value),
  TAX: number(({ commerce }) => commerce?.tax),
  SHIPPING: number(({ commerce }) => commerce?.shipping),
  COUPON: words(({ commerce }) => commerce?.coupon),
  QUANTITY: number(pieces),
}

const ITEMS: Columns = {
  ORDER_ID: whole(orderIdOf),
  LINE_NO: integer((_event, _item, line) => line),
  PRODUCT_ID: words((_event, item) => item?.id),
  PRODUCT_NAME: words((_event, item) => item?.name),
  BRAND: words((_event, item) => item?.brand),
  CATEGORY: words((_event, item) => item?.category),
  VARIANT: words((_event, item) => item?.variant),
  PRICE: number((_event, item) => item?.price),
  QUANTITY: number((_event, item) => item?.quantity),
}

const PROGRAM: Columns = {
  EVENT_ID: whole(({ id }) => id),
  PRODUCT_ID: words(event => first(event)?.id),
  PRODUCT_NAME: words(event => first(event)?.name),
  ORDER_ID: whole(({ commerce }) => commerce?.transactionId),
  CURRENCY: short(({ commerce }) => commerce?.currency),
  VALUE: number(({ commerce }) => commerce?.value),
  PAGE_URL: longer(({ page }) => page?.url),
}

const LAST_VIEW: Columns = {
  LAST_VIEWED_SKU: words(event => first(event)?.id),
  LAST_VIEWED_NAME: words(event => first(event)?.name),
  LAST_VIEWED_URL: longer(({ page }) => page?.url),
  LAST_VIEWED_AT: when,
}
const CART_CHANGE: Columns = {
  CART_SKU: words(event => first(event)?.id),
  CART_UPDATED_AT: when,
}
const CART: Columns = {
  CART_QUANTITY: number(pieces),
  CART_CURRENCY: short(({ commerce }) => commerce?.currency),
  CART_VALUE: number(({ commerce }) => commerce?.value),
  CART_UPDATED_AT: when,
}
const LAST_ORDER: Columns = {
  LAST_ORDER_ID: whole(orderIdOf),
  LAST_ORDER_CURRENCY: short(({ commerce }) => commerce?.currency),
  LAST_ORDER_VALUE: number(({ commerce }) => commerce?.value),
  LAST_ORDER_AT: when,
}

/** What a person last did, by the event that says so. GA4's add_to_cart tells what was added, the others the whole cart. */
const EXTENSION: { readonly [event: string]: Columns } = {
  view_item: LAST_VIEW,
  add_to_cart: CART_CHANGE,
  remove_from_cart: CART_CHANGE,
  view_cart: CART,
  begin_checkout: CART,
  cart_abandoned: CART,
  purchase: LAST_ORDER,
}

const BY_TARGET = { profile: PROFILE, event: EVENT, order: ORDER, items: ITEMS, program: PROGRAM }
const NONE: Columns = {}

/** What fills a target by itself, before the settings rename, drop or add anything. */
export function columnsOf(target: Target, event: string): Columns {
  if (target !== 'extension') return BY_TARGET[target]
  return (Object.hasOwn(EXTENSION, event) ? EXTENSION[event] : undefined) ?? NONE
}

/** The same for every event at once: what the settings may speak of. */
export const everyColumnOf = (target: Target): Columns =>
  target === 'extension' ? Object.assign({}, ...Object.values(EXTENSION)) : BY_TARGET[target]

/** Columns that tell the rows of a table apart: its primary key, if it has one. */
export const KEYS: { readonly [target in 'event' | 'order' | 'items']: readonly string[] } = {
  event: ['EVENT_ID'],
  order: ['ORDER_ID'],
  items: ['ORDER_ID', 'LINE_NO'],
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

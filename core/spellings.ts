import type { Campaign, Commerce, Consent, Event, Item, User } from './event.ts'
import { amount, currency, email, flag, hash, identity, phone, type Reader, text, time, url } from './fields.ts'

/**
 * Where each field stands in the three spellings: the canonical event, a GA4 dataLayer push (also the common event data
 * of a tagging server), and the flat records of older tags. A place is a container and a key in it; the container `''`
 * is the event itself. Containers are looked through in the order given, so the canonical place wins.
 * https://developers.google.com/analytics/devguides/collection/ga4/reference/events
 * https://developers.google.com/tag-platform/tag-manager/server-side/common-event-data
 */
export type Place = readonly [container: string, key: string]
export type Raw = { readonly [key: string]: unknown }
export const isObject = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export type Spelling = 'canonical' | 'ga4' | 'flat'
/** The objects of a raw event that hold fields, by the names of CONTAINERS. */
export type Sources = {
  readonly spelling: Spelling
  readonly objects: { readonly [container: string]: Raw | undefined }
}
export type Field = { name: string; read: Reader; places: readonly Place[] }
type Table<T> = { readonly [K in keyof T]-?: readonly [Reader, ...Place[]] }

const top = (...keys: readonly string[]): Place[] => keys.map(key => ['', key])
const of = (container: string, ...keys: readonly string[]): Place[] => keys.map(key => [container, key])
const user = (...keys: readonly string[]): Place[] => [...of('user', ...keys), ...of('user_data', ...keys)]
const address = (...keys: readonly string[]): Place[] => [...user(...keys), ...of('address', ...keys)]
const shop = (...keys: readonly string[]): Place[] => [...of('commerce', ...keys), ...of('ecommerce', ...keys)]
const consent = (...keys: readonly string[]): Place[] => [...of('consent', ...keys), ...of('consent_state', ...keys)]

const HEAD: Table<Pick<Event, 'id' | 'at' | 'tid'>> = {
  id: [identity, ...top('id', 'event_id', 'eventId', 'recordId')],
  at: [time, ...top('at', 'timestamp', 'event_time', 'eventTime', 'timestamp_micros')],
  tid: [identity, ...top('tid')],
}

const USER: Table<User> = {
  id: [identity, ...user('id', 'user_id', 'userId'), ...top('user_id', 'userId')],
  email: [email, ...user('email', 'email_address', 'emailAddress'), ...top('email', 'email_address')],
  phone: [
    phone,
    ...user('phone', 'phone_number', 'phoneNumber', 'mobile_phone'),
    ...top('phone', 'phone_number', 'mobile_phone', 'telefone', 'celular'),
  ],
  emailHash: [hash, ...user('emailHash', 'sha256_email_address'), ...top('sha256_email_address')],
  phoneHash: [hash, ...user('phoneHash', 'sha256_phone_number'), ...top('sha256_phone_number')],
  firstName: [text, ...address('firstName', 'first_name'), ...top('firstName', 'first_name')],
  lastName: [text, ...address('lastName', 'last_name'), ...top('lastName', 'last_name')],
  company: [text, ...address('company', 'company_name'), ...top('company', 'company_name')],
  city: [text, ...address('city'), ...top('city')],
  state: [text, ...address('state', 'region'), ...top('state', 'region')],
  country: [text, ...address('country'), ...top('country')],
}

const PAGE: Table<NonNullable<Event['page']>> = {
  url: [url, ...of('page', 'url', 'location'), ...top('page_location', 'page_url', 'pageUrl')],
  referrer: [url, ...of('page', 'referrer'), ...top('page_referrer', 'pageReferrer')],
  title: [text, ...of('page', 'title'), ...top('page_title', 'pageTitle')],
}

const CAMPAIGN: Table<Campaign> = {
  source: [text, ...of('campaign', 'source'), ...top('utm_source', 'campaign_source')],
  medium: [text, ...of('campaign', 'medium'), ...top('utm_medium', 'campaign_medium')],
  name: [text, ...of('campaign', 'name', 'campaign'), ...top('utm_campaign', 'campaign_name')],
  term: [text, ...of('campaign', 'term'), ...top('utm_term', 'campaign_term')],
  content: [text, ...of('campaign', 'content'), ...top('utm_content', 'campaign_content')],
  gclid: [text, ...of('campaign', 'gclid'), ...top('gclid')],
  fbclid: [text, ...of('campaign', 'fbclid'), ...top('fbclid')],
}

const COMMERCE: Table<Omit<Commerce, 'items'>> = {
  transactionId: [
    identity,
    ...shop('transactionId', 'transaction_id'),
    ...top('transaction_id', 'transactionId', 'orderId'),
  ],
  currency: [currency, ...shop('currency'), ...top('currency')],
  value: [amount, ...shop('value'), ...top('value', 'orderTotal')],
  tax: [amount, ...shop('tax'), ...top('tax')],
  shipping: [amount, ...shop('shipping'), ...top('shipping')],
  coupon: [text, ...shop('coupon'), ...top('coupon')],
}

const CONSENT: Table<Consent> = {
  analytics: [flag, ...consent('analytics', 'analytics_storage'), ...top('analytics_storage')],
  marketing: [flag, ...consent('marketing')], // else both of MARKETING_FLAGS
  userData: [flag, ...consent('userData', 'ad_user_data'), ...top('ad_user_data')],
}
/** Consent Mode has no one flag for marketing: both of these, where both were asked. */
export const MARKETING_FLAGS: readonly Field[] = ['ad_storage', 'ad_personalization'].map(key => ({
  name: key,
  read: flag,
  places: [...consent(key), ...top(key)],
}))

/** In an entry of `items` (canonical or GA4): one container. */
const ITEM: Table<Omit<Item, 'category'>> = {
  id: [text, ...top('id', 'item_id')],
  name: [text, ...top('name', 'item_name')],
  brand: [text, ...top('brand', 'item_brand')],
  variant: [text, ...top('variant', 'item_variant')],
  price: [amount, ...top('price')],
  quantity: [amount, ...top('quantity')],
  url: [url, ...top('url', 'item_url')],
  image: [url, ...top('image', 'item_image', 'image_url')],
}
export const CATEGORIES = [
  'item_category',
  'item_category2',
  'item_category3',
  'item_category4',
  'item_category5',
] as const

/** The one product of an older tag's record. */
const PRODUCT: Table<Item> = {
  id: [text, ...top('productId')],
  name: [text, ...top('productName')],
  brand: [text, ...top('productBrand')],
  category: [text, ...top('productCategory')],
  variant: [text, ...top('productVariant')],
  price: [amount, ...top('productPrice')],
  quantity: [amount, ...top('productQuantity')],
  url: [url, ...top('productUrl')],
  image: [url, ...top('productImage')],
}

const fields = (table: { readonly [name: string]: readonly [Reader, ...Place[]] }): readonly Field[] =>
  Object.entries(table).map(([name, [read, ...places]]) => ({ name, read, places }))

export const FIELDS = {
  head: fields(HEAD),
  user: fields(USER),
  page: fields(PAGE),
  campaign: fields(CAMPAIGN),
  commerce: fields(COMMERCE),
  consent: fields(CONSENT),
  item: fields(ITEM),
  product: fields(PRODUCT),
} as const

export const PHONE: readonly Place[] = FIELDS.user.find(({ name }) => name === 'phone')!.places
/** A person's name in one piece. */
export const FULL_NAME: readonly Place[] = [...user('name', 'full_name'), ...top('full_name', 'fullName')]
export const ITEMS: readonly Place[] = [...shop('items'), ...top('items')]

/** Keys of the event itself that hold its name; in older records `name` is the person's. */
export const NAMES: { readonly [S in Spelling]: readonly string[] } = {
  canonical: ['name'],
  ga4: ['event', 'event_name'],
  flat: ['eventType'],
}

/** Objects that hold fields, and where they stand. */
export const CONTAINERS: { readonly [container: string]: string } = {
  '': '',
  user: '/user',
  user_data: '/user_data',
  address: '/user_data/address',
  page: '/page',
  campaign: '/campaign',
  commerce: '/commerce',
  ecommerce: '/ecommerce',
  consent: '/consent',
  consent_state: '/consent_state',
}

/** Keys that are fields, by container: what is left over becomes a property. */
export const CLAIMED: ReadonlyMap<string, ReadonlySet<string>> = (() => {
  const claimed = new Map(Object.keys(CONTAINERS).map(container => [container, new Set<string>()]))
  const { item: _item, ...ofEvent } = FIELDS
  const places = [...Object.values(ofEvent).flat(), ...MARKETING_FLAGS].flatMap(field => field.places)
  for (const [container, key] of [...places, ...FULL_NAME, ...ITEMS]) claimed.get(container)?.add(key)
  claimed.get('')?.add('properties').add('clientId')
  return claimed
})()

/** What older tags call things, in GA4's words. Other names stay as they are. */
export const OLDER_NAMES: { readonly [name: string]: string } = {
  page: 'page_view',
  pageview: 'page_view',
  product_view: 'view_item',
  product_click: 'select_item',
  category_view: 'view_item_list',
  cart_add: 'add_to_cart',
  product_add: 'add_to_cart',
  cart_remove: 'remove_from_cart',
  product_remove: 'remove_from_cart',
  cart_view: 'view_cart',
  checkout: 'begin_checkout',
  checkout_start: 'begin_checkout',
  order: 'purchase',
  order_placed: 'purchase',
  lead: 'generate_lead',
  signup: 'sign_up',
  registration: 'sign_up',
  wishlist_add: 'add_to_wishlist',
}

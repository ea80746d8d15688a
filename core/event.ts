/**
 * One thing a person did, in the shape that everything behind ingestion speaks. Field names follow GA4 where GA4 has
 * one. `core/normalise.ts` makes it from the three spellings that tags send.
 */
export type Event = {
  /** Stable: the tag makes it once (UUIDv7) and repeats it with every try. 1-128 characters of `[A-Za-z0-9._:-]`. */
  id: string
  /** GA4 name in snake case: `generate_lead`, `purchase`, `view_item`. */
  name: string
  /** When it happened in the browser: ISO 8601, UTC, milliseconds. */
  at: string
  tid?: string
  user?: User
  page?: { url?: string; referrer?: string; title?: string }
  campaign?: Campaign
  commerce?: Commerce
  consent?: Consent
  properties?: { readonly [name: string]: Json }
}

export type User = {
  id?: string
  /** Lower case and trimmed. */
  email?: string
  /** E.164. */
  phone?: string
  /** SHA-256, lower-case hex, as GA4 tags send them when they hash; passed through as they came. */
  emailHash?: string
  phoneHash?: string
  firstName?: string
  lastName?: string
  company?: string
  city?: string
  state?: string
  country?: string
}

export type Campaign = {
  source?: string
  medium?: string
  name?: string
  term?: string
  content?: string
  gclid?: string
  fbclid?: string
}

export type Commerce = {
  transactionId?: string
  /** ISO 4217. */
  currency?: string
  /** In units of the currency, not cents; so are `tax`, `shipping` and `price`. */
  value?: number
  tax?: number
  shipping?: number
  coupon?: string
  items?: readonly Item[]
}

export type Item = {
  id?: string
  name?: string
  brand?: string
  /** `item_category` to `item_category5` joined by ` > `. */
  category?: string
  variant?: string
  price?: number
  quantity?: number
  url?: string
  image?: string
}

/** What the person allowed. A flag that is absent was never asked for, which is not a yes. */
export type Consent = { analytics?: boolean; marketing?: boolean; userData?: boolean }
export type Purpose = keyof Consent

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

export type Lane = 'normal' | 'urgent'

/** What a destination treats as urgent unless its config says otherwise: the events that somebody is waiting for. */
export const URGENT: readonly string[] = ['generate_lead', 'sign_up', 'purchase']

import type { Event, Item } from '../../core/connector.ts'
import type { Target } from './settings.ts'

type Value = string | number | boolean
export type From = (event: Event, item: Item | undefined) => Value | undefined
/** `length`: what the field holds, where longer text may be cut. Without one it is whole, and Salesforce refuses what is too long. */
export type Field = { from: From; length?: number }
export type Fields = { readonly [name: string]: Field }

// Lengths of standard fields: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm
// A custom text field holds 255 at most: https://help.salesforce.com/s/articleView?id=sf.custom_field_types.htm
const text = (length: number, from: From): Field => ({ from, length })
const whole = (from: From): Field => ({ from })
const SHORT = 255

const first = ({ commerce }: Event): Item | undefined => commerce?.items?.[0]
const pieces = ({ commerce }: Event): number | undefined =>
  commerce?.items?.length ? commerce.items.reduce((sum, { quantity = 1 }) => sum + quantity, 0) : undefined
const at: Field = { from: event => event.at }

/** What a person agreed to in the very form; an event that does not ask leaves the record's own answer alone. */
const optedOut: From = ({ consent }) => (consent?.marketing === undefined ? undefined : !consent.marketing)

const LEAD: Fields = {
  FirstName: text(40, ({ user }) => user?.firstName),
  LastName: text(80, ({ user }) => user?.lastName),
  Company: text(255, ({ user }) => user?.company),
  Email: whole(({ user }) => user?.email),
  Phone: whole(({ user }) => user?.phone),
  City: text(40, ({ user }) => user?.city),
  State: text(80, ({ user }) => user?.state),
  Country: text(80, ({ user }) => user?.country),
  LeadSource: whole(() => 'Web'),
  Description: text(32_000, originOf),
  HasOptedOutOfEmail: whole(optedOut),
}

const CONTACT: Fields = {
  FirstName: text(40, ({ user }) => user?.firstName),
  LastName: text(80, ({ user }) => user?.lastName),
  Email: whole(({ user }) => user?.email),
  Phone: whole(({ user }) => user?.phone),
  MailingCity: text(40, ({ user }) => user?.city),
  MailingState: text(80, ({ user }) => user?.state),
  MailingCountry: text(80, ({ user }) => user?.country),
  // Only where a form was sent: a banner's consent at a later login must not bring back who has opted out meanwhile.
  HasOptedOutOfEmail: whole(event => (event.name === 'sign_up' ? optedOut(event, undefined) : undefined)),
}

/** Each step of an order's life has a field of its own, so that it does not matter in which order they arrive. */
const when = (name: string): Field => ({ from: event => (event.name === name ? event.at : undefined) })
const placed =
  (from: From): From =>
  (event, item) =>
    event.name === 'purchase' ? from(event, item) : undefined
const ORDER: Fields = {
  Placed_At__c: when('purchase'),
  Customer_Id__c: whole(placed(({ user }) => user?.id)),
  Email__c: whole(placed(({ user }) => user?.email)),
  Value__c: whole(placed(({ commerce }) => commerce?.value)),
  Currency__c: text(
    SHORT,
    placed(({ commerce }) => commerce?.currency),
  ),
  Tax__c: whole(placed(({ commerce }) => commerce?.tax)),
  Shipping__c: whole(placed(({ commerce }) => commerce?.shipping)),
  Coupon__c: text(
    SHORT,
    placed(({ commerce }) => commerce?.coupon),
  ),
  Quantity__c: whole(placed(pieces)),
  Paid_At__c: when('order_paid'),
  Fulfilled_At__c: when('order_fulfilled'),
  Delivered_At__c: when('shipment_delivered'),
  Cancelled_At__c: when('order_cancelled'),
  Refunded_At__c: when('refund'),
}

const OPPORTUNITY: Fields = {
  Name: text(120, event => `Order ${orderNumber(event) ?? ''}`.trimEnd()),
  StageName: whole(() => 'Closed Won'),
  CloseDate: whole(event => event.at.slice(0, 10)),
  Amount: whole(({ commerce }) => commerce?.value),
}

const ITEM: Fields = {
  Sku__c: text(SHORT, (_event, item) => item?.id),
  Product_Name__c: text(SHORT, (_event, item) => item?.name),
  Brand__c: text(SHORT, (_event, item) => item?.brand),
  Category__c: text(SHORT, (_event, item) => item?.category),
  Variant__c: text(SHORT, (_event, item) => item?.variant),
  Price__c: whole((_event, item) => item?.price),
  Quantity__c: whole((_event, item) => item?.quantity),
}

const EVENT: Fields = {
  Name__c: text(SHORT, ({ name }) => name),
  Occurred_At__c: at,
  Customer_Id__c: whole(({ user }) => user?.id),
  Email__c: whole(({ user }) => user?.email),
  Phone__c: whole(({ user }) => user?.phone),
  Page_Url__c: text(SHORT, ({ page }) => page?.url),
  Sku__c: text(SHORT, event => first(event)?.id),
  Product_Name__c: text(SHORT, event => first(event)?.name),
  Quantity__c: whole(pieces),
  Value__c: whole(({ commerce }) => commerce?.value),
  Currency__c: text(SHORT, ({ commerce }) => commerce?.currency),
  Order_Number__c: whole(({ commerce }) => commerce?.transactionId),
  Source__c: text(SHORT, ({ campaign }) => campaign?.source),
  Medium__c: text(SHORT, ({ campaign }) => campaign?.medium),
  Campaign__c: text(SHORT, ({ campaign }) => campaign?.name),
}

/** What fills a target by itself, before the settings rename, drop or add anything. How a line names its order is for map.ts. */
export const FIELDS: { readonly [target in Target]: Fields } = {
  contact: CONTACT,
  lead: LEAD,
  order: ORDER,
  opportunity: OPPORTUNITY,
  item: ITEM,
  event: EVENT,
}

/** What a target is known by, unless the mapping fills its external-id field with something else. */
export const KEYS: { readonly [target in Exclude<Target, 'item'>]: From } = {
  contact: ({ user }) => user?.id,
  lead: ({ id, properties }) => scalar(properties?.lead_id) ?? id,
  order: event => orderNumber(event),
  opportunity: event => orderNumber(event),
  event: ({ id }) => id,
}

/** An order without a number has its event's id, which a repeated delivery repeats; other events must say which order they mean. */
const orderNumber = ({ name, id, commerce }: Event): string | undefined =>
  commerce?.transactionId || (name === 'purchase' ? id : undefined)

/** Where a lead came from, as a salesperson reads it. */
function originOf({ properties, page, campaign }: Event): string | undefined {
  const lines = [
    ['Form', scalar(properties?.form_name) ?? scalar(properties?.form_id)],
    ['Message', scalar(properties?.message)],
    ['Page', page?.url],
    ['Campaign', [campaign?.source, campaign?.medium, campaign?.name].filter(Boolean).join(' / ')],
  ]
  return lines.flatMap(([label, value]) => (value ? [`${label}: ${value}`] : [])).join('\n') || undefined
}

const scalar = (value: unknown): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined

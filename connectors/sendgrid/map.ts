import { applyMapping, type Draft, type Event, type Item, type Json, type Skip } from '../../core/connector.ts'
import {
  CUSTOM_FIELD,
  contactOf,
  DEFAULTS,
  FIELDS,
  IDENTIFIERS,
  listsOf,
  type Mail,
  mailOf,
  optOutOf,
  type Settings,
} from './settings.ts'

/** One person's copy of a mail: https://www.twilio.com/docs/sendgrid/for-developers/sending-email/personalizations */
export type Personalization = {
  to: readonly [{ email: string; name?: string }]
  dynamic_template_data: { readonly [name: string]: Json }
  /** Handed back with every event of the webhook. */
  custom_args: { connect_event: string }
}
export type ContactFields = {
  readonly [field: string]: string | { readonly [id: string]: string | number }
}
/** What one request carries many of. The event's name leads to what its records share: template, lists, suppression group. */
export type Record = { event: string } & (
  | { personalization: Personalization }
  | { contact: ContactFields }
  | { suppressed: string }
)

export function map(event: Event, settings: Settings): readonly Draft<Record>[] | Skip {
  const mail = mailOf(event.name, settings)
  const contact = contactOf(event.name, settings)
  const list = optOutOf(event.name, settings)
  if (!mail && !contact && !list) return { skip: `${event.name} is not sent to SendGrid: see mails and contacts` }
  const email = event.user?.email?.trim().toLowerCase()
  const drafts: Draft<Record>[] = []
  if (mail && email && mayBeSent(mail, event)) drafts.push(mailDraft(mail, email, event))
  // Who refuses marketing is on no marketing list. Who was never asked is the destination's `requires` to decide.
  if (contact && event.consent?.marketing !== false) drafts.push(...contactDraft(event, settings))
  if (list && email) drafts.push(optOutDraft(event.name, list, email))
  return drafts.length ? drafts : { skip: reason(event, settings) }
}

function reason(event: Event, { identifiers = DEFAULTS.identifiers }: Settings): string {
  if (event.user?.email) return 'no consent to marketing'
  return `no email to write to, and nothing that contacts are known by: ${identifiers.join(', ')}`
}

const mayBeSent = ({ kind = DEFAULTS.kind }: Mail, { consent }: Event) =>
  kind === 'transactional' || consent?.marketing === true

function mailDraft(mail: Mail, email: string, event: Event): Draft<Record> {
  const name = [event.user?.firstName, event.user?.lastName].filter(Boolean).join(' ')
  return {
    call: 'mail',
    step: 0,
    key: event.id, // two mails to one person may share a request: SendGrid keeps them apart
    group: event.name,
    data: {
      event: event.name,
      personalization: {
        to: [{ email, ...(name && { name }) }],
        dynamic_template_data: { ...templateData(event), ...applyMapping(mail.data ?? {}, event) },
        custom_args: { connect_event: event.id },
      },
    },
  }
}

/** In GA4's own names, as tags have them. Absent values are left out: a template's `{{#if}}` then holds. */
function templateData({ name, user = {}, page = {}, commerce = {} }: Event): { [name: string]: Json } {
  const { transactionId, currency, value, tax, shipping, coupon, items } = commerce
  return present({
    event: name,
    first_name: user.firstName,
    last_name: user.lastName,
    page_url: page.url,
    transaction_id: transactionId,
    currency,
    value,
    tax,
    shipping,
    coupon,
    items: items?.map(itemData),
  })
}

const itemData = ({ id, name, brand, category, variant, price, quantity, url, image }: Item): Json =>
  present({ id, name, brand, category, variant, price, quantity, url, image })

function present(fields: { readonly [name: string]: Json | undefined }): { [name: string]: Json } {
  const told: { [name: string]: Json } = {}
  for (const [name, value] of Object.entries(fields)) if (value !== undefined && value !== '') told[name] = value
  return told
}

function contactDraft(event: Event, settings: Settings): readonly Draft<Record>[] {
  const contact = fieldsOf(event, settings)
  const identity = identityOf(contact)
  if (identity === undefined) return []
  return [
    {
      call: 'contacts',
      step: 0, // beside the mail and not before it: a contact takes minutes to be stored
      key: event.id, // what several events say of one contact is merged into one
      group: listsOf(event.name, settings).join(),
      data: { event: event.name, contact },
    },
  ]
}

/** What SendGrid tells contacts apart by; undefined for nobody. */
export function identityOf(contact: ContactFields): string | undefined {
  const told = IDENTIFIERS.flatMap(name => (typeof contact[name] === 'string' ? [`${name} ${contact[name]}`] : []))
  return told.length ? told.join('\n') : undefined
}

function fieldsOf(event: Event, { identifiers = DEFAULTS.identifiers, mapping = {} }: Settings): ContactFields {
  const { user = {}, properties = {} } = event
  const { '*': everywhere = {}, [event.name]: here = {} } = mapping
  const anonymous = properties.anonymous_id ?? properties.client_id
  const told: { readonly [field: string]: Json | undefined } = {
    email: user.email,
    phone_number_id: user.phone,
    external_id: user.id,
    anonymous_id: anonymous,
    first_name: user.firstName,
    last_name: user.lastName,
    phone_number: user.phone,
    city: user.city,
    state_province_region: user.state,
    country: user.country,
    ...applyMapping(everywhere, event),
    ...applyMapping(here, event),
  }
  const fields: { [field: string]: string } = {}
  const custom: { [id: string]: string | number } = {}
  for (const [field, value] of Object.entries(told)) {
    if (IDENTIFIERS.includes(field) && !identifiers.includes(field)) continue
    if (field === 'email') assign(fields, field, text(value, FIELDS.email!, true)?.toLowerCase())
    else if (Object.hasOwn(FIELDS, field))
      assign(fields, field, text(value, FIELDS[field]!, IDENTIFIERS.includes(field)))
    else if (CUSTOM_FIELD.test(field)) assign(custom, field, customValue(field, value))
  }
  return Object.keys(custom).length ? { ...fields, custom_fields: custom } : fields
}

function assign<T>(into: { [name: string]: T }, name: string, value: T | undefined): void {
  if (value !== undefined) into[name] = value
}

/** A text that fits. An identity is never cut: somebody else might have what is left of it. */
function text(value: Json | undefined, length: number, identity = false): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined
  const written = String(value).trim()
  if (written === '' || (identity && written.length > length)) return undefined
  return written.length <= length
    ? written
    : written
        .slice(0, length)
        .toWellFormed()
        .replace(/\ufffd$/, '')
}

const TEXT_LENGTH = 1000 // https://www.twilio.com/docs/sendgrid/ui/managing-contacts/custom-fields

/** By the type that the end of the id tells; one value of another type fails the contact. */
function customValue(id: string, value: Json | undefined): string | number | undefined {
  if (id.endsWith('_N')) {
    const number = typeof value === 'string' && value.trim() ? Number(value) : value
    return typeof number === 'number' && Number.isFinite(number) ? number : undefined
  }
  if (id.endsWith('_D')) {
    const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
    return Number.isNaN(at) ? undefined : new Date(at).toISOString()
  }
  if (Array.isArray(value)) return text(value.filter(one => typeof one !== 'object').join(', '), TEXT_LENGTH)
  return text(value, TEXT_LENGTH)
}

const optOutDraft = (event: string, list: string, email: string): Draft<Record> => ({
  call: 'suppressions',
  step: 0,
  key: email,
  group: list,
  data: { event, suppressed: email },
})

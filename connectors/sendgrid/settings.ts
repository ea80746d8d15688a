import { type Mapping, mappingProblems } from '../../core/connector.ts'

export type Address = { email: string; name?: string }

/** A dynamic template and what goes with it. */
export type Mail = {
  /** Its ID in SendGrid: `d-` and 32 digits. */
  template: string
  /** Marketing needs the person's consent to marketing and an unsubscribe group. */
  kind?: 'marketing' | 'transactional'
  /** Unsubscribe group: SendGrid drops the mail for those who have left it. */
  group?: number
  /** Template data beside, or in place of, what every mail has. */
  data?: Mapping
  /** For SendGrid's statistics; the event's name by default. */
  categories?: readonly string[]
  from?: Address
}
export type Contact = { lists?: readonly string[] }

export type Settings = {
  region?: 'global' | 'eu'
  from?: Address
  replyTo?: Address
  mails?: { readonly [event: string]: Mail | false }
  contacts?: { readonly [event: string]: Contact | false }
  lists?: readonly string[]
  identifiers?: readonly string[]
  mapping?: { readonly [event: string]: Mapping }
  optOuts?: { readonly [event: string]: string | false }
  sandbox?: boolean
  mailsPerRequest?: number
  mailRequestsPerSecond?: number
  contactRequestsPerMinute?: number
}

export const DEFAULTS = {
  region: 'global',
  kind: 'marketing',
  identifiers: ['email'],
  optOuts: { unsubscribe: 'global' },
  sandbox: false,
  mailsPerRequest: 1000,
  // SendGrid publishes no numbers now. An older FAQ had 10,000 a second for mail/send, which the default of other endpoints,
  // 600 a minute, leaves out: https://www.twilio.com/en-us/changelog/imposing-rate-limits-on-some-sendgrid-v2-api-endpoints
  mailRequestsPerSecond: 10_000,
  // The older contacts API had 3 in 2 seconds: https://docs.sendgrid.com/api-reference/contacts-api-recipients/add-recipients
  contactRequestsPerMinute: 90,
} as const satisfies Partial<Settings> & { kind: Mail['kind'] }

/** Events that say something new of a contact. Browsing would cost a request a page and change nothing that SendGrid keeps. */
const CONTACTS: readonly string[] = [
  'generate_lead',
  'sign_up',
  'qualify_lead',
  'close_convert_lead',
  'close_unconvert_lead',
  'begin_checkout',
  'cart_abandoned',
  'purchase',
  'refund',
]

const own = <T>(of: { readonly [name: string]: T } | undefined, name: string): T | undefined =>
  of && Object.hasOwn(of, name) ? of[name] : undefined

/** A mail is always the first record of its event: what the webhook says of it is written down under this name. */
export const MAIL_RECORD = 'mail#0'

/** Undefined for an event that no mail follows. */
export const mailOf = (event: string, { mails }: Settings): Mail | undefined => own(mails, event) || undefined

/** Undefined for an event that leaves contacts as they are. `"*": false` switches off what is not named. */
export function contactOf(event: string, { contacts }: Settings): Contact | undefined {
  const told = own(contacts, event)
  if (told !== undefined) return told || undefined
  return CONTACTS.includes(event) && own(contacts, '*') !== false ? own(contacts, '*') || {} : undefined
}

/** Where an event takes a person off: everything (`global`) or an unsubscribe group. */
export const optOutOf = (event: string, { optOuts = DEFAULTS.optOuts }: Settings): string | undefined =>
  own<string | false>(optOuts, event) || undefined

/** Every list that a contact of this event is put on, sorted. */
export const listsOf = (event: string, settings: Settings): readonly string[] =>
  [...new Set([...(settings.lists ?? []), ...(contactOf(event, settings)?.lists ?? [])])].sort()

export function wants(settings: Settings): readonly string[] {
  const { mails, contacts, optOuts = DEFAULTS.optOuts } = settings
  const names = [mails, contacts, optOuts].flatMap(part => Object.keys(part ?? {}))
  const wanted = (event: string) => mailOf(event, settings) ?? contactOf(event, settings) ?? optOutOf(event, settings)
  return [...new Set([...CONTACTS, ...names])].filter(event => event !== '*' && wanted(event) !== undefined)
}

/** Events that take a person off and do nothing else: one with a mail of its own needs the consent that mail needs. */
export const leaving = (settings: Settings): readonly string[] =>
  Object.keys(settings.optOuts ?? DEFAULTS.optOuts).filter(
    event => optOutOf(event, settings) && !mailOf(event, settings) && !contactOf(event, settings),
  )

/** Fields of a contact and how long their texts may be: https://www.twilio.com/docs/sendgrid/api-reference/contacts/add-or-update-a-contact */
export const FIELDS: { readonly [field: string]: number } = {
  email: 254,
  phone_number_id: 254,
  external_id: 254,
  anonymous_id: 254,
  first_name: 50,
  last_name: 50,
  address_line_1: 100,
  address_line_2: 100,
  city: 60,
  state_province_region: 50,
  country: 50,
  postal_code: 50,
  phone_number: 50,
  whatsapp: 50,
  line: 50,
  facebook: 50,
  unique_name: 50,
}
export const IDENTIFIERS: readonly string[] = ['email', 'phone_number_id', 'external_id', 'anonymous_id']
/** `e1_T`, or of older accounts `w1`. */
export const CUSTOM_FIELD = /^[a-z]{1,3}\d+(?:_[TND])?$/

/** What the schema cannot say. */
export function problems(settings: Settings): readonly string[] {
  return [...mailProblems(settings), ...contactProblems(settings)]
}

function mailProblems(settings: Settings): readonly string[] {
  return Object.keys(settings.mails ?? {}).flatMap(event => {
    const mail = mailOf(event, settings)
    if (!mail) return []
    const at = `mails.${event}`
    const sender = mail.from ?? settings.from
    const marketing = (mail.kind ?? DEFAULTS.kind) === 'marketing'
    return [
      ...(sender ? [] : [`${at}: nobody sends it; set from to a verified sender, {"email": ..., "name": ...}`]),
      ...(marketing && mail.group === undefined
        ? [`${at}: marketing mail needs an unsubscribe group; set ${at}.group, or ${at}.kind to "transactional"`]
        : []),
      ...mappingProblems(mail.data ?? {}, `${at}.data`),
    ]
  })
}

function contactProblems(settings: Settings): readonly string[] {
  const { region, mapping = {}, identifiers = DEFAULTS.identifiers } = settings
  const sends = wants(settings).some(event => contactOf(event, settings))
  const elsewhere = region === 'eu' && sends
  return [
    ...(elsewhere ? ['region: contacts are kept at the global host only; set contacts to {"*": false}'] : []),
    ...identifiers
      .filter(name => !IDENTIFIERS.includes(name))
      .map(name => `identifiers: "${name}" is none; use ${IDENTIFIERS.join(', ')}`),
    ...Object.entries(mapping).flatMap(([event, fields]) => [
      ...mappingProblems(fields, `mapping.${event}`),
      ...Object.keys(fields)
        .filter(field => !Object.hasOwn(FIELDS, field) && !CUSTOM_FIELD.test(field))
        .map(
          field =>
            `mapping.${event}.${field}: no field of a contact; custom fields go by their id, such as "e1_T" (GET /v3/marketing/field_definitions)`,
        ),
    ]),
  ]
}

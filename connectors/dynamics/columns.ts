import type { Event, Json } from '../../core/connector.ts'
import { DEFAULTS, own, type Settings } from './settings.ts'
import { addressOf, campaignOf, cartOf, cutText, firstText, summaryOf } from './summary.ts'

export type Fields = { [column: string]: Json | undefined }
/** `make` goes only with a row that is made: it would be worse than what a row that is there has. */
export type Filled = { body: Fields; make: Fields }

/**
 * Lengths of text columns. https://learn.microsoft.com/dynamics365/sales/developer/entities/lead and
 * https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/contact
 */
const PERSON = {
  firstname: 50,
  lastname: 50,
  emailaddress1: 100,
  jobtitle: 100,
  websiteurl: 200,
  telephone1: 50,
  description: 2000,
  address1_line1: 250,
  address1_city: 80,
  address1_stateorprovince: 50,
  address1_postalcode: 20,
  address1_country: 80,
}
export const LENGTHS: { readonly [kind: string]: { readonly [column: string]: number } } = {
  lead: { ...PERSON, subject: 300, companyname: 100, mobilephone: 20 },
  contact: { ...PERSON, mobilephone: 50 },
}

/** Events that a person makes on purpose: consent that comes with them was given there, not merely still in force. */
const GIVEN: readonly string[] = ['generate_lead', 'sign_up', 'form_submit']

export function leadColumns(event: Event, settings: Settings): Filled {
  const { user = {}, page = {}, properties = {} } = event
  const subject = firstText(properties.subject, properties.form_name, properties.form_id)
  const begin = settings.subject ?? DEFAULTS.subject
  const { text, told } = summaryOf(event)
  const described = { description: text || undefined }
  return {
    body: {
      ...personColumns(event, settings),
      companyname: user.company,
      jobtitle: firstText(properties.job_title) || undefined,
      websiteurl: addressOf(page.url, PERSON.websiteurl),
      ...dealColumns(event, settings),
      ...(subject && { subject: `${begin}: ${subject}` }),
      ...(told && described),
    },
    make: {
      lastname: surnameOf(event),
      leadsourcecode: settings.leadSource ?? DEFAULTS.leadSource,
      ...(!subject && { subject: `${begin}: ${event.name.replaceAll('_', ' ')}` }),
      ...(!told && described),
    },
  }
}

export const contactColumns = (event: Event, settings: Settings): Filled => ({
  body: {
    ...personColumns(event, settings),
    jobtitle: firstText(event.properties?.job_title) || undefined,
  },
  make: { lastname: surnameOf(event) },
})

// statuscode and leadqualitycode of lead: https://learn.microsoft.com/dynamics365/sales/developer/entities/lead
const OPEN: { readonly [event: string]: Fields } = {
  working_lead: { statuscode: 2 },
  qualify_lead: { leadqualitycode: 1 },
  disqualify_lead: { leadqualitycode: 3 },
  close_convert_lead: { leadqualitycode: 1 },
  close_unconvert_lead: { leadqualitycode: 3 },
}
const CLOSED: { readonly [event: string]: Fields } = {
  disqualify_lead: { statecode: 2, statuscode: 7 },
  close_convert_lead: { statecode: 1, statuscode: 3 },
  close_unconvert_lead: { statecode: 2, statuscode: 4 },
}

/** What an event changes of a lead that is there. */
export const stageColumns = (event: Event, settings: Settings): Filled => ({
  body: {
    ...((settings.closeLeads && own(CLOSED, event.name)) || own(OPEN, event.name)),
    ...dealColumns(event, settings),
    ...consentColumns(event, settings),
  },
  make: {},
})

function personColumns(event: Event, settings: Settings): Fields {
  const { email, phone, city, state, country } = event.user ?? {}
  return {
    ...nameOf(event),
    emailaddress1: email && email.length <= PERSON.emailaddress1 ? email : undefined, // half an address is nobody's
    mobilephone: phone,
    address1_city: city,
    address1_stateorprovince: state,
    address1_country: country,
    ...consentColumns(event, settings),
  }
}

/** Forms with one field for the whole name tell it as a first name: what follows its first word is the surname. */
function nameOf({ user: { firstName, lastName } = {} }: Event): { firstname?: string; lastname?: string } {
  const [first, ...others] = (lastName ? [firstName] : (firstName ?? '').split(/\s+/)).filter(Boolean)
  const last = lastName || others.join(' ')
  return { ...(first && { firstname: first }), ...(last && { lastname: last }) }
}

/** Leads and contacts must have a surname: in place of one, the address before the @. */
const surnameOf = (event: Event) => {
  const { email, phone, id } = event.user ?? {}
  return nameOf(event).lastname ? undefined : email?.split('@')[0] || phone || id
}

/** Money only in a currency whose worth the environment knows: else it would be read as another's. */
function dealColumns({ commerce = {}, campaign = {} }: Event, { currencies, campaigns }: Settings): Fields {
  const { value, currency = '' } = commerce
  const known = own(currencies, currency)
  const bound = own(campaigns, campaign.name ?? '')
  return {
    ...(value !== undefined &&
      known !== undefined && {
        estimatedamount: value,
        ...(known !== 'base' && { 'transactioncurrencyid@odata.bind': `/transactioncurrencies(${known})` }),
      }),
    ...(bound !== undefined && { 'campaignid@odata.bind': `/campaigns(${bound})` }),
  }
}

/** The columns say no: true opts out. Consent that was never asked for says nothing. */
function consentColumns({ name, consent }: Event, settings: Settings): Fields {
  const { consent: mode = DEFAULTS.consent, consentColumns: columns = DEFAULTS.consentColumns } = settings
  const allowed = consent?.marketing
  if (allowed === undefined || mode === 'never') return {}
  if (allowed && (mode === 'opt-out' || !GIVEN.includes(name))) return {}
  return Object.fromEntries(columns.map(column => [column, !allowed]))
}

/** A row of one event, in columns whose names begin with the publisher's prefix. */
export function rowColumns(event: Event, person: string, settings: Settings): Filled {
  const { commerce = {}, campaign = {}, page = {}, properties = {} } = event
  const { items = [] } = commerce
  const prefix = settings.prefix ?? DEFAULTS.prefix
  const fields: Fields = {
    name: cutText(firstText(commerce.transactionId, properties.title) || event.name, ROW.name),
    eventname: cutText(event.name, ROW.eventname),
    occurredat: event.at,
    personkey: person,
    transactionid: short(commerce.transactionId),
    currency: commerce.currency,
    value: commerce.value,
    tax: commerce.tax,
    shipping: commerce.shipping,
    coupon: short(commerce.coupon),
    itemcount: items.length ? Math.round(items.reduce((sum, { quantity = 1 }) => sum + quantity, 0)) : undefined,
    items: cutText(cartOf(event), ROW.items),
    pageurl: addressOf(page.url, PERSON.websiteurl),
    campaign: short(campaignOf(campaign)),
  }
  return {
    body: Object.fromEntries(Object.entries(fields).map(([name, value]) => [`${prefix}_${name}`, value])),
    make: {},
  }
}

/** Lengths that the README asks for. */
const ROW = { name: 100, eventname: 100, text: 100, items: 2000 }
const short = (text: string | undefined) => text && cutText(text, ROW.text)

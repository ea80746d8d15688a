/** A refusal, as Dataverse words it. */
export type Fault = { status: number; code: string; message: string }

type Column =
  | { type: 'text'; most: number }
  | { type: 'choice'; values: readonly number[] }
  | { type: 'amount' | 'integer' | 'flag' | 'time' }
type Table = {
  logical: string
  key: string
  columns: { readonly [name: string]: Column }
  /** Navigation property to the set that it leads to. */
  lookups: { readonly [name: string]: string }
  /** What this environment's business rules want of a new row. */
  required: readonly string[]
}

const text = (most: number): Column => ({ type: 'text', most })
const choice = (...values: number[]): Column => ({ type: 'choice', values })
const amount: Column = { type: 'amount' }
const integer: Column = { type: 'integer' }
const flag: Column = { type: 'flag' }
const time: Column = { type: 'time' }

// https://learn.microsoft.com/dynamics365/sales/developer/entities/lead and, for contact,
// https://learn.microsoft.com/power-apps/developer/data-platform/reference/entities/contact
const person = {
  firstname: text(50),
  lastname: text(50),
  emailaddress1: text(100),
  telephone1: text(50),
  jobtitle: text(100),
  websiteurl: text(200),
  description: text(2000),
  address1_line1: text(250),
  address1_city: text(80),
  address1_stateorprovince: text(50),
  address1_postalcode: text(20),
  address1_country: text(80),
  donotbulkemail: flag,
  donotemail: flag,
  donotphone: flag,
  donotpostalmail: flag,
  donotfax: flag,
  donotsendmm: flag,
}
const row: Table['columns'] = {
  new_name: text(100),
  new_eventname: text(100),
  new_occurredat: time,
  new_personkey: text(100),
  new_transactionid: text(100),
  new_currency: text(100),
  new_value: amount,
  new_tax: amount,
  new_shipping: amount,
  new_coupon: text(100),
  new_itemcount: integer,
  new_items: text(2000),
  new_pageurl: text(200),
  new_campaign: text(100),
}

/** What this environment has: the tables of the product, and the two that its maker added, with their alternate keys. */
export const TABLES: { readonly [set: string]: Table } = {
  leads: {
    logical: 'lead',
    key: 'new_externalid',
    columns: {
      ...person,
      subject: text(300),
      companyname: text(100),
      mobilephone: text(20),
      leadsourcecode: choice(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
      leadqualitycode: choice(1, 2, 3),
      statecode: choice(0, 1, 2),
      statuscode: choice(1, 2, 3, 4, 5, 6, 7),
      estimatedamount: amount,
      new_gclid: text(200),
      new_utm: text(200),
    },
    lookups: { campaignid: 'campaigns', transactioncurrencyid: 'transactioncurrencies' },
    required: ['subject', 'lastname'],
  },
  contacts: {
    logical: 'contact',
    key: 'new_externalid',
    columns: { ...person, mobilephone: text(50), preferredcontactmethodcode: choice(1, 2, 3, 4, 5) },
    lookups: { transactioncurrencyid: 'transactioncurrencies', parentcustomerid_account: 'accounts' },
    required: ['lastname'],
  },
  new_orders: {
    logical: 'new_order',
    key: 'new_eventid',
    columns: row,
    lookups: { new_Contact: 'contacts' },
    required: ['new_name'],
  },
  new_webactivities: {
    logical: 'new_webactivity',
    key: 'new_eventid',
    columns: row,
    lookups: { new_Contact: 'contacts', new_Lead: 'leads' },
    required: ['new_name'],
  },
}

type Body = { readonly [column: string]: unknown }
const fault = (status: number, code: string, message: string): Fault => ({ status, code, message })

/** The first thing that is wrong with the columns of a row; `exists` knows the rows that lookups may point to. */
export function complaintOf(
  set: string,
  body: Body,
  making: boolean,
  exists: (path: string) => boolean,
): Fault | undefined {
  const table = TABLES[set]!
  for (const [name, value] of Object.entries(body)) {
    const found = name.endsWith('@odata.bind')
      ? lookupFault(table, name, value, exists)
      : columnFault(table, name, value)
    if (found) return found
  }
  const missing = making && table.required.find(name => body[name] === undefined || body[name] === null)
  if (missing) return fault(400, '0x80040265', `A business rule asks for ${missing} of a new ${table.logical}.`)
  return undefined
}

function lookupFault({ logical, lookups }: Table, name: string, value: unknown, exists: (path: string) => boolean) {
  const navigation = name.slice(0, -'@odata.bind'.length)
  const target = lookups[navigation]
  if (target === undefined)
    return fault(
      400,
      '0x80048d19',
      `Error identified in Payload provided by the user for Entity :'${logical}': An undeclared property '${navigation}' which only has property annotations in the payload but no property value was found in the payload.`,
    )
  if (typeof value !== 'string' || !value.startsWith(`/${target}(`) || !value.endsWith(')'))
    return fault(400, '0x80048d19', `The value of ${name} is no reference to ${target}.`)
  return exists(value)
    ? undefined
    : fault(404, '0x80060891', `A record with the specified key values does not exist in ${target}.`)
}

function columnFault({ logical, columns, key }: Table, name: string, value: unknown): Fault | undefined {
  if (name === key) return undefined
  const column = Object.hasOwn(columns, name) ? columns[name]! : undefined
  if (!column)
    return fault(
      400,
      '0x80048d19',
      `The property '${name}' does not exist on type 'Microsoft.Dynamics.CRM.${logical}'. Make sure to only use property names that are defined by the type.`,
    )
  if (value === null || fits(column, value)) return tooLong(column, name, value) ?? noChoice(column, name, value)
  return fault(400, '0x80048d19', `Cannot convert a value to the type of column ${name}.`)
}

function fits({ type }: Column, value: unknown): boolean {
  if (type === 'text') return typeof value === 'string'
  if (type === 'flag') return typeof value === 'boolean'
  if (type === 'amount') return typeof value === 'number'
  if (type === 'time') return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
  return Number.isInteger(value)
}

const tooLong = (column: Column, name: string, value: unknown) =>
  column.type === 'text' && typeof value === 'string' && value.length > column.most
    ? fault(
        400,
        '0x80044331',
        `A validation error occurred. The length of the '${name}' attribute exceeded the maximum allowed length of '${column.most}'.`,
      )
    : undefined

const noChoice = (column: Column, name: string, value: unknown) =>
  column.type === 'choice' && value !== null && !column.values.includes(Number(value))
    ? fault(400, '0x8004431A', `A validation error occurred. The value of '${name}' is outside the valid range.`)
    : undefined

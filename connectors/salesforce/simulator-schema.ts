/** The org that the fake plays: what its administrator has set up, as far as this connector writes it. */
export type FieldType = 'text' | 'email' | 'phone' | 'number' | 'boolean' | 'date' | 'datetime'
export type FieldSpec = { type: FieldType; length?: number; label?: string }
export type ObjectSpec = {
  externalIds: readonly string[]
  /** Of a new record. */
  required: readonly string[]
  fields: { readonly [name: string]: FieldSpec }
  /** Relation to the object and the external id that it goes by. */
  parents: { readonly [relation: string]: { object: string; externalId: string } }
}

const text = (length = 255, label?: string): FieldSpec => ({ type: 'text', length, ...(label && { label }) })
const number: FieldSpec = { type: 'number' }
const datetime: FieldSpec = { type: 'datetime' }
const email: FieldSpec = { type: 'email', length: 80 }
const phone: FieldSpec = { type: 'phone', length: 40 }
const flag: FieldSpec = { type: 'boolean' }
const CONTACT = { Contact__r: { object: 'Contact', externalId: 'Customer_Id__c' } }
const ORDER = { Web_Order__r: { object: 'Web_Order__c', externalId: 'Order_Number__c' } }
const all = (names: string, spec: FieldSpec) => Object.fromEntries(names.split(' ').map(name => [name, spec]))

/** Standard fields have their standard lengths: https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_lead.htm */
export const ORG: { readonly [object: string]: ObjectSpec } = {
  Lead: {
    externalIds: ['Web_Lead_Id__c'],
    required: ['LastName', 'Company'],
    parents: {},
    fields: {
      Web_Lead_Id__c: text(),
      FirstName: text(40, 'First Name'),
      LastName: text(80, 'Last Name'),
      Company: text(255),
      Email: email,
      Phone: phone,
      City: text(40),
      State: text(80),
      Country: text(80),
      LeadSource: text(255),
      Description: text(32_000),
      HasOptedOutOfEmail: flag,
      Plan__c: text(100),
      Interests__c: text(4099),
      Score__c: number,
    },
  },
  Contact: {
    externalIds: ['Customer_Id__c'],
    required: ['LastName'],
    parents: {},
    fields: {
      Customer_Id__c: text(),
      FirstName: text(40, 'First Name'),
      LastName: text(80, 'Last Name'),
      Email: email,
      Phone: phone,
      MailingCity: text(40),
      MailingState: text(80),
      MailingCountry: text(80),
      HasOptedOutOfEmail: flag,
    },
  },
  Opportunity: {
    externalIds: ['Order_Number__c'],
    required: ['Name', 'StageName', 'CloseDate'],
    parents: CONTACT,
    fields: {
      Order_Number__c: text(),
      Name: text(120),
      StageName: text(),
      CloseDate: { type: 'date' },
      Amount: number,
    },
  },
  Web_Order__c: {
    externalIds: ['Order_Number__c'],
    required: [],
    parents: CONTACT,
    fields: {
      ...all('Order_Number__c Customer_Id__c Currency__c Coupon__c', text()),
      ...all('Placed_At__c Paid_At__c Fulfilled_At__c Delivered_At__c Cancelled_At__c Refunded_At__c', datetime),
      ...all('Value__c Tax__c Shipping__c Quantity__c', number),
      Email__c: email,
    },
  },
  Web_Order_Item__c: {
    externalIds: ['Line_Id__c'],
    required: ['Web_Order__r'],
    parents: ORDER,
    fields: {
      ...all('Line_Id__c Sku__c Product_Name__c Brand__c Category__c Variant__c', text()),
      ...all('Price__c Quantity__c', number),
    },
  },
  Web_Event__c: {
    externalIds: ['Event_Id__c'],
    required: [],
    parents: { ...CONTACT, ...ORDER },
    fields: {
      ...all(
        'Event_Id__c Name__c Customer_Id__c Page_Url__c Sku__c Product_Name__c Currency__c Order_Number__c',
        text(),
      ),
      ...all('Source__c Medium__c Campaign__c Product_Code__c', text()),
      ...all('Value__c Quantity__c', number),
      Occurred_At__c: datetime,
      Email__c: email,
      Phone__c: phone,
    },
  },
}

/** Says of which type a JSON value would have to be; undefined where it is. */
export function misfit({ type }: FieldSpec, value: unknown): string | undefined {
  if (value === null) return undefined
  const json = type === 'number' ? 'number' : type === 'boolean' ? 'boolean' : 'string'
  if (typeof value === json && (type !== 'datetime' || !Number.isNaN(Date.parse(String(value))))) return undefined
  return type === 'number' ? 'double' : type === 'text' ? 'string' : type
}

/** A cell of a CSV as its field has it; undefined for what the field cannot hold. */
export function typed({ type }: FieldSpec, cell: string): string | number | boolean | undefined {
  if (type === 'number') return cell.trim() === '' || Number.isNaN(Number(cell)) ? undefined : Number(cell)
  if (type === 'boolean') return /^(?:true|false)$/i.test(cell) ? cell.toLowerCase() === 'true' : undefined
  return cell
}

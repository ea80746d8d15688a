import { applyMapping, type Draft, type Event, type Item, type Json, type Skip } from '../../core/connector.ts'
import { FIELDS, KEYS } from './fields.ts'
import {
  fieldName,
  orderReference,
  type Settings,
  type SObject,
  sObjectOf,
  type Target,
  targetsOf,
} from './settings.ts'

export type Value = string | number | boolean | null
/** One record, by API name; a parent is named by its external id: `Web_Order__r.Order_Number__c`. Null clears a field. */
export type Record = SObject & { fields: { readonly [name: string]: Value } }
type Filled = { [name: string]: Value }

/** Parents before their children: a record that names a parent which is not there is refused. */
const STAGES: readonly (readonly Target[])[] = [
  ['contact', 'lead'],
  ['order', 'opportunity'],
  ['item', 'event'],
]

export function map(event: Event, settings: Settings): readonly Draft<Record>[] | Skip {
  const targets = targetsOf(event.name, settings)
  if (targets.length === 0) return { skip: `${event.name} is not sent to Salesforce: see its setting events` }
  const drafts: Draft<Record>[] = []
  let step = 0
  for (const stage of STAGES) {
    const records = stage.flatMap(target => (targets.includes(target) ? recordsOf(target, event, settings) : []))
    for (const record of records) drafts.push(draft(record, step))
    if (records.length) step++
  }
  return drafts.length ? drafts : { skip: nothingToTell(targets, settings) }
}

/** External ids are matched without regard to case, and without spaces around them. */
const draft = (data: Record, step: number): Draft<Record> => ({
  call: 'upsert',
  step,
  key: `${data.object} ${String(data.fields[data.externalId]).toLowerCase()}`,
  group: data.object,
  data,
})

const nothingToTell = (targets: readonly Target[], settings: Settings) =>
  `nobody it could be about, or nothing beside ${targets.map(target => sObjectOf(target, settings).externalId).join(', ')}`

function recordsOf(target: Target, event: Event, settings: Settings): readonly Record[] {
  if (target === 'item') return itemsOf(event, settings)
  if ((target === 'event' || target === 'lead') && !somebody(event)) return []
  const { object, externalId } = sObjectOf(target, settings)
  const extra = extraOf(target, event, settings)
  const key =
    keyIn(extra[externalId]) ?? (extra[externalId] === undefined ? keyIn(KEYS[target](event, undefined)) : undefined)
  const fields = { ...withPlaceholders(target, event, filled(target, event, settings), settings), ...extra }
  if (key === undefined || Object.keys(fields).every(name => name === externalId)) return []
  return [{ object, externalId, fields: { [externalId]: key, ...without(fields, externalId) } }]
}

/** Lines of an order that has a number. Each names its order, which has to be there first. */
function itemsOf(event: Event, settings: Settings): readonly Record[] {
  const { object, externalId } = sObjectOf('item', settings)
  const number = orderNumberOf(event, settings)
  if (number === undefined) return []
  const extra = extraOf('item', event, settings)
  const reference = fieldName('item', orderReference(settings), settings)
  return (event.commerce?.items ?? []).map((item, place) => ({
    object,
    externalId,
    fields: {
      [externalId]: `${number}-${place + 1}`,
      ...(reference && { [reference]: number }),
      ...filled('item', event, settings, item),
      ...extra,
    },
  }))
}

function orderNumberOf(event: Event, settings: Settings): string | undefined {
  const told = extraOf('order', event, settings)[sObjectOf('order', settings).externalId]
  return told === undefined ? keyIn(KEYS.order(event, undefined)) : keyIn(told)
}

/** What somebody nobody knows did is of no use to a salesperson, and every record costs storage. */
const somebody = ({ user }: Event) => Boolean(user?.id || user?.email || user?.phone)

function filled(target: Target, event: Event, settings: Settings, item?: Item): Filled {
  const fields: Filled = {}
  for (const [standard, { from, length }] of Object.entries(FIELDS[target])) {
    const name = fieldName(target, standard, settings)
    const value = name ? from(event, item) : undefined
    if (value === undefined || value === '') continue
    fields[name] = typeof value === 'string' && length ? cut(value, length) : value
  }
  return fields
}

/** What Salesforce demands of a new record. Not of a login's contact: it would overwrite the name that is there. */
function withPlaceholders(target: Target, event: Event, fields: Filled, settings: Settings): Filled {
  const { placeholder } = settings
  if (!placeholder) return fields
  const demanded =
    target === 'lead' ? ['LastName', 'Company'] : target === 'contact' && event.name === 'sign_up' ? ['LastName'] : []
  for (const standard of demanded) {
    const name = fieldName(target, standard, settings)
    if (name) fields[name] ??= placeholder
  }
  return fields
}

/** What the tenant's mapping fills, over what the connector does by itself. */
function extraOf(target: Target, event: Event, { mapping }: Settings): Filled {
  const { '*': everywhere, [event.name]: here } = mapping?.[target] ?? {}
  if (!everywhere && !here) return {}
  const fields: Filled = {}
  for (const [name, value] of Object.entries({
    ...(everywhere && applyMapping(everywhere, event)),
    ...(here && applyMapping(here, event)),
  }))
    fields[name] = plain(value)
  return fields
}

/** Several values are a multi-select picklist's, with semicolons between. Anything deeper is text. */
function plain(value: Json): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return value.map(one => (typeof one === 'object' ? JSON.stringify(one) : String(one))).join(';')
  return JSON.stringify(value)
}

/** Salesforce drops spaces around a text: two keys that differ by them are one. */
const keyIn = (value: Value | undefined): string | undefined =>
  typeof value === 'string' || typeof value === 'number' ? String(value).trim() || undefined : undefined

const without = (fields: Filled, name: string): Filled => {
  const { [name]: _, ...rest } = fields
  return rest
}

const cut = (value: string, length: number) =>
  value.length <= length
    ? value
    : value
        .slice(0, length)
        .toWellFormed()
        .replace(/\ufffd$/, '')

import { hash } from 'node:crypto'
import { applyMapping, type Draft, type Event, type Json, type Skip } from '../../core/connector.ts'
import type { Columns } from './batch.ts'
import { contactColumns, type Filled, LENGTHS, leadColumns, rowColumns, stageColumns } from './columns.ts'
import { DEFAULTS, type Kind, own, type Settings, type Table, type Target, targetsOf } from './settings.ts'
import { cutText } from './summary.ts'

/**
 * One row, by its alternate key. `upsert` makes it or changes it; `update` changes what is there; `append` makes it, and
 * one that is there was made by an earlier delivery. `make` are columns of a row that is made, beside `body`.
 */
export type Record = {
  how: 'upsert' | 'update' | 'append'
  set: string
  column: string
  value: string
  body: Columns
  make?: Columns
}

export function map(event: Event, settings: Settings): readonly Draft<Record>[] | Skip {
  const targets = targetsOf(event.name, settings)
  if (targets.length === 0) return { skip: `${event.name} is not sent to Dynamics: see its setting events` }
  const person = personKey(event, settings)
  if (person === undefined) return { skip: 'no email and no phone: Dynamics knows people by a hash of them' }
  const written: Target[] = []
  const drafts: Draft<Record>[] = []
  for (const target of targets) {
    const data = recordOf(target, event, person, written, settings)
    if (!data) continue
    written.push(target)
    drafts.push({ call: 'batch', step: drafts.length, key: `${data.set} ${data.value}`, group: '', data })
  }
  return drafts.length ? drafts : { skip: `${event.name} has nothing that Dynamics could keep of this person` }
}

/**
 * Hashed: keys in a URL may not hold the `+` and `%` that addresses can. Without a scope it is the plain SHA-256 that GA4
 * tags hash addresses and numbers to, so that people who arrive hashed are the same people.
 * https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity
 */
export function personKey({ user = {} }: Event, settings: Settings): string | undefined {
  const { keyScope = DEFAULTS.keyScope, matchBy = DEFAULTS.matchBy } = settings
  const hashes: { readonly [identity: string]: string | undefined } = {
    email: user.email ? sha256(user.email) : user.emailHash,
    phone: user.phone ? sha256(user.phone) : user.phoneHash,
    id: user.id ? sha256(`id ${user.id}`) : undefined,
  }
  const known = matchBy.map(identity => hashes[identity]).find(found => found !== undefined)
  return known && keyScope ? sha256(`${keyScope} ${known}`) : known
}

const sha256 = (text: string) => hash('sha256', text)

function recordOf(
  target: Target,
  event: Event,
  person: string,
  written: readonly Target[],
  settings: Settings,
): Record | undefined {
  const { prefix = DEFAULTS.prefix, leadKey = `${prefix}_externalid`, contactKey = `${prefix}_externalid` } = settings
  const reachable = isReachable(event, settings)
  const place = { set: 'leads', column: leadKey, value: leadValue(event, person, settings) }
  if (target === 'lead' && reachable)
    return filled(target, { how: 'upsert', ...place }, leadColumns(event, settings), event, settings)
  if (target === 'lead-update')
    return filled(target, { how: 'update', ...place }, stageColumns(event, settings), event, settings)
  if (target === 'contact' && reachable) {
    const contact = { set: 'contacts', column: contactKey, value: person }
    return filled(target, { how: 'upsert', ...contact }, contactColumns(event, settings), event, settings)
  }
  const table = target === 'order' ? settings.orders : target === 'activity' ? settings.activities : undefined
  if (!table) return undefined
  const { body, make } = rowColumns(event, person, settings)
  const links = linksOf(table, written, {
    lead: `/leads(${leadKey}='${place.value}')`,
    contact: `/contacts(${contactKey}='${person}')`,
  })
  const row = { set: table.set, column: table.key, value: sha256(event.id) }
  return filled(target, { how: 'append', ...row }, { body: { ...body, ...links }, make }, event, settings)
}

/** Who is but a hash can be found, not written down. */
const isReachable = ({ user = {} }: Event, { matchBy = DEFAULTS.matchBy }: Settings) =>
  Boolean(user.email || user.phone || (user.id && (matchBy as readonly string[]).includes('id')))

const leadValue = ({ id }: Event, person: string, { leadPer }: Settings) => (leadPer === 'event' ? sha256(id) : person)

/** Lookups to whom the same event has written before: nobody else is sure to be there. */
const linksOf = (table: Table, written: readonly Target[], people: { lead: string; contact: string }) =>
  Object.fromEntries(
    (['lead', 'contact'] as const).flatMap(who => {
      const lookup = table[who]
      return lookup && written.includes(who) ? [[`${lookup}@odata.bind`, people[who]]] : []
    }),
  )

const NONE = {}

/** With the tenant's own names and columns, and every text as long as its column; undefined if nothing is to be changed. */
function filled(
  target: Target,
  place: Omit<Record, 'body' | 'make'>,
  { body, make }: Filled,
  event: Event,
  settings: Settings,
): Record | undefined {
  const kind: Kind = target === 'lead-update' ? 'lead' : target
  const byName = settings.mapping?.[target] ?? {}
  const mapped = {
    ...applyMapping(own(byName, '*') ?? NONE, event),
    ...applyMapping(own(byName, event.name) ?? NONE, event),
  }
  const names = settings.columns?.[kind]
  const columns = { ...tidy(body, kind, names), ...fitted(mapped, kind) }
  const onlyNew = Object.fromEntries(
    Object.entries(tidy(make, kind, names)).filter(([name]) => !Object.hasOwn(columns, name)),
  )
  if (place.how === 'update' && Object.keys(columns).length === 0) return undefined
  return { ...place, body: columns, ...(Object.keys(onlyNew).length > 0 && { make: onlyNew }) }
}

function tidy(fields: Filled['body'], kind: Kind, names: { readonly [column: string]: string } | undefined): Columns {
  const told: { [column: string]: Json } = {}
  for (const [column, value] of Object.entries(fields)) {
    const name = own(names, column) ?? column
    if (value !== undefined && value !== '' && name !== '') told[name] = fit(value, own(LENGTHS[kind], column))
  }
  return told
}

const fitted = (fields: Columns, kind: Kind): Columns =>
  Object.fromEntries(Object.entries(fields).map(([column, value]) => [column, fit(value, own(LENGTHS[kind], column))]))

/** A value for a text column of this length; other columns take it as it is. */
const fit = (value: Json, length: number | undefined): Json => {
  if (length === undefined || value === null) return value
  return cutText(typeof value === 'string' ? value : JSON.stringify(value), length)
}

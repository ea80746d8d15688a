import type { Received } from '../../core/simulator.ts'
import type { FieldSpec, ObjectSpec } from './simulator-schema.ts'
import { ORG } from './simulator-schema.ts'

export type Fault = { statusCode: string; message: string; fields: readonly string[] }
export type Saved = { id: string; created: boolean }
/** A record as the API speaks of it: parents as objects, null for what is to be cleared. */
export type Row = { readonly [name: string]: unknown }

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
const fault = (statusCode: string, message: string, ...fields: string[]): Fault => ({ statusCode, message, fields })

/** What the org holds: one record per external id, whatever its case, however often it comes. */
export function createStore(clock: { now(): number }) {
  const received: Received[] = []
  const places = new Map<string, number>()
  const nameOf = (account: string, object: string, externalId: string, key: unknown) =>
    `${account} ${object} ${externalId} ${String(key).trim().toLowerCase()}`

  function faultIn(account: string, object: string, externalId: string, row: Row): Fault | undefined {
    const spec = ORG[object]!
    const key = row[externalId]
    if (typeof key !== 'string' || key.trim() === '') return fault('MISSING_ARGUMENT', `${externalId} not specified`)
    if ('Id' in row) return fault('INVALID_FIELD', 'cannot specify Id in an upsert by external id', 'Id')
    const isNew = !places.has(nameOf(account, object, externalId, key))
    const missing = spec.required.filter(name => (isNew ? !row[name] : row[name] === null))
    if (missing.length)
      return fault('REQUIRED_FIELD_MISSING', `Required fields are missing: [${missing.join(', ')}]`, ...missing)
    return valueFault(spec, row) ?? parentFault(account, spec, row)
  }

  function parentFault(account: string, spec: ObjectSpec, row: Row): Fault | undefined {
    for (const [relation, { object, externalId }] of Object.entries(spec.parents)) {
      const parent = row[relation] as Row | undefined
      if (parent && !places.has(nameOf(account, object, externalId, parent[externalId])))
        return fault(
          'INVALID_FIELD',
          `Foreign key external ID: ${parent[externalId]} not found for field ${externalId} in entity ${object}`,
        )
    }
    return undefined
  }

  function save(account: string, object: string, externalId: string, row: Row): Saved {
    const key = String(row[externalId]).trim()
    const name = nameOf(account, object, externalId, key)
    const place = places.get(name)
    const before = place === undefined ? {} : (received[place]!.data as object)
    const { attributes: _, ...fields } = row
    const data = Object.fromEntries(
      Object.entries({ type: object, ...before, ...fields }).filter(([, value]) => value !== null),
    )
    const record: Received = { at: received[place ?? -1]?.at ?? clock.now(), kind: object, key, account, data }
    if (place === undefined) places.set(name, received.push(record) - 1)
    else received[place] = record
    return { id: `00Q${String(places.get(name)).padStart(12, '0')}`, created: place === undefined }
  }

  return {
    received,
    /** One record, on its own merit. */
    upsert(account: string, object: string, externalId: string, row: Row): Saved | Fault {
      return faultIn(account, object, externalId, row) ?? save(account, object, externalId, row)
    },
  }
}
export type Store = ReturnType<typeof createStore>

function valueFault(spec: ObjectSpec, row: Row): Fault | undefined {
  for (const [name, value] of Object.entries(row)) {
    const field = spec.fields[name]
    if (!field || typeof value !== 'string') continue
    const found = textFault(name, field, value)
    if (found) return found
  }
  return undefined
}

function textFault(name: string, { type, length, label = name }: FieldSpec, value: string): Fault | undefined {
  if (type === 'email' && value !== '' && !EMAIL.test(value))
    return fault('INVALID_EMAIL_ADDRESS', `${label}: invalid email address: ${value}`, name)
  if (length !== undefined && value.length > length)
    return fault('STRING_TOO_LONG', `${label}: data value too large: ${value} (max length=${length})`, name)
  return undefined
}

import type { Json } from './event.ts'
import { first, identity, wellFormed } from './fields.ts'
import { CLAIMED, CONTAINERS, isObject, NAMES, PHONE, type Raw, type Sources } from './spellings.ts'

const NAMES_AT_MOST = 100
const NAME_LENGTH = 128
const DEPTH = 16
/** Keys that reach an object's prototype where somebody copies them carelessly. */
const DANGEROUS = new Set(['__proto__', 'constructor', 'prototype'])

/**
 * What the canonical event has no field for: its own `properties`, then every key that is left over in the containers
 * of the three spellings. The first 100 names are kept. A phone that is no number (`keepPhone`) is kept as it was written.
 */
export function propertiesOf(sources: Sources, keepPhone: boolean): { [name: string]: Json } | undefined {
  const found: { [name: string]: Json } = {}
  let names = 0
  const keep = (key: string, value: unknown) => {
    const name = wellFormed(key)
    if (names >= NAMES_AT_MOST || !usable(name) || Object.hasOwn(found, name)) return
    found[name] = clean(value, 1)
    names++
  }
  const raw = sources.objects['']
  if (isObject(raw?.properties)) for (const key in raw.properties) keep(key, raw.properties[key])
  if (keepPhone) for (const written of unreadable(sources)) keep('phone', written)
  for (const container in sources.objects) {
    const object = sources.objects[container]
    if (object) for (const key in object) if (isLeftOver(sources, container, key, object[key])) keep(key, object[key])
  }
  return names ? found : undefined
}

const usable = (name: string) => name !== '' && name.length <= NAME_LENGTH && !DANGEROUS.has(name)

function isLeftOver({ spelling }: Sources, container: string, key: string, value: unknown): boolean {
  if (CLAIMED.get(container)?.has(key)) return false
  if (container === 'user_data') return key !== 'address' || typeof value !== 'object'
  if (container !== '') return true
  if (NAMES[spelling].includes(key) || (key === 'name' && spelling === 'flat')) return false
  if (key.startsWith('gtm.')) return false // Tag Manager's own bookkeeping in every push
  const holdsFields = key !== 'address' && Object.hasOwn(CONTAINERS, key)
  return !holdsFields || (spelling !== 'canonical' && value !== null && typeof value !== 'object')
}

function unreadable(sources: Sources): string[] {
  const written = PHONE.map(([container, key]) => identity(first(sources.objects[container]?.[key])))
  return written.filter(value => typeof value === 'string').slice(0, 1)
}

/** A copy that is safe to store and to send: well-formed text, finite numbers, no dangerous keys, 16 levels. */
function clean(value: unknown, depth: number): Json {
  if (typeof value === 'string') return wellFormed(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'boolean') return value
  if (typeof value !== 'object' || value === null || depth >= DEPTH) return null
  if (Array.isArray(value)) return value.map(entry => clean(entry, depth + 1))
  const copy: { [key: string]: Json } = {}
  for (const key of Object.keys(value)) {
    const name = wellFormed(key)
    if (!DANGEROUS.has(name)) copy[name] = clean((value as Raw)[key], depth + 1)
  }
  return copy
}

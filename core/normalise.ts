import type { Event, Item, User } from './event.ts'
import { first, text } from './fields.ts'
import { propertiesOf } from './properties.ts'
import { REASONS } from './schema/event.ts'
import validate from './schema/validate.generated.js'
import {
  CATEGORIES,
  CONTAINERS,
  FIELDS,
  type Field,
  FULL_NAME,
  ITEMS,
  isObject,
  MARKETING_FLAGS,
  NAMES,
  OLDER_NAMES,
  type Place,
  type Raw,
  type Sources,
  type Spelling,
} from './spellings.ts'

export type Normalised = { event: Event } | Rejection
/** Why an event cannot be taken, and where in what was sent (JSON pointer). `id` where it was sent a readable one. */
export type Rejection = { reason: string; path: string; id?: string }

/** Browsers' clocks are wrong by hours and zones, hardly by more; the tag keeps what it could not send for three days. */
const FUTURE_MS = 24 * 3_600_000
const PAST_MS = 7 * 24 * 3_600_000
const ID = /^[A-Za-z0-9._:-]{1,128}$/

/**
 * One event in any of the three spellings as the canonical one. Never throws. An event without an id or a time gets fresh
 * ones; what is no field of the canonical event is kept in `properties`; a canonical event comes back as it is.
 */
export function normalise(raw: unknown, context: { now: number; uuid(): string }): Normalised {
  if (!isObject(raw)) return { reason: 'an event is an object', path: '' }
  const sources = sourcesOf(raw)
  const draft = read(raw, sources)
  const sent = typeof draft.id === 'string' && ID.test(draft.id) ? { id: draft.id } : {}
  draft.id ??= context.uuid()
  draft.at ??= new Date(context.now).toISOString()
  if (!validate(draft)) return { ...complaint(sources), ...sent }
  const age = context.now - Date.parse(draft.at)
  if (age > PAST_MS) return { reason: 'older than 7 days', path: pointer(sources, '/at'), ...sent }
  if (age < -FUTURE_MS) return { reason: 'more than 24 hours in the future', path: pointer(sources, '/at'), ...sent }
  return { event: draft }
}

type Draft = { [key: string]: unknown }

const objectOf = (value: unknown): Raw | undefined => (isObject(value) ? value : undefined)

function sourcesOf(raw: Raw): Sources {
  const user = objectOf(raw.user)
  const userData = objectOf(raw.user_data)
  return {
    spelling: 'event' in raw || 'event_name' in raw ? 'ga4' : 'eventType' in raw ? 'flat' : 'canonical',
    objects: {
      '': raw,
      user,
      user_data: userData,
      address: objectOf(first(userData?.address)),
      page: objectOf(raw.page),
      campaign: objectOf(raw.campaign),
      commerce: objectOf(raw.commerce),
      ecommerce: objectOf(raw.ecommerce),
      consent: objectOf(raw.consent),
      consent_state: objectOf(raw.consent_state),
    },
  }
}

/** The canonical event as far as it can be read; what is wrong with it is for the schema to say. */
function read(raw: Raw, sources: Sources): Draft {
  const draft: Draft = group(sources, FIELDS.head) ?? {}
  const put = (key: string, value: unknown) => {
    if (value !== undefined) draft[key] = value
    else if (sources.spelling === 'canonical' && raw[key] != null && !isObject(raw[key])) draft[key] = raw[key]
  }
  const user = userOf(sources)
  draft.name = nameOf(raw, sources.spelling)
  put('user', user)
  put('page', group(sources, FIELDS.page))
  put('campaign', group(sources, FIELDS.campaign))
  put('commerce', commerceOf(sources))
  put('consent', consentOf(sources))
  put('properties', propertiesOf(sources, user?.phone === undefined))
  return draft
}

function nameOf(raw: Raw, spelling: Spelling): unknown {
  const name = text(find(raw, NAMES[spelling]))
  if (typeof name !== 'string') return name
  const older = name.replace(/([a-z])(?=[A-Z])/g, '$1_').toLowerCase()
  if (spelling === 'flat' && Object.hasOwn(OLDER_NAMES, older)) return OLDER_NAMES[older]
  return name.replace(/\s+/g, '_')
}

function userOf(sources: Sources): Partial<User> | undefined {
  const user = group(sources, FIELDS.user) as Partial<User> | undefined
  if (user?.firstName !== undefined || user?.lastName !== undefined) return user
  const name = text(at(sources, FULL_NAME) ?? (sources.spelling === 'flat' ? sources.objects['']?.name : undefined))
  if (typeof name !== 'string') return user
  const [firstName = name, ...rest] = name.split(/\s+/)
  return { ...user, firstName, ...(rest.length && { lastName: rest.join(' ') }) }
}

function commerceOf(sources: Sources): Draft | undefined {
  const commerce = group(sources, FIELDS.commerce)
  const items = itemsOf(sources)
  return items === undefined ? commerce : { ...commerce, items }
}

function itemsOf(sources: Sources): unknown {
  const items = at(sources, ITEMS)
  if (Array.isArray(items)) return items.map(itemOf)
  if (items !== undefined) return items
  const product = sources.spelling === 'flat' ? group(sources, FIELDS.product) : undefined
  return product && [product]
}

function itemOf(raw: unknown): unknown {
  if (!isObject(raw)) return raw
  const item: Item & Draft = { ...group({ spelling: 'canonical', objects: { '': raw } }, FIELDS.item) }
  const category =
    text(raw.category) ??
    text(
      CATEGORIES.map(key => text(raw[key]))
        .filter(isText)
        .join(' > '),
    )
  return category === undefined ? item : { ...item, category }
}
const isText = (value: unknown) => typeof value === 'string'

function consentOf(sources: Sources): Draft | undefined {
  const consent = group(sources, FIELDS.consent)
  if (consent?.marketing !== undefined) return consent
  const flags = group(sources, MARKETING_FLAGS)
  if (!flags) return consent
  const asked = Object.values(flags)
  const marketing = asked.find(value => typeof value !== 'boolean') ?? asked.every(value => value === true)
  return { ...consent, marketing }
}

/** The fields that are there, or undefined if none is. */
function group(sources: Sources, fields: readonly Field[]): Draft | undefined {
  let found: Draft | undefined
  for (const { name, read, places } of fields) {
    const value = at(sources, places)
    const field = value === undefined ? undefined : read(value)
    if (field === undefined) continue
    found ??= {}
    found[name] = field
  }
  return found
}

/** The first of the places that holds something. */
function at(sources: Sources, places: readonly Place[]): unknown {
  for (const [container, key] of places) {
    const value = sources.objects[container]?.[key]
    if (value !== undefined && value !== null && value !== '') return value
  }
  return undefined
}
const find = (raw: Raw, keys: readonly string[]) => keys.map(key => raw[key]).find(value => value != null)

/** What the schema found wrong, in the words and at the place of what was sent. */
function complaint(sources: Sources): Rejection {
  const error = validate.errors?.[0]
  if (!error) return { reason: 'not an event', path: '' }
  if (error.keyword === 'required')
    return {
      reason: 'no event name: `name`, `event` in a dataLayer push, `eventType` in older records',
      path: pointer(sources, '/name'),
    }
  return {
    reason: REASONS[error.instancePath] ?? error.message ?? error.keyword,
    path: pointer(sources, error.instancePath),
  }
}

/** Where in what was sent a field of the canonical event came from. */
function pointer(sources: Sources, path: string): string {
  const [, head = '', field, index, inner] = path.split('/')
  if (head === 'name')
    return `/${NAMES[sources.spelling].find(key => sources.objects['']?.[key] != null) ?? NAMES[sources.spelling][0]}`
  if (field === undefined) return placeOf(sources, FIELDS.head.find(({ name }) => name === head)?.places) ?? path
  if (field === 'items') return itemPointer(sources, index, inner) ?? path
  const fields: readonly Field[] = Object.hasOwn(FIELDS, head) ? FIELDS[head as keyof typeof FIELDS] : []
  return placeOf(sources, fields.find(({ name }) => name === field)?.places) ?? path
}

function itemPointer(sources: Sources, index: string | undefined, field: string | undefined): string | undefined {
  const list = placeOf(sources, ITEMS)
  if (list === undefined) return placeOf(sources, FIELDS.product.find(({ name }) => name === field)?.places)
  if (index === undefined) return list
  const raw = (at(sources, ITEMS) as readonly unknown[])[Number(index)]
  const places = FIELDS.item.find(({ name }) => name === field)?.places
  const key = isObject(raw) ? placeOf({ spelling: 'canonical', objects: { '': raw } }, places) : ''
  return `${list}/${index}${key ?? `/${field}`}`
}

function placeOf(sources: Sources, places: readonly Place[] = []): string | undefined {
  const place = places.find(candidate => at(sources, [candidate]) !== undefined)
  return place && `${CONTAINERS[place[0]]}/${place[1]}`
}

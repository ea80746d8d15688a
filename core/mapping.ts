import type { Event, Json } from './event.ts'

/**
 * How a tenant fills a vendor's fields otherwise than the connector does by itself, as data in its config:
 *   "user.city"                       a path of the event (`commerce.items[0].name`)
 *   "lead {properties.form}"          a text with paths in braces; absent as a whole if one of them is
 *   { "value": true }                 the same for every event
 *   ["properties.plan", {"value": "free"}]   the first of these that is there
 * Nothing else: no code, no inherited properties, nothing outside the event.
 */
export type Mapping = { readonly [field: string]: Expression }
type Expression = Term | readonly Term[]
type Term = string | { readonly value: Json }

const STEP = '(?:\\.[A-Za-z0-9_-]+|\\[\\d{1,3}\\])'
const PATH = `(?:id|name|at|tid|(?:user|page|campaign|commerce|consent|properties)${STEP}+)`
const TEXT = `(?:[^{}]*\\{${PATH}\\})+[^{}]*`
const termPattern = new RegExp(`^(?:${PATH}|${TEXT})$`)

const term = {
  anyOf: [
    { type: 'string', pattern: termPattern.source, maxLength: 500 },
    { type: 'object', required: ['value'], additionalProperties: false, properties: { value: {} } },
  ],
} as const

/** JSON Schema (draft-07) of a `Mapping`. */
export const mappingSchema = {
  type: 'object',
  additionalProperties: { anyOf: [...term.anyOf, { type: 'array', minItems: 1, items: term }] },
} as const

/** What is wrong with a mapping that a person wrote, a sentence each; `at` is its place in the config. */
export function mappingProblems(mapping: object, at: string): readonly string[] {
  return Object.entries(mapping).flatMap(([field, expression]) =>
    (Array.isArray(expression) && expression.length ? expression : [expression]).flatMap(part =>
      problem(part, `${at}.${field}`),
    ),
  )
}

function problem(part: unknown, at: string): readonly string[] {
  if (typeof part === 'string')
    return termPattern.test(part)
      ? []
      : [
          `${at}: "${part}" is no path of an event, such as "user.email", and no text with paths in braces: write a fixed text as {"value": ${JSON.stringify(part)}}`,
        ]
  const constant = typeof part === 'object' && part !== null && Object.keys(part).join() === 'value'
  return constant ? [] : [`${at}: write a path, a text with paths in braces, {"value": ...} or a list of these`]
}

/** The fields that the event fills. A field whose expression finds nothing is absent. */
export function applyMapping(mapping: Mapping, event: Event): { [field: string]: Json } {
  const filled: [string, Json][] = []
  for (const [field, read] of readers(mapping)) {
    const value = read(event)
    if (value !== undefined) filled.push([field, value])
  }
  return Object.fromEntries(filled) // as own properties, whatever a field is called
}

type Reader = (event: Event) => Json | undefined
// A mapping is read once per destination, not once per event.
const known = new WeakMap<Mapping, readonly (readonly [string, Reader])[]>()

function readers(mapping: Mapping): readonly (readonly [string, Reader])[] {
  const found = known.get(mapping)
  if (found) return found
  const made = Object.entries(mapping).map(([field, expression]) => [field, reader(expression)] as const)
  known.set(mapping, made)
  return made
}

function reader(expression: Expression): Reader {
  if (typeof expression === 'string') return expression.includes('{') ? textReader(expression) : pathReader(expression)
  if ('value' in expression) return () => expression.value
  const choices = (expression as readonly Term[]).map(reader)
  return event => {
    for (const choice of choices) {
      const value = choice(event)
      if (value !== undefined) return value
    }
    return undefined
  }
}

function textReader(template: string): Reader {
  const parts = template.split(/\{([^{}]*)\}/) // odd places are paths
  const readParts = parts.map((part, place): Reader => (place % 2 ? pathReader(part) : () => part))
  return event => {
    let text = ''
    for (const read of readParts) {
      const value = read(event)
      if (value === undefined || typeof value === 'object') return undefined
      text += String(value)
    }
    return text
  }
}

/** Own properties only; null and the empty text count as absent. */
function pathReader(path: string): Reader {
  const steps = path.split(/[.[\]]+/).filter(step => step !== '')
  return event => {
    let at: unknown = event
    for (const step of steps) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined
      at = (at as { [step: string]: unknown })[step]
    }
    return at === null || at === '' || at === undefined ? undefined : (at as Json)
  }
}

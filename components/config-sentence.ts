import type { ErrorObject } from 'ajv'

/** Where something is wrong, as a person names it. */
export type Place = { tenant?: string; destination?: string; key: readonly string[] }

/** The one sentence with which the program stops: what is wrong, where, and what to do. */
export function sentence(place: Place, error: ErrorObject, stack: string): string {
  const missing = error.keyword === 'required' ? String(error.params.missingProperty) : undefined
  const unknown = error.keyword === 'additionalProperties' ? String(error.params.additionalProperty) : undefined
  const extra = missing ?? unknown
  const key = [...place.key, ...(extra ? [extra] : [])]
  const schema = schemaOf(error, missing)
  return `${where(place, key)} ${fault(error, schema)}${fix(place, key, schema, unknown, stack)}`
}

/** For what no schema can say. `fault` reads on after the key: `is used by two tenants`. */
export const complaint = (place: Place, fault: string, stack: string): string =>
  `${where(place, place.key)} ${fault}: correct it in ${file(stack)}.`

type Schema = {
  description?: string
  secret?: boolean
  type?: string
  properties?: Record<string, Schema>
}

function schemaOf(error: ErrorObject, missing: string | undefined): Schema {
  const schema = (error.parentSchema ?? {}) as Schema
  return (missing ? schema.properties?.[missing] : schema) ?? {}
}

function where({ tenant, destination }: Place, key: readonly string[]): string {
  const path = key.map((part, i) => (/^\d+$/.test(part) ? `[${part}]` : `${i ? '.' : ''}${part}`)).join('')
  const owner = [tenant && `Tenant "${tenant}"`, destination && `destination "${destination}"`].filter(Boolean)
  if (!owner.length) return `"connect:${path}"`
  return key.length ? `${owner.join(', ')}: "${path}"` : owner.join(', ')
}

function fault(error: ErrorObject, schema: Schema): string {
  const is = schema.secret ? '' : `is ${JSON.stringify(error.data)}, but `
  switch (error.keyword) {
    case 'required':
      return 'is missing'
    case 'additionalProperties':
      return 'is not a known key'
    case 'propertyNames':
      return `has the key ${JSON.stringify(error.params.propertyName)}, which is not a valid name here`
    case 'type':
      return `${is}must be ${article(String(error.params.type))}`
    case 'enum':
      return `${is}must be one of ${(error.params.allowedValues as unknown[]).join(', ')}`
    case 'minimum':
    case 'maximum':
      return `${is}must be ${error.params.comparison === '>=' ? 'at least' : 'at most'} ${error.params.limit}`
    case 'minItems':
    case 'minProperties':
      return 'must not be empty'
    case 'minLength':
      return `must have at least ${error.params.limit} characters`
    case 'uniqueItems':
      return 'names something twice'
    case 'pattern':
      return `${is}does not have the form that it needs`.replace('but does', 'which does')
    default:
      return `${is}${error.message}`
  }
}

const article = (type: string) => `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`

function fix(place: Place, key: readonly string[], schema: Schema, unknown: string | undefined, stack: string): string {
  const meaning = schema.description ? ` (${schema.description})` : ''
  if (unknown) {
    const near = nearest(unknown, Object.keys(schema.properties ?? {}))
    return near ? `: did you mean "${near}"? Correct it in ${file(stack)}.` : `: remove it from ${file(stack)}.`
  }
  if (schema.secret) return `${meaning}: set it with \`pulumi config set --secret connect:${key.join('.')} <value>\`.`
  const root = place.tenant ? 'connect:tenants' : `connect:${key[0] ?? ''}`
  return `${meaning}: set it under ${root} in ${file(stack)}.`
}

const file = (stack: string) => `Pulumi.${stack}.yaml`

/** The known word that is two letters or a third of its own away. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map(name => ({ name, away: distance(word.toLowerCase(), name.toLowerCase()) }))
  const best = ranked.sort((a, b) => a.away - b.away)[0]
  return best && best.away <= Math.max(2, Math.floor(best.name.length / 3)) ? best.name : undefined
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries())
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === other ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}

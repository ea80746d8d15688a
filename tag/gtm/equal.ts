/**
 * Equality as GTM's tests have it: by structure, whatever the realm that the values come from; a key without a value is no key. Published
 * templates have tests that pass by no other rule.
 */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true
  if (typeOf(a) !== typeOf(b) || typeof a !== 'object' || !a || !b) return false
  const [left, right] = [a, b] as Thing[]
  const keys = keysOf(left!)
  return (
    keys.length === keysOf(right!).length &&
    keys.every(key => Object.hasOwn(right!, key) && equal(left![key], right![key]))
  )
}

type Thing = { readonly [key: string]: unknown }

const keysOf = (value: Thing) =>
  Array.isArray(value) ? Object.keys(value) : Object.keys(value).filter(key => value[key] !== undefined)

/** What `getType` answers. */
export const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value

/** What passes between a template and the world: plain data is copied, functions stay what they are. */
export function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (typeof value !== 'object' || value === null) return value
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return value // a promise or another thing with methods
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, copy(each)]))
}

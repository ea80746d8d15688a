/**
 * Tag Manager's own memory of the data layer: every message is merged into it, objects and arrays position by position.
 * https://github.com/google/data-layer-helper#how-it-works
 */
export type Thing = { [key: string]: unknown }
export type Model = {
  /** What is at `a.b.c`. */
  get(path: string): unknown
  set(path: string, value: unknown): void
  merge(message: Thing): void
}

export function createModel(): Model {
  const root: Thing = {}
  const get = (path: string) =>
    path.split('.').reduce<unknown>((value, part) => (value as Thing | null | undefined)?.[part], root)
  const set = (path: string, value: unknown) => mergeInto(root, expand(path, value), false)
  return {
    get,
    set,
    merge(message) {
      const replace = message._clear === true
      for (const [path, value] of Object.entries(message))
        if (path !== '_clear') mergeInto(root, expand(path, value), replace)
    },
  }
}

/** `a.b` with 1 is `{a: {b: 1}}`. */
const expand = (path: string, value: unknown): Thing =>
  path.split('.').reduceRight<unknown>((leaf, part) => ({ [part]: leaf }), value) as Thing

function mergeInto(to: Thing, from: Thing, replace: boolean): Thing {
  for (const key of Object.keys(from)) {
    if (key === '__proto__') continue
    const value = from[key]
    const kind = kindOf(value)
    if (kind === 'other') {
      to[key] = value
      continue
    }
    const before = to[key]
    const kept = !replace && kindOf(before) === kind ? before : kind === 'array' ? [] : {}
    to[key] = mergeInto(kept as Thing, value as Thing, replace)
  }
  return to
}

function kindOf(value: unknown): 'array' | 'object' | 'other' {
  if (Array.isArray(value)) return 'array'
  if (typeof value !== 'object' || value === null) return 'other'
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype ? 'object' : 'other'
}

export const isMessage = (value: unknown): value is Thing => kindOf(value) === 'object'
/** What `gtag()` pushes: the arguments of a call. */
export const isCommand = (value: unknown): value is ArrayLike<unknown> =>
  Object.prototype.toString.call(value) === '[object Arguments]'

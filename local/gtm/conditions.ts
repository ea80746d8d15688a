import type { Condition } from './container.ts'
import { textOf } from './container.ts'

type Compare = (actual: string, wanted: string) => boolean
const numbers =
  (compare: (a: number, b: number) => boolean): Compare =>
  (a, b) =>
    compare(Number.parseFloat(a), Number.parseFloat(b))

const COMPARE: { readonly [type: string]: Compare } = {
  EQUALS: (a, b) => a === b,
  CONTAINS: (a, b) => a.includes(b),
  STARTS_WITH: (a, b) => a.startsWith(b),
  ENDS_WITH: (a, b) => a.endsWith(b),
  GREATER: numbers((a, b) => a > b),
  GREATER_OR_EQUALS: numbers((a, b) => a >= b),
  LESS: numbers((a, b) => a < b),
  LESS_OR_EQUALS: numbers((a, b) => a <= b),
}

/**
 * Whether a trigger's condition holds; `resolve` fills in the `{{variables}}` of its two sides. Throws for a kind of
 * condition that is not emulated.
 */
export function holds(condition: Condition, resolve: (text: string) => unknown): boolean {
  const side = (key: string) => resolve(textOf(condition.parameter, key) ?? '')
  const flag = (key: string) => textOf(condition.parameter, key) === 'true'
  const actual = text(side('arg0'))
  const wanted = text(side('arg1'))
  return compare(condition.type, actual, wanted, flag('ignore_case')) !== flag('negate')
}

function compare(type: string, actual: string, wanted: string, ignoreCase: boolean): boolean {
  if (type === 'MATCH_REGEX') return new RegExp(wanted, ignoreCase ? 'i' : '').test(actual)
  const known = COMPARE[type]
  if (!known) throw new Error(`Condition ${type} is not emulated`)
  return ignoreCase ? known(actual.toLowerCase(), wanted.toLowerCase()) : known(actual, wanted)
}

const text = (value: unknown): string => (value === undefined || value === null ? String(value) : String(value))

import { equal, typeOf } from './equal.ts'

/** What a scenario claims about values: https://developers.google.com/tag-platform/tag-manager/templates/tests */
type Check = (actual: unknown, ...expected: readonly unknown[]) => boolean

const isContained = (actual: unknown, value: unknown): boolean =>
  typeof actual === 'string'
    ? actual.includes(String(value))
    : Array.isArray(actual) && actual.some(each => equal(each, value))
const lengthOf = (value: unknown) => (value as { length?: unknown } | null | undefined)?.length
const ofType =
  (type: string): Check =>
  actual =>
    typeOf(actual) === type

const POSITIVE: { readonly [name: string]: Check } = {
  isUndefined: actual => actual === undefined,
  isNull: actual => actual === null,
  isNaN: actual => Number.isNaN(actual),
  isInfinity: actual => actual === Number.POSITIVE_INFINITY || actual === Number.NEGATIVE_INFINITY,
  isEqualTo: equal,
  isStrictlyEqualTo: (actual, expected) => actual === expected,
}

const CHECKS: { readonly [name: string]: Check } = {
  ...POSITIVE,
  ...Object.fromEntries(
    Object.entries(POSITIVE).map(([name, check]): [string, Check] => [
      name.replace('is', 'isNot'),
      (actual, ...expected) => !check(actual, ...expected),
    ]),
  ),
  isDefined: actual => actual !== undefined,
  isTrue: actual => actual === true,
  isFalse: actual => actual === false,
  isTruthy: actual => !!actual,
  isFalsy: actual => !actual,
  isAnyOf: (actual, ...expected) => expected.some(each => equal(actual, each)),
  isNoneOf: (actual, ...expected) => !expected.some(each => equal(actual, each)),
  isGreaterThan: (actual, expected) => (actual as number) > (expected as number),
  isGreaterThanOrEqualTo: (actual, expected) => (actual as number) >= (expected as number),
  isLessThan: (actual, expected) => (actual as number) < (expected as number),
  isLessThanOrEqualTo: (actual, expected) => (actual as number) <= (expected as number),
  contains: (actual, ...expected) => expected.every(each => isContained(actual, each)),
  doesNotContain: (actual, ...expected) => !expected.some(each => isContained(actual, each)),
  containsExactly: (actual, ...expected) => holdsExactly(actual, expected),
  doesNotContainExactly: (actual, ...expected) => !holdsExactly(actual, expected),
  hasLength: (actual, expected) => lengthOf(actual) === expected,
  isEmpty: actual => lengthOf(actual) === 0,
  isNotEmpty: actual => Number(lengthOf(actual)) > 0,
  isArray: ofType('array'),
  isBoolean: ofType('boolean'),
  isFunction: ofType('function'),
  isNumber: ofType('number'),
  isObject: ofType('object'),
  isString: ofType('string'),
}

const holdsExactly = (actual: unknown, expected: readonly unknown[]) =>
  lengthOf(actual) === expected.length && expected.every(each => isContained(actual, each))

/** A claim that does not hold ends the scenario. */
export class Failed extends Error {}

export const assertThat = (actual: unknown, message?: string) =>
  Object.fromEntries(
    Object.entries(CHECKS).map(([name, check]) => [
      name,
      (...expected: readonly unknown[]) => {
        if (check(actual, ...expected)) return
        throw new Failed(
          `${message ? `${message}: ` : ''}${show(actual)} ${wordsOf(name)} ${expected.map(show).join(', ')}`.trim(),
        )
      },
    ]),
  )

/** `isNotEmpty` said of what it is not. */
const wordsOf = (name: string) => `fails "${name.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)}"`

export function show(value: unknown): string {
  if (value === undefined || typeof value === 'function') return String(value === undefined ? value : 'a function')
  const text = JSON.stringify(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

export type Calls = ReadonlyMap<string, readonly (readonly unknown[])[]>

export const assertApi = (calls: Calls) => (api: string) => {
  const made = calls.get(api) ?? []
  const claim = (holds: boolean, words: string) => {
    if (!holds) throw new Failed(`${api} ${words}; calls: ${show(made)}`)
  }
  return {
    wasCalled: () => claim(made.length > 0, 'was not called'),
    wasNotCalled: () => claim(made.length === 0, 'was called'),
    wasCalledWith: (...args: readonly unknown[]) =>
      claim(
        made.some(call => equal(call, args)),
        `was not called with ${show(args)}`,
      ),
    wasNotCalledWith: (...args: readonly unknown[]) =>
      claim(!made.some(call => equal(call, args)), `was called with ${show(args)}`),
  }
}

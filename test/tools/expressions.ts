import type { AttributeValue } from '@aws-sdk/client-dynamodb'

type Item = { readonly [name: string]: AttributeValue }
type Given = {
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined
}

/**
 * The part of DynamoDB's expression language that our functions use, for a table in memory. What it does not know it refuses:
 * a test that compares it with a real implementation (memory-dynamo.test.ts) keeps it honest.
 */
export function holds(condition: string | undefined, item: Item | undefined, given: Given): boolean {
  if (!condition) return true
  const read = createReader(condition, item ?? {}, given)
  const result = read.or()
  read.end()
  return result
}

/** The item after `SET ... REMOVE ...`; a new object. */
export function updated(expression: string, item: Item, given: Given): Item {
  const read = createReader(expression, item, given)
  const next: { [name: string]: AttributeValue } = { ...item }
  while (read.peek()) {
    const clause = read.take()
    if (clause !== 'SET' && clause !== 'REMOVE') throw new Error(`Unknown clause ${clause} in ${expression}`)
    do {
      const name = read.name()
      if (clause === 'REMOVE') delete next[name]
      else {
        read.expect('=')
        next[name] = read.value()!
      }
    } while (read.skip(','))
  }
  return next
}

const TOKEN = /\s*(<>|<=|>=|[=<>(),]|[#:]?\w+)/y
function tokensOf(text: string): string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) tokens.push(match[1]!)
  if (tokens.join('') !== text.replaceAll(/\s/g, '')) throw new Error(`Cannot read the expression ${text}`)
  return tokens
}

function createReader(text: string, item: Item, given: Given) {
  const tokens = tokensOf(text)
  let at = 0
  const peek = () => tokens[at]
  const take = () => tokens[at++] ?? ''
  const skip = (token: string) => peek() === token && Boolean(take())
  const expect = (token: string) => {
    if (take() !== token) throw new Error(`Expected ${token} in ${text}`)
  }
  const name = () => {
    const token = take()
    const real = token.startsWith('#') ? given.ExpressionAttributeNames?.[token] : token
    if (!real) throw new Error(`${token} is not named in ${text}`)
    return real
  }
  const inParens = <T>(read: () => T): T => {
    expect('(')
    const result = read()
    expect(')')
    return result
  }
  const value = (): AttributeValue | undefined => {
    if (skip('list_append')) return inParens(appended)
    if (skip('if_not_exists')) return inParens(() => pick(name()))
    if (!peek()?.startsWith(':')) return item[name()]
    const token = take()
    const found = given.ExpressionAttributeValues?.[token]
    if (!found) throw new Error(`${token} has no value in ${text}`)
    return found
  }
  const pick = (known: string) => {
    expect(',')
    const otherwise = value()
    return item[known] ?? otherwise
  }
  const appended = (): AttributeValue => {
    const first = value()
    expect(',')
    return { L: [...(first?.L ?? []), ...(value()?.L ?? [])] }
  }
  const listed = () => {
    const values = [value()]
    while (skip(',')) values.push(value())
    return values
  }
  const primary = (): boolean => {
    if (skip('attribute_exists')) return inParens(() => item[name()] !== undefined)
    if (skip('attribute_not_exists')) return inParens(() => item[name()] === undefined)
    if (skip('begins_with')) return inParens(() => startsWith(value(), expect, value))
    if (peek() === '(') return inParens(or)
    const left = value()
    const operator = take()
    if (operator === 'IN') return inParens(listed).some(right => compare('=', left, right))
    return compare(operator, left, value())
  }
  const and = (): boolean => {
    let result = primary()
    while (skip('AND')) result = primary() && result
    return result
  }
  const or = (): boolean => {
    let result = and()
    while (skip('OR')) result = and() || result
    return result
  }
  const end = () => {
    if (peek()) throw new Error(`Cannot read the rest of ${text}`)
  }
  return { peek, take, skip, expect, name, value, or, end }
}

function startsWith(
  whole: AttributeValue | undefined,
  expect: (token: string) => void,
  value: () => AttributeValue | undefined,
) {
  expect(',')
  const start = value()?.S ?? ''
  return whole?.S?.startsWith(start) ?? false
}

function compare(operator: string, a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (!a || !b) return operator === '<>' && a !== b
  const [left, right] = [scalar(a), scalar(b)]
  if (operator === '=') return left === right
  if (operator === '<>') return left !== right
  if (typeof left !== typeof right) return false
  if (operator === '<') return left < right
  throw new Error(`Unknown operator ${operator}`)
}

function scalar({ S, N, BOOL }: AttributeValue): string | number | boolean {
  const found = S ?? (N === undefined ? BOOL : Number(N))
  if (found === undefined) throw new Error('Only texts, numbers and truth values are compared')
  return found
}

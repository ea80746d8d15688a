/**
 * The filter patterns of event source mappings: https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
 * `parsePattern` refuses by name what it does not know; a test must not pass because a filter was ignored.
 */
export type Pattern = { readonly [field: string]: Pattern | readonly Condition[] }
type Condition =
  | string
  | number
  | boolean
  | null
  | { prefix: string }
  | { suffix: string }
  | { exists: boolean }
  | { 'anything-but': readonly (string | number)[] }
  | { 'equals-ignore-case': string }

const OPERATORS = ['prefix', 'suffix', 'exists', 'anything-but', 'equals-ignore-case']

export function parsePattern(text: string): Pattern {
  const pattern = JSON.parse(text) as Pattern
  check(pattern, '')
  return pattern
}

function check(pattern: Pattern, path: string): void {
  for (const [field, expected] of Object.entries(pattern)) {
    const at = path ? `${path}.${field}` : field
    if (field.startsWith('$')) throw new Error(`Filter operator ${field} is not known to the local stack.`)
    if (!Array.isArray(expected)) {
      if (typeof expected !== 'object' || expected === null)
        throw new Error(`Filter pattern: "${at}" must be a list or an object.`)
      check(expected as Pattern, at)
      continue
    }
    for (const condition of expected as readonly Condition[])
      if (typeof condition === 'object' && condition !== null)
        for (const operator of Object.keys(condition))
          if (!OPERATORS.includes(operator))
            throw new Error(`Filter operator ${operator} at "${at}" is not known to the local stack.`)
  }
}

/** Whether every field that the pattern names has one of the values that it lists. */
export function matchesPattern(pattern: Pattern, value: unknown): boolean {
  return Object.entries(pattern).every(([field, expected]) => {
    const held = isObject(value) ? value[field] : undefined
    if (!Array.isArray(expected)) return matchesPattern(expected as Pattern, held)
    return (expected as readonly Condition[]).some(condition => holds(condition, held))
  })
}

function holds(condition: Condition, held: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return condition === held
  if ('exists' in condition) return condition.exists === (held !== undefined && !isObject(held))
  if ('anything-but' in condition)
    return held !== undefined && ![condition['anything-but']].flat().includes(held as string)
  if (typeof held !== 'string') return false
  if ('prefix' in condition) return held.startsWith(condition.prefix)
  if ('suffix' in condition) return held.endsWith(condition.suffix)
  return held.toLowerCase() === condition['equals-ignore-case'].toLowerCase()
}

const isObject = (value: unknown): value is { [name: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

import type { EdgeRequest } from './edge-request.ts'
import { matches } from './iam.ts'
import { managedRules } from './managed-rules.ts'

type Transformations = readonly { priority: number; type: string }[]
type FieldToMatch = {
  uriPath?: object
  queryString?: object
  method?: object
  body?: { oversizeHandling?: string }
  singleHeader?: { name: string }
}
/** Exactly one of these; anything else is refused by name. */
export type Statement = {
  andStatement?: { statements: readonly Statement[] }
  orStatement?: { statements: readonly Statement[] }
  notStatement?: { statement?: Statement }
  byteMatchStatement?: {
    fieldToMatch?: FieldToMatch
    positionalConstraint: string
    searchString: string
    textTransformations: Transformations
  }
  regexMatchStatement?: { fieldToMatch?: FieldToMatch; regexString: string; textTransformations: Transformations }
  sizeConstraintStatement?: {
    fieldToMatch?: FieldToMatch
    comparisonOperator: string
    size: number
    textTransformations: Transformations
  }
  geoMatchStatement?: { countryCodes: readonly string[] }
  labelMatchStatement?: { scope: string; key: string }
  managedRuleGroupStatement?: {
    vendorName: string
    name: string
    ruleActionOverrides?: readonly { name: string; actionToUse: Action }[]
  }
  rateBasedStatement?: RateStatement
}
type RateStatement = {
  limit: number
  evaluationWindowSec?: number
  aggregateKeyType?: string
  scopeDownStatement?: Statement
  customKeys?: readonly { uriPath?: object; ip?: object; method?: object; header?: { name: string } }[]
}

type Action = { count?: object }
/** What the rules before have made of a request. */
export type Seen = { request: EdgeRequest; labels: Set<string>; now: number }
export type Test = (seen: Seen) => boolean

/** A statement as a test; throws, naming it, for one that the local stack does not know. */
export function compile(statement: Statement, rule: string, inspected: number): Test {
  const kinds = Object.entries(statement).filter(([, value]) => value !== undefined)
  const [kind, inner] = kinds[0] ?? ['none', undefined]
  const make = COMPILERS[kind]
  if (!make || kinds.length !== 1)
    throw new Error(
      `Firewall rule "${rule}": ${kinds.map(([name]) => name).join(', ') || 'no statement'} is not known to the local stack.`,
    )
  return make(inner as never, { rule, inspected, compile: other => compile(other, rule, inspected) })
}

type Around = { rule: string; inspected: number; compile(statement: Statement): Test }
type Compilers = { [K in keyof Required<Statement>]: (statement: NonNullable<Statement[K]>, around: Around) => Test }
const compilers: Compilers = {
  andStatement: ({ statements }, { compile }) => {
    const tests = statements.map(compile)
    return seen => tests.every(test => test(seen))
  },
  orStatement: ({ statements }, { compile }) => {
    const tests = statements.map(compile)
    return seen => tests.some(test => test(seen))
  },
  notStatement: ({ statement }, { compile }) => {
    const test = compile(statement ?? {})
    return seen => !test(seen)
  },
  byteMatchStatement({ fieldToMatch, positionalConstraint, searchString, textTransformations }, around) {
    const read = reader(fieldToMatch, textTransformations, around)
    const place = PLACES[positionalConstraint]
    if (!place)
      throw new Error(`Firewall rule "${around.rule}": ${positionalConstraint} is not known to the local stack.`)
    return ({ request }) => place(read(request) ?? '', searchString)
  },
  regexMatchStatement({ fieldToMatch, regexString, textTransformations }, around) {
    const read = reader(fieldToMatch, textTransformations, around)
    const regex = new RegExp(regexString)
    return ({ request }) => regex.test(read(request) ?? '')
  },
  sizeConstraintStatement({ fieldToMatch, comparisonOperator, size, textTransformations }, around) {
    const read = reader(fieldToMatch, textTransformations, around)
    const compare = COMPARISONS[comparisonOperator]
    if (!compare)
      throw new Error(`Firewall rule "${around.rule}": ${comparisonOperator} is not known to the local stack.`)
    return ({ request }) => {
      const text = read(request)
      return text !== undefined && compare(Buffer.byteLength(text), size)
    }
  },
  geoMatchStatement:
    ({ countryCodes }) =>
    ({ request }) =>
      countryCodes.includes(request.country),
  labelMatchStatement:
    ({ key }) =>
    ({ labels }) =>
      [...labels].some(label => label === key || matches(`${key}:*`, label)),
  managedRuleGroupStatement({ name, ruleActionOverrides = [] }, { rule }) {
    const group = managedRules(name)
    if (!group) throw new Error(`Firewall rule "${rule}": the managed group ${name} is not known to the local stack.`)
    const counted = ruleActionOverrides.filter(({ actionToUse }) => actionToUse.count).map(({ name }) => name)
    const blocking = Object.entries(group).filter(([name]) => !counted.includes(name))
    return ({ request }) => blocking.some(([, test]) => test(request))
  },
  rateBasedStatement(statement, around) {
    const { limit, evaluationWindowSec = 300, scopeDownStatement } = statement
    const inScope = scopeDownStatement ? around.compile(scopeDownStatement) : () => true
    const keyOf = aggregate(statement, around.rule)
    const count = slidingCount(evaluationWindowSec * 1000)
    return seen => inScope(seen) && count(keyOf(seen.request), seen.now) > limit
  },
}
const COMPILERS = compilers as { [kind: string]: (statement: never, around: Around) => Test }

const PLACES: { [constraint: string]: (text: string, search: string) => boolean } = {
  EXACTLY: (text, search) => text === search,
  STARTS_WITH: (text, search) => text.startsWith(search),
  ENDS_WITH: (text, search) => text.endsWith(search),
  CONTAINS: (text, search) => text.includes(search),
}
const COMPARISONS: { [operator: string]: (a: number, b: number) => boolean } = {
  GT: (a, b) => a > b,
  GE: (a, b) => a >= b,
  LT: (a, b) => a < b,
  LE: (a, b) => a <= b,
  EQ: (a, b) => a === b,
  NE: (a, b) => a !== b,
}
const TRANSFORMATIONS: { [type: string]: (text: string) => string } = {
  NONE: text => text,
  LOWERCASE: text => text.toLowerCase(),
  URL_DECODE: text => decodeURIComponent(text.replace(/%(?![0-9a-f]{2})/gi, '%25')),
}

/** Reads the part of a request that a statement looks at; undefined for a header that is not there. */
function reader(field: FieldToMatch | undefined, transformations: Transformations, { rule, inspected }: Around) {
  const [kind] = Object.keys(field ?? {}).filter(name => field?.[name as keyof FieldToMatch] !== undefined)
  const parts: { [kind: string]: (request: EdgeRequest) => string | undefined } = {
    uriPath: ({ path }) => path,
    queryString: ({ query }) => query,
    method: ({ method }) => method,
    body: ({ body }) => body.subarray(0, inspected).toString('latin1'),
    singleHeader: ({ headers }) => headers[field?.singleHeader?.name.toLowerCase() ?? ''],
  }
  const part = parts[kind ?? '']
  if (!part) throw new Error(`Firewall rule "${rule}": the field ${kind} is not known to the local stack.`)
  const steps = [...transformations]
    .sort((a, b) => a.priority - b.priority)
    .map(({ type }) => {
      const step = TRANSFORMATIONS[type]
      if (!step) throw new Error(`Firewall rule "${rule}": the transformation ${type} is not known to the local stack.`)
      return step
    })
  return (request: EdgeRequest) => {
    const text = part(request)
    return text === undefined ? undefined : steps.reduce((value, step) => step(value), text)
  }
}

/** What a rate rule counts by. */
function aggregate(
  { aggregateKeyType = 'IP', customKeys = [] }: RateStatement,
  rule: string,
): (request: EdgeRequest) => string {
  if (aggregateKeyType === 'CONSTANT') return () => ''
  if (aggregateKeyType === 'IP') return ({ address }) => address
  if (aggregateKeyType !== 'CUSTOM_KEYS')
    throw new Error(`Firewall rule "${rule}": the aggregate key ${aggregateKeyType} is not known to the local stack.`)
  const readers = customKeys.map(key => {
    if (key.uriPath) return ({ path }: EdgeRequest) => path
    if (key.ip) return ({ address }: EdgeRequest) => address
    if (key.method) return ({ method }: EdgeRequest) => method
    const header = key.header?.name.toLowerCase()
    if (header) return ({ headers }: EdgeRequest) => headers[header] ?? ''
    throw new Error(
      `Firewall rule "${rule}": the custom key ${Object.keys(key).join(', ')} is not known to the local stack.`,
    )
  })
  return request => readers.map(read => read(request)).join('\n')
}

const SLICES = 30
const KEYS = 10_000 // https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html

/** Counts per key over a sliding window, in slices: at most a thirtieth of the window late in forgetting. */
function slidingCount(windowMs: number): (key: string, now: number) => number {
  const counts = new Map<string, Map<number, number>>()
  return (key, now) => {
    const slice = Math.floor((now / windowMs) * SLICES)
    const slices = counts.get(key) ?? new Map<number, number>()
    if (!counts.has(key) && counts.size >= KEYS) counts.delete(counts.keys().next().value!)
    counts.set(key, slices)
    slices.set(slice, (slices.get(slice) ?? 0) + 1)
    for (const old of slices.keys()) if (old <= slice - SLICES) slices.delete(old)
    return [...slices.values()].reduce((sum, count) => sum + count, 0)
  }
}

/**
 * A small evaluator of the policy forms that our components emit, and a memory of what was used and what was denied.
 * What it does not know it refuses by name: a policy that is not understood must not pass for one that allows.
 */
export type Role = {
  readonly name: string
  readonly arn: string
  /** Services that may assume it. */
  readonly trusts: readonly string[]
  readonly grants: readonly Grant[]
}
/** One action on one resource that one statement allows or denies. */
export type Grant = {
  readonly effect: 'Allow' | 'Deny'
  readonly action: string
  readonly resource: string
  readonly conditions: readonly Condition[]
  /** Decided a call that was made. */
  used: boolean
}
type Condition = { operator: Operator; key: string; values: readonly string[] }
/** Values of condition keys (lower case) that a call brings. */
export type Context = { readonly [key: string]: readonly string[] }
export type Denial = { function: string; action: string; resource: string; times: number }

type Test = (have: string, wanted: string) => boolean
const equals: Test = (have, wanted) => have === wanted
const like: Test = (have, wanted) => matches(wanted, have)
const OPERATORS = {
  StringEquals: { test: equals, every: false },
  StringLike: { test: like, every: false },
  ArnEquals: { test: like, every: false },
  ArnLike: { test: like, every: false },
  Bool: { test: (have, wanted) => have.toLowerCase() === wanted.toLowerCase(), every: false },
  'ForAllValues:StringEquals': { test: equals, every: true },
  'ForAllValues:StringLike': { test: like, every: true },
} satisfies { [operator: string]: { test: Test; every: boolean } }
type Operator = keyof typeof OPERATORS
const KEYS = ['dynamodb:leadingkeys', 'aws:sourcearn', 'aws:sourceaccount', 'aws:securetransport']
const ELEMENTS = ['Sid', 'Effect', 'Action', 'Resource', 'Condition']

export function createRole(name: string, arn: string, trust: string, policies: readonly string[]): Role {
  const grants = policies.flatMap(text => statements(text).flatMap(statement => grantsOf(name, statement)))
  const trusts = statements(trust).flatMap(({ Principal }) =>
    list((Principal as { Service?: string | string[] })?.Service),
  )
  return { name, arn, trusts, grants }
}

/** Whether the role allows the call; marks the grants that decided it as used. */
export function allows(role: Role, action: string, resource: string, context: Context = {}): boolean {
  const fitting = role.grants.filter(grant => applies(grant, action, resource, context))
  for (const grant of fitting) grant.used = true
  return fitting.length > 0 && fitting.every(({ effect }) => effect === 'Allow')
}

const applies = (grant: Grant, action: string, resource: string, context: Context) =>
  matches(grant.action.toLowerCase(), action.toLowerCase()) &&
  matches(grant.resource, resource) &&
  grant.conditions.every(condition => holds(condition, context))

// A key that is absent satisfies ForAllValues and nothing else:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
function holds({ operator, key, values }: Condition, context: Context): boolean {
  const { test, every } = OPERATORS[operator]
  const fits = (have: string) => values.some(wanted => test(have, wanted))
  const have = context[key] ?? []
  return every ? have.every(fits) : have.some(fits)
}

type Statement = { readonly [element: string]: unknown }
function statements(policy: string): Statement[] {
  const { Version, Statement } = JSON.parse(policy) as { Version?: string; Statement?: Statement | Statement[] }
  if (Version !== '2012-10-17')
    throw new Error(`Policy version ${Version} is not known to the local stack: use 2012-10-17.`)
  return list<Statement>(Statement)
}

function grantsOf(role: string, statement: Statement): Grant[] {
  const refuse = (what: string) => new Error(`Role "${role}": ${what} is not known to the local stack.`)
  for (const element of Object.keys(statement))
    if (!ELEMENTS.includes(element)) throw refuse(`policy element ${element}`)
  const effect = statement.Effect
  if (effect !== 'Allow' && effect !== 'Deny') throw refuse(`policy effect ${effect}`)
  const conditions = Object.entries(
    (statement.Condition ?? {}) as { [operator: string]: { [key: string]: string | string[] } },
  ).flatMap(([operator, keys]) => {
    if (!(operator in OPERATORS)) throw refuse(`condition operator ${operator}`)
    return Object.entries(keys).map(([key, values]) => {
      if (!KEYS.includes(key.toLowerCase())) throw refuse(`condition key ${key}`)
      return { operator: operator as Operator, key: key.toLowerCase(), values: list(values) }
    })
  })
  return list(statement.Action as string | string[]).flatMap(action =>
    list(statement.Resource as string | string[]).map(resource => ({
      effect,
      action,
      resource,
      conditions,
      used: false,
    })),
  )
}

const list = <T>(value: T | readonly T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? [...value] : [value as T]

const patterns = new Map<string, RegExp>()
/** `*` stands for any text, `?` for any one character. */
export function matches(pattern: string, text: string): boolean {
  if (pattern === text || pattern === '*') return true
  let compiled = patterns.get(pattern)
  if (!compiled) {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')
    compiled = new RegExp(`^${escaped}$`, 's')
    patterns.set(pattern, compiled)
  }
  return compiled.test(text)
}

/** Who calls, checked against a role; remembers each denial once, with how often it came. */
export type Guard = {
  check(caller: string, role: Role | 'everything', action: string, resource: string, context?: Context): boolean
  readonly denials: readonly Denial[]
}
export function createGuard(denied: (denial: Denial) => void = () => {}): Guard {
  const denials = new Map<string, Denial>()
  return {
    check(caller, role, action, resource, context) {
      if (role === 'everything' || allows(role, action, resource, context)) return true
      const key = `${caller} ${action} ${resource}`
      const known = denials.get(key)
      if (known) known.times += 1
      else denials.set(key, { function: caller, action, resource, times: 1 })
      if (!known) denied(denials.get(key)!)
      return false
    },
    get denials() {
      return [...denials.values()]
    },
  }
}

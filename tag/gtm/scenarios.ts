import vm from 'node:vm'
import ts from 'typescript'
import { parse } from 'yaml'
import { usesOf } from './apis.ts'
import { assertApi, assertThat, Failed, show } from './assertions.ts'
import { copy } from './equal.ts'
import { covers, decodePermissions, type Granted, type Use } from './permissions.ts'
import { promises } from './promise.ts'
import { type Apis, sandbox } from './sandbox.ts'
import type { Template } from './template.ts'

/** `problem` is undefined where the scenario passes. */
export type Outcome = { name: string; problem?: string }

/**
 * Runs the `___TESTS___` of a template. Unlike GTM, which does not look at the permissions of mocked APIs, every call needs its permission.
 * Throws where the section is not YAML of the known shape.
 */
export function runScenarios(template: Template): Outcome[] {
  const tests = (parse(template.tests || '{}') ?? {}) as {
    scenarios?: { name: string; code: string }[]
    setup?: string
  }
  return (tests.scenarios ?? []).map(({ name, code }) => {
    try {
      runScenario(template, `${tests.setup ?? ''}\n${code}`)
      return { name }
    } catch (error) {
      return { name, problem: error instanceof Failed ? error.message : String(error) }
    }
  })
}

/** A scenario that runs for longer hangs. */
const LONGEST_MS = 1000
const MOST_TURNS = 1000
const NOW = Date.parse('2026-01-01T12:00:00Z')

type Mock = { value?: unknown; object?: { [method: string]: unknown } }

/** What one scenario has set up and seen. */
type Stage = {
  granted: Granted
  mocks: Map<string, Mock>
  calls: Map<string, unknown[][]>
  later: (() => void)[]
  apis: Apis
}

function runScenario(template: Template, scenario: string) {
  const later: (() => void)[] = []
  const apis = sandbox(later, () => NOW)
  const granted = decodePermissions(template.permissions)
  const stage: Stage = { granted, mocks: new Map(), calls: new Map(), later, apis }
  const { mocks, calls } = stage
  const context = vm.createContext({}, { codeGeneration: { strings: false, wasm: false } })
  const given = {
    runCode: (data: object = {}) => runTemplate(compile(context, template.code, ['data', 'require']), data, stage),
    mock: (api: string, value: unknown) => void mocks.set(api, { value }),
    mockObject: (api: string, object: { [method: string]: unknown }) => void mocks.set(api, { object }),
    assertApi: assertApi(calls),
    assertThat,
    fail: (message?: string) => {
      throw new Failed(message ?? 'failed by itself')
    },
    require: (name: string) => required(name, stage, undefined),
    Promise: promises,
  }
  const test = compile(context, scenario, Object.keys(given))
  Object.assign(context, { start: () => test(...Object.values(given)) })
  vm.runInContext('start()', context, { timeout: LONGEST_MS }) // holds for all that it calls
}

function runTemplate(code: (...args: unknown[]) => unknown, data: object, stage: Stage): unknown {
  const { mocks, calls, granted, later } = stage
  const done = (api: string) => watched(api, mocks.get(api)?.value, calls, granted)
  const ends = { gtmOnSuccess: done('gtmOnSuccess'), gtmOnFailure: done('gtmOnFailure') }
  const result = code({ gtmEventId: 1, gtmTagId: 1, ...ends, ...data }, (name: string) =>
    required(name, stage, granted),
  )
  for (let turn = 0; later.length && turn < MOST_TURNS; turn++) later.shift()?.()
  return result
}

/** The mock of an API, else what it does by itself. What is not `granted` is refused; without it, nothing is. */
function required(name: string, { mocks, calls, apis, granted: own }: Stage, granted: Granted | undefined): unknown {
  const mock = mocks.get(name)
  const action = mock ? (mock.object ?? mock.value) : apis[name]
  if (name === 'queryPermission' && !mock) return (...args: unknown[]) => isGranted(own, args)
  // A mock of a function may be an object that it answers.
  const hasMethods = isPlain(action) && (!mock || mock.object || isPlain(apis[name]))
  if (!hasMethods) return watched(name, action, calls, granted)
  return watchMethods(name, action, (api, method) => watched(api, method, calls, granted))
}

/** Notes each call with a copy of its arguments, and refuses what there is no permission for. */
function watched(api: string, action: unknown, calls: Map<string, unknown[][]>, granted: Granted | undefined) {
  return (...args: unknown[]) => {
    for (const use of granted ? usesOf(api, args) : []) if (!covers(granted!, use)) throw new Failed(denied(api, use))
    const copies = args.map(copy)
    calls.set(api, [...(calls.get(api) ?? []), copies])
    return typeof action === 'function' ? action(...copies) : action
  }
}

const denied = (api: string, { permission, target, access = [] }: Use) =>
  `${api} needs the permission ${permission}${target ? ` for ${show(target)}` : ''}${access.length ? ` (${access.join(', ')})` : ''}`

const isPlain = (value: unknown): value is { [method: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const watchMethods = (
  name: string,
  object: { [method: string]: unknown },
  watch: (api: string, action: unknown) => unknown,
) =>
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      typeof value === 'function' ? watch(`${name}.${key}`, value) : value,
    ]),
  )

/** `queryPermission('access_globals', 'readwrite', 'name')`; most others take the target alone. */
function isGranted(granted: Granted, [permission, first, second]: readonly unknown[]): boolean {
  if (permission !== 'access_globals' && permission !== 'access_local_storage')
    return covers(granted, { permission: String(permission), ...(typeof first === 'string' && { target: first }) })
  const access = ['read', 'write', 'execute'].filter(kind => String(first).includes(kind))
  return covers(granted, { permission, target: String(second), access })
}

/** What a page or Node would have, and the sandbox has not. */
const ABSENT =
  'JSON Math Object Date RegExp Promise Symbol Map Set Reflect Proxy globalThis eval Function WebAssembly console'.split(
    ' ',
  )

function compile(context: vm.Context, code: string, names: readonly string[]) {
  const absent = ABSENT.filter(name => !names.includes(name))
  const body = `(function (${absent}) { return function (${names}) { return (function () {\n${withLists(code)}\n})() } })()`
  return vm.runInContext(body, context) as (...args: unknown[]) => unknown
}

/** In the sandbox `arguments` is a list, with a list's methods. */
function withLists(code: string): string {
  const file = ts.createSourceFile('scenario.js', code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
  const places: number[] = []
  const visit = (node: ts.Node): void => {
    const named = ts.isIdentifier(node) && node.text === 'arguments'
    if (named && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node))
      places.push(node.getStart())
    ts.forEachChild(node, visit)
  }
  visit(file)
  const list = '[].slice.call(arguments)'
  return places.reduceRight((text, at) => text.slice(0, at) + list + text.slice(at + 'arguments'.length), code)
}

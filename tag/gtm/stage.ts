import { usesOf } from './apis.ts'
import { assertApi, assertThat, Failed, show } from './assertions.ts'
import { copy } from './equal.ts'
import type { Outside } from './outside.ts'
import { covers, type Granted, type Use } from './permissions.ts'
import { promises } from './promise.ts'
import { type Apis, sandbox } from './sandbox.ts'

/*
 * Plays one scenario. All of this is evaluated in a realm of its own together with the code of the template, which so gets
 * hold of no function of the program that runs it: its `constructor` would make code that may do anything.
 */
type Code = (...given: unknown[]) => unknown
type Mock = { value?: unknown; object?: { [method: string]: unknown } }

/** What the scenario has set up and seen. */
type Stage = {
  granted: Granted
  mocks: Map<string, Mock>
  calls: Map<string, unknown[][]>
  later: (() => void)[]
  apis: Apis
}

const MOST_TURNS = 1000
const NOW = Date.parse('2026-01-01T12:00:00Z')

let stage: Stage
let play: () => unknown

/** Comes before any foreign code. `granted` is JSON. */
export function prepare(outside: Outside, granted: string): void {
  const later: (() => void)[] = []
  const apis = sandbox(later, () => NOW, fenced(outside))
  stage = { granted: JSON.parse(granted), mocks: new Map(), calls: new Map(), later, apis }
}

/** Functions of the program, which nobody else gets hold of, nor of what they throw. */
function fenced(outside: Outside): Outside {
  const fence =
    <T>(action: (...texts: string[]) => T) =>
    (...given: unknown[]): T | undefined => {
      try {
        return action(...given.map(String))
      } catch {
        return undefined
      }
    }
  const { digest, parseUrl, toBase64, fromBase64 } = outside
  return { digest: fence(digest), parseUrl: fence(parseUrl), toBase64: fence(toBase64), fromBase64: fence(fromBase64) }
}

/** What a scenario may call by name. */
export const GIVEN = ['runCode', 'mock', 'mockObject', 'assertApi', 'assertThat', 'fail', 'require', 'Promise'] as const

/** `scenario` takes what `GIVEN` names, in this order; `template` its `data` and `require`. */
export function cue(template: Code, scenario: Code): void {
  const { mocks, calls } = stage
  const given: { [name in (typeof GIVEN)[number]]: unknown } = {
    runCode: (data: object = {}) => runTemplate(template, data, stage),
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
  play = () => scenario(...GIVEN.map(name => given[name]))
}

/** What is wrong, or undefined. */
export function start(): string | undefined {
  try {
    play()
    return undefined
  } catch (error) {
    return error instanceof Failed ? error.message : String(error)
  }
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

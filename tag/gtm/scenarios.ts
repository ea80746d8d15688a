import { fileURLToPath } from 'node:url'
import vm from 'node:vm'
import { buildSync } from 'esbuild'
import ts from 'typescript'
import { parse } from 'yaml'
import { outside } from './outside.ts'
import { decodePermissions } from './permissions.ts'
import type * as Stage from './stage.ts'
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
    const problem = problemOf(template, `${tests.setup ?? ''}\n${code}`)
    return problem === undefined ? { name } : { name, problem }
  })
}

/** A scenario that runs for longer hangs. */
const timeout = 1000

function problemOf({ code, permissions }: Template, scenario: string): string | undefined {
  const realm = vm.createContext(vm.constants.DONT_CONTEXTIFY, { codeGeneration: { strings: false, wasm: false } })
  const { prepare, cue, GIVEN }: typeof Stage = stageScript().runInContext(realm)
  try {
    prepare(outside, JSON.stringify(decodePermissions(permissions)))
    cue(compile(realm, code, ['data', 'require']), compile(realm, scenario, GIVEN))
    return vm.runInContext('stage.start()', realm, { timeout }) // holds for all that it calls
  } catch (error) {
    return String(error)
  }
}

let built: vm.Script | undefined
/** `stage.ts` with all that it needs, as the global `stage`. */
function stageScript(): vm.Script {
  built ??= new vm.Script(`${bundle('stage.ts')}\nstage`)
  return built
}

const bundle = (file: string) =>
  buildSync({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: [file],
    write: false,
    bundle: true,
    format: 'iife',
    globalName: 'stage',
    platform: 'neutral',
    target: 'es2024',
    tsconfigRaw: {},
    logLevel: 'silent',
  }).outputFiles[0]!.text

/** What a page or Node would have, and the sandbox has not. */
const ABSENT =
  'JSON Math Object Date RegExp Promise Symbol Map Set Reflect Proxy globalThis eval Function WebAssembly console'.split(
    ' ',
  )

function compile(realm: vm.Context, code: string, names: readonly string[]) {
  const absent = ABSENT.filter(name => !names.includes(name))
  const body = `(function (${absent}) { return function (${names}) { return (function () {\n${withLists(code)}\n})() } })()`
  return vm.runInContext(body, realm, { timeout }) as (...args: unknown[]) => unknown
}

/** In the sandbox `arguments` is a list, with a list's methods. Throws at `import`: what it fails with is of Node's own realm. */
function withLists(code: string): string {
  const file = ts.createSourceFile('scenario.js', code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
  const places: number[] = []
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.ImportKeyword) throw new SyntaxError('there is no import in the sandbox')
    const named = ts.isIdentifier(node) && node.text === 'arguments'
    if (named && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node))
      places.push(node.getStart())
    ts.forEachChild(node, visit)
  }
  visit(file)
  const list = '[].slice.call(arguments)'
  return places.reduceRight((text, at) => text.slice(0, at) + list + text.slice(at + 'arguments'.length), code)
}

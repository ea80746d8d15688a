import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { decodePermissions } from '../../tag/gtm/permissions.ts'
import { parseTemplate } from '../../tag/gtm/template.ts'
import { type Container, typeOfTemplate, unknownParts } from './container.ts'

/**
 * `gtm.js` for a container: the emulator, the container as it was exported, and the code of its templates as functions,
 * so that a page needs no `unsafe-eval` for it, as Tag Manager's own does not. Throws with one line for each part that
 * cannot be run.
 */
export async function publish(container: Container): Promise<string> {
  const problems = unknownParts(container)
  const templates = (container.containerVersion.customTemplate ?? []).flatMap(template => {
    const parsed = parseTemplate(template.templateData)
    if ('problem' in parsed) {
      problems.push(`template "${template.name}": ${parsed.problem}`)
      return []
    }
    const granted = decodePermissions(parsed.template.permissions)
    return [
      `${JSON.stringify(typeOfTemplate(template))}: { granted: ${inScript(granted)}, run: ${asFunction(parsed.template.code)} }`,
    ]
  })
  if (problems.length) throw new Error(`The emulator cannot run this container:\n${problems.join('\n')}`)
  return `(function (published) {\n${await emulator()}\n})({ container: ${inScript(container)}, templates: {\n${templates.join(',\n')}\n} })\n`
}

/** What a template must not see; `arguments` and `eval` cannot be hidden, and strict mode takes `this` away. */
const HIDDEN = `window self globalThis document top parent frames opener location history navigator fetch XMLHttpRequest
  WebSocket EventSource Image Function Array String Number Boolean Date RegExp Map Set WeakMap WeakSet Proxy Reflect Symbol
  setTimeout setInterval requestAnimationFrame queueMicrotask localStorage sessionStorage indexedDB caches cookieStore
  crypto console alert Object Math JSON Promise postMessage addEventListener dataLayer published`.split(/\s+/)

const asFunction = (code: string) =>
  `(function (${HIDDEN.join(', ')}) { return function (data, require) { 'use strict';\n${code}\n} })()`

/** JSON that is also JavaScript and that no markup around it can end. */
const inScript = (value: unknown) => JSON.stringify(value).replace(/</g, '\\u003c')

let built: Promise<string> | undefined
function emulator(): Promise<string> {
  built ??= build({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: ['page/start.ts'],
    write: false,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2023',
    tsconfigRaw: {},
    logLevel: 'silent',
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? '')
  return built
}

/**
 * Compiles the event's schema into plain code, so that no function compiles a schema when it starts.
 * `npm run generate` writes it; `--check` fails if what is written is not what the schema says.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'
import { eventSchema } from './event.ts'

const HEADER = '// Written by `npm run generate` from core/schema/event.ts: change that instead.\n'
const CODE = new URL('validate.generated.js', import.meta.url)

const { default: write } = standalone as unknown as { default: (ajv: Ajv, validate: unknown) => string }

/** `unicode: false` counts UTF-16 units instead of characters: the other count would be an import at run time. */
export function generate(): string {
  const ajv = new Ajv({
    unicode: false,
    inlineRefs: false,
    logger: false,
    strict: true,
    code: { source: true, esm: true, lines: true },
  })
  const code = write(ajv, ajv.compile(eventSchema))
  if (/\brequire\(|^import /m.test(code)) throw new Error('the compiled schema imports something: see the ajv options')
  return `${HEADER}${code}`
}

if (import.meta.main) {
  const code = generate()
  if (!process.argv.includes('--check')) writeFileSync(CODE, code)
  else if (readFileSync(CODE, 'utf8') !== code) {
    console.error('core/schema/validate.generated.js is stale: run `npm run generate` and commit what it writes')
    process.exitCode = 1
  }
}

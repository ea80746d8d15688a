/** `npm run gtm:test <file.tpl> ...`: checks templates and runs their own tests. */
import { readFile } from 'node:fs/promises'
import { checkTemplate } from './check-template.ts'
import { type Outcome, runScenarios } from './scenarios.ts'
import { parseTemplate } from './template.ts'

const USAGE = 'Which templates? npm run gtm:test -- <file.tpl> ...'

/** The exit code: 0 all well, 1 something is wrong with a template, 2 not understood. */
export async function testTemplates(files: readonly string[], out: (line: string) => void): Promise<number> {
  if (!files.length) {
    out(USAGE)
    return 2
  }
  const results: boolean[] = []
  for (const file of files) results.push(await testTemplate(file, out))
  return results.every(Boolean) ? 0 : 1
}

async function testTemplate(file: string, out: (line: string) => void): Promise<boolean> {
  const text = await readFile(file, 'utf8').catch((error: Error) => error)
  if (text instanceof Error) return complain(out, file, text.message)
  const parsed = parseTemplate(text)
  if ('problem' in parsed) return complain(out, file, parsed.problem)
  const problems = checkTemplate(text)
  const outcomes = tryScenarios(() => runScenarios(parsed.template))
  if (typeof outcomes === 'string') return complain(out, file, outcomes)
  out(file)
  for (const problem of problems) out(`  problem: ${problem}`)
  for (const { name, problem } of outcomes)
    out(problem === undefined ? `  ok: ${name}` : `  not ok: ${name}\n    ${problem}`)
  const failed = outcomes.filter(({ problem }) => problem !== undefined).length
  out(`  ${outcomes.length - failed} of ${outcomes.length} scenarios pass, ${problems.length} problems`)
  return failed + problems.length === 0
}

function complain(out: (line: string) => void, file: string, problem: string): false {
  out(`${file}\n  problem: ${problem}`)
  return false
}

function tryScenarios(run: () => Outcome[]): Outcome[] | string {
  try {
    return run()
  } catch (error) {
    return `the tests cannot be read: ${(error as Error).message}`
  }
}

if (import.meta.main) process.exitCode = await testTemplates(process.argv.slice(2), line => console.log(line))

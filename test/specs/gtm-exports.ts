/**
 * `node test/specs/gtm-exports.ts <folder>`: checks container files that GTM itself has exported, so that no rule of the
 * validator is stricter than GTM. Not part of `npm test`: real exports belong to others and are not kept here.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { validateContainer } from '../../tag/gtm/validate.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('Which folder? node test/specs/gtm-exports.ts <folder with export*.json>')
  process.exit(2)
}
const names = (await readdir(folder)).filter(name => /^export.*\.json$/.test(name))
if (!names.length) {
  console.error(`There is no export*.json in ${folder}`)
  process.exitCode = 1
}
for (const name of names) {
  const text = await readFile(join(folder, name), 'utf8')
  // Saved exports often have the texts of their templates cut.
  const cut = text.includes('TRIMMED (full .tpl text')
  const findings = validateContainer(text, cut ? ['template text'] : [])
  const refused = findings.filter(({ level }) => level === 'refused')
  console.log(
    `${name}: ${refused.length} refused, ${findings.length - refused.length} doubtful${cut ? ', templates cut' : ''}`,
  )
  for (const { rule, level, problem } of findings) console.log(`  ${level} (${rule}): ${problem}`)
  if (refused.length) process.exitCode = 1
}

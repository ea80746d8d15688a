import { readFileSync } from 'node:fs'
import { cruise, type IReporterOutput, type IRuleSetType } from 'dependency-cruiser'

/** `npm run check`: imports go one way (.dependency-cruiser.json). A cruise that saw next to nothing proves nothing. */
const FEWEST = 30
const FOLDERS = ['components', 'connectors', 'core', 'functions', 'local', 'tag', 'bench', 'test', 'index.ts']

const { forbidden, options } = JSON.parse(readFileSync('.dependency-cruiser.json', 'utf8'))
const { output }: IReporterOutput = await cruise(FOLDERS, {
  ...options,
  validate: true,
  ruleSet: { forbidden } as IRuleSetType,
})
if (typeof output === 'string') throw new Error('dependency-cruiser answered a report in place of its findings')
const { totalCruised, violations } = output.summary
for (const { from, to, rule } of violations) console.error(`${rule.name}: ${from} -> ${to}`)
console.log(`imports of ${totalCruised} modules checked against ${forbidden.length} rules, ${violations.length} broken`)
if (violations.length || totalCruised < FEWEST) process.exitCode = 1

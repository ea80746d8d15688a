/** `npm run new-connector <name>`: a folder and a line, with which the vendor `<name>` begins. */
import { join } from 'node:path'
import { makeConnector } from './scaffold/make.ts'

const USAGE = 'Usage: npm run new-connector <name>, where <name> is 2 to 20 lower-case letters, such as "zoho".'

const nextSteps = (name: string) => `
It passes the shared suite and speaks to a vendor that does not exist. Make it the real one, in this order:
  simulator.ts          the addresses, refusals and limits that the vendor's pages tell
  simulator-cases.ts    what becomes of each event, and a case for every rule
  settings.ts map.ts    what a tenant can choose, and what the vendor gets of an event
  auth.ts errors.ts     how the vendor knows us, and what its answers mean, each with its source
  index.ts README.md    hosts, limits, title; who is matched by what
  and a column of test/fault-matrix.test.ts: what each fault of the network comes to

  npm run try ${name}
  node --test --test-name-pattern ${name} test/connectors.test.ts
  npm run check

A destination "${name}" of a tenant in Pulumi.dev.yaml brings it into npm start.`

/** The exit code: 0 made, 1 refused, 2 not understood. */
export async function newConnector(
  argv: readonly string[],
  { root, out, err }: { root: string; out(text: string): void; err(text: string): void },
): Promise<number> {
  const [name, ...rest] = argv
  if (name === '--help' || name === '-h') {
    out(USAGE)
    return 0
  }
  if (name === undefined || name.startsWith('-') || rest.length) {
    err(USAGE)
    return 2
  }
  const made = await makeConnector(root, name)
  if ('refused' in made) {
    err(made.refused)
    return 1
  }
  for (const file of made.files) out(file)
  out(nextSteps(name))
  return 0
}

if (import.meta.main)
  process.exitCode = await newConnector(process.argv.slice(2), {
    root: join(import.meta.dirname, '..'),
    out: text => console.log(text),
    err: text => console.error(text),
  })

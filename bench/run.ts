import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** `npm run bench [-- name...]`: lists the benches, and runs those that are named, or all. Each in a process of its own. */
const BENCHES: { readonly [name: string]: string } = {
  receive: 'CPU of a request of one event, against walkerOS and a bare server',
  deliver: 'CPU of an event on its way out, each connector',
  bundles: 'sizes, and time to import, against the bare DynamoDB client',
  pace: 'use of each vendor’s documented rate on a full backlog, and its refusals',
  backlog: 'reads of a run while very many events wait; a drain of 100,000 in order',
  cost: 'USD for a million events, from counted DynamoDB units',
  urgent: 'from a lead’s 200 to the vendor’s first call, with and without a backlog',
  isolation: 'another destination’s times while a vendor is black-holed and a tenant floods',
  throughput: 'accept, buffer and deliver on this machine',
  promise: 'events lost after a 200 under random schedules of faults',
  unload: 'events lost while pages go away, in a real browser',
  trackers: 'size and main-thread cost of tag.js beside open trackers, in a real browser',
  hooks: 'how long a vendor waits for the answer to its call',
}
const FLAGS: { readonly [name: string]: readonly string[] } = { backlog: ['--expose-gc'] }

/** Where the default takes minutes: longer ones are `node bench/promise.ts 10000`. */
const ARGUMENTS: { readonly [name: string]: readonly string[] } = { promise: ['500'] }

const fileOf = (name: string) => join(import.meta.dirname, `${name}.ts`)
const present = Object.keys(BENCHES).filter(name => existsSync(fileOf(name)))
const asked = process.argv.slice(2)
const unknown = asked.filter(name => !present.includes(name))

for (const name of present) console.log(`${name.padEnd(12)}${BENCHES[name]}`)
if (unknown.length) {
  console.error(`\nNo bench "${unknown.join('", "')}": see above.`)
  process.exitCode = 1
} else
  for (const name of asked.length ? asked : present) {
    console.log(`\n--- ${name}`)
    const { status } = spawnSync(process.execPath, [...(FLAGS[name] ?? []), fileOf(name), ...(ARGUMENTS[name] ?? [])], {
      stdio: 'inherit',
    })
    if (status) process.exitCode = 1
  }

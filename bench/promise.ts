import { keepsPromise } from '../test/tools/promise.ts'

/**
 * Events lost after a 200, under random schedules of faults: `node bench/promise.ts [runs] [first seed]`. Prints one line at the
 * end, and each seed that fails with what had been done; exit code 1 if there was one.
 */
const runs = Number(process.argv[2] ?? 10_000)
const first = Number(process.argv[3] ?? 1)
const started = performance.now()
let failed = 0
for (let seed = first; seed < first + runs; seed++) {
  try {
    await keepsPromise(seed)
  } catch (error) {
    failed++
    console.error(error)
  }
}
const seconds = Math.round((performance.now() - started) / 1000)
console.log(`${runs} seeded runs (${first} to ${first + runs - 1}) in ${seconds} s: ${failed} broke the promise`)
process.exitCode = failed ? 1 : 0

import { test } from 'node:test'
import { keepsPromise } from './tools/promise.ts'

// The same with 10,000 seeds: node bench/promise.ts
const SEEDS = 100

test('under any schedule of deaths, failures, freezes and orders, every accepted event ends where the promise says', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) await keepsPromise(seed)
})

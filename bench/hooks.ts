import { setTimeout as wait } from 'node:timers/promises'
import { hookOf, statusOf } from '../connectors/whatsapp/simulator-hooks.ts'
import { NUMBER_ID } from '../connectors/whatsapp/simulator-people.ts'
import type { Hook } from '../core/simulator.ts'
import { startHooking } from '../test/tools/hooking.ts'

/**
 * How long a vendor waits for the answer to its call: `functions/hooks`, one call after the other, over a table that takes each item
 * in 5 ms (the embedded DynamoDB shares this process, and would be most of what is measured).
 * Meta asks for 250 ms: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/set-up-webhooks
 */
const LIMIT_MS = 250

const callOf = (n: number, updates: number, pad: number): Hook => {
  let seed = n + 1
  const noise = () => {
    seed = (seed * 16_807) % 2_147_483_647
    return seed.toString(36)
  }
  const statuses = Array.from({ length: updates }, (_, i) =>
    statusOf(`wamid.${n}.${i}`, 'sent', '5511999990001', `e${n}-${i}`, 1_763_629_200_000, {
      pad: Array.from({ length: pad }, noise).join(''),
    }),
  )
  return hookOf('demo', NUMBER_ID, { statuses })
}

const hooking = await startHooking()
hooking.rig.setHook((step, perform) => (step.name === 'PutItemCommand' ? wait(5, {}) : perform()))
const measure = async (title: string, calls: number, updates: number, pad: number) => {
  const times: number[] = []
  let bytes = 0
  for (let n = -Math.ceil(calls / 10); n < calls; n++) {
    const hook = callOf(n + 1_000 * updates, updates, pad)
    bytes = hook.body.length
    const since = performance.now()
    const { statusCode } = await hooking.post(hook)
    if (statusCode !== 200) throw new Error(`answered ${statusCode}`)
    if (n >= 0) times.push(performance.now() - since)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))]!.toFixed(1)
  const verdict = Number(at(0.99)) < LIMIT_MS ? 'below' : 'ABOVE'
  console.log(`${title} (${bytes} bytes): p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${verdict} ${LIMIT_MS} ms`)
}
try {
  await measure('a status', 1_000, 1, 0)
  await measure('1,000 updates', 100, 1_000, 0)
  await measure('1,000 updates that do not compress', 30, 1_000, 600)
} finally {
  await hooking.stop()
}

import { setImmediate as idle } from 'node:timers/promises'
import type { Hook, Rig } from '../../test/tools/rig.ts'

/** What a call of each kind takes on the fake clock, in ms. */
export type Latencies = { vendor: number; dynamo: number }

/**
 * Turns the rig's clock into one of discrete events: whoever sleeps or waits for an answer is woken in the order of the times,
 * and the clock moves only when nobody has anything left to do. So calls that overlap in life overlap here, and none takes longer
 * because this machine is slow. Everything behind it must be in memory.
 */
export function virtualTime(rig: Pick<Rig, 'now' | 'advance' | 'setHook'>, latencies: Latencies, watch: Hook) {
  let asleep: { at: number; wake: () => void }[] = []
  const wait = (ms: number) =>
    new Promise<void>(wake => {
      asleep.push({ at: rig.now() + ms, wake })
    })
  const taking = async (ms: number, work: Promise<unknown>) => {
    const done = await work
    await wait(ms)
    return done
  }
  rig.setHook((step, perform) => {
    if (step.kind === 'sleep') return wait(Number(step.name))
    if (step.kind === 'vendor') return taking(latencies.vendor, watch(step, perform))
    if (step.kind === 'dynamo') return taking(latencies.dynamo, watch(step, perform))
    return watch(step, perform)
  })
  return {
    /** Settles as the work does; throws when the work waits for something that no clock brings. */
    async run<T>(work: Promise<T>): Promise<T> {
      const state = { over: false }
      const watched = work.finally(() => {
        state.over = true
      })
      watched.catch(() => {})
      for (;;) {
        await idle()
        if (state.over) return watched
        if (!asleep.length) throw new Error('The work waits, and nothing is left to happen')
        const next = asleep.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY)
        const due = asleep.filter(({ at }) => at <= next)
        asleep = asleep.filter(({ at }) => at > next)
        rig.advance(Math.max(0, next - rig.now()))
        for (const { wake } of due) wake()
      }
    },
  }
}

import type { Hook } from './rig.ts'

/** Sleepers wait for real until `open` is called; everything else goes on. */
export function heldSleep(): { hook: Hook; sleeping: Promise<void>; open(): void } {
  const gate = Promise.withResolvers<void>()
  const first = Promise.withResolvers<void>()
  return {
    hook: async (step, perform) => {
      if (step.kind !== 'sleep') return perform()
      first.resolve()
      await gate.promise
      return undefined
    },
    sleeping: first.promise,
    open: gate.resolve,
  }
}

/** The process dies at the first step that `where` is true of: nothing that it awaits ever comes back. */
export function deathAt(where: (kind: string, name: string) => boolean): { hook: Hook; died: Promise<void> } {
  const died = Promise.withResolvers<void>()
  let dead = false
  return {
    hook: (step, perform) => {
      dead ||= where(step.kind, step.name)
      if (!dead) return perform()
      died.resolve()
      return new Promise(() => {})
    },
    died: died.promise,
  }
}

/** Holds back the nth call of that name until `goOn`; others go on. */
export function stopBefore(name: string, nth: number): { hook: Hook; reached: Promise<void>; goOn(): void } {
  const gate = Promise.withResolvers<void>()
  const there = Promise.withResolvers<void>()
  let seen = 0
  return {
    hook: async (step, perform) => {
      if (step.name === name && ++seen === nth) {
        there.resolve()
        await gate.promise
      }
      return perform()
    },
    reached: there.promise,
    goOn: gate.resolve,
  }
}

/** Chance that a seed decides: the same seed makes the same choices. */
export type Chance = {
  /** [0, 1). */
  next(): number
  /** 0 to `below` - 1. */
  upTo(below: number): number
  happens(probability: number): boolean
  pick<T>(some: readonly T[]): T
}

/** Mulberry32, a public-domain generator: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const upTo = (below: number) => Math.floor(next() * below)
  return {
    next,
    upTo,
    happens: probability => next() < probability,
    pick: some => some[upTo(some.length)]!,
  }
}

import { AHEAD_MS } from '../../core/pace.ts'
import type { World } from '../world.ts'

/** Times (epoch ms) at which one request each may leave; one that has passed by more than `keepMs` is of no use any more. */
export type Slots = { slots: readonly number[]; keepMs: number }
export type SlotQueue = {
  /** The next slot; undefined if `reserve` has none to give. */
  next(reserve: () => Promise<Slots | undefined>): Promise<number | undefined>
  /** What was reserved and is not yet handed out was granted at a pace that holds no more. */
  forget(): void
}

/**
 * Hands out the reserved slots of one call and lane one by one, whoever asks: however many requests wait, one of them at a
 * time reserves more. Slots that were reserved and could not be used in time are dropped: used late, in a heap with those of
 * other runs, they would pass the vendor's limit.
 */
export function createSlotQueue(world: Pick<World, 'now' | 'sleep'>, signal: AbortSignal): SlotQueue {
  let left: number[] = []
  let last = 0
  let keepMs = 0
  let turn: Promise<unknown> = Promise.resolve()
  const take = async (reserve: () => Promise<Slots | undefined>) => {
    left = left.filter(slot => slot >= world.now() - keepMs)
    if (!left.length) {
      // However many requests wait, they hold no more of the account's time than one of them would: the urgent lane goes first.
      if (last - AHEAD_MS > world.now()) await world.sleep(last - AHEAD_MS - world.now(), signal)
      const more = await reserve()
      left.push(...(more?.slots ?? []))
      last = left.at(-1) ?? last
      keepMs = more?.keepMs ?? 0
    }
    return left.shift()
  }
  return {
    next(reserve) {
      const taken = turn.then(() => take(reserve))
      turn = taken.catch(() => {})
      return taken
    },
    forget() {
      left = []
    },
  }
}

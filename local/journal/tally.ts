import type { Waiting } from '../../core/envelope.ts'

/** How many events of one destination are where. Together they are all that were accepted for it. */
export type Counts = {
  /** In the buffer, never tried in vain. */
  waiting: number
  /** In the buffer after at least one try that failed. */
  retrying: number
  delivered: number
  dead: number
  /** Accepted, but not for this destination: no consent, or nothing that the vendor could take. */
  skipped: number
  suppressed: number
  /** Dead letters that somebody dropped, or that grew too old to keep. */
  dropped: number
}
export type Settled = 'delivered' | 'skipped' | 'suppressed'
export type Tally = ReturnType<typeof createTally>

const REMEMBERED = 20_000

/**
 * Counts one destination's events from the images of table changes alone, so that it stays exact for any number of them.
 * What an image does not tell (why an event left) comes from the runs' own lines, before or after the change it is about.
 */
export function createTally() {
  let waiting = 0
  let retrying = 0
  let letters = 0
  let settled = 0
  let dropped = 0
  const aside = { skipped: 0, suppressed: 0 }
  /** Marked dead in the buffer, letter not yet seen. */
  const marked = recent<true>()
  /** Removed by their time to live, letter not yet seen. */
  const expired = recent<true>()
  /** Told by a line, still in the buffer. */
  const announced = recent<Settled>()
  /** Gone from the buffer, reason not yet told by a line. */
  const gone = recent<true>()
  /** Known from the ledger to have been delivered before this journal began, and not in the buffer. */
  const earlier = recent<true>()

  // The vendor had it, but the run died before it was settled here: what becomes of the envelope decides.
  const notYet = (id: string) => {
    if (earlier.take(id)) settled--
  }
  const enters = ({ event, attempts, dead }: Waiting) => {
    notYet(event.id)
    if (dead) marked.put(event.id, true)
    else if (attempts) retrying++
    else waiting++
  }
  const leaves = ({ event, attempts, dead }: Waiting) => {
    if (dead) marked.take(event.id)
    else if (attempts) retrying--
    else waiting--
  }
  const settles = (id: string) => {
    notYet(id)
    const why = announced.take(id)
    if (why === 'skipped' || why === 'suppressed') aside[why]++
    else settled++
    if (!why) gone.put(id, true)
  }

  return {
    /** An envelope of the buffer changed: what was in it, what is in it. */
    buffer(before: readonly Waiting[], after: readonly Waiting[], ttl: boolean) {
      const stays = new Set(after.map(({ event }) => event.id))
      for (const one of before) {
        leaves(one)
        if (stays.has(one.event.id)) continue
        if (ttl) expired.put(one.event.id, true)
        else if (!one.dead) settles(one.event.id)
      }
      for (const one of after) enters(one)
    },
    /** A dead letter came, was redriven (no longer dead) or was removed. */
    letter(id: string, change: 1 | 0 | -1, removed: boolean) {
      letters += change
      if (change === 1) {
        notYet(id)
        marked.take(id)
        expired.take(id)
      }
      if (change === -1 && removed) dropped++
    },
    /** A run's own line: why the event leaves the buffer, or has left it. */
    told(id: string, why: Settled) {
      if (!gone.take(id)) announced.put(id, why)
      else if (why !== 'delivered') {
        settled--
        aside[why]++
      }
    },
    /** Never stored for this destination. */
    aside: (why: 'skipped' | 'suppressed', change: number) => {
      aside[why] += change
    },
    /** A finished row of the ledger from before this journal began. */
    deliveredEarlier(id: string) {
      if (earlier.put(id, true)) settled++
    },
    counts: (): Counts => ({
      waiting,
      retrying,
      delivered: settled,
      dead: letters + marked.size() + expired.size(),
      ...aside,
      dropped,
    }),
  }
}

/** A map that forgets its oldest entry once it holds too many. */
function recent<V>() {
  const map = new Map<string, V>()
  return {
    /** False if it was known. */
    put(id: string, value: V): boolean {
      if (map.has(id)) return false
      map.set(id, value)
      const oldest = map.size > REMEMBERED ? map.keys().next().value : undefined
      if (oldest !== undefined) map.delete(oldest)
      return true
    },
    take(id: string): V | undefined {
      const value = map.get(id)
      map.delete(id)
      return value
    },
    size: () => map.size,
  }
}

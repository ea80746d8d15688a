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

type Held = {
  /** Envelopes that hold it: more than one when it was posted again in different company. */
  copies: number
  place: InBuffer
}
/** `marked`: dead, its letter not yet seen. `buried`: its letter is there, the envelope still holds it. */
type InBuffer = 'waiting' | 'retrying' | 'marked' | 'buried'

const HELD = 200_000
const REMEMBERED = 20_000

/**
 * Counts one destination's events from the images of table changes. Why an event left the buffer is in no image: that
 * comes from the runs' own lines, before or after the change it is about. The same event in two envelopes counts once.
 * With more events in the buffer than HELD, it still counts them, but no longer knows them one by one.
 */
export function createTally() {
  const here = { waiting: 0, retrying: 0, marked: 0, buried: 0 }
  const ended = { delivered: 0, skipped: 0, suppressed: 0 }
  let letters = 0
  let dropped = 0
  const held = new Map<string, Held>()
  /** Removed by their time to live, letter not yet seen. */
  const expired = recent<true>()
  /** Told by a line, still in the buffer. */
  const announced = recent<Settled>()
  /** Gone from the buffer: as what they were counted. */
  const gone = recent<Settled>()
  /** Gone before this journal began, says the ledger. */
  const earlier = recent<true>()

  // The vendor had it, but the run died before it was settled here: what becomes of the envelope decides.
  const notYet = (id: string) => {
    if (earlier.take(id)) ended.delivered--
  }
  const enters = (one: Waiting) => {
    const { id } = one.event
    notYet(id)
    const known = held.get(id)
    if (known) known.copies++
    else {
      here[placeOf(one)]++
      if (held.size < HELD) held.set(id, { copies: 1, place: placeOf(one) })
    }
  }
  const moves = (before: Waiting, after: Waiting) => {
    const known = held.get(after.event.id)
    const to = placeOf(after)
    if (known?.place === 'buried' && to === 'marked') return
    here[known?.place ?? placeOf(before)]--
    here[to]++
    if (known) known.place = to
  }
  const leaves = (one: Waiting, ttl: boolean) => {
    const { id } = one.event
    const known = held.get(id)
    if (known && --known.copies) return
    held.delete(id)
    here[known?.place ?? placeOf(one)]--
    if (ttl) expired.put(id, true)
    else if (!one.dead) settles(id)
  }
  const settles = (id: string) => {
    notYet(id)
    if (gone.has(id)) return // it came a second time and was not sent again
    const why = announced.take(id) ?? 'delivered'
    gone.put(id, why)
    ended[why]++
  }

  return {
    /** An envelope of the buffer changed: what was in it, what is in it. */
    buffer(before: readonly Waiting[], after: readonly Waiting[], ttl: boolean) {
      const was = new Map(before.map(one => [one.event.id, one]))
      for (const one of after) {
        const earlierSelf = was.get(one.event.id)
        if (earlierSelf) moves(earlierSelf, one)
        else enters(one)
        was.delete(one.event.id)
      }
      for (const one of was.values()) leaves(one, ttl)
    },
    /** A dead letter came, was redriven (no longer dead) or was removed. */
    letter(id: string, change: 1 | 0 | -1, removed: boolean) {
      letters += change
      if (change === -1 && removed) dropped++
      if (change !== 1) return
      notYet(id)
      expired.take(id)
      const known = held.get(id)
      if (known?.place !== 'marked') return
      here.marked--
      here.buried++
      known.place = 'buried'
    },
    /** The vendor has told that a dead letter of unknown outcome arrived. */
    arrived(id: string) {
      if (earlier.has(id) || gone.has(id)) return
      gone.put(id, 'delivered')
      ended.delivered++
    },
    /** The vendor has told that what was delivered did not arrive: a dead letter now. */
    takenBack(id: string) {
      if (gone.get(id) !== 'delivered') return
      gone.take(id)
      ended.delivered--
    },
    /** A run's own line: why the event leaves the buffer, or has left it. */
    told(id: string, why: Settled) {
      const counted = gone.get(id)
      if (!counted || held.has(id)) announced.put(id, why)
      else if (counted !== why) {
        ended[counted]--
        ended[why]++
        gone.put(id, why)
      }
    },
    /** Never stored for this destination. */
    aside: (why: 'skipped' | 'suppressed') => {
      ended[why]++
    },
    /** A finished call of the ledger, of an event that is nowhere else. */
    deliveredEarlier(id: string) {
      if (earlier.has(id) || gone.has(id)) return
      earlier.put(id, true)
      ended.delivered++
    },
    counts: (): Counts => ({
      waiting: here.waiting,
      retrying: here.retrying,
      delivered: ended.delivered,
      dead: letters + here.marked + expired.size(),
      skipped: ended.skipped,
      suppressed: ended.suppressed,
      dropped,
    }),
  }
}

const placeOf = ({ attempts, dead }: Waiting): InBuffer => (dead ? 'marked' : attempts ? 'retrying' : 'waiting')

/** A map that forgets its oldest entry once it holds too many. */
function recent<V>() {
  const map = new Map<string, V>()
  return {
    has: (id: string) => map.has(id),
    get: (id: string) => map.get(id),
    put(id: string, value: V) {
      map.set(id, value)
      const oldest = map.size > REMEMBERED ? map.keys().next().value : undefined
      if (oldest !== undefined) map.delete(oldest)
    },
    take(id: string): V | undefined {
      const value = map.get(id)
      map.delete(id)
      return value
    },
    size: () => map.size,
  }
}

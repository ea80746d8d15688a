import { personOf } from '../../core/envelope.ts'
import type { Event } from '../../core/event.ts'

/** Whose earlier events wait in this lane: their later ones wait behind them, where the connector keeps a person's order. */
export type Queue = {
  add(event: Event): void
  holds(event: Event): boolean
}

/** For connectors without order nobody ever stands in a queue. */
export function createQueue(ordered: boolean): Queue {
  const earliest = new Map<string, string>()
  return {
    add(event) {
      const known = earliest.get(personOf(event))
      if (ordered && (known === undefined || event.at < known)) earliest.set(personOf(event), event.at)
    },
    holds(event) {
      const known = earliest.get(personOf(event))
      return known !== undefined && known <= event.at
    },
  }
}

/**
 * What `state` remembers of a destination: whether it may send now, and since when not. One row; an outage is written
 * here once and touches no envelope. Every change goes through a function of this file and bumps `version`.
 */
export type DestinationState = {
  version: number
  /** Switched off by a person; on again only by a person. */
  paused?: { since: number; by: string; reason: string }
  /** Settings, credentials or account are wrong. One record probes at `probeAt`, after a deploy or with a new token. */
  stopped?: { since: number; code: string; words: string; probeAt: number; revision: string; tokenVersion: number }
  /** The vendor asked us to wait. */
  throttled?: { since: number; until: number; code: string }
  breaker: { failures: number; openedAt?: number; probeAt?: number }
  /** Closed intervals in which nothing could be sent, oldest first: they do not count against an event's time. */
  outages: readonly (readonly [from: number, to: number])[]
  /** The highest number of shards ever used: all of them are read. */
  shards: number
}

export const freshState = (): DestinationState => ({ version: 0, breaker: { failures: 0 }, outages: [], shards: 0 })

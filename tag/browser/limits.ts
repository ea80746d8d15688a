// In a file of their own, so that esbuild writes the numbers where they are used. Bytes, characters, milliseconds.

/** Chromium refuses a keepalive request when those in flight would pass 65,536 bytes; others' beacons count with ours. */
export const IN_FLIGHT_BYTES = 6e4

export const BATCH_EVENTS = 20
export const BATCH_CHARS = 16e3
/** How long a batch takes events up. */
export const OPEN_MS = 3e3

/** How old a batch must be before another page sends it: its own page adds nothing to it any more. */
export const ORPHAN_MS = 1e4
export const KEEP_MS = 72 * 36e5
export const KEEP_CHARS = 256e3

export const TIMEOUT_MS = 2e4
export const RETRY_MS = 1e3
export const RETRY_MOST_MS = 3e5
/** The longest that a stored `Retry-After` is believed: the clock may have been wrong when it was written. */
export const TOLD_MOST_MS = 36e5
/** How long to leave the queue to the tab that works on it. */
export const BUSY_MS = 5e3

/** Events kept in memory until there is a tenant and consent. */
export const HELD_MOST = 100
/** GA4 ends a session after so long: https://support.google.com/analytics/answer/12798876 */
export const VISIT_MS = 18e5
/** How old the time of the visit that is stored may be: writing it with every event would cost more than what it is for. */
export const VISIT_NOTED_MS = 6e4

/** Of `connect:`, before the id in a storage key. */
export const PREFIX_CHARS = 8

// What became of a batch: on its way, to be tried again, to be tried again and in the storage too.
export const FLYING = 1
export const FAILED = 2
export const STORED = 3

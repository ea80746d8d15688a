import type { Lane } from '../../core/event.ts'

/** Where an event is for one destination. `unwanted` is for events that no destination of the tenant takes. */
export type Place = 'waiting' | 'retrying' | 'delivered' | 'dead' | 'skipped' | 'suppressed' | 'dropped'

/** One event at one destination. Times are epoch ms. */
export type Track = {
  destination: string
  place: Place
  since: number
  lane?: Lane
  /** In the buffer: when it may be tried. */
  due?: number
  attempts: number
  /** How often it has been redriven. */
  life: number
  /** What a run has said will become of it, while it is still in the buffer. */
  outcome?: 'skipped' | 'suppressed'
  /** Why it is dead, waits again or was put aside; the vendor's code and words where it said something. */
  reason?: string
  code?: string
  words?: string
}

/** One event as it came in, whatever became of it. */
export type Row = {
  key: string
  id: string
  tenant: string
  name?: string
  /** When it happened in the browser, as the event says. */
  at?: string
  receivedAt: number
  /** How often it was posted: stored once all the same. */
  posts: number
  refused?: { reason: string; path?: string }
  tracks: Map<string, Track>
  steps: Step[]
  /** Grows with each change of any row. */
  changed: number
}
/** What happened to it, in plain words. */
export type Step = { at: number; destination?: string; text: string }

export type RowQuery = { q?: string; place?: Place | 'refused' | 'unwanted'; destination?: string; limit?: number }
export type Rows = ReturnType<typeof createRows>

const MOST_STEPS = 24

/** The last `most` events in detail, newest first. */
export function createRows(now: () => number, most = 5_000) {
  const rows = new Map<string, Row>()
  let changes = 0
  const touch = (row: Row) => {
    row.changed = ++changes
  }
  const rowOf = (tenant: string, id: string): Row => {
    const key = `${tenant}/${id}`
    const known = rows.get(key)
    if (known) return known
    const row: Row = { key, id, tenant, receivedAt: now(), posts: 0, tracks: new Map(), steps: [], changed: 0 }
    rows.set(key, row)
    const oldest = rows.size > most ? rows.keys().next().value : undefined
    if (oldest !== undefined) rows.delete(oldest)
    return row
  }
  return {
    find: (tenant: string, id: string): Row | undefined => rows.get(`${tenant}/${id}`),
    rowOf,
    touch,
    step(row: Row, text: string, destination?: string) {
      row.steps.push({ at: now(), text, ...(destination && { destination }) })
      if (row.steps.length > MOST_STEPS) row.steps.splice(1, 1) // how it came in stays
      touch(row)
    },
    changes: () => changes,
    /** Newest first. `found` says how many there are beyond `limit`. */
    query({ limit = 100, ...wanted }: RowQuery): { rows: Row[]; found: number } {
      const page: Row[] = []
      let found = 0
      for (const row of Array.from(rows.values())
        .reverse()
        .sort((a, b) => b.receivedAt - a.receivedAt))
        if (matches(row, wanted) && ++found <= limit) page.push(row)
      return { rows: page, found }
    },
  }
}

function matches(row: Row, { q, place, destination }: RowQuery): boolean {
  if (destination && !row.tracks.has(destination)) return false
  if (place && !isAt(row, place, destination)) return false
  if (!q) return true
  const text = q.toLowerCase()
  return [row.id, row.name, row.tenant, ...codes(row)].some(part => part?.toLowerCase().includes(text))
}

function isAt(row: Row, place: NonNullable<RowQuery['place']>, destination: string | undefined): boolean {
  if (place === 'refused') return row.refused !== undefined
  if (place === 'unwanted') return !row.refused && row.tracks.size === 0
  const tracks = destination ? [row.tracks.get(destination)] : Array.from(row.tracks.values())
  return tracks.some(track => track?.place === place)
}

const codes = (row: Row) => Array.from(row.tracks.values()).flatMap(({ code, reason }) => [code, reason])

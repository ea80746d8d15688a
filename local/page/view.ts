import type { Row, Track } from '../journal.ts'

/** A row as the page gets it. */
export type EventView = Omit<Row, 'tracks' | 'changed'> & { places: readonly Track[] }

export const eventView = ({ tracks, changed: _changed, ...row }: Row): EventView => ({
  ...row,
  places: Array.from(tracks.values()),
})

export const eventsView = ({ rows, found }: { rows: readonly Row[]; found: number }) => ({
  found,
  events: rows.map(eventView),
})

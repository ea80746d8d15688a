import type { Record } from './map.ts'

/** Shorter values are words of the message itself more often than somebody's name. */
const SHORTEST = 4
/** Of a page that came in place of an answer nobody reads more. */
const LONGEST = 1_000

/**
 * Salesforce repeats the value that it complains of ("First Name: data value too large: ..."), which may be anything about a
 * person: what the records hold leaves its words.
 */
export function withoutValues(words: string, records: Iterable<Record>): string {
  let text = words.slice(0, LONGEST)
  for (const { fields } of records)
    for (const value of Object.values(fields)) {
      const held = typeof value === 'string' ? value.trim() : ''
      if (held.length >= SHORTEST && text.includes(held)) text = text.replaceAll(held, '<value>')
    }
  return text
}

import type { Received } from '../../core/simulator.ts'
import { cellProblem, type Schema } from './simulator-account.ts'
import type { Cells } from './simulator-body.ts'

/** A merged row's first cell on success, or why it was not merged. */
export type Merged = { riid?: string } | { failed: string }
type Profile = { riid: string; cells: Cells }

/** What the fake remembers: merged by key as Responsys does, so that a repeated delivery leaves one record. */
export function createStore(clock: { now(): number }) {
  const received: Received[] = []
  const places = new Map<string, number>()
  const profiles = new Map<string, Profile[]>()
  let riids = 470_515_044

  const list = (account: string, name: string): Profile[] => {
    const key = `${account} ${name}`
    const known = profiles.get(key) ?? []
    profiles.set(key, known)
    return known
  }
  const find = (account: string, name: string, by: Cells): Profile | undefined =>
    list(account, name).find(({ riid, cells }) =>
      Object.entries(by).every(([column, value]) => (column === 'RIID_' ? riid : cells[column]) === value),
    )

  function remember(account: string, into: string, key: string, cells: Cells) {
    const name = `${account} ${into} ${key}`
    const place = places.get(name)
    const before = place === undefined ? {} : (received[place]!.data as object)
    const data = Object.fromEntries(Object.entries({ into, ...before, ...cells }).filter(([, value]) => value !== null))
    const record: Received = { at: clock.now(), kind: into, key, account, data }
    if (place === undefined) places.set(name, received.push(record) - 1)
    else received[place] = { ...record, at: received[place]!.at }
  }

  return {
    received,
    find,
    mergeProfile(account: string, name: string, cells: Cells, match: readonly string[], insert: boolean): Merged {
      const by = pick(cells, match)
      if (Object.values(by).some(value => !value)) return { failed: 'Match column is empty' }
      const { EMAIL_ADDRESS_: email } = cells
      if (email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) return { failed: `Invalid email address "${email}"` }
      const known = find(account, name, by)
      if (!known && !insert) return { failed: 'No matching record was found' }
      const profile = known ?? { riid: String(++riids), cells: {} }
      if (!known) list(account, name).push(profile)
      Object.assign(profile.cells, cells)
      remember(account, name, profile.riid, cells)
      return { riid: profile.riid }
    },
    mergeExtension(account: string, ofList: string, name: string, cells: Cells, match: readonly string[]): Merged {
      const known = find(account, ofList, pick(cells, match))
      if (!known) return { failed: 'No matching record was found in the profile list' }
      remember(account, name, known.riid, cells)
      return { riid: known.riid }
    },
    mergeRow(account: string, name: string, cells: Cells, keys: readonly string[]): Merged {
      const by = pick(cells, keys)
      if (Object.values(by).some(value => !value)) return { failed: 'A primary key value is empty' }
      remember(account, name, Object.values(by).join(' '), cells)
      return {}
    },
    /** Has no key: every entry is one more. */
    enter(account: string, program: string, riid: string, values: Cells) {
      received.push({ at: clock.now(), kind: program, key: riid, account, data: { into: program, ...values } })
    },
  }
}
export type Store = ReturnType<typeof createStore>

const pick = (cells: Cells, columns: readonly string[]): Cells =>
  Object.fromEntries(columns.map(column => [column, cells[column] ?? null]))

/** The first cell that its column does not take. */
export function misfit(cells: Cells, schema: Schema): string | undefined {
  for (const [column, value] of Object.entries(cells)) {
    const problem = value === null ? undefined : cellProblem(schema[column]!, value)
    if (problem) return problem
  }
  return undefined
}

import type { Context } from './changes.ts'
import type { Track } from './rows.ts'

/** A warning or an error that a function wrote. */
export type Trouble = { at: number; functionName: string; level: 'warn' | 'error'; text: string }

/** A line of core/log.ts, or undefined for anything else: metrics, a stack trace, the runtime's own words. */
export function readLine(text: string): Line | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) && typeof value.message === 'string' ? (value as Line) : undefined
  } catch {
    return undefined
  }
}
type Line = { readonly [field: string]: unknown; message: string }

/** What a function says of events goes to their rows; what it complains of is the answer. */
export function told(context: Context, functionName: string, line: Line): Trouble | undefined {
  if (line.service === 'receive' && line.message === 'accepted') requestTold(context, line)
  if (line.service === 'process' && line.message === 'outcomes') outcomesTold(context, line)
  if (line.service === 'process' && line.message === 'skipped') skipTold(context, line)
  if (line.service === 'receive' && line.message === 'refused')
    return { at: context.now(), functionName, level: 'warn', text: `refused a request: ${detailsOf(line)}` }
  const { level, message } = line
  if (level !== 'warn' && level !== 'error') return undefined
  return { at: context.now(), functionName, level, text: `${message}: ${detailsOf(line)}` }
}

function detailsOf({ level: _level, message: _message, timestamp: _timestamp, service: _service, ...fields }: Line) {
  const details = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return details.join(' ').slice(0, 2_000)
}

function requestTold({ rows, destinations }: Context, line: Line) {
  const tenant = text(line.tenant)
  if (!tenant) return
  const names = strings(line.names)
  for (const [index, id] of strings(line.ids).entries()) {
    const row = rows.rowOf(tenant, id)
    const name = names[index]
    if (name) row.name = name // what nobody wants is in no table: only this line tells its name
    row.posts++
    if (row.posts > 1) rows.step(row, 'posted again: stored once all the same')
    else rows.step(row, 'accepted')
  }
  for (const [connector, ids] of Object.entries(record(line.skipped)))
    for (const id of strings(ids)) putAside(`${tenant}/${connector}`, id, 'skipped', 'consent')
  for (const id of strings(line.suppressed))
    for (const { name } of destinations.ofTenant(tenant)) putAside(name, id, 'suppressed', 'opted out or a bot')
  for (const refusal of list(line.rejected)) {
    const row = rows.rowOf(tenant, text(refusal.id) ?? `refused-${rows.changes()}`)
    const path = text(refusal.path)
    row.refused = { reason: text(refusal.reason) ?? 'no reason given', ...(path && { path }) }
    rows.step(row, `refused: ${row.refused.reason}`)
  }

  function putAside(destination: string, id: string, place: 'skipped' | 'suppressed', reason: string) {
    const row = rows.rowOf(tenant!, id)
    if (row.tracks.has(destination)) return
    destinations.get(destination).tally.aside(place)
    const track = { destination, place, since: row.receivedAt, attempts: 0, life: 0, reason }
    row.tracks.set(destination, track)
    rows.step(row, `${place}: ${reason}`, destination)
  }
}

function outcomesTold({ now, rows, destinations }: Context, line: Line) {
  const name = text(line.destination)
  if (!name) return
  const tenant = name.slice(0, name.indexOf('/'))
  const { tally } = destinations.get(name)
  for (const outcome of list(line.outcomes)) {
    const id = text(outcome.id)
    const verdict = text(outcome.verdict)
    if (!id || !verdict) continue
    const settled = SETTLED.find(one => one === verdict)
    if (settled) tally.told(id, settled)
    const row = rows.find(tenant, id)
    const track = row?.tracks.get(name)
    if (!row || !track) continue
    const code = text(outcome.code)
    row.tracks.set(name, annotated(track, verdict, code, now()))
    rows.step(row, `outcome: ${[verdict, code].filter(Boolean).join(', ')}`, name)
  }
}

/** Only where the log level is `debug`: the connector's own reason. */
function skipTold({ rows }: Context, line: Line) {
  const name = text(line.destination) ?? ''
  const row = rows.find(name.slice(0, name.indexOf('/')), text(line.id) ?? '')
  const track = row?.tracks.get(name)
  const reason = text(line.reason)
  if (!row || !track || !reason) return
  row.tracks.set(name, { ...track, reason })
  rows.touch(row)
}

const SETTLED = ['delivered', 'skipped', 'suppressed'] as const

/** Before the change that removes it, the event learns why it will go; after it, what it was taken for is put right. */
function annotated(track: Track, verdict: string, code: string | undefined, now: number): Track {
  if (verdict === 'skipped' || verdict === 'suppressed') {
    const reason = verdict === 'suppressed' ? 'opted out' : (track.reason ?? 'not for this vendor')
    const told = { ...track, outcome: verdict, reason } as const
    return track.place === 'delivered' ? { ...told, place: verdict, since: now } : told
  }
  return verdict === 'retry' && track.place !== 'dead' && code ? { ...track, code } : track
}

type Fields = { readonly [field: string]: unknown }
const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const record = (value: unknown): Fields => (isRecord(value) ? value : {})
const list = (value: unknown): Fields[] => (Array.isArray(value) ? value.filter(isRecord) : [])
const text = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined)
const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter(entry => typeof entry === 'string') : []

import type { Waiting } from '../../core/envelope.ts'
import { readPartition } from '../../core/keys.ts'
import type { Attributes, TableChange } from '../change.ts'
import type { Destinations } from './destinations.ts'
import * as image from './images.ts'
import type { Place, Row, Rows } from './rows.ts'

export type Context = {
  now(): number
  rows: Rows
  destinations: Destinations
}

/** Reads one change of any table that the journal cares for. */
export function tableChanged(context: Context, change: TableChange): void {
  const role = image.tableRole(change.table)
  if (role?.holds === 'buffer') bufferChanged(context, role.connector, change)
  else if (role?.holds === 'letters') letterChanged(context, change)
  else if (role?.holds === 'state') stateChanged(context, change)
  else if (role?.holds === 'tokens') tokenChanged(context, change)
  else if (role?.holds === 'tenants') tenantChanged(context, change)
}

function bufferChanged({ now, rows, destinations }: Context, connector: string, change: TableChange) {
  const pk = image.text(change.keys, 'pk')
  const partition = readPartition(pk)
  if (!partition) return
  const { tenant, lane } = partition
  const destination = destinations.get(`${tenant}/${connector}`)
  const before = image.bufferImage(change.old)
  const after = image.bufferImage(change.new)
  destination.tally.buffer(before?.waiting ?? [], after?.waiting ?? [], change.ttl)
  destinations.envelope(destination, `${pk} ${image.text(change.keys, 'sk')}`, after)
  const was = new Map(before?.waiting.map(one => [one.event.id, one]))
  const stays = new Set(after?.waiting.map(({ event }) => event.id))
  for (const one of after?.waiting ?? []) {
    if (same(was.get(one.event.id), one)) continue
    const row = change.kind === 'INSERT' ? rows.rowOf(tenant, one.event.id) : rows.find(tenant, one.event.id)
    if (!row) continue
    row.name = one.event.name
    row.at = one.event.at
    if (change.kind === 'INSERT' && after) row.receivedAt = Math.min(row.receivedAt, after.receivedAt)
    moveInBuffer(rows, row, destination.name, one, lane, now())
  }
  for (const { event, dead } of before?.waiting ?? []) {
    if (stays.has(event.id)) continue
    const row = rows.find(tenant, event.id)
    if (row) leaveBuffer(rows, row, destination.name, change.ttl || dead !== undefined, change.ttl, now())
  }
}

const same = (before: Waiting | undefined, after: Waiting) =>
  before?.due === after.due && before.attempts === after.attempts && before.dead?.at === after.dead?.at

function moveInBuffer(
  rows: Rows,
  row: Row,
  destination: string,
  { due, attempts, life, dead }: Waiting,
  lane: 'normal' | 'urgent',
  at: number,
) {
  const place: Place = dead ? 'dead' : attempts ? 'retrying' : 'waiting'
  const known = row.tracks.get(destination)
  const again = known && known.life === life && known.due !== undefined && known.due !== due && !dead
  const { code, words } = { ...known, ...dead }
  row.tracks.set(destination, {
    destination,
    place,
    since: known?.place === place ? known.since : at,
    lane,
    due,
    attempts,
    life,
    ...(dead ? { reason: dead.reason } : life === known?.life && known.reason && { reason: known.reason }),
    ...(known?.outcome && life === known.life && { outcome: known.outcome }),
    ...(code && (dead || life === known?.life) && { code }),
    ...(words && (dead || life === known?.life) && { words }),
  })
  if (dead && known?.place !== 'dead') rows.step(row, `dead: ${dead.reason}`, destination)
  else if (!known) rows.step(row, lane === 'urgent' ? 'stored, urgent lane' : 'stored', destination)
  else if (life > known.life) rows.step(row, 'stored again: redriven', destination)
  else if (known.due === undefined) rows.step(row, 'stored again, in other company', destination)
  else if (again) rows.step(row, `waits again, attempt ${attempts + 1} at ${clock(due)}`, destination)
  else rows.touch(row)
}

function leaveBuffer(rows: Rows, row: Row, name: string, dead: boolean, ttl: boolean, at: number) {
  const track = row.tracks.get(name)
  if (!track || track.due === undefined) return // another envelope held it too
  const { due: _due, outcome, ...rest } = track
  const place: Place = dead ? 'dead' : (outcome ?? 'delivered')
  row.tracks.set(name, { ...rest, place, since: track.place === place ? track.since : at })
  if (ttl) rows.step(row, 'removed by its time to live', name)
  else if (!dead) rows.step(row, `settled: ${place}`, name)
  else rows.touch(row)
}

const clock = (at: number) => new Date(at).toISOString().slice(11, 19)

function letterChanged({ now, rows, destinations }: Context, { keys, old, new: item, ttl }: TableChange) {
  const name = image.destinationOf(image.text(keys, 'pk'))
  if (!name) return
  const id = image.text(keys, 'sk')
  const before = image.letterImage(old)
  const after = image.letterImage(item)
  const change = (Number(after?.dead ?? false) - Number(before?.dead ?? false)) as 1 | 0 | -1
  const { tally } = destinations.get(name)
  tally.letter(id, change, item === undefined)
  if (change === -1 && after?.arrived) tally.arrived(id)
  if (change === 1 && after?.takenBack) tally.takenBack(id)
  const tenant = name.slice(0, name.indexOf('/'))
  const row = after?.dead ? rows.rowOf(tenant, id) : rows.find(tenant, id)
  if (!row) return
  const track = row.tracks.get(name)
  if (after?.dead) {
    if (after.event) {
      row.name = after.event.name
      row.at = after.event.at
    }
    row.receivedAt = Math.min(row.receivedAt, after.receivedAt)
    const { reason, code, words } = after.death
    const { due: _due, code: _code, words: _words, ...rest } = track ?? { destination: name }
    row.tracks.set(name, {
      ...rest,
      place: 'dead',
      since: track?.place === 'dead' ? track.since : after.death.at,
      attempts: after.attempts,
      life: after.life,
      reason,
      ...(code && { code }),
      ...(words && { words }),
    })
    if (change) rows.step(row, `dead letter: ${[reason, code].filter(Boolean).join(', ')}`, name)
    else rows.touch(row)
  } else if (after?.arrived && track?.place === 'dead') {
    const { reason: _reason, code: _code, words: _words, ...rest } = track
    row.tracks.set(name, { ...rest, place: 'delivered', since: now() })
    rows.step(row, 'arrived after all, says the vendor', name)
  } else if (!after && track?.place === 'dead') {
    row.tracks.set(name, { ...track, place: 'dropped', since: now() })
    rows.step(row, ttl ? 'letter grew too old to keep' : 'letter dropped', name)
  }
}

function stateChanged({ destinations, ...context }: Context, { keys, new: item }: TableChange) {
  const pk = image.text(keys, 'pk')
  const sk = image.text(keys, 'sk')
  const ledger = /^([a-z]+)#([a-z0-9-]+)#ledger#(.+)$/.exec(pk)
  if (ledger) return ledgerChanged({ destinations, ...context }, `${ledger[2]}/${ledger[1]}`, ledger[3]!, item)
  const name = image.destinationOf(pk)
  if (!name) return
  const destination = destinations.get(name)
  if (sk === 'destination') destination.state = image.stateImage(item) ?? destination.state
  const cause = sk.startsWith('cause#') ? image.causeImage(item) : undefined
  if (cause) destination.causes.set(sk, cause)
  if (sk.startsWith('lane#')) destination.leases.set(sk, image.number(item, 'until') ?? 0)
}

// A run writes `done` while the event is still in the buffer, and then the buffer tells the rest. A finished call of an
// event that is nowhere else is one that left before this journal began.
function ledgerChanged({ now, rows, destinations }: Context, name: string, id: string, item: Attributes | undefined) {
  const tenant = name.slice(0, name.indexOf('/'))
  if (!image.isDone(item) || rows.find(tenant, id)?.tracks.has(name)) return
  destinations.get(name).tally.deliveredEarlier(id)
  const row = rows.rowOf(tenant, id)
  row.receivedAt = Math.min(row.receivedAt, timeOf(id) ?? now())
  row.tracks.set(name, { destination: name, place: 'delivered', since: row.receivedAt, attempts: 0, life: 0 })
  rows.step(row, 'delivered, says the ledger', name)
}

/** The tag's ids are UUIDs of version 7: they begin with their time in milliseconds. */
function timeOf(id: string): number | undefined {
  const hex = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-/.exec(id)
  return hex ? Number.parseInt(`${hex[1]}${hex[2]}`, 16) : undefined
}

function tokenChanged({ destinations }: Context, { keys, new: item }: TableChange) {
  const account = /^([a-z]+#[a-z0-9-]+)#access$/.exec(image.text(keys, 'pk'))?.[1]
  const version = image.number(item, 'version')
  const expiresAt = image.number(item, 'expiresAt')
  if (account && version !== undefined && expiresAt !== undefined) destinations.token(account, { version, expiresAt })
}

function tenantChanged({ destinations }: Context, { keys, new: item }: TableChange) {
  const name = image.destinationOf(image.text(keys, 'pk'))
  const row = image.destinationImage(item)
  if (name && row?.connector && name === `${row.tenant}/${row.connector}`) destinations.get(name).account = row.account
}

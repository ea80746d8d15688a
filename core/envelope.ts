import { createHash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Event } from './event.ts'

/** An event as it waits in the buffer. */
export type Waiting = {
  event: Event
  /** Epoch ms from which it may be sent. */
  due: number
  /** Tries that were the record's own: throttling and outages spend none. */
  attempts: number
  /** 0, and one more with each redrive: tells a letter of an earlier life from one of this. */
  life: number
  /** Records of the event that a vendor's job is working on, by their name in the ledger. */
  jobs?: Jobs
  /** Records of the event that the vendor has, while it waits for the others: never sent again. Named by `markOf`. */
  done?: readonly string[]
  /** Marked dead: will never be sent again; the letter is put and the event removed by whoever comes next. */
  dead?: Death
}
export type Progress = Pick<Waiting, 'jobs' | 'done'>
export type Jobs = { readonly [record: string]: { call: string; job: string } }
export type Death = { reason: DeathReason; at: number; code?: string; words?: string }
/** `undelivered`: the vendor had taken it, and told later that it did not arrive. The event is no longer ours by then. */
export type DeathReason =
  | 'rejected'
  | 'expired'
  | 'outcome-unknown'
  | 'destination-off'
  | 'never-processed'
  | 'undelivered'

/** The events of one request for one destination and shard: one item of the buffer, one write. */
export type Envelope = {
  pk: string
  sk: string
  receivedAt: number
  /** Token of whoever wrote it last; updates are conditional on it. */
  rev: string
  /** Epoch seconds. */
  ttl: number
  waiting: readonly Waiting[]
}

/** Earliest `due` of what waits; undefined for an envelope with nothing left. */
export const dueAt = (waiting: readonly Waiting[]): number | undefined =>
  waiting.length ? Math.min(...waiting.map(({ due }) => due)) : undefined

/**
 * Sort key: the first event's own time, then the hash of the sorted event ids. The same events make the same key however
 * often they are posted, which is what makes a repeated request harmless. A later life gets a key of its own.
 */
export function envelopeKey(events: readonly Event[], life = 0): string {
  const ids = events.map(({ id }) => id).sort()
  const first = events.reduce((a, b) => (b.at < a.at ? b : a)).at
  const hash = createHash('sha256').update(JSON.stringify(ids)).digest('base64url').slice(0, 22)
  return life ? `${first}#${hash}#${life}` : `${first}#${hash}`
}

/** Stable home of a person's events among `shards`: the strongest identity that the event has, else the event itself. */
export function shardOf(event: Event, shards: number): number {
  return createHash('sha256').update(personOf(event)).digest().readUInt32BE(0) % shards
}

/** The strongest identity that the event has; an event of nobody known is a person of its own. */
export const personOf = ({ id, user }: Event): string =>
  user?.id ?? user?.email ?? user?.emailHash ?? user?.phone ?? user?.phoneHash ?? id

const WRITE_UNIT = 1024 // DynamoDB bills writes per started KiB: https://aws.amazon.com/dynamodb/pricing/on-demand/

/** Bytes or text for the item's `events`: deflated only where that saves a write unit. */
export function pack({ waiting, ...rest }: Envelope): { S: string } | { B: Uint8Array } {
  const text = JSON.stringify(waiting)
  const units = (bytes: number) => Math.ceil((bytes + sizeBeside(rest)) / WRITE_UNIT)
  const plain = units(Buffer.byteLength(text))
  if (plain === 1) return { S: text }
  const packed = deflateRawSync(text)
  return units(packed.length) < plain ? { B: packed } : { S: text }
}

// Names of all attributes and three numbers: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
const NAMES_AND_NUMBERS = 53
/** Bytes of the item that are not its events. */
const sizeBeside = ({ pk, sk, rev }: Omit<Envelope, 'waiting'>) =>
  NAMES_AND_NUMBERS + pk.length + sk.length + rev.length

export function unpack(value: { S?: string | undefined; B?: Uint8Array | undefined }): readonly Waiting[] {
  return JSON.parse(value.B ? inflateRawSync(value.B).toString() : (value.S ?? '[]'))
}

/** The buffer item as DynamoDB attributes. */
export function toItem(envelope: Envelope) {
  return {
    pk: { S: envelope.pk },
    sk: { S: envelope.sk },
    events: pack(envelope),
    dueAt: { N: String(dueAt(envelope.waiting) ?? 0) },
    receivedAt: { N: String(envelope.receivedAt) },
    rev: { S: envelope.rev },
    ttl: { N: String(envelope.ttl) },
  }
}

type Attribute = { S?: string | undefined; N?: string | undefined; B?: Uint8Array | undefined }
export function fromItem(item: { readonly [name: string]: Attribute }): Envelope {
  return {
    pk: item.pk?.S ?? '',
    sk: item.sk?.S ?? '',
    receivedAt: Number(item.receivedAt?.N),
    rev: item.rev?.S ?? '',
    ttl: Number(item.ttl?.N),
    waiting: unpack(item.events ?? {}),
  }
}

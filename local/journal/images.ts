import type { Cause } from '../../core/cause.ts'
import type { DestinationState } from '../../core/destination-state.ts'
import { type Death, fromItem, type Waiting } from '../../core/envelope.ts'
import type { Event } from '../../core/event.ts'
import type { Destination } from '../../core/tenant.ts'
import type { Attributes } from '../change.ts'

/** What a table holds, told from its physical name. A buffer names its connector. */
export type TableRole =
  | { holds: 'buffer'; connector: string }
  | { holds: 'state' | 'tokens' | 'letters' | 'tenants' | 'suppressions' }

export function tableRole(name: string): TableRole | undefined {
  const shared = /(?:^|-)(state|tokens|letters|tenants|suppressions)$/.exec(name)?.[1]
  if (shared) return { holds: shared as Exclude<TableRole['holds'], 'buffer'> }
  const connector = /(?:^|-)([a-z]+)-buffer$/.exec(name)?.[1]
  return connector ? { holds: 'buffer', connector } : undefined
}

export const text = (item: Attributes | undefined, name: string): string => item?.[name]?.S ?? ''
export function number(item: Attributes | undefined, name: string): number | undefined {
  const value = item?.[name]?.N
  return value === undefined ? undefined : Number(value)
}
function json<T>(item: Attributes | undefined, name: string): T | undefined {
  const value = item?.[name]?.S
  return value === undefined ? undefined : JSON.parse(value)
}

/** `<connector>#<tenant>` as people write it: `<tenant>/<connector>`. */
export function destinationOf(pk: string): string | undefined {
  const match = /^([a-z]+)#([a-z0-9-]+)$/.exec(pk)
  return match ? `${match[2]}/${match[1]}` : undefined
}

export type BufferImage = { waiting: readonly Waiting[]; receivedAt: number; dueAt: number }
export function bufferImage(item: Attributes | undefined): BufferImage | undefined {
  if (!item) return undefined
  const { waiting, receivedAt } = fromItem(item as Parameters<typeof fromItem>[0])
  return { waiting, receivedAt, dueAt: number(item, 'dueAt') ?? receivedAt }
}

export type LetterImage = {
  /** Absent where the vendor has taken back what was delivered. */
  event: Event | undefined
  death: Death
  life: number
  attempts: number
  receivedAt: number
  /** False once it is redriven: the event is on its way again. */
  dead: boolean
  /** It was delivered, as far as we knew, before it died. */
  takenBack: boolean
  /** The vendor has told since that it has it. */
  arrived: boolean
}
export function letterImage(item: Attributes | undefined): LetterImage | undefined {
  const event = json<Event>(item, 'event')
  const death = json<Death>(item, 'death')
  if (!death) return undefined
  return {
    event,
    death,
    life: number(item, 'life') ?? 0,
    attempts: number(item, 'attempts') ?? 0,
    receivedAt: number(item, 'receivedAt') ?? death.at,
    dead: !['redriven', 'delivered'].includes(text(item, 'status') ?? ''),
    takenBack: death.reason === 'undelivered',
    arrived: text(item, 'status') === 'delivered',
  }
}

export const stateImage = (item: Attributes | undefined) => json<DestinationState>(item, 'data')
export const causeImage = (item: Attributes | undefined) => json<Cause>(item, 'data')
export const destinationImage = (item: Attributes | undefined) => json<Destination>(item, 'data')

/** True for a call of the ledger that the vendor has taken. */
export const isDone = (item: Attributes | undefined): boolean => text(item, 'state') === 'done'

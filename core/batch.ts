import type { CallKind, Draft } from './connector.ts'

/**
 * A draft on its way. `id` is the event's own where it makes one record, else made unique by the record's place in it;
 * `ledger` names the record in the ledger among those of its event.
 */
export type Parcel = { id: string; eventId: string; ledger: string; draft: Draft<unknown>; bytes: number }

export function parcelsOf(eventId: string, drafts: readonly Draft<unknown>[]): Parcel[] {
  return drafts.map((draft, place) => ({
    id: drafts.length === 1 ? eventId : `${eventId}/${place}`,
    eventId,
    ledger: `${draft.call}#${place}`,
    draft,
    bytes: bytesOf(draft.data),
  }))
}
export type Load = { call: string; parcels: readonly Parcel[] }

/**
 * Packs parcels of one step into requests: one call and one group each, within the vendor's limits of records and bytes,
 * never two with one key in the same request. Parcels of one key stay in order over the loads.
 */
export function pack(
  parcels: readonly Parcel[],
  limits: (call: string) => { records: number; bytes: number; overhead: number },
): Load[] {
  const loads: Open[] = []
  const current = new Map<string, Open>()
  const lastLoadOfKey = new Map<string, number>()
  for (const parcel of parcels) {
    const { call, group, key } = parcel.draft
    const stream = `${call}\n${group}`
    const limit = limits(call)
    const least = (lastLoadOfKey.get(`${stream}\n${key}`) ?? -1) + 1
    let load = current.get(stream)
    const full =
      load &&
      (load.parcels.length >= limit.records || load.bytes + parcel.bytes + 1 > limit.bytes || load.index < least)
    if (!load || full) {
      load = { call, parcels: [], bytes: limit.overhead, index: loads.length }
      loads.push(load)
      current.set(stream, load)
    }
    load.parcels.push(parcel)
    load.bytes += parcel.bytes + 1 // the comma between two
    lastLoadOfKey.set(`${stream}\n${key}`, load.index)
  }
  return loads.map(({ call, parcels: packed }) => ({ call, parcels: packed }))
}
type Open = { call: string; parcels: Parcel[]; bytes: number; index: number }

/** What a parcel adds to a request: its data as JSON. A connector that encodes otherwise leaves room in `overhead`. */
export const bytesOf = (data: unknown): number => Buffer.byteLength(JSON.stringify(data) ?? '')

/** Limits of a connector's calls for its settings, in the shape that `pack` wants. */
export const limitsOf =
  <S>(calls: { readonly [call: string]: CallKind<S> }, settings: S) =>
  (call: string) => {
    const kind = calls[call]
    if (!kind) throw new Error(`The connector maps to a call that it does not declare: ${call}`)
    return { records: kind.records(settings), bytes: kind.bytes, overhead: kind.overhead }
  }

/** Two halves, for a request that was refused as a whole. */
export const halve = <T>(items: readonly T[]): [T[], T[]] => {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}

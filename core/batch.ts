import type { CallKind, Draft } from './connector.ts'
import type { Jobs, Progress } from './envelope.ts'

/**
 * A draft on its way. `id` is the event's own where it makes one record, else made unique by the record's place in it;
 * `ledger` names the record in the ledger among those of its event. With `job` it was handed over before, by `job.call`.
 */
export type Parcel = {
  id: string
  eventId: string
  ledger: string
  draft: Draft<unknown>
  bytes: number
  job?: Jobs[string]
}

/** What is still to be sent of an event: none where all of its records are known to be done. */
export function parcelsOf(
  eventId: string,
  drafts: readonly Draft<unknown>[],
  { jobs = {}, done = [] }: Progress = {},
): Parcel[] {
  const parcels = drafts.map((draft, place) => {
    const ledger = `${draft.call}#${place}`
    const job = jobs[ledger]
    const id = drafts.length === 1 ? eventId : `${eventId}/${place}`
    return { id, eventId, ledger, draft, bytes: bytesOf(draft.data), ...(job && { job }) }
  })
  return parcels.filter(parcel => !done.includes(markOf(parcel)))
}
/** Names a record among those of its event, and is not another's that new settings have put in the same place. */
export const markOf = ({ ledger, draft }: Pick<Parcel, 'ledger' | 'draft'>): string => `${ledger} ${draft.key}`

export type Load = { call: string; job?: string; parcels: readonly Parcel[] }
export type CallLimits = { records: number; bytes: number; overhead: number; bulk?: { above: number; call: string } }

/**
 * Packs parcels of one step into requests: one call and one group each, within the vendor's limits of records and bytes,
 * never two with one key in the same request. Parcels of one key stay in order over the loads. Where a group outgrows its
 * call it goes by the bulk call instead. Parcels of a job make one load that follows it, before anything is sent anew: a job
 * under way costs a request to finish.
 */
export function pack(parcels: readonly Parcel[], limits: (call: string) => CallLimits): Load[] {
  const loads: Open[] = []
  const current = new Map<string, Open>()
  const lastLoadOfKey = new Map<string, number>()
  const fresh = parcels.filter(({ job }) => !job)
  const sizes = new Map<string, number>()
  for (const { draft } of fresh) sizes.set(streamOf(draft), (sizes.get(streamOf(draft)) ?? 0) + 1)
  for (const parcel of fresh) {
    const { group, key } = parcel.draft
    const { bulk } = limits(parcel.draft.call)
    const call = bulk && sizes.get(streamOf(parcel.draft))! > bulk.above ? bulk.call : parcel.draft.call
    const stream = streamOf({ call, group })
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
  return [...following(parcels), ...loads.map(({ call, parcels: packed }) => ({ call, parcels: packed }))]
}
const streamOf = ({ call, group }: { call: string; group: string }) => `${call}\n${group}`

function following(parcels: readonly Parcel[]): Load[] {
  const underWay = parcels.filter(parcel => parcel.job !== undefined)
  const byJob = Map.groupBy(underWay, ({ job }) => `${job!.call}\n${job!.job}`)
  return [...byJob.values()].map(some => ({ ...some[0]!.job!, parcels: some }))
}
type Open = { call: string; parcels: Parcel[]; bytes: number; index: number }

/** What a parcel adds to a request: its data as JSON. A connector that encodes otherwise leaves room in `overhead`. */
export const bytesOf = (data: unknown): number => Buffer.byteLength(JSON.stringify(data) ?? '')

/**
 * Limits of a connector's calls for its settings, in the shape that `pack` wants. Of a backlog each shard sees its share, as a
 * hash spreads people evenly: a bulk call is worth it there from the same share of its threshold on.
 */
export const limitsOf =
  <S>(calls: { readonly [call: string]: CallKind<S> }, settings: S, shards = 1) =>
  (call: string) => {
    const kind = calls[call]
    if (!kind) throw new Error(`The connector maps to a call that it does not declare: ${call}`)
    const { bytes, overhead, bulk } = kind
    return {
      records: kind.records(settings),
      bytes,
      overhead,
      ...(bulk && { bulk: { ...bulk, above: bulk.above / shards } }),
    }
  }

/** Two halves, for a request that was refused as a whole. */
export const halve = <T>(items: readonly T[]): [T[], T[]] => {
  const middle = Math.ceil(items.length / 2)
  return [items.slice(0, middle), items.slice(middle)]
}

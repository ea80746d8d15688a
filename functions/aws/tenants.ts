import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { destinationKey, ROW, tenantKey, tidKey } from '../../core/keys.ts'
import { type Destination, readRow, type Tenant } from '../../core/tenant.ts'
import type { World } from '../world.ts'

/** Reads of the `tenants` table through a cache. They throw if the table cannot be reached and nothing is remembered. */
export type Tenants = {
  tenant(id: string): Promise<Tenant | undefined>
  /** The tenant that a `tid` belongs to: registered as a whole, or by what stands before a `_`, `-`, `.` or `:` in it. */
  tenantOfTid(tid: string): Promise<Tenant | undefined>
  destination(connector: string, tenant: string): Promise<Destination | undefined>
}

const FRESH_MS = 60_000
/** Shorter for what does not exist: it may be about to, and a stranger may ask for anything. */
const ABSENT_MS = 10_000
/** How long a row that cannot be read again is still believed. */
const STALE_MS = 3_600_000
const ROWS = 2_000
const TID_TRIES = 6

export function createTenants(world: Pick<World, 'env' | 'now' | 'dynamo'>): Tenants {
  const read = cached(world, pk => readItem(world, pk))
  const tenant = async (id: string) => (await read(tenantKey(id))) as Tenant | undefined
  return {
    tenant,
    async tenantOfTid(tid) {
      for (const part of leadingParts(tid)) {
        const row = (await read(tidKey(part))) as { tenant: string } | undefined
        if (row) return tenant(row.tenant)
      }
      return undefined
    },
    destination: async (connector, id) => (await read(destinationKey(connector, id))) as Destination | undefined,
  }
}

/** `loja-abc_site1`: itself, `loja-abc`, `loja`. */
function leadingParts(tid: string): string[] {
  const parts = [tid]
  for (let end = tid.length - 1; end > 0 && parts.length < TID_TRIES; end--)
    if ('_-.:'.includes(tid[end]!)) parts.push(tid.slice(0, end))
  return parts
}

type Row = Tenant | Destination | { tenant: string } | undefined

async function readItem(world: Pick<World, 'env' | 'dynamo'>, pk: string): Promise<Row> {
  const { Item } = await world.dynamo.send(
    new GetItemCommand({ TableName: world.env.TENANTS_TABLE, Key: { pk: { S: pk }, sk: { S: ROW } } }),
  )
  return Item && readRow(Item)
}

/** At most one read of a key at a time; a row that cannot be read again is believed for an hour. */
function cached({ now }: Pick<World, 'now'>, load: (pk: string) => Promise<Row>) {
  const known = new Map<string, { row: Row; readAt: number }>()
  const loading = new Map<string, Promise<Row>>()

  const keep = (pk: string, row: Row) => {
    known.delete(pk)
    if (known.size >= ROWS) known.delete(known.keys().next().value!)
    known.set(pk, { row, readAt: now() })
    return row
  }
  const renew = async (pk: string) => {
    try {
      return keep(pk, await load(pk))
    } catch (error) {
      const old = known.get(pk)
      if (old?.row && now() - old.readAt < STALE_MS) return old.row
      throw error
    } finally {
      loading.delete(pk)
    }
  }
  return (pk: string): Promise<Row> | Row => {
    const entry = known.get(pk)
    if (entry && now() - entry.readAt < (entry.row ? FRESH_MS : ABSENT_MS)) return entry.row
    const reading = loading.get(pk) ?? renew(pk)
    loading.set(pk, reading)
    return reading
  }
}

import { createHash } from 'node:crypto'
import { destinationKey, tenantKey, tidKey } from '../core/keys.ts'
import { type Destination, type Route, rowItem, type Tenant } from '../core/tenant.ts'
import type { DestinationPlan, Installation, TenantPlan } from './config.ts'

type Item = ReturnType<typeof rowItem>
/** A row by the name of its resource. `salted`: of what the secret behind every tenant's own salt makes it. */
export type Row = { name: string; item: Item } | { name: string; salted(suppressionSalt: string): Item }

/** All that the functions know of the stack's config. */
export function rowsOf({ tenants, pipelines }: Pick<Installation, 'tenants' | 'pipelines'>): readonly Row[] {
  const destinations = pipelines.flatMap(pipeline => pipeline.destinations)
  return tenants.flatMap((tenant): readonly Row[] => {
    const own = destinations.filter(destination => destination.tenant === tenant.id)
    return [
      { name: `tenant-${tenant.id}`, salted: salt => rowItem(tenantKey(tenant.id), tenantRow(tenant, own, salt)) },
      ...tenant.tids.map(tid => ({ name: `tid-${tid}`, item: rowItem(tidKey(tid), { tenant: tenant.id }) })),
      ...own.map(plan => ({
        name: `${plan.connector}-${plan.tenant}`,
        item: rowItem(destinationKey(plan.connector, plan.tenant), destinationRow(plan)),
      })),
    ]
  })
}

function tenantRow(tenant: TenantPlan, destinations: readonly DestinationPlan[], suppressionSalt: string): Tenant {
  const { id, origins, serverKeyHashes } = tenant
  const salt = sha256(suppressionSalt + id)
  const routes = destinations.map(destination => [destination.connector, routeOf(destination)] as const)
  return { id, origins, serverKeyHashes, salt, destinations: Object.fromEntries(routes) }
}

const routeOf = ({ wants, urgent, requires, leaving, shards, keepMs }: DestinationPlan): Route => ({
  wants,
  urgent,
  requires,
  ...(leaving && { leaving }),
  shards,
  keepMs,
})

/** Its revision changes when anything else in it does. */
function destinationRow({ schedule: _schedule, ...row }: DestinationPlan): Destination {
  return { ...row, revision: sha256(JSON.stringify(row)).slice(0, 16) }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

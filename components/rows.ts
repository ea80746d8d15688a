import { createHash } from 'node:crypto'
import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import { destinationKey, tenantKey, tidKey } from '../core/keys.ts'
import { type Destination, type Route, rowItem, type Tenant } from '../core/tenant.ts'
import type { DestinationPlan, Installation, TenantPlan } from './config.ts'

export type RowsArgs = {
  table: aws.dynamodb.Table
  installation: Installation
  /** Secret behind every tenant's own salt. */
  suppressionSalt: pulumi.Output<string>
}

/** The rows of the `tenants` table: what the functions know of the stack's config. */
export class Rows extends pulumi.ComponentResource {
  constructor(name: string, args: RowsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('connect:aws:Rows', name, {}, opts)
    const { installation, suppressionSalt } = args
    const destinations = installation.pipelines.flatMap(pipeline => pipeline.destinations)
    for (const tenant of installation.tenants) {
      const own = destinations.filter(destination => destination.tenant === tenant.id)
      const row = suppressionSalt.apply(salt => rowItem(tenantKey(tenant.id), tenantRow(tenant, own, salt)))
      this.put(`tenant-${tenant.id}`, args.table, row)
      for (const tid of tenant.tids) this.put(`tid-${tid}`, args.table, rowItem(tidKey(tid), { tenant: tenant.id }))
      for (const plan of own)
        this.put(
          `${plan.connector}-${plan.tenant}`,
          args.table,
          rowItem(destinationKey(plan.connector, plan.tenant), destinationRow(plan)),
        )
    }
    this.registerOutputs({})
  }

  private put(name: string, table: aws.dynamodb.Table, item: pulumi.Input<object>): void {
    new aws.dynamodb.TableItem(
      `${name}-row`,
      { tableName: table.name, hashKey: 'pk', rangeKey: 'sk', item: pulumi.jsonStringify(item) },
      { parent: this },
    )
  }
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

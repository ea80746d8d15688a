import * as aws from '@pulumi/aws'
import * as pulumi from '@pulumi/pulumi'
import type { Installation } from './config.ts'
import { rowsOf } from './row-items.ts'

export type RowsArgs = {
  table: aws.dynamodb.Table
  installation: Installation
  /** Secret behind every tenant's own salt. */
  suppressionSalt: pulumi.Output<string>
}

/** The rows of the `tenants` table: what the functions know of the stack's config. */
export class Rows extends pulumi.ComponentResource {
  constructor(
    name: string,
    { table, installation, suppressionSalt }: RowsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super('connect:aws:Rows', name, {}, opts)
    for (const row of rowsOf(installation))
      this.put(row.name, table, 'item' in row ? row.item : suppressionSalt.apply(row.salted))
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

import { readRow, rowItem, type Tenant } from '../../core/tenant.ts'
import type { Program } from '../declared.ts'

/**
 * The program with one more site of a tenant's, as if its configuration named it: the shop has whatever port is free.
 * Throws if the program has no such tenant.
 */
export function withOrigin(program: Program, tenant: string, origin: string): Program {
  let found = false
  const resources = program.resources.map(resource => {
    if (resource.type !== 'aws:dynamodb/tableItem:TableItem') return resource
    const { item } = resource.inputs as { item: string }
    const row = JSON.parse(item) as ReturnType<typeof rowItem>
    if (row.pk.S !== `tenant#${tenant}`) return resource
    found = true
    const data = readRow<Tenant>(row)!
    const origins = [...new Set([...data.origins, origin])]
    return {
      ...resource,
      inputs: { ...resource.inputs, item: JSON.stringify(rowItem(row.pk.S, { ...data, origins })) },
    }
  })
  if (!found) throw new Error(`The program has no tenant "${tenant}".`)
  return { ...program, resources }
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

type Tenants = { [tenant: string]: { destinations: { [connector: string]: object } } }

/**
 * `connect:tenants` of a stack's file with only these connectors as destinations, as config: what one connector's part of
 * the program is does not need the five others beside it.
 */
export function tenantsOf(stack: string, connectors: readonly string[]): { 'connect:tenants': string } {
  const file = join(import.meta.dirname, '..', '..', `Pulumi.${stack}.yaml`)
  const { config } = parse(readFileSync(file, 'utf8')) as { config: { 'connect:tenants': Tenants } }
  const tenants = Object.entries(config['connect:tenants']).map(([id, tenant]) => [
    id,
    {
      ...tenant,
      destinations: Object.fromEntries(
        Object.entries(tenant.destinations).filter(([connector]) => connectors.includes(connector)),
      ),
    },
  ])
  return { 'connect:tenants': JSON.stringify(Object.fromEntries(tenants)) }
}

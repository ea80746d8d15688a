import { connectors } from '../connectors/index.ts'
import type { Tenant } from '../core/tenant.ts'
import { readRow } from '../core/tenant.ts'
import { all, type Program } from './declared.ts'
import type { Controls } from './page/server.ts'
import type { LocalStack } from './stack.ts'

/** What the live page's buttons do to the stack. */
export const createControls = (stack: LocalStack): Controls => ({
  vendors: () =>
    Array.from(stack.vendors, ([connector, { mode, tokensIssued, received }]) => ({
      connector,
      title: connectors[connector]?.title ?? connector,
      mode,
      tokensIssued,
      received: received.length,
    })),
  setMode(connector, mode) {
    vendorOf(stack, connector).mode = mode
  },
  expireTokens: connector => vendorOf(stack, connector).expireTokens(),
  async operate(connector, event) {
    const outcome = await stack.invoke(functionOf(stack.program, `${connector}-operate`), event)
    if (outcome === 'throttled') throw new Error('The function is not allowed to run.')
    if (!outcome.ok) throw new Error(outcome.error.errorMessage)
    return JSON.parse(outcome.payload)
  },
  async post(path, body, origin) {
    const headers = { 'content-type': 'text/plain;charset=UTF-8', origin }
    const response = await fetch(`${stack.ingestUrl}${path}`, { method: 'POST', headers, body })
    return { status: response.status, body: await response.text() }
  },
})

function vendorOf({ vendors }: LocalStack, connector: string) {
  const vendor = vendors.get(connector)
  if (!vendor) throw new Error(`No vendor "${connector}"; there are ${[...vendors.keys()].join(', ')}.`)
  return vendor
}

function functionOf({ outputs }: Program, name: string): string {
  const physical = (outputs.functions as { [name: string]: string })[name]
  if (!physical) throw new Error(`The program has no function "${name}".`)
  return physical
}

/** The tenants of the program with a site of theirs, as the visit and the page's form need them. */
export const tenantsOf = (program: Program): { id: string; origin: string }[] =>
  all(program, 'aws:dynamodb/tableItem:TableItem').flatMap(({ inputs }) => {
    const item = JSON.parse(inputs.item) as { pk: { S: string }; data: { S: string } }
    if (!item.pk.S.startsWith('tenant#')) return []
    const { id, origins } = readRow<Tenant>(item)!
    return origins[0] ? [{ id, origin: origins[0] }] : []
  })

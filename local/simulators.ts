import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { destinationKey } from '../core/keys.ts'
import type { Simulator } from '../core/simulator.ts'
import { type Destination, readRow } from '../core/tenant.ts'
import { all, type Program } from './declared.ts'
import type { Secrets } from './services/secrets.ts'

export type Simulators = ReadonlyMap<string, Simulator<object>>

const SECRET = /^\/connect\/([^/]+)\/([^/]+)\/(credentials|webhook)$/

/** The fake of every vendor that the program has credentials for: `connectors/<name>/simulator.ts`. */
export async function loadSimulators(program: Program, dir: string): Promise<Simulators> {
  const names = new Set(secretsIn(program).map(({ connector }) => connector))
  const simulators = new Map<string, Simulator<object>>()
  for (const name of names) {
    const file = resolve(dir, 'connectors', name, 'simulator.ts')
    if (!existsSync(file)) throw new Error(`Connector "${name}" has no simulator: the local stack needs ${file}.`)
    simulators.set(name, ((await import(pathToFileURL(file).href)) as { default: Simulator<object> }).default)
  }
  return simulators
}

/** Does an operator's part: puts what the fakes accept, and prove themselves with, into the secrets that are still empty. */
export function fillCredentials(program: Program, simulators: Simulators, secrets: Secrets): void {
  const rows = all(program, 'aws:dynamodb/tableItem:TableItem').map(({ inputs }) => JSON.parse(inputs.item))
  for (const { name, connector, account, kind } of secretsIn(program)) {
    const row = rows.find(({ pk }) => pk.S === destinationKey(connector, account))
    const settings = row && readRow<Destination>(row)?.settings
    if (!settings || secrets.value(name) !== undefined) continue
    const simulator = simulators.get(connector)
    const value =
      kind === 'webhook' ? simulator?.webhookSecrets?.(settings, account) : simulator?.credentials(settings, account)
    if (value) secrets.put(name, JSON.stringify(value))
  }
}

const secretsIn = (program: Program) =>
  all(program, 'aws:secretsmanager/secret:Secret').flatMap(({ outputs: { name } }) => {
    const [, connector, account, kind] = SECRET.exec(name) ?? []
    return connector && account && kind ? [{ name, connector, account, kind }] : []
  })

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { connectors } from '../connectors/index.ts'
import type { Simulator } from '../core/simulator.ts'
import { acme } from './tools/acme.ts'
import { acmeSimulator } from './tools/acme-vendor.ts'
import { connectorSuite } from './tools/suite.ts'

for (const [name, connector] of Object.entries(connectors)) {
  const { default: simulator } = (await import(`../connectors/${name}/simulator.ts`)) as { default: Simulator<object> }
  test(`${name} is registered under its own name`, () => assert.equal(connector.name, name))
  test(`the page of ${name} names every setting, credential and mapped event`, () => {
    const page = readFileSync(new URL(`../connectors/${name}/README.md`, import.meta.url), 'utf8')
    const secrets = Object.keys(connector.auth(simulator.settings).secrets)
    const names = [...Object.keys(connector.settings.properties), ...secrets, ...connector.wants(simulator.settings)]
    assert.deepEqual(
      names.filter(one => !page.includes(`\`${one}\``)),
      [],
    )
  })
  connectorSuite(connector, simulator)
}

// The vendor of the engine's own tests keeps the same rules: what they show holds for the others.
connectorSuite(acme(), acmeSimulator)

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { connectors } from '../connectors/index.ts'
import type { Simulator } from '../core/simulator.ts'
import { withSettings } from '../local/settings-tables.ts'
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

suite('the table of settings', () => {
  const page = (...lines: string[]) => lines.join('\n')
  const begin = '<!-- settings: made of the schema by npm run generate -->'
  const end = '<!-- end of settings -->'
  const settings = {
    type: 'object',
    additionalProperties: false,
    required: ['list'],
    properties: {
      list: { type: 'string', description: 'The list, or "*" | "<all>".' },
      kind: { type: 'string', enum: ['a', 'b'], default: 'a', description: 'Which one' },
      told: { type: 'string', enum: ['a', 'b'], description: 'Either a or b' },
      some: { type: 'array', items: { type: 'string', enum: ['x', 'y'] }, default: ['x'], description: 'Which ones' },
      most: { type: 'integer', minimum: 1, maximum: 30_000, default: 9, description: 'How many' },
    },
  } as const

  test('says what the schema says, and leaves the rest of the page alone', () => {
    assert.equal(
      withSettings(page('above', begin, '| stale |', end, 'below'), settings),
      page(
        'above',
        begin,
        '| key | default | |',
        '| --- | --- | --- |',
        '| `list` | required | The list, or "\\*" \\| "\\<all>" |',
        '| `kind` | `a` | Which one. One of `a`, `b` |',
        '| `told` |  | Either a or b |',
        '| `some` | `["x"]` | Which ones. Any of `x`, `y` |',
        '| `most` | `9` | How many. 1 to 30,000 |',
        end,
        'below',
      ),
    )
  })
  test('needs one place on the page', () => {
    for (const wrong of [page('none'), page(begin), page(begin, end, begin, end), page(end, begin)])
      assert.throws(() => withSettings(wrong, settings), /needs the lines/)
  })
})

// The vendor of the engine's own tests keeps the same rules: what they show holds for the others.
connectorSuite(acme(), acmeSimulator)

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { suite, test } from 'node:test'
import { everyColumnOf, TARGETS } from '../connectors/responsys/columns.ts'
import { responsys, type Settings } from '../connectors/responsys/index.ts'
import { ana, base, draftsOf } from './tools/responsys.ts'

suite('settings', () => {
  const told = (settings: Partial<Settings>) => responsys.problems!({ ...base, ...settings })
  test('that cannot work are told with the key and the fix', () => {
    const wrong: [Partial<Settings>, RegExp][] = [
      [{ match: ['EMAIL_SHA256_HASH_', 'EMAIL_ADDRESS_'] }, /^match: .*cannot be used together/],
      [{ match: ['RIID_', 'RIID_'] }, /^match: one column, or two different ones/],
      [{ events: { view_item: ['extension'] } }, /^events\.view_item: .*setting extension/],
      [{ columns: { event: { EVENT_ID: '' } } }, /^columns\.event\.EVENT_ID: .*cannot be left out/],
      [{ columns: { event: { NAME: 'X' } } }, /^columns\.event\.NAME: Connect fills no such column; .*EVENT_NAME/],
      [{ columns: { event: { VALUE: 'CURRENCY' } } }, /^columns\.event\.VALUE: another column is called CURRENCY/],
      [{ columns: { event: { VALUE: '1ST' } } }, /^columns\.event\.VALUE: a column has 1 to 30 letters/],
      [{ columns: { profile: { CITY_: 'TOWN' } } }, /^columns\.profile\.CITY_: is Responsys's own/],
      [{ columns: { profile: { EMAIL_ADDRESS_: '' } } }, /^columns\.profile\.EMAIL_ADDRESS_: .*cannot be left out/],
      [{ mapping: { event: { '*': { 'a b': 'user.city' } } } }, /^mapping\.event\.\*\.a b: a column has/],
      [{ mapping: { event: { '*': { CITY: 'user' } } } }, /^mapping\.event\.\*\.CITY: .*is no path/],
    ]
    for (const [settings, sentence] of wrong) {
      const [first = '', ...others] = told(settings)
      assert.match(first, sentence)
      assert.deepEqual(others, [])
    }
  })
  test('switch events on and off', () => {
    const wanted = responsys.wants({ ...base, events: { view_item: [], quiz: ['event'] }, programs: { poll: 'x' } })
    assert.ok(wanted.includes('quiz') && wanted.includes('poll') && !wanted.includes('view_item'))
  })
  test('names of events that every object has are no events', () => {
    for (const name of ['constructor', 'toString', '__proto__']) assert.deepEqual(draftsOf({ ...ana, name }), [])
  })
})

test('the page names every column that is filled, and what it has to be', () => {
  const page = readFileSync(new URL('../connectors/responsys/README.md', import.meta.url), 'utf8')
  for (const target of TARGETS) {
    const line = page.split('\n').find(one => one.startsWith(`| \`${target}\` `))!
    assert.ok(line, target)
    for (const [column, { type }] of Object.entries(everyColumnOf(target))) {
      const [, after] = line.split(`\`${column}\``)
      assert.ok(after !== undefined, `${target} ${column}`)
      if (target !== 'program' && !column.endsWith('_'))
        assert.equal(/STR\d+|NUMBER|INTEGER|TIMESTAMP/.exec(after)?.[0], type, `${target} ${column}`)
    }
  }
})

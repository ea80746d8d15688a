import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { Ajv } from 'ajv'
import { applyMapping, type Event, type Mapping, mappingProblems, mappingSchema } from '../core/connector.ts'

const event: Event = {
  id: 'e-1',
  name: 'generate_lead',
  at: '2026-11-20T12:00:00.000Z',
  user: { email: 'ana@example.com', city: '' },
  commerce: { value: 0, items: [{ name: 'Shirt' }, { name: 'Shoe' }] },
  properties: JSON.parse('{"form":"footer","deep":{"a":[1,2]},"no":null,"yes":false,"__proto__":"own","my-key":7}'),
}
const fill = (expression: Mapping[string]) => applyMapping({ field: expression }, event).field
const valid = new Ajv({ strict: true }).compile(mappingSchema)
const problems = (expression: unknown) => mappingProblems({ field: expression }, 'mapping.lead')

suite('a mapping fills a field', () => {
  test('from a path, with its type', () => {
    assert.equal(fill('user.email'), 'ana@example.com')
    assert.equal(fill('commerce.value'), 0)
    assert.equal(fill('properties.yes'), false)
    assert.equal(fill('commerce.items[1].name'), 'Shoe')
    assert.deepEqual(fill('properties.deep.a'), [1, 2])
    assert.equal(fill('properties.my-key'), 7)
  })
  test('from a constant, which may be any JSON', () => {
    assert.equal(fill({ value: 'user.email' }), 'user.email')
    assert.deepEqual(fill({ value: { a: [true] } }), { a: [true] })
  })
  test('from a text with paths in braces', () => {
    assert.equal(fill('lead {properties.form}'), 'lead footer')
    assert.equal(fill('{name}/{commerce.value}/{properties.yes}'), 'generate_lead/0/false')
  })
  test('from the first of a list that is there', () => {
    assert.equal(fill(['properties.plan', 'plan {properties.plan}', { value: 'free' }]), 'free')
    assert.equal(fill(['properties.form', { value: 'free' }]), 'footer')
  })
})

suite('a mapping leaves a field out', () => {
  test('where the path ends in nothing, null or an empty text', () => {
    for (const path of ['user.phone', 'properties.no', 'user.city', 'commerce.items[9].name', 'properties.form.deeper'])
      assert.deepEqual(applyMapping({ field: path }, event), {}, path)
  })
  test('where a text would have a hole or an object in it', () => {
    assert.equal(fill('lead {properties.plan}'), undefined)
    assert.equal(fill('lead {properties.deep}'), undefined)
  })
})

test('a path reads own properties only', () => {
  for (const path of ['properties.constructor', 'properties.toString.name', 'user.hasOwnProperty', 'user.__proto__'])
    assert.equal(fill(path), undefined, path)
  assert.equal(fill('properties.__proto__'), 'own')
})

test('a field of any name is an own property of what comes out', () => {
  const filled = applyMapping(JSON.parse('{"__proto__":{"value":{"admin":true}}}'), event)
  assert.deepEqual(Object.keys(filled), ['__proto__'])
  assert.equal((filled as { admin?: boolean }).admin, undefined)
})

suite('what a person may write', () => {
  test('is the same for the schema and for the sentences', () => {
    const good = [
      'user.email',
      'id',
      'a {name}',
      '{id}',
      { value: null },
      ['user.id', { value: 1 }],
      'properties.a.b[0].c',
    ]
    const bad = [
      'spring sale',
      'user',
      'user.',
      'window.x',
      '{user}',
      '{}',
      'a {b',
      5,
      null,
      [],
      {},
      { value: 1, x: 2 },
      [['id']],
    ]
    for (const expression of good) {
      assert.ok(valid({ field: expression }), JSON.stringify(expression))
      assert.deepEqual(problems(expression), [])
    }
    for (const expression of bad) {
      assert.ok(!valid({ field: expression }), JSON.stringify(expression))
      assert.ok(problems(expression).length > 0, JSON.stringify(expression))
    }
  })
  test('is answered with the key and the fix when it is wrong', () => {
    assert.deepEqual(problems('spring sale'), [
      'mapping.lead.field: "spring sale" is no path of an event, such as "user.email", and no text with paths in braces: write a fixed text as {"value": "spring sale"}',
    ])
  })
})

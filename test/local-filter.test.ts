import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchesPattern, parsePattern } from '../local/filter.ts'

const matches = (pattern: object, value: unknown) => matchesPattern(parsePattern(JSON.stringify(pattern)), value)
const insert = (pk: string) => ({ eventName: 'INSERT', dynamodb: { Keys: { pk: { S: pk } } } })

test('every field that a pattern names must have one of its values', () => {
  const urgent = { eventName: ['INSERT', 'MODIFY'], dynamodb: { Keys: { pk: { S: [{ prefix: 'u#' }] } } } }
  assert.ok(matches(urgent, insert('u#loja-abc#0')))
  assert.ok(!matches(urgent, insert('loja-abc#0')))
  assert.ok(!matches(urgent, { ...insert('u#a#0'), eventName: 'REMOVE' }))
})

test('a record without the field does not match', () => {
  const expired = { userIdentity: { type: ['Service'], principalId: ['dynamodb.amazonaws.com'] } }
  assert.ok(!matches(expired, { eventName: 'REMOVE' }))
  assert.ok(matches(expired, { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } }))
})

test('exists, anything-but, suffix and equals-ignore-case', () => {
  assert.ok(matches({ a: { b: [{ exists: false }] } }, {}))
  assert.ok(!matches({ a: { b: [{ exists: true }] } }, { a: {} }))
  assert.ok(matches({ a: [{ 'anything-but': ['x'] }] }, { a: 'y' }))
  assert.ok(!matches({ a: [{ 'anything-but': ['x'] }] }, { a: 'x' }))
  assert.ok(matches({ a: [{ suffix: '.js' }] }, { a: 'tag.js' }))
  assert.ok(matches({ a: [{ 'equals-ignore-case': 'ABC' }] }, { a: 'abc' }))
})

test('what is not known is refused by name', () => {
  assert.throws(() => parsePattern('{"a":[{"numeric":[">",1]}]}'), /numeric at "a"/)
  assert.throws(() => parsePattern('{"$or":[{"a":["b"]}]}'), /\$or/)
  assert.throws(() => parsePattern('{"a":{"b":"c"}}'), /"a\.b" must be a list/)
})

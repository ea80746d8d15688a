import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextRun } from '../local/rhythm.ts'

const at = (iso: string) => Date.parse(iso)
const after = (expression: string, from: string, timeZone?: string) => {
  const next = nextRun(expression, at(from), at('2026-11-20T00:00:00Z'), timeZone)
  return next === undefined ? undefined : new Date(next).toISOString()
}
const NOON = '2026-11-20T12:00:00Z' // a Friday

test('a rate counts from when it started', () => {
  assert.equal(after('rate(15 minutes)', '2026-11-20T00:00:00Z'), '2026-11-20T00:15:00.000Z')
  assert.equal(after('rate(15 minutes)', '2026-11-20T00:20:00Z'), '2026-11-20T00:30:00.000Z')
  assert.equal(after('rate(1 hour)', '2026-11-20T00:59:59Z'), '2026-11-20T01:00:00.000Z')
  assert.equal(after('rate(1 day)', NOON), '2026-11-21T00:00:00.000Z')
})

for (const [expression, expected] of [
  ['cron(0/5 * * * ? *)', '2026-11-20T12:05:00.000Z'],
  ['cron(15 10 ? * 6L 2026-2030)', '2026-11-27T10:15:00.000Z'],
  ['cron(0 9 ? * MON-FRI *)', '2026-11-23T09:00:00.000Z'],
  ['cron(0 18 ? * 2-6 *)', '2026-11-20T18:00:00.000Z'],
  ['cron(0 8 ? * 1,7 *)', '2026-11-21T08:00:00.000Z'],
  ['cron(0 8 L * ? *)', '2026-11-30T08:00:00.000Z'],
  ['cron(0 10 ? * 2#1 *)', '2026-12-07T10:00:00.000Z'],
  ['cron(0 10 1 1 ? 2030)', '2030-01-01T10:00:00.000Z'],
] as const)
  test(`${expression} is read as AWS reads it`, () => assert.equal(after(expression, NOON), expected))

test('a time zone moves cron', () => {
  assert.equal(after('cron(0 9 * * ? *)', '2026-11-20T00:00:00Z', 'America/Sao_Paulo'), '2026-11-20T12:00:00.000Z')
})

test('at() happens once', () => {
  assert.equal(after('at(2026-12-01T10:00:00)', NOON), '2026-12-01T10:00:00.000Z')
  assert.equal(after('at(2026-11-01T10:00:00)', NOON), undefined)
})

for (const wrong of ['every 5 minutes', 'rate(0 minutes)', 'rate(5 weeks)', 'cron(* * * * *)'])
  test(`"${wrong}" is refused`, () => assert.throws(() => after(wrong, NOON), /Schedule expression/))

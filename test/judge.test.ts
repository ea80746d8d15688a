import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { Rule, Verdict } from '../core/connector.ts'
import { type Ended, judge } from '../core/judge.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const rule = (rest: Partial<Rule> & Pick<Rule, 'verdict'>): Rule => ({
  why: 'a test',
  source: 'https://x.example',
  ...rest,
})
const answer = (status: number, headers: { [name: string]: string } = {}): Ended => ({
  answered: true,
  status,
  headers,
  body: undefined,
})
const failure = (sent: 'no' | 'maybe', code = 'ECONNRESET'): Ended => ({ answered: false, sent, code, words: 'lost' })
const upsert = { repeatable: true }
const message = { repeatable: false }
const by = (rules: readonly Rule[], ended: Ended, call = upsert, explanation = {}) =>
  judge({ rules }, call, ended, explanation, NOW)

suite('an answer that no rule speaks of', () => {
  const expected: [status: number, repeatable: Verdict, not: Verdict][] = [
    [200, 'delivered', 'delivered'],
    [204, 'delivered', 'delivered'],
    [301, 'misconfigured', 'misconfigured'],
    [304, 'misconfigured', 'misconfigured'],
    [400, 'rejected', 'rejected'],
    [401, 'unauthorized', 'unauthorized'],
    [403, 'rejected', 'rejected'],
    [404, 'rejected', 'rejected'],
    [408, 'retry', 'unknown'],
    [413, 'rejected', 'rejected'],
    [429, 'throttled', 'throttled'],
    [500, 'retry', 'unknown'],
    [503, 'retry', 'unknown'],
    [599, 'retry', 'unknown'],
  ]
  for (const [status, repeatable, not] of expected)
    test(`${status} is ${repeatable} on a repeatable call and ${not} on any other`, () => {
      assert.equal(by([], answer(status), upsert).verdict, repeatable)
      assert.equal(by([], answer(status), message).verdict, not)
    })
  test('429 throttles the whole destination', () => assert.equal(by([], answer(429)).scope, 'destination'))
  test('413 may pass in halves', () => assert.equal(by([], answer(413)).halve, true))
  test('a refusal without a code gets one of its status, a success none', () => {
    assert.equal(by([], answer(418)).code, 'http-418')
    assert.equal(by([], answer(200)).code, undefined)
  })
})

suite('a request without an answer', () => {
  test('that surely was not sent may be sent again on any call', () => {
    assert.equal(by([], failure('no'), upsert).verdict, 'retry')
    assert.equal(by([], failure('no'), message).verdict, 'retry')
  })
  test('that may have been sent may be sent again only where repeating does no harm', () => {
    assert.equal(by([], failure('maybe'), upsert).verdict, 'retry')
    assert.equal(by([], failure('maybe'), message).verdict, 'unknown')
  })
  test('carries the code and words of the failure', () => {
    assert.deepEqual(by([], failure('no', 'connection-refused')), {
      verdict: 'retry',
      code: 'connection-refused',
      words: 'lost',
    })
  })
  test('can be spoken of by a rule', () => {
    const slow = rule({ status: 0, code: 'timeout', verdict: 'retry', halve: true })
    assert.equal(by([slow], failure('maybe', 'timeout')).halve, true)
    assert.equal(by([slow], failure('maybe', 'reset')).halve, undefined)
  })
})

suite('a rule', () => {
  test('counts before the status, and the first that matches before the next', () => {
    const rules = [
      rule({ code: 'locked', verdict: 'retry', tries: 3 }),
      rule({ status: [400, 409], verdict: 'misconfigured' }),
      rule({ status: 400, verdict: 'delivered' }),
    ]
    assert.deepEqual(by(rules, answer(400), upsert, { code: 'locked' }), { verdict: 'retry', code: 'locked', tries: 3 })
    assert.equal(by(rules, answer(400), upsert, { code: 'other' }).verdict, 'misconfigured')
    assert.equal(by(rules, answer(409)).verdict, 'misconfigured')
    assert.equal(by(rules, answer(404)).verdict, 'rejected')
  })
  test('of a code never matches an answer without one', () => {
    assert.equal(by([rule({ code: ['a', 'b'], verdict: 'retry' })], answer(200)).verdict, 'delivered')
  })
  test('can make a success of a refusal and a refusal of a success', () => {
    const rules = [rule({ status: 412, verdict: 'delivered' }), rule({ code: 'MERGEFAILED', verdict: 'rejected' })]
    assert.equal(by(rules, answer(412)).verdict, 'delivered')
    assert.equal(by(rules, answer(200), upsert, { code: 'MERGEFAILED' }).verdict, 'rejected')
  })
  test('that says nothing was processed keeps a retry on a call that is not repeatable', () => {
    const busy = rule({ status: 503, verdict: 'retry', notProcessed: true })
    assert.equal(by([busy], answer(503), message).verdict, 'retry')
    assert.equal(by([rule({ status: 503, verdict: 'retry' })], answer(503), message).verdict, 'unknown')
  })
  test('of a definite refusal keeps its retry on a call that is not repeatable', () => {
    assert.equal(by([rule({ status: 409, verdict: 'retry' })], answer(409), message).verdict, 'retry')
  })
  test('says what is throttled: the destination unless it names the record', () => {
    assert.equal(by([rule({ status: 429, verdict: 'throttled' })], answer(429)).scope, 'destination')
    assert.equal(by([rule({ status: 429, verdict: 'throttled', scope: 'record' })], answer(429)).scope, 'record')
  })
  test('about 413 decides whether it is halved', () => {
    assert.equal(by([rule({ status: 413, verdict: 'rejected' })], answer(413)).halve, undefined)
  })
})

suite('the wait', () => {
  const waitOf = (header: string, status = 429) => by([], answer(status, { 'retry-after': header })).waitMs
  test('is read in seconds', () => {
    assert.equal(waitOf('120'), 120_000)
    assert.equal(waitOf(' 1.5 '), 1500)
    assert.equal(waitOf('0'), 0)
  })
  test('is read as a date, one that has passed being now', () => {
    assert.equal(waitOf('Fri, 20 Nov 2026 12:01:30 GMT'), 90_000)
    assert.equal(waitOf('Fri, 20 Nov 2026 11:00:00 GMT'), 0)
  })
  test('is not read from garbage', () => {
    for (const header of ['', '-5', 'soon', 'Foo, 99 Bar', '1e999', '12 apples', '0x10'])
      assert.equal(waitOf(header), undefined, header)
  })
  test('is never longer than a day', () => {
    assert.equal(waitOf('99999999999'), 86_400_000)
    assert.equal(waitOf('Fri, 20 Nov 2036 12:00:00 GMT'), 86_400_000)
  })
  test('is read from an outage, too, and not from a refusal', () => {
    assert.equal(waitOf('60', 503), 60_000)
    assert.equal(waitOf('60', 400), undefined)
  })
  test('that the answer asks for counts before that of the table', () => {
    const table = [rule({ status: 429, verdict: 'throttled', waitMs: 10_000 })]
    assert.equal(by(table, answer(429)).waitMs, 10_000)
    assert.equal(by(table, answer(429, { 'retry-after': '3' })).waitMs, 3000)
    assert.equal(by(table, answer(429, { 'retry-after': '3' }), upsert, { waitMs: 7000 }).waitMs, 7000)
  })
  test('of the table is the least for a retry', () => {
    const table = [rule({ status: 503, verdict: 'retry', waitMs: 10_000 })]
    assert.equal(by(table, answer(503, { 'retry-after': '3' })).waitMs, 10_000)
    assert.equal(by(table, answer(503, { 'retry-after': '30' })).waitMs, 30_000)
  })
})

suite("the vendor's words", () => {
  test('are kept without personal data and secrets', () => {
    const { words, code } = by([], answer(400), upsert, {
      code: 'ana@example.com',
      words: 'ana@example.com, +55 48 99999-0000: Bearer abcdefghijkl',
    })
    assert.equal(code, '<email>')
    assert.equal(words, '<email>, <phone>: Bearer <secret>')
  })
  test('are masked before they are cut, so that no half of an address stays', () => {
    const { words } = by([], answer(400), upsert, { words: `${'x'.repeat(290)} ana.maria.silva@example.com` })
    assert.ok(!words?.includes('ana.'))
  })
  test('are at most 300 characters, a code 80, and no character is cut in two', () => {
    const { words, code } = by([], answer(400), upsert, {
      code: 'c'.repeat(500),
      words: `${'x'.repeat(298)}${'👩'.repeat(9)}`,
    })
    assert.ok(words!.length <= 300 && words!.endsWith('…'))
    assert.ok(words!.isWellFormed())
    assert.equal(code!.length, 80)
  })
})

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { responsys } from '../connectors/responsys/index.ts'
import type { Answer, Call, Outcome } from '../core/connector.ts'
import { judge } from '../core/judge.ts'
import { base, NOW } from './tools/responsys.ts'

suite('rows of an answer', () => {
  const kinds = {
    table: { failed: 'MERGEFAILED: Record 0 = no', left: 'retry' },
    program: { failed: '', left: 'unknown' },
  } as const
  const rowAnswer = (call: 'table' | 'program', rows: readonly boolean[]) =>
    call === 'table'
      ? { recordData: { records: rows.map(ok => [ok ? 'id' : kinds.table.failed]) } }
      : rows.map(ok => ({ success: ok, errorMessage: ok ? null : 'NO_RECIPIENT_FOUND: no', recipientId: 1 }))
  const outcomesOf = async (call: 'table' | 'program', count: number, body: unknown) => {
    const data = call === 'table' ? { into: 'T', cells: { A: '1' } } : { program: 'p', recipient: {}, values: {} }
    const records = Array.from({ length: count }, (_, n) => ({ id: `r${n}`, data }))
    const kind = responsys.calls[call]!
    const told: Outcome[] = []
    const answered: Call = {
      send: async () => ({ status: 200, headers: {}, body, verdict: 'delivered' }) as Answer,
      judge: (code, name, words) =>
        judge(
          responsys,
          kind,
          { answered: true, status: code, headers: {}, body: undefined },
          { ...(name && { code: name }), ...(words && { words }) },
          NOW,
        ),
    }
    for await (const outcome of responsys.deliver({ call, settings: base, records }, answered)) told.push(outcome)
    return told.map(one => ('refused' in one ? assert.fail('refused as a whole') : [one.id, one.verdict]))
  }
  for (const call of ['table', 'program'] as const)
    test(`any set of failures in a ${call} is told to exactly its records`, () =>
      fc.assert(
        fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), fc.nat(5), async (rows, missing) => {
          const expected = rows.map((ok, n) => [`r${n}`, ok ? 'delivered' : 'rejected'])
          const left = Array.from({ length: missing }, (_, n) => [`r${rows.length + n}`, kinds[call].left])
          assert.deepEqual(await outcomesOf(call, rows.length + missing, rowAnswer(call, rows)), [...expected, ...left])
        }),
        { numRuns: 60 },
      ))
  test('that are none leave every record open', async () => {
    for (const body of [
      null,
      '',
      'OK',
      [],
      {},
      { recordData: null },
      { recordData: { records: 'x' } },
      { recordData: { records: [null, 'x'] } },
    ])
      assert.deepEqual(await outcomesOf('table', 2, body), [
        ['r0', 'retry'],
        ['r1', 'retry'],
      ])
    for (const body of [null, 'OK', {}, [null, 7]])
      assert.deepEqual(await outcomesOf('program', 2, body), [
        ['r0', 'unknown'],
        ['r1', 'unknown'],
      ])
  })
})

suite('what Responsys says is read as one', () => {
  const batch = { call: 'table', settings: base, records: [] }
  const explained = (body: unknown, code = 400, headers = {}) =>
    responsys.explain({ status: code, headers, body }, batch)
  const shapes: [title: string, explanation: object, expected: object][] = [
    ['title and detail', explained({ errorCode: 'X', title: 'a', detail: 'b' }), { code: 'X', words: 'a: b' }],
    ['the same twice', explained({ errorCode: 'X', title: 'a', detail: 'a' }), { code: 'X', words: 'a' }],
    ['a code alone', explained({ errorCode: 'X', title: '', detail: null }), { code: 'X' }],
    ['no code', explained({ title: 'a' }), { code: 'no-error-code', words: 'a' }],
    ['a page', explained('<html>no</html>', 404), { code: 'no-error-code', words: '<html>no</html>' }],
    ['a page of the server', explained('<html>no</html>', 502), { words: '<html>no</html>' }],
    ['nothing', explained('', 500), {}],
    ['null', explained(null, 401), {}],
    ['a list', explained([1, 2], 429), {}],
    ['a number as code', explained({ errorCode: 7 }, 413), {}],
    ['a success', explained({ recordData: {} }, 200), {}],
    [
      'with the id by which Oracle finds it',
      explained({ errorCode: 'X', title: 'a' }, 400, { 'x-correlationid': 'c-9' }),
      { code: 'X', words: 'a (X-CorrelationID c-9)' },
    ],
  ]
  for (const [title, explanation, expected] of shapes) test(title, () => assert.deepEqual(explanation, expected))
})

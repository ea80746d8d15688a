import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { responsys, type Settings } from '../connectors/responsys/index.ts'
import simulator from '../connectors/responsys/simulator.ts'
import type { Event } from '../core/connector.ts'
import type { VendorAnswer } from '../core/simulator.ts'
import { run } from '../local/rehearse.ts'
import { ana, authOf, base, codeOf, NOW, open, status } from './tools/responsys.ts'

const HOUR = 3_600_000

const merge = (fieldNames: unknown, records: unknown, rest: object = {}) => ({
  recordData: { fieldNames, records, mapTemplateName: null },
  insertOnNoMatch: true,
  updateOnMatch: 'REPLACE_ALL',
  ...rest,
})

const rule = {
  insertOnNoMatch: true,
  updateOnMatch: 'REPLACE_ALL',
  matchColumnName1: 'EMAIL_ADDRESS_',
  matchOperator: 'NONE',
}

const people = (fieldNames: unknown, records: unknown, mergeRule: object = rule) => ({
  ...merge(fieldNames, records),
  mergeRule,
})

const LIST = 'lists/CONTACTS_LIST/members'

const EVENTS = 'folders/!MasterData/suppData/WEB_EVENTS/members'

const EXTENSION = 'lists/CONTACTS_LIST/listExtensions/WEB_PROFILE/members'

const PROGRAM = 'events/lead_created'

const entry = (recipient: object, optionalData: unknown = []) => ({
  customEvent: {},
  recipientData: [{ recipient, optionalData }],
})

const listName = { folderName: '!MasterData', objectName: 'CONTACTS_LIST' }

suite('the fake refuses what Responsys refuses', () => {
  type Opened = Awaited<ReturnType<typeof open>>
  const emails = (count: number) => Array.from({ length: count }, (_, n) => [`p${n}@example.com`])
  const row = (cell: unknown) => merge(['EVENT_ID'], [[cell]])
  const refused: [title: string, send: (o: Opened) => Promise<VendorAnswer>, want: number | string, code?: string][] = [
    [
      'Bearer before the token',
      o => o.post(EVENTS, row('1'), { authorization: `Bearer ${o.first.value}` }),
      401,
      'INVALID_TOKEN',
    ],
    [
      'another content type',
      o => o.post(EVENTS, row('1'), { 'content-type': 'text/plain' }),
      415,
      'INVALID_REQUEST_CONTENT',
    ],
    ['what is no JSON', o => o.post(EVENTS, '{'), 400, 'INVALID_REQUEST_CONTENT'],
    ['letters that are not escaped', o => o.post(EVENTS, row('ção')), 400, 'INVALID_REQUEST_CONTENT'],
    ['a number as a cell', o => o.post(EVENTS, row(1)), 400, 'INVALID_REQUEST_CONTENT'],
    [
      'a row of another length',
      o => o.post(EVENTS, merge(['EVENT_ID', 'VALUE'], [['1']])),
      400,
      'INVALID_REQUEST_CONTENT',
    ],
    ['a body over 10 MB', o => o.post(EVENTS, row('x'.repeat(10_000_000))), 'reset'],
    ['201 records', o => o.post(LIST, people(['EMAIL_ADDRESS_'], emails(201))), 400, 'RECORD_LIMIT_EXCEEDED'],
    ['no records', o => o.post(EVENTS, merge(['EVENT_ID'], [])), 400, 'INVALID_PARAMETER'],
    [
      'an unknown column',
      o => o.post(EVENTS, merge(['EVENT_ID', 'COLOUR'], [['1', 'red']])),
      400,
      'INVALID_FIELD_NAME',
    ],
    ['a missing key', o => o.post(EVENTS, merge(['EVENT_NAME'], [['x']])), 400, 'INVALID_PARAMETER'],
    [
      'match columns beside a primary key',
      o => o.post(EVENTS, merge(['EVENT_ID'], [['1']], { matchColumnNames: ['EVENT_ID'] })),
      400,
      'INVALID_PARAMETER',
    ],
    [
      'an unknown list',
      o => o.post('lists/NO_LIST/members', people(['EMAIL_ADDRESS_'], emails(1))),
      404,
      'LIST_NOT_FOUND',
    ],
    ['an unknown folder', o => o.post('folders/x/suppData/WEB_EVENTS/members', row('1')), 404, 'FOLDER_NOT_FOUND'],
    [
      'an unknown extension table',
      o => o.post('lists/CONTACTS_LIST/listExtensions/X/members', row('1')),
      404,
      'PROFILE_EXTENSION_NOT_FOUND',
    ],
    [
      'an underscore in the match column of an extension table',
      o => o.post(EXTENSION, merge(['EMAIL_ADDRESS_'], emails(1), { matchColumnName1: 'EMAIL_ADDRESS_' })),
      400,
      'INVALID_PARAMETER',
    ],
    [
      'a hash that would insert',
      o => o.post(LIST, people(['EMAIL_SHA256_HASH_'], [['x']], { ...rule, matchColumnName1: 'EMAIL_SHA256_HASH_' })),
      400,
      'INVALID_PARAMETER',
    ],
    ['another action', o => o.post(`${LIST}?action=delete`, people(['EMAIL_ADDRESS_'], emails(1))), 404],
    ['an unknown custom event', o => o.post('events/x', entry({ listName })), 404, 'RESOURCE_NOT_FOUND'],
    [
      'optional data that are no text',
      o => o.post(PROGRAM, entry({ listName }, [{ name: 'A', value: 1 }])),
      400,
      'INVALID_REQUEST_CONTENT',
    ],
  ]
  for (const [title, send, want, code] of refused)
    test(title, async () => {
      const opened = await open()
      const answer = await send(opened)
      assert.deepEqual([status(answer), codeOf(answer)], [want, code])
      assert.deepEqual(opened.vendor.received, [])
    })
  test('API calls at the login address', async () => {
    const { vendor, first } = await open()
    const headers = { 'content-type': 'application/json', authorization: first.value }
    const url = `https://login5.responsys.net/rest/api/v1.3/${EVENTS}`
    assert.equal(status(await vendor.handle({ method: 'POST', url, headers, body: JSON.stringify(row('1')) })), 404)
  })
  test('rows, one by one, inside a 200', async () => {
    const { post } = await open()
    const firsts = async (path: string, body: object) => {
      const answer = await post(path, body)
      assert.ok(typeof answer !== 'string' && answer.status === 200)
      return (answer.body as { recordData: { records: string[][] } }).recordData.records.map(([first]) => first)
    }
    assert.deepEqual(await firsts(LIST, people(['EMAIL_ADDRESS_'], [['ana@example.com'], ['nobody'], [null]])), [
      '470515045',
      'MERGEFAILED: Record 1 = Invalid email address "nobody"\r\n',
      'MERGEFAILED: Record 2 = Match column is empty\r\n',
    ])
    assert.deepEqual(
      await firsts(
        EXTENSION,
        merge(
          ['EMAIL_ADDRESS_', 'CART_VALUE'],
          [
            ['ana@example.com', '1'],
            ['eva@example.com', '1'],
          ],
          { matchColumnName1: 'EMAIL_ADDRESS' },
        ),
      ),
      ['470515045', 'MERGEFAILED: Record 1 = No matching record was found in the profile list\r\n'],
    )
    assert.deepEqual(
      await firsts(
        EVENTS,
        merge(
          ['EVENT_ID', 'VALUE'],
          [
            ['1', '1w'],
            ['2', '2'],
            ['3', '3'],
            ['3', '4'],
          ],
        ),
      ),
      [
        'MERGEFAILED: Record 0 = The value "1w" is not valid for the field type NUMBER\r\n',
        '2',
        'MERGEFAILED: Record 2 = The key occurs twice in the request\r\n',
        'MERGEFAILED: Record 3 = The key occurs twice in the request\r\n',
      ],
    )
  })
  test('recipients, one by one, inside a 200', async () => {
    const { post } = await open()
    await post(LIST, people(['EMAIL_ADDRESS_'], [['ana@example.com']]))
    const told = async (...recipients: object[]) => {
      const recipientData = recipients.map(recipient => ({ recipient, optionalData: [] }))
      const answer = await post(PROGRAM, { customEvent: {}, recipientData })
      assert.ok(typeof answer !== 'string')
      return (answer.body as { errorMessage: string | null }[]).map(({ errorMessage }) => errorMessage)
    }
    const known = { emailAddress: 'ana@example.com', listName }
    assert.deepEqual(await told(known, { emailAddress: 'eva@example.com', listName }, { customerId: 'C-1' }), [
      null,
      'NO_RECIPIENT_FOUND: Recipient Not Found',
      'PROFILE_LIST_NOT_FOUND: Profile List Not Found',
    ])
    assert.deepEqual(
      new Set(await told(known, known)),
      new Set(['MULTIPLE_RECIPIENTS_FOUND: Multiple Recipients Found']),
    )
  })
  test('more requests of a function than the account has in any minute, but not of the others', async () => {
    const { clock, post } = await open()
    for (let n = 0; n < 200; n++) assert.equal(status(await post(EVENTS, row(`${n}`))), 200)
    clock.at += 59_999
    assert.equal(codeOf(await post(EVENTS, row('x'))), 'API_LIMIT_EXCEEDED')
    assert.equal(status(await post(LIST, people(['EMAIL_ADDRESS_'], emails(1)))), 200)
    clock.at += 1
    assert.equal(status(await post(EVENTS, row('x'))), 200)
  })
  test('tokens after two hours, for calls, for renewing and for its limits', async () => {
    const { clock, vendor, renew, first, post } = await open()
    clock.at += 2 * HOUR - 1
    assert.equal(status(await post(EVENTS, row('1'))), 200)
    clock.at += 1
    assert.equal(codeOf(await post(EVENTS, row('1'))), 'INVALID_TOKEN')
    const renewed = await renew(first)
    assert.equal('verdict' in renewed && renewed.code, 'INVALID_TOKEN')
    const limits = await vendor.handle(authOf().sign(responsys.limits!.request(base, first), first))
    assert.equal(codeOf(limits), 'UNEXPECTED_EXCEPTION')
  })
  test('a user whose password was wrong five times', async () => {
    const { renew, secrets } = await open()
    for (let n = 0; n < 5; n++) await renew(undefined, { ...secrets, password: 'wrong' })
    const locked = await renew()
    assert.equal('verdict' in locked && locked.code, 'PASSWORD_LOCKOUT')
  })
  test('everything while it plays an outage, and nothing afterwards', async () => {
    const { vendor, post } = await open()
    const played = { down: 503, throttled: 401, refused: 'refused', hang: 'hang', up: 200 } as const
    for (const [mode, want] of Object.entries(played)) {
      vendor.mode = mode as keyof typeof played
      assert.equal(status(await post(EVENTS, row('1'))), want)
    }
  })
})

suite('delivered again', () => {
  const deliver = async (events: readonly Event[], settings: Partial<Settings>) => {
    const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
    const options = {
      connector: responsys,
      settings: { ...base, ...settings },
      secrets: simulator.credentials(base),
      vendor,
      events,
      now: NOW,
    }
    const counts = []
    for (let time = 0; time < 2; time++) {
      const { outcomes } = await run(options)
      assert.deepEqual([...new Set(Object.values(outcomes))], ['delivered'])
      counts.push(vendor.received.length)
    }
    return counts
  }
  const order = { ...ana, name: 'purchase', commerce: { transactionId: 'O-1', items: [{ id: 'a' }, { id: 'b' }] } }
  test('merges leave one record each', async () => {
    assert.deepEqual(await deliver([order, { ...ana, id: 'e-2' }], { extension: 'WEB_PROFILE' }), [6, 6])
  })
  test('custom events are entered twice, which is why the ledger asks first', async () => {
    assert.deepEqual(
      await deliver([order], { programs: { purchase: 'order_placed' }, events: { purchase: [] } }),
      [2, 3],
    )
  })
})

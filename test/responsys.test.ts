import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { responsys, type Settings } from '../connectors/responsys/index.ts'
import type { Entry, Row } from '../connectors/responsys/map.ts'
import simulator from '../connectors/responsys/simulator.ts'
import { lead } from '../connectors/responsys/simulator-people.ts'
import type { Event } from '../core/connector.ts'
import { rehearse, run } from '../local/rehearse.ts'
import { anyEvent } from './tools/events.ts'
import { ana, base, draftsOf, NOW, rowOf } from './tools/responsys.ts'

suite('requests', () => {
  const requestsOf = async (events: readonly Event[], settings: Partial<Settings> = {}) => {
    const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
    const { sent } = await run({
      connector: responsys,
      settings: { ...base, ...settings },
      secrets: simulator.credentials(base),
      vendor,
      events,
      now: NOW,
    })
    return sent.map(({ call, request }) => ({ call, request, body: JSON.parse(request.body!) }))
  }
  test('carry the raw token to the address that the login named', async () => {
    const [sent] = await requestsOf([ana])
    assert.match(sent!.request.headers.authorization!, /^token-of-demo\./)
    assert.equal(new URL(sent!.request.url).hostname, 'api5-009.responsys.net')
  })
  test('escape what is not ASCII, so that accents arrive', async () => {
    const [sent] = await requestsOf([{ ...ana, page: { url: 'https://loja.example/çã👩' } }])
    assert.match(sent!.request.body!, /\\u00e7\\u00e3\\ud83d\\udc69/)
    assert.ok(sent!.body.recordData.records[0].includes('https://loja.example/çã👩'))
  })
  test('encode the names of lists, folders and tables in their address', async () => {
    const [sent] = await requestsOf([ana], { tableFolder: 'My folder', tables: { event: 'Ação & mais' } })
    assert.equal(
      new URL(sent!.request.url).pathname,
      `/rest/api/v1.3/folders/My%20folder/suppData/${encodeURIComponent('Ação & mais')}/members`,
    )
  })
  test('name match columns with an underscore in lists and without it in extension tables', async () => {
    const lead = { ...ana, user: { id: 'C-1', email: 'ana@example.com' }, commerce: { items: [{ id: 'SKU-1' }] } }
    const sent = await requestsOf([lead], { match: ['CUSTOMER_ID_', 'EMAIL_ADDRESS_'], extension: 'WEB_PROFILE' })
    const [profile, extension] = sent.map(({ body }) => body)
    const { matchColumnName1: first, matchColumnName2: second, matchOperator } = profile.mergeRule
    assert.deepEqual([first, second, matchOperator], ['CUSTOMER_ID_', 'EMAIL_ADDRESS_', 'AND'])
    assert.deepEqual([extension.matchColumnName1, extension.matchColumnName2], ['CUSTOMER_ID', 'EMAIL_ADDRESS'])
    assert.ok(extension.recordData.fieldNames.includes('CUSTOMER_ID_'))
  })
  test('speak of matching columns only to tables without a primary key', async () => {
    const [keyed] = await requestsOf([ana])
    assert.ok(!('matchColumnNames' in keyed!.body))
    const [keyless] = await requestsOf([ana], {
      tables: { event: 'EVENT_LOG' },
      tablesWithoutKey: ['EVENT_LOG'],
      columns: { event: { EVENT_ID: 'ID_OF_EVENT' } },
    })
    assert.deepEqual(keyless!.body.matchColumnNames, ['ID_OF_EVENT'])
  })
  test('insert nobody where the settings forbid it, or a hash is all there is', async () => {
    const lead = { ...ana, name: 'generate_lead' }
    const inserts = async (settings: Partial<Settings>) =>
      (await requestsOf([lead], settings))[0]!.body.mergeRule.insertOnNoMatch
    assert.equal(await inserts({}), true)
    assert.equal(await inserts({ insert: false }), false)
    assert.equal(await inserts({ match: ['EMAIL_SHA256_HASH_'] }), false)
  })
  test('carry records of one set of columns only, and rows of events all together', async () => {
    const events = [
      { ...ana, id: '1', name: 'generate_lead', user: { email: 'ana@example.com' } },
      { ...ana, id: '2', name: 'generate_lead', user: { email: 'eva@example.com', city: 'Recife' } },
      {
        ...ana,
        id: '3',
        name: 'generate_lead',
        user: { email: 'rui@example.com' },
        page: { url: 'https://loja.example/' },
      },
    ]
    const sent = await requestsOf(events)
    assert.deepEqual(
      sent.map(({ call, body }) => [call, body.recordData.records.length]),
      [
        ['profile', 2],
        ['profile', 1],
        ['table', 3],
      ],
    )
  })
})

suite('rows', () => {
  test('write numbers without an exponent, whatever their size', () => {
    const value = (number: number) => rowOf({ ...ana, commerce: { value: number } }).cells.VALUE
    assert.equal(value(59.9), '59.9')
    assert.equal(value(0), '0')
    assert.equal(value(1e21), '1000000000000000000000')
    assert.equal(value(0.0000001), '0.0000001')
    assert.equal(value(1e-12), '0')
  })
  test('cut text to its column, never through a character, and keys not at all', () => {
    const long = `${'x'.repeat(99)}👩`
    const { cells } = rowOf({ ...ana, commerce: { transactionId: long, items: [{ name: long }] } })
    assert.equal(cells.PRODUCT_NAME, 'x'.repeat(99))
    assert.equal(cells.ORDER_ID, long)
  })
  test('write times as the account takes them', () => {
    assert.equal(rowOf(ana).cells.EVENT_TS, '2026-11-20T12:00:00.000Z')
    assert.equal(rowOf(ana, { timeFormat: 'datetime' }).cells.EVENT_TS, '2026-11-20 12:00:00')
  })
  test('number the lines of an order from one', () => {
    const order = { ...ana, name: 'purchase', commerce: { transactionId: 'O-1', items: [{ id: 'a' }, { id: 'b' }] } }
    const lines = draftsOf(order, { events: { purchase: ['items'] } }).map(({ data }) => (data as Row).cells)
    assert.deepEqual(
      lines.map(({ ORDER_ID, LINE_NO, PRODUCT_ID }) => [ORDER_ID, LINE_NO, PRODUCT_ID]),
      [
        ['O-1', '1', 'a'],
        ['O-1', '2', 'b'],
      ],
    )
  })
  test('an order without a number goes by its event, so that a repeat finds it', () => {
    const order = { ...ana, name: 'purchase', commerce: { value: 5 } }
    assert.equal(rowOf(order, { events: { purchase: ['order'] } }).cells.ORDER_ID, 'e-1')
  })
})

test('a recipient is named by the first column that people are matched by', () => {
  const recipient = (match: string, user: Event['user'], mapping: Settings['mapping'] = {}) => {
    const drafts = draftsOf(
      { ...ana, ...(user && { user }) },
      { match: [match], programs: { view_item: 'browse' }, mapping },
    )
    return (drafts.at(-1)!.data as Entry).recipient
  }
  const user = { id: 'C-1', email: 'ana@example.com', phone: '+5548999990000' }
  assert.deepEqual(recipient('CUSTOMER_ID_', user), { customerId: 'C-1' })
  assert.deepEqual(recipient('MOBILE_NUMBER_', user), { mobileNumber: '+5548999990000' })
  assert.deepEqual(recipient('EMAIL_SHA256_HASH_', user), {
    emailSHA256Hash: '8e43ca37701228e74983efdbd0cff5c16b3b1e5d4e29a7c05626d4d25a018e11',
  })
  assert.deepEqual(recipient('RIID_', user, { profile: { '*': { RIID_: { value: 42 } } } }), { recipientId: 42 })
})

test('a backlog goes in requests of 200 records, people and programs too, and none is refused for its size', async () => {
  const settings: Settings = { ...base, programs: { generate_lead: 'lead_created' } }
  const events = Array.from({ length: 401 }, (_, n) => lead(`p${n}`))
  const { done, received } = await rehearse(responsys, simulator, { title: '', settings, events, outcomes: {} })
  assert.equal(received.length, 3 * 401)
  assert.deepEqual(
    done.sent.map(({ ended }) => ended.answered && ended.status),
    Array(3 * 3).fill(200),
  )
})

test('whatever a tag sends, Responsys takes what the connector makes of it', async () => {
  const settings: Settings = {
    ...base,
    extension: 'WEB_PROFILE',
    programs: { purchase: 'order_placed', view_item: 'browse_product' },
  }
  await fc.assert(
    fc.asyncProperty(anyEvent(responsys.wants(settings)), async event => {
      const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
      const { id: _id, ...user } = event.user ?? {} // ids are never cut: too long is for Responsys to refuse
      const transactionId = event.commerce?.transactionId?.slice(0, 100)
      const events = [
        {
          ...event,
          user: { ...user, email: 'ana@example.com' },
          ...(event.commerce && {
            commerce: { ...event.commerce, ...(transactionId !== undefined && { transactionId }) },
          }),
        },
      ]
      const { outcomes, judgements } = await run({
        connector: responsys,
        settings,
        secrets: simulator.credentials(base),
        vendor,
        events,
        now: NOW,
      })
      assert.deepEqual(outcomes, { [event.id]: 'delivered' }, JSON.stringify(judgements.get(event.id)))
    }),
    { numRuns: 300 },
  )
})

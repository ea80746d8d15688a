import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { type Settings, salesforce } from '../connectors/salesforce/index.ts'
import type { Event, RawAnswer } from '../core/connector.ts'
import { anyEvent } from './tools/events.ts'
import { base, keysOf, lead, open, parcelsFor, verdicts } from './tools/salesforce.ts'

const AT = '2026-11-20T12:00:00.000Z'
const order = (rest: Partial<Event> = {}): Event => ({
  id: 'e-1',
  name: 'purchase',
  at: AT,
  user: { email: 'ana@example.com' },
  commerce: { transactionId: 'O-1', value: 20, items: [{ id: 'SKU-1' }, { id: 'SKU-2' }] },
  ...rest,
})
const draftsOf = (event: Event, settings: Partial<Settings> = {}) => {
  const mapped = salesforce.map(event, { ...base, ...settings })
  return 'skip' in mapped ? [] : mapped
}
const fieldsOf = (event: Event, settings: Partial<Settings> = {}) => draftsOf(event, settings)[0]!.data.fields

suite('requests', () => {
  const sent = async (events: readonly Event[], settings: Partial<Settings> = {}) => {
    const org = await open()
    const all = { ...base, ...settings }
    await org.send(parcelsFor(events, all), { call: 'upsert', settings: all })
    return org.requests[0]!
  }
  test('go to the address that the login named, in the version of the settings, with the external id in each record', async () => {
    const { method, url, body } = await sent([lead('ana')], {
      loginUrl: 'https://login.salesforce.com',
      auth: 'jwt',
      apiVersion: '61.0',
    })
    assert.equal(
      `${method} ${url}`,
      'PATCH https://acme.my.salesforce.com/services/data/v61.0/composite/sobjects/Lead/Web_Lead_Id__c',
    )
    const { allOrNone, records } = JSON.parse(body!)
    assert.equal(allOrNone, false)
    assert.equal(records[0].Web_Lead_Id__c, 'ana')
    assert.deepEqual(records[0].attributes, { type: 'Lead' })
    assert.ok(!('Id' in records[0]))
  })
  test('save what duplicate rules warn of where the settings say so, and only there', async () => {
    const { headers } = await sent([lead('ana')], { saveDuplicates: true })
    assert.equal(headers['sforce-duplicate-rule-header'], 'allowSave=true')
    assert.ok(!('sforce-duplicate-rule-header' in (await sent([lead('ana')])).headers))
  })
  test('tell each record its own fate, for any set of bad ones', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), async good => {
        const org = await open()
        const parcels = parcelsFor(good.map((fine, n) => lead(`p${n}`, fine ? {} : { email: 'bad(at)example' })))
        const told = await org.send(parcels, { call: 'upsert' })
        const wanted = Object.fromEntries(good.map((fine, n) => [`p${n}`, fine ? 'delivered' : 'rejected']))
        assert.deepEqual(verdicts(told), wanted)
        assert.deepEqual(
          keysOf(org.vendor.received),
          good.flatMap((fine, n) => (fine ? [`p${n}`] : [])),
        )
        assert.equal(org.requests.length, 1)
      }),
      { numRuns: 40 },
    )
  })
  test('hand on how much of the allowance is used, with every answer', async () => {
    const org = await open()
    for (const id of ['ana', 'eva']) await org.send(parcelsFor([lead(id)]), { call: 'upsert' })
    assert.deepEqual(org.used, [1 / 5_000_000, 2 / 5_000_000])
  })
})

suite('a value of the wrong type', () => {
  const settings = { ...base, mapping: { lead: { '*': { Score__c: 'properties.score' } } } } satisfies Settings
  const scored = (id: string, score: string | number, company = 'Acme') => ({
    ...lead(id, { company }),
    properties: { score },
  })
  test('condemns its own record, wherever it stands', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(9), async place => {
        const org = await open()
        const events = Array.from({ length: 10 }, (_, n) => scored(`p${n}`, n === place ? 'high' : n))
        const told = await org.send(parcelsFor(events, settings), { call: 'upsert', settings })
        for (const [id, { verdict }] of told) assert.equal(verdict, id === `p${place}` ? 'rejected' : 'delivered')
        assert.equal(org.requests.length, 2) // named by its column: the others pass without it
      }),
      { numRuns: 10 },
    )
  })
  test('is searched for by halves where characters and bytes do not agree on the column', async () => {
    const org = await open()
    const events = [
      scored('ana', 1, 'ç'.repeat(200)),
      ...['eva', 'rui', 'lia'].map(id => scored(id, 1)),
      scored('bad', 'high'),
    ]
    const told = await org.send(parcelsFor(events, settings), { call: 'upsert', settings })
    assert.deepEqual(verdicts(told), {
      ana: 'delivered',
      eva: 'delivered',
      rui: 'delivered',
      lia: 'delivered',
      bad: 'rejected',
    })
    assert.ok(org.requests.length > 2)
  })
})

suite('what Salesforce says', () => {
  const records = parcelsFor([lead('ana', { lastName: 'Wanderley' })]).map(({ id, draft }) => ({
    id,
    data: draft.data as never,
  }))
  const explained = (answer: Partial<RawAnswer>) =>
    salesforce.explain({ status: 400, headers: {}, body: '', ...answer }, { call: 'upsert', settings: base, records })
  const shapes: [title: string, body: unknown, expected: object][] = [
    ['a list', [{ errorCode: 'NOT_FOUND', message: 'no such' }], { code: 'NOT_FOUND', words: 'no such' }],
    ['one complaint', { errorCode: 'NOT_FOUND', message: 'no such' }, { code: 'NOT_FOUND', words: 'no such' }],
    [
      'OAuth does',
      { error: 'invalid_grant', error_description: 'expired' },
      { code: 'invalid_grant', words: 'expired' },
    ],
    ['a message alone', { message: 'Forbidden' }, { words: 'Forbidden' }],
    ['a page', '<html>Bad Gateway</html>', { words: '<html>Bad Gateway</html>' }],
    ['nothing', '', {}],
    ['null', null, {}],
    ['numbers', [7, { errorCode: 7 }], {}],
  ]
  for (const [title, body, expected] of shapes)
    test(`is understood as ${title}`, () => assert.deepEqual(explained({ body }), expected))
  test('is told on without what the records hold', () => {
    const message = 'Last Name: data value too large: Wanderley (max length=5)'
    assert.deepEqual(explained({ body: [{ errorCode: 'STRING_TOO_LONG', message }] }), {
      code: 'STRING_TOO_LONG',
      words: 'Last Name: data value too large: <value> (max length=5)',
    })
  })
  const usage: [header: string | undefined, used: number | undefined][] = [
    ['api-usage=80/100', 0.8],
    ['api-usage=25/5000; per-app-api-usage=240/250(appName=connect)', 0.96],
    ['api-usage=10018/100000; api-bursts=740/750', 0.10018],
    ['api-usage=7/5', 1],
    ['api-usage=7/0', undefined],
    ['none', undefined],
    [undefined, undefined],
  ]
  for (const [header, used] of usage)
    test(`of the allowance in "${header}" is ${used}`, () => {
      const headers: Record<string, string> = header === undefined ? {} : { 'sforce-limit-info': header }
      assert.equal(explained({ status: 200, headers }).used, used)
      assert.equal(explained({ status: 403, headers }).used, used)
    })
})

suite('mapping', () => {
  test('lines of an order follow the number that the mapping gives it', () => {
    const settings = { mapping: { order: { '*': { Order_Number__c: 'properties.number' } } } }
    const [first, line] = draftsOf(order({ properties: { number: 77 } }), settings)
    assert.equal(first!.data.fields.Order_Number__c, '77')
    assert.partialDeepStrictEqual(line!.data.fields, { Line_Id__c: '77-1', 'Web_Order__r.Order_Number__c': '77' })
    assert.deepEqual(draftsOf(order(), { mapping: { order: { '*': { Order_Number__c: { value: null } } } } }), [])
  })
  test('an object of another name is referred to by its own relation', () => {
    const [, line] = draftsOf(order(), { objects: { order: { object: 'Pedido__c', externalId: 'Numero__c' } } })
    assert.equal(line!.data.fields['Pedido__r.Numero__c'], 'O-1')
    assert.equal(line!.group, 'Web_Order_Item__c')
  })
  test('keys that Salesforce takes for the same never share a request', () => {
    const keyOf = (id: string) => draftsOf(order({ commerce: { transactionId: id } }))[0]!.key
    assert.equal(keyOf(' o-1 '), keyOf('O-1'))
    assert.equal(fieldsOf(order({ commerce: { transactionId: ' o-1 ' } })).Order_Number__c, 'o-1')
  })
  test('parents go before their children, and steps are counted from 0 without gaps', () => {
    const all = draftsOf(order({ user: { id: 'C-1', email: 'ana@example.com' } }), {
      events: { purchase: ['event', 'item', 'opportunity', 'order', 'contact'] },
    })
    assert.deepEqual(
      all.map(({ group, step }) => `${step} ${group}`),
      ['0 Contact', '1 Web_Order__c', '1 Opportunity', '2 Web_Order_Item__c', '2 Web_Order_Item__c', '2 Web_Event__c'],
    )
    assert.deepEqual(
      draftsOf({ ...order(), name: 'view_item' }).map(({ step }) => step),
      [0],
    )
  })
  test('consent never asked for is not mentioned, and a login does not bring back who has opted out', () => {
    const flag = (event: Partial<Event>) => fieldsOf({ ...lead('ana', { id: 'C-1' }), ...event }).HasOptedOutOfEmail
    assert.equal(flag({ consent: { marketing: true } }), false)
    assert.equal(flag({ consent: { marketing: false } }), true)
    assert.equal(flag({ consent: { analytics: true } }), undefined)
    assert.equal(flag({ name: 'sign_up', consent: { marketing: false } }), true)
    assert.equal(flag({ name: 'login', consent: { marketing: true } }), undefined)
  })
  test('a placeholder never takes the name of a contact who may have one', () => {
    const named = (name: string) =>
      fieldsOf({ ...lead('ana'), name, user: { id: 'C-1', email: 'ana@example.com' } }).LastName
    assert.equal(named('sign_up'), 'Unknown')
    assert.equal(named('login'), undefined)
  })
  test('text is cut where a character ends, and what identifies somebody is not cut at all', () => {
    const fields = fieldsOf(lead('ana', { firstName: `${'x'.repeat(39)}👩`, email: `${'a'.repeat(90)}@example.com` }))
    assert.equal(fields.FirstName, 'x'.repeat(39))
    assert.equal(String(fields.Email).length, 102)
  })
  test('what nobody known did makes no lead, and an order all the same', () => {
    assert.deepEqual(draftsOf({ ...lead('ana'), user: { lastName: 'Silva' } }), [])
    assert.equal(draftsOf(order({ user: {} }))[0]!.group, 'Web_Order__c')
  })
  test('names of events that every object has are no events', () => {
    for (const name of ['constructor', 'toString', '__proto__'])
      assert.deepEqual(draftsOf({ ...lead('ana'), name }), [])
  })
})

test('whatever a tag sends, Salesforce takes what the connector makes of it', async () => {
  const settings = { ...base, events: { purchase: ['order', 'item', 'opportunity'] } } satisfies Settings
  await fc.assert(
    fc.asyncProperty(anyEvent(salesforce.wants(settings)), async event => {
      const org = await open()
      const id = 'C-1' // ids longer than their field, and a login's contact that is not there, are refused rightly
      const commerce = { ...event.commerce, transactionId: event.commerce?.transactionId?.slice(0, 200) ?? '' }
      const whole = { ...event, commerce, user: { ...event.user, id, email: 'ana@example.com', lastName: 'Silva' } }
      const drafts = draftsOf(whole, settings)
      for (const draft of drafts) {
        const parcels = [{ id: 'r', eventId: 'e', ledger: '', draft, bytes: 0 }]
        const told = await org.send(parcels, { call: 'upsert' })
        assert.equal(told.get('r')!.verdict, 'delivered', JSON.stringify([told.get('r'), draft]))
      }
    }),
    { numRuns: 300 },
  )
})

suite('settings', () => {
  const problem = (settings: Partial<Settings>) => salesforce.problems!({ ...base, ...settings })
  test('that cannot work are told with the key and the fix', () => {
    assert.deepEqual(problem({}), [])
    assert.deepEqual(problem({ loginUrl: 'https://login.salesforce.com' }), [
      "loginUrl: client credentials need the org's own address (My Domain), such as https://acme.my.salesforce.com",
    ])
    assert.deepEqual(problem({ loginUrl: 'https://login.salesforce.com', auth: 'jwt' }), [])
    assert.deepEqual(problem({ apiVersion: '45.0' }), ['apiVersion: Salesforce upserts collections since 46.0'])
    assert.match(
      problem({ fields: { lead: { Sku__c: 'X__c' } } })[0]!,
      /^fields\.lead\.Sku__c: Connect fills no such field; it fills FirstName, /,
    )
    assert.deepEqual(problem({ fields: { lead: { City: 'State' } } }), [
      'fields.lead.City: another field is called State already',
    ])
    assert.deepEqual(problem({ fields: { item: { 'Web_Order__r.Order_Number__c': 'Pedido__r.Numero__c' } } }), [])
    assert.match(problem({ fields: { lead: { City: 'Home town' } } })[0]!, /^fields\.lead\.City: write the API name/)
    assert.match(
      problem({ mapping: { lead: { '*': { Id: 'user.id' } } } })[0]!,
      /^mapping\.lead\.\*\.Id: records go by their external id/,
    )
    assert.match(
      problem({ mapping: { lead: { '*': { Plan__c: 'plan' } } } })[0]!,
      /^mapping\.lead\.\*\.Plan__c: "plan" is no path/,
    )
    assert.match(problem({ mapping: { item: { '*': { Line_Id__c: 'id' } } } })[0]!, /tells the lines of an order apart/)
  })
  test('switch events on and off', () => {
    const wanted = salesforce.wants({ ...base, events: { view_item: [], quiz: ['event'] } })
    assert.ok(wanted.includes('quiz') && wanted.includes('purchase') && !wanted.includes('view_item'))
  })
  test('set the rates: a minute of ours always, a share of the day where it is given', () => {
    const { upsert, bulk } = salesforce.calls
    assert.deepEqual(upsert!.rates(base), [{ requests: 300, perMs: 60_000 }])
    assert.deepEqual(upsert!.rates({ ...base, requestsPerMinute: 60, requestsPerDay: 5_000 }), [
      { requests: 60, perMs: 60_000 },
      { requests: 5_000, perMs: 86_400_000 },
    ])
    assert.deepEqual(bulk!.rates(base).at(-1), { requests: 15_000, perMs: 86_400_000 })
  })
})

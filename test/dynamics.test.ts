import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { batchRequest, partsOf } from '../connectors/dynamics/batch.ts'
import { dynamics } from '../connectors/dynamics/index.ts'
import simulator from '../connectors/dynamics/simulator.ts'
import { batchAnswer, type PartAnswer } from '../connectors/dynamics/simulator-batch.ts'
import type { Event, Verdict } from '../core/connector.ts'
import type { VendorAnswer } from '../core/simulator.ts'
import { run } from '../local/rehearse.ts'
import { draftsOf, firstOf, NOW, open, SETTINGS, someone, status } from './tools/dynamics.ts'
import { anyEvent } from './tools/events.ts'

const sha256 = (text: string) => hash('sha256', text)
const fault = (code: number, name: string): PartAnswer => ({
  status: code,
  body: { error: { code: name, message: 'no' } },
})
const leads = (count: number): Event[] =>
  Array.from({ length: count }, (_, n) => someone({ email: `p${n}@example.com` }, { id: `e${n}` }))
const delivered = (events: readonly Event[], answers?: readonly VendorAnswer[]) => {
  const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
  const secrets = simulator.credentials(SETTINGS)
  return run({
    connector: dynamics,
    settings: SETTINGS,
    secrets,
    vendor,
    events,
    now: NOW,
    ...(answers && { answers }),
  })
}

suite('a batch', () => {
  const operation = {
    set: 'leads',
    column: 'new_externalid',
    value: 'k',
    body: { subject: 'São Paulo\r\n--batch_connect--' },
  }
  test('has CRLF at every line end, and bodies as long as they say, whatever the values hold', () => {
    const body = batchRequest(SETTINGS, [{ ...operation, only: 'missing' }, operation]).body ?? ''
    assert.ok(!/(?<!\r)\n/.test(body))
    const json = '{"subject":"São Paulo\\r\\n--batch_connect--"}'
    const part = [
      '--batch_connect',
      'Content-Type: application/http',
      'Content-Transfer-Encoding: binary',
      '',
      "PATCH /api/data/v9.2/leads(new_externalid='k') HTTP/1.1",
      'Content-Type: application/json; type=entry',
      `Content-Length: ${Buffer.byteLength(json)}`,
    ]
    assert.equal(body, [...part, 'If-None-Match: *', '', json, ...part, '', json, '--batch_connect--', ''].join('\r\n'))
  })
  test('asks for every record to be told, and for duplicate detection only where it is wanted', () => {
    const request = batchRequest(SETTINGS, [operation])
    assert.equal(request.headers.prefer, 'odata.continue-on-error')
    assert.ok(!request.body?.includes('SuppressDuplicateDetection'))
    const detecting = batchRequest({ ...SETTINGS, duplicateDetection: true }, [operation])
    assert.ok(detecting.body?.includes('\r\nMSCRM.SuppressDuplicateDetection: false\r\n'))
  })
  test('of the version and environment in the settings', () => {
    const request = batchRequest({ ...SETTINGS, apiVersion: 'v9.1' }, [operation])
    assert.equal(request.url, 'https://loja-abc.crm2.dynamics.com/api/data/v9.1/$batch')
    assert.ok(request.body?.includes('PATCH /api/data/v9.1/leads('))
  })
})

suite('the answer to a batch', () => {
  const answer = (body: unknown, type = 'multipart/mixed; boundary=b') =>
    partsOf({ status: 200, headers: { 'content-type': type }, body })
  test('is read part by part, with quoted boundaries, bare line feeds and text around it', () => {
    const text =
      'preamble\n--b\nContent-Type: application/http\n\nHTTP/1.1 429 Too Many\nRetry-After: 7\n\n{"a":1}\n--b--\nepilogue'
    for (const type of ['multipart/mixed; boundary=b', 'multipart/mixed; charset=utf-8; boundary="b"'])
      assert.deepEqual(answer(text, type), [{ status: 429, headers: { 'retry-after': '7' }, body: { a: 1 } }])
  })
  test('is no batch answer without its content type, its boundary or its text', () => {
    assert.equal(answer('--b--', 'application/json'), undefined)
    assert.equal(answer('--b--', 'multipart/mixed'), undefined)
    assert.equal(answer({ parsed: true }), undefined)
  })
  test('has parts that are no HTTP answer count as an answer of whoever broke them', () => {
    assert.deepEqual(answer('--b\r\n\r\ngarbage\r\n--b--\r\n'), [{ status: 502, headers: {}, body: '' }])
  })
})

const kinds: readonly [part: PartAnswer, verdict: Verdict][] = [
  [{ status: 204 }, 'delivered'],
  [fault(412, ''), 'delivered'], // there already, and changed by the second batch
  [fault(400, '0x80044331'), 'rejected'],
  [fault(500, '0x80040333'), 'rejected'],
  [fault(500, '0x80044150'), 'retry'],
  [fault(500, ''), 'retry'],
  [fault(403, '0x80040220'), 'misconfigured'],
  [{ ...fault(429, '0x80072322'), headers: { 'Retry-After': '5' } }, 'throttled'],
]

test('whichever records of a batch fail, each has the outcome of its own part', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 50 }), async some => {
      const first = batchAnswer(some.map(([part]) => part))
      const second = batchAnswer(some.filter(([{ status: code }]) => code === 412).map(() => ({ status: 204 })))
      const { outcomes } = await delivered(leads(some.length), [first, second])
      assert.deepEqual(outcomes, Object.fromEntries(some.map(([, verdict], n) => [`e${n}`, verdict])))
    }),
    { numRuns: 200 },
  )
})

test('a lead that is deleted after the first batch has met it is not made again by the second', async () => {
  const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
  const { outcomes, sent } = await run({
    connector: dynamics,
    settings: { ...SETTINGS, mapping: { lead: { '*': { subject: { value: 'Site' } } } } },
    secrets: simulator.credentials(SETTINGS),
    vendor,
    events: [someone({ email: 'ana@example.com', lastName: 'Silva' })],
    now: NOW,
    answers: [batchAnswer([fault(412, '')])],
  })
  assert.equal(sent.length, 2)
  assert.deepEqual([outcomes, vendor.received], [{ 'e-1': 'rejected' }, []])
})

test('wherever an answer is cut off, no record is told anything that its part does not say', async () => {
  const some = kinds.filter(([{ status: code }]) => code !== 412)
  const whole = batchAnswer(some.map(([part]) => part))
  const text = String(whole.body)
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length), async end => {
      const { outcomes } = await delivered(leads(some.length), [{ ...whole, body: text.slice(0, end) }])
      for (const [n, [, verdict]] of some.entries())
        assert.ok([verdict, 'retry'].includes(outcomes[`e${n}`] as Verdict))
    }),
    { numRuns: 200 },
  )
})

test('the same events delivered twice leave the same rows as once', async () => {
  const names = dynamics.wants(SETTINGS).filter(name => !name.endsWith('_lead') || name === 'generate_lead')
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent(names), { maxLength: 12 }), async events => {
      const vendor = simulator.vendor({ now: () => NOW, random: () => 0.5 })
      const secrets = simulator.credentials(SETTINGS)
      const unique = events.map((event, n) => ({ ...event, id: `e${n}` }))
      const once = () => run({ connector: dynamics, settings: SETTINGS, secrets, vendor, events: unique, now: NOW })
      await once()
      const keys = vendor.received.map(({ kind, key }) => `${kind} ${key}`)
      assert.equal(new Set(keys).size, keys.length)
      const { outcomes } = await once()
      assert.deepEqual(
        vendor.received.map(({ kind, key }) => `${kind} ${key}`),
        keys,
      )
      for (const outcome of Object.values(outcomes)) assert.ok(['delivered', 'skipped'].includes(outcome))
    }),
    { numRuns: 60 },
  )
})

test('whatever a tag sends, Dynamics takes what the connector makes of it', async () => {
  const { clock, send } = await open()
  const names = dynamics.wants(SETTINGS).filter(name => !name.endsWith('_lead') || name === 'generate_lead')
  await fc.assert(
    fc.asyncProperty(anyEvent(names), fc.uuid(), async (event, id) => {
      for (const { data } of draftsOf({ ...event, user: { ...event.user, email: `${id}@example.com` } })) {
        clock.at += 1000
        const { make, how, ...row } = data
        const answer = await send(batchRequest(SETTINGS, [{ ...row, body: { ...make, ...row.body } }]))
        assert.equal(status(answer), 200)
        assert.equal(partsOf({ headers: {}, ...(answer as object) } as never)?.[0]?.status, 204, JSON.stringify(answer))
        assert.ok(['upsert', 'append'].includes(how))
      }
    }),
    { numRuns: 300 },
  )
})

suite('a person', () => {
  const keyOf = (user: Event['user'], settings = {}) => firstOf(someone(user), settings).value
  test('is known by the hash of the address, which is what GA4 tags hash to', () => {
    assert.equal(keyOf({ email: 'ana+x@example.com', phone: '+5548999990000' }), sha256('ana+x@example.com'))
    const [stage] = draftsOf(someone({ emailHash: sha256('ana@example.com') }, { name: 'qualify_lead' }))
    assert.equal(stage?.data.value, sha256('ana@example.com'))
  })
  test('without an address is known by the phone, and by an id only where the settings say so', () => {
    assert.equal(keyOf({ phone: '+5548999990000' }), sha256('+5548999990000'))
    assert.deepEqual(draftsOf(someone({ id: 'u-1' })), [])
    assert.equal(keyOf({ id: 'u-1' }, { matchBy: ['id', 'email'] }), sha256('id u-1'))
  })
  test('of another scope is another person', () => {
    assert.equal(keyOf({ email: 'ana@example.com' }, { keyScope: 'b' }), sha256(`b ${sha256('ana@example.com')}`))
  })
  test('who is a hash only is found and never made, though what they do is kept', () => {
    const user = { emailHash: sha256('ana@example.com') }
    assert.deepEqual(draftsOf(someone(user)), [])
    const [row, ...others] = draftsOf(someone(user, { name: 'purchase' }))
    assert.deepEqual([row?.data.set, row?.step, others], ['new_orders', 0, []])
    assert.ok(!Object.hasOwn(row!.data.body, 'new_Contact@odata.bind'))
    assert.equal(draftsOf(someone(user, { name: 'qualify_lead' })).length, 1)
  })
  test('who writes the whole name into one field has a surname', () => {
    const { body, make } = firstOf(someone({ email: 'ana@example.com', firstName: 'Ana Maria Silva' }))
    assert.deepEqual([body.firstname, body.lastname, make?.lastname], ['Ana', 'Maria Silva', undefined])
  })
  test('who tells no surname gets one only when the lead is made', () => {
    const { body, make } = firstOf(someone({ email: 'ana.s@example.com', firstName: 'Ana' }))
    assert.deepEqual([body.firstname, body.lastname, make?.lastname], ['Ana', undefined, 'ana.s'])
  })
  test('whose address is longer than its column keeps the lead, without half an address', () => {
    const email = `${'a'.repeat(100)}@example.com`
    const { body, value } = firstOf(someone({ email }))
    assert.deepEqual([body.emailaddress1, value], [undefined, sha256(email)])
  })
})

suite('the description', () => {
  const described = (properties: Event['properties'], rest: Partial<Event> = {}) =>
    firstOf(someone({ email: 'ana@example.com' }, { ...(properties && { properties }), ...rest }))
  test('of a long talk keeps its end, and the whole summary, within 2,000 characters', () => {
    const conversation = Array.from({ length: 200 }, (_, n) => ({ from: 'visitor', content: `line ${n} 👩‍👧` }))
    const text = String(described({ conversation, summary: 'Wants a quote.' }).body.description)
    assert.ok(text.length <= 2000 && text.isWellFormed())
    assert.match(text, /^…/)
    assert.match(text, /visitor: line 199 👩‍👧\n\nWants a quote\.$/)
  })
  test('that is too long by itself is cut', () => {
    const text = String(described({ message: 'x'.repeat(3000), transcript: 'hello' }).body.description)
    assert.equal(text, `${'x'.repeat(1999)}…`)
  })
  test('that only says where somebody came from never replaces what was said before', () => {
    const { body, make } = described(undefined, { campaign: { source: 'google', medium: 'cpc' } })
    assert.deepEqual([body.description, make?.description], [undefined, 'Campaign: google / cpc'])
  })
})

suite('settings', () => {
  test('decide which events are wanted: rows only where there is a table for them', () => {
    const { orders: _orders, activities: _activities, ...bare } = SETTINGS
    assert.ok(dynamics.wants(SETTINGS).includes('view_item'))
    assert.ok(!dynamics.wants(bare).includes('view_item'))
    assert.ok(dynamics.wants(bare).includes('purchase'))
    assert.deepEqual(dynamics.map(someone({ email: 'ana@example.com' }, { name: 'view_item' }), bare), {
      skip: 'view_item is not sent to Dynamics: see its setting events',
    })
  })
  test('that cannot work together are told with the key and the fix', () => {
    const { orders: _orders, ...bare } = SETTINGS
    assert.deepEqual(
      dynamics.problems?.({
        ...bare,
        directory: 'common',
        leadPer: 'event',
        events: { purchase: ['order'], qualify_lead: ['lead-update'] },
        mapping: { lead: { '*': { new_plan: 'gold' } } },
      }),
      [
        'directory: "common" cannot log an application in: write the GUID or the domain of the directory',
        'events.purchase: order needs a table: see orders',
        'events.qualify_lead: lead-update cannot find its lead where each event has its own: set leadPer to "person"',
        'mapping.lead.*.new_plan: "gold" is no path of an event, such as "user.email", and no text with paths in braces: write a fixed text as {"value": "gold"}',
      ],
    )
    assert.deepEqual(dynamics.problems?.({ ...SETTINGS, activities: { set: 'new_orders', key: 'new_other' } }), [
      'activities.set: "new_orders" is the table of orders: rows of one event would be one row; name another table',
    ])
  })
  test("set the pace: the window of 5 minutes, and a share of the organisation's day in full batches", () => {
    assert.deepEqual(dynamics.calls.batch!.rates(SETTINGS), [{ requests: 6000, perMs: 300_000 }])
    assert.deepEqual(dynamics.calls.batch!.rates({ ...SETTINGS, requestsPer5Minutes: 900, recordsPerDay: 25_000 }), [
      { requests: 900, perMs: 300_000 },
      { requests: 500, perMs: 86_400_000 },
    ])
  })
  test('names of events that every object has are no events', () => {
    for (const name of ['constructor', 'toString', '__proto__'])
      assert.deepEqual(draftsOf(someone({ email: 'ana@example.com' }, { name })), [])
  })
  test('link a row to whom the same event has written', () => {
    const drafts = draftsOf(someone({ email: 'ana@example.com' }, { name: 'begin_checkout' }), {
      events: { begin_checkout: ['lead', 'activity'] },
      activities: { set: 'new_webactivities', key: 'new_eventid', lead: 'new_Lead', contact: 'new_Contact' },
    })
    assert.deepEqual(
      drafts.map(({ step, data }) => [
        step,
        data.set,
        data.body['new_Lead@odata.bind'],
        data.body['new_Contact@odata.bind'],
      ]),
      [
        [0, 'leads', undefined, undefined],
        [1, 'new_webactivities', `/leads(new_externalid='${sha256('ana@example.com')}')`, undefined],
      ],
    )
  })
})

import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { type Settings, sendgrid } from '../connectors/sendgrid/index.ts'
import simulator from '../connectors/sendgrid/simulator.ts'
import { event, GROUP, LISTS, lead, order, SENDER, TEMPLATES } from '../connectors/sendgrid/simulator-people.ts'
import { limitsOf, pack, parcelsOf } from '../core/batch.ts'
import type { Event, Json } from '../core/connector.ts'
import { anyEvent } from './tools/events.ts'
import { open, parcelsFor, verdicts } from './tools/sendgrid.ts'

const onlyMail: Settings = { ...simulator.settings, contacts: { '*': false } }
const explained = (body: unknown, code = 400, headers = {}) =>
  sendgrid.explain({ status: code, headers, body }, { call: 'mail', settings: {}, records: [] })
const fault = (message: string, field: string | null = null) => ({ errors: [{ message, field, help: null }] })

suite('SendGrid says what is wrong in many shapes, read as one', () => {
  const shapes: [title: string, body: unknown, expected: object][] = [
    ['a list', fault('Invalid', 'from.email'), { code: 'from', words: 'from.email: Invalid' }],
    [
      'one object in place of the list',
      { errors: { message: 'Bad', error_id: 'bad_request' } },
      { code: 'bad_request', words: 'Bad' },
    ],
    [
      'a parameter in place of the field',
      { errors: [{ message: 'bad', parameter: 'list_ids' }] },
      { code: 'list_ids', words: 'list_ids: bad' },
    ],
    ['the word null for no field', fault('invalid request', 'null'), { words: 'invalid request' }],
    [
      'several of one kind',
      {
        errors: [
          { message: 'a', field: 'asm' },
          { message: 'b', field: 'from' },
          { message: 'c', field: 'asm' },
        ],
      },
      { code: 'asm', words: 'asm: a; asm: c' },
    ],
    ['a text', { error: 'no' }, { words: 'no' }],
    ['a message', { message: 'no' }, { words: 'no' }],
    ['a page', '<html>Bad Gateway</html>', { words: '<html>Bad Gateway</html>' }],
    ['nothing', '', {}],
    ['null', null, {}],
    ['numbers', { errors: [7, null, {}] }, {}],
  ]
  for (const [title, body, expected] of shapes) test(`as ${title}`, () => assert.deepEqual(explained(body), expected))

  const codes: [message: string, field: string | null, httpStatus: number, code: string | undefined][] = [
    ['Maximum credits exceeded', null, 401, 'credits-exceeded'],
    ['authorization required', 'null', 401, undefined],
    ['The from address does not match a verified Sender Identity.', 'from', 403, 'sender-not-verified'],
    ['Too many bad requests', null, 403, 'temporarily-blocked'],
    ['access forbidden', null, 403, undefined],
    ['The from email does not contain a valid address.', 'from.email', 400, 'from'],
    ['Does not contain a valid address.', 'personalizations.3.to.0.email', 400, 'invalid-email'],
    ["email 'x' is not valid", null, 400, 'invalid-email'],
    ['unknown', 'contacts[2].custom_fields', 400, 'custom_fields'],
    ['invalid custom field id e9_T', null, 400, 'custom_fields'],
    ['The list id is unknown', null, 400, 'list_ids'],
    ['too long', 'contacts[2].city', 400, 'contacts'],
  ]
  for (const [message, field, httpStatus, code] of codes)
    test(`"${message}" at ${field} of a ${httpStatus} is ${code ?? 'the status alone'}`, () =>
      assert.equal(explained(fault(message, field), httpStatus).code, code))
})

suite('a refusal of the whole request', () => {
  const culprits = (
    call: 'mail' | 'contacts',
    events: readonly Event[],
    message: string,
    field: string | null = null,
  ) => {
    const records = parcelsFor(events)
      .filter(({ draft }) => draft.call === call)
      .map(({ eventId, draft }) => ({ id: eventId, data: draft.data as never }))
    const batch = { call, settings: simulator.settings, records }
    return sendgrid.explain({ status: 400, headers: {}, body: fault(message, field) }, batch).culprits
  }
  const three = [order('ana'), order('eva'), order('rui')]
  test('names the mail by its place, in either way of writing it', () => {
    assert.deepEqual(culprits('mail', three, 'bad', 'personalizations.1.to.0.email'), ['eva'])
    assert.deepEqual(culprits('mail', three, 'bad', 'personalizations[2].to'), ['rui'])
  })
  test('names nobody by a place that is not there', () => {
    assert.equal(culprits('mail', three, 'bad', 'personalizations.7'), undefined)
    assert.equal(culprits('mail', three, 'bad', 'personalizations'), undefined)
  })
  test('counts places without the addresses that were never sent', () => {
    const bad = order('bad', { user: { email: 'ana(at)example' } })
    assert.deepEqual(culprits('mail', [bad, ...three], 'bad', 'personalizations.0'), ['ana'])
  })
  test('names all that was said of the contact at a place', () => {
    const again = lead('again', { user: { email: 'ana@example.com' } })
    assert.deepEqual(culprits('contacts', [lead('ana'), lead('eva'), again], 'bad', 'contacts[0].city'), [
      'ana',
      'again',
    ])
  })
  test('names who has the address, and nobody whose address only ends alike', () => {
    const some = [lead('ana'), lead('mariana'), lead('eva')]
    assert.deepEqual(culprits('contacts', some, "email 'Ana@example.com' is not valid."), ['ana'])
    assert.deepEqual(culprits('contacts', some, 'invalid: eva@example.com, ana@example.com.'), ['ana', 'eva'])
  })
})

test('each mail has its own fate, for any set of refused ones, wherever the answer names them or not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), fc.boolean(), async (good, named) => {
      const opened = open()
      opened.play(({ body }) => {
        const { personalizations } = JSON.parse(body!)
        const place = personalizations.findIndex(({ to }: { to: [{ email: string }] }) => to[0].email.startsWith('bad'))
        if (place < 0) return undefined
        return { status: 400, body: fault('bad request', named ? `personalizations.${place}.to.0.email` : null) }
      })
      const parcels = parcelsFor(
        good.map((fine, n) => order(`${fine ? 'p' : 'bad'}${n}`)),
        onlyMail,
      )
      const told = await opened.send({ call: 'mail', parcels }, onlyMail)
      assert.deepEqual(
        verdicts(told),
        Object.fromEntries(good.map((fine, n) => [fine ? `p${n}` : `bad${n}`, fine ? 'delivered' : 'rejected'])),
      )
      assert.equal(opened.vendor.received.length, good.filter(Boolean).length)
    }),
    { numRuns: 60 },
  )
})

suite('over its rate', () => {
  const wait = (headers: object) => explained(fault('too many requests'), 429, headers).waitMs
  const date = 'Fri, 20 Nov 2026 12:00:00 GMT'
  const at = Date.parse(date) / 1000
  test('waits until the time that the answer names, by its own clock', () =>
    assert.equal(wait({ date, 'x-ratelimit-reset': String(at + 7) }), 8_000))
  test('does not wait for a time that is past', () =>
    assert.equal(wait({ date, 'x-ratelimit-reset': String(at - 7) }), 1_000))
  test('takes a small number for seconds to wait', () => assert.equal(wait({ 'x-ratelimit-reset': '30' }), 30_000))
  test('leaves the wait to the table where nothing usable is said', () => {
    for (const headers of [
      {},
      { 'x-ratelimit-reset': String(at + 7) },
      { date, 'x-ratelimit-reset': 'soon' },
      { date, 'x-ratelimit-reset': '0' },
    ])
      assert.equal(wait(headers), undefined)
  })
})

test('the key goes to SendGrid and nowhere else', () => {
  const auth = sendgrid.auth({})
  assert.ok(auth.kind === 'static')
  const headersAt = (url: string) => auth.sign({ method: 'GET', url, headers: {} }, { apiKey: 'SG.a.b' }).headers
  for (const host of ['api.sendgrid.com', 'api.eu.sendgrid.com'])
    assert.deepEqual(headersAt(`https://${host}/v3/scopes`), { authorization: 'Bearer SG.a.b' })
  for (const host of ['files.s3.amazonaws.com', 'api.sendgrid.com.evil.example', 'xapi.sendgrid.com'])
    assert.deepEqual(headersAt(`https://${host}/`), {})
})

suite('settings', () => {
  const mail = { template: TEMPLATES.cart }
  const wrong: [title: string, settings: Settings, problem: RegExp | undefined][] = [
    ['mail of nobody', { mails: { x: { ...mail, group: 1 } } }, /^mails\.x: nobody sends it; set from/],
    ['mail with a sender of its own', { mails: { x: { ...mail, group: 1, from: SENDER } } }, undefined],
    ['marketing without a group', { from: SENDER, mails: { x: mail } }, /^mails\.x: .*unsubscribe group/],
    ['a receipt without a group', { from: SENDER, mails: { x: { ...mail, kind: 'transactional' } } }, undefined],
    ['mail that is switched off', { mails: { x: false } }, undefined],
    [
      'template data that is no path',
      { from: SENDER, mails: { x: { ...mail, group: 1, data: { a: 'free' } } } },
      /^mails\.x\.data\.a: /,
    ],
    [
      'a field that contacts do not have',
      { mapping: { '*': { nickname: 'user.firstName' } } },
      /^mapping\.\*\.nickname: /,
    ],
    ['custom fields by their ids', { mapping: { '*': { e1_T: 'id', w12: 'id' } } }, undefined],
    ['contacts of a region', { region: 'eu' }, /^region: contacts .*"\*": false/],
    ['a region without contacts', { region: 'eu', contacts: { '*': false } }, undefined],
    ['an identifier that is none', { identifiers: ['cpf'] }, /^identifiers: "cpf"/],
  ]
  for (const [title, settings, problem] of wrong)
    test(`${title}: ${problem ? 'told with the key' : 'fine'}`, () => {
      const problems = sendgrid.problems!(settings)
      assert.equal(problems.length, problem ? 1 : 0, problems.join())
      if (problem) assert.match(problems[0]!, problem)
    })
  test('switch events on and off', () => {
    assert.ok(!sendgrid.wants({ contacts: { refund: false } }).includes('refund'))
    assert.deepEqual(sendgrid.wants({ contacts: { '*': false, view_item: {} }, optOuts: {} }), ['view_item'])
    assert.deepEqual(
      sendgrid.wants({ contacts: { '*': false }, optOuts: { unsubscribe: false }, mails: { quiz: mail } }),
      ['quiz'],
    )
  })
  test('names of events that every object has are no events', () => {
    for (const name of ['constructor', 'toString', '__proto__', '*'])
      assert.ok('skip' in sendgrid.map({ ...lead('ana'), name }, simulator.settings))
  })
})

suite('fields of a contact', () => {
  const contactOf = (mapping: { [field: string]: string | { value: Json } }, rest: Partial<Event> = {}) => {
    const mapped = sendgrid.map(lead('ana', rest), { mapping: { '*': mapping } })
    assert.ok(!('skip' in mapped))
    const { data } = mapped[0]!
    return 'contact' in data ? data.contact : assert.fail()
  }
  test('keep to the types of custom fields, and leave out what has another', () => {
    const values: [id: string, value: Json, sent: unknown][] = [
      ['e1_N', '9.5', 9.5],
      ['e1_N', 'many', undefined],
      ['e1_N', '', undefined],
      ['e1_N', true, undefined],
      ['e1_D', '2026-11-20', '2026-11-20T00:00:00.000Z'],
      ['e1_D', 'tomorrow', undefined],
      ['e1_D', 7, undefined],
      ['e1_T', 9.5, '9.5'],
      ['e1_T', true, 'true'],
      ['e1_T', ['a', 1, { b: 2 }], 'a, 1'],
      ['e1_T', { a: 1 }, undefined],
      ['e1_T', 'x'.repeat(2_000), 'x'.repeat(1_000)],
    ]
    for (const [id, value, sent] of values) {
      const { custom_fields: custom } = contactOf({ [id]: { value } })
      assert.deepEqual(custom, sent === undefined ? undefined : { [id]: sent })
    }
  })
  test('are cut to length without cutting a character in two, and identities never', () => {
    assert.equal(
      contactOf({}, { user: { email: 'ana@example.com', firstName: `${'a'.repeat(49)}👩` } }).first_name,
      'a'.repeat(49),
    )
    const long = `${'a'.repeat(250)}@example.com`
    assert.ok('skip' in sendgrid.map(lead('ana', { user: { email: long } }), {}))
  })
  test('known by nothing that is an identifier make no contact', () => {
    const settings: Settings = { identifiers: ['external_id'] }
    assert.ok('skip' in sendgrid.map(lead('ana'), settings))
    assert.ok(!('skip' in sendgrid.map(lead('ana', { user: { id: 'u-1' } }), settings)))
  })
})

test('contacts of other lists go in other requests, events with the same lists in one', () => {
  const settings: Settings = {
    contacts: { sign_up: { lists: [LISTS[0]] }, purchase: { lists: [LISTS[1]] } },
    lists: [LISTS[0]],
  }
  const events = [lead('ana'), event('sign_up', 'eva'), event('purchase', 'rui')]
  const loads = pack(parcelsFor(events, settings), limitsOf(sendgrid.calls, settings))
  assert.deepEqual(
    loads.map(({ parcels }) => parcels.map(({ id }) => id)),
    [['ana', 'eva'], ['rui']],
  )
})

test('a backlog of contacts goes in as few requests as SendGrid takes: 30,000 or 6 MB each', async () => {
  const loadsOf = async (count: number, settings: Settings, properties: NonNullable<Event['properties']>) => {
    const opened = open()
    const parcels = parcelsFor(
      Array.from({ length: count }, (_, n) => ({ ...lead(`p${n}`), properties })),
      settings,
    )
    const loads = pack(parcels, limitsOf(sendgrid.calls, settings))
    for (const load of loads)
      for (const { verdict } of (await opened.send(load, settings)).values()) assert.equal(verdict, 'pending')
    assert.equal(opened.requests.length, loads.length, 'none of them was refused and halved')
    return loads.length
  }
  assert.equal(await loadsOf(30_001, simulator.settings, {}), 2)
  const wordy: Settings = { ...simulator.settings, mapping: { '*': { e1_T: 'properties.words' } } }
  assert.equal(await loadsOf(7_000, wordy, { words: 'x'.repeat(1_000) }), 2)
})

test('whatever a tag sends, SendGrid takes what the connector makes of it', async () => {
  const settings: Settings = {
    ...simulator.settings,
    identifiers: ['email', 'external_id', 'anonymous_id', 'phone_number_id'],
    mails: {
      purchase: { template: TEMPLATES.receipt, kind: 'transactional', data: { all: 'properties.plan' } },
      sign_up: { template: TEMPLATES.welcome, group: GROUP, data: { form: 'properties.form_id' } },
    },
    mapping: {
      '*': { e1_T: 'page.title', e2_N: 'commerce.value', e3_D: 'at', w4: 'properties.tags', city: 'properties.plan' },
    },
  }
  assert.deepEqual(sendgrid.problems!(settings), [])
  await fc.assert(
    fc.asyncProperty(fc.array(anyEvent(sendgrid.wants(settings)), { minLength: 1, maxLength: 5 }), async events => {
      const opened = open()
      const parcels = events.flatMap((one, n) => {
        const mapped = sendgrid.map({ ...one, id: `e${n}` }, settings)
        return 'skip' in mapped ? [] : parcelsOf(`e${n}`, mapped)
      })
      for (const load of pack(parcels, limitsOf(sendgrid.calls, settings)))
        for (const [id, { verdict, words }] of await opened.send(load, settings))
          assert.ok(verdict === 'delivered' || verdict === 'pending', `${id} ${verdict} ${words}`)
    }),
    { numRuns: 300 },
  )
})

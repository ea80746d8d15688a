import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import fc from 'fast-check'
import { type Settings, whatsapp } from '../connectors/whatsapp/index.ts'
import type { Message } from '../connectors/whatsapp/map.ts'
import simulator from '../connectors/whatsapp/simulator.ts'
import { hookOf, statusOf } from '../connectors/whatsapp/simulator-hooks.ts'
import { event, lead, NUMBER_ID, PHONES, textMessage, welcome } from '../connectors/whatsapp/simulator-people.ts'
import { webhook } from '../connectors/whatsapp/webhook.ts'
import type { Event, HttpRequest, Update } from '../core/connector.ts'
import type { VendorAnswer } from '../core/simulator.ts'
import { anyEvent } from './tools/events.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const SETTINGS: Settings = { phoneNumberId: NUMBER_ID }
const dataOf = (one: Event, settings: Partial<Settings> = {}): Message | undefined => {
  const mapped = whatsapp.map(one, { ...SETTINGS, ...settings })
  return 'skip' in mapped ? undefined : mapped[0]?.data.message
}
const post = (body: unknown, change: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'POST',
  url: `https://graph.facebook.com/v23.0/${NUMBER_ID}/messages`,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...change,
  headers: { 'content-type': 'application/json', authorization: 'Bearer token-of-demo', ...change.headers },
})
const codeOf = (answer: VendorAnswer) =>
  typeof answer === 'string'
    ? answer
    : ((answer.body as { error?: { code: number } } | undefined)?.error?.code ?? answer.status)

function open() {
  const clock = { at: NOW, now: () => clock.at, random: () => 0.5 }
  return { clock, vendor: simulator.vendor(clock) }
}

suite('signatures', () => {
  // Made with node:crypto over these very bytes.
  const body =
    '{"object":"whatsapp_business_account","entry":[{"id":"100000000000001","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550000001","phone_number_id":"200000000000002"},"statuses":[{"id":"wamid.TEST","status":"delivered","timestamp":"1750030073","recipient_id":"5511999990000"}]},"field":"messages"}]}]}'
  const signed = (text: string, hex: string, secret = 'test-app-secret') =>
    webhook.verify(
      { raw: Buffer.from(text), headers: { 'x-hub-signature-256': `sha256=${hex}` }, query: {} },
      { appSecret: secret },
      NOW,
    )
  const right = '072d9b2962514e1d27851f0773bbe7f5c3623e41e30afd1493166d21151912d0'
  test('a known body has its known signature', () => assert.ok(signed(body, right)))
  test('another secret, no secret, or another byte has not', () => {
    assert.ok(!signed(body, right, 'another'))
    assert.ok(!signed(body, right, ''))
    assert.ok(!signed(`${body}\n`, right))
  })
  test('an escaped letter and the letter itself are signed apart', () => {
    const escaped = '{"text":{"body":"caf\\u00e9"}}'
    assert.ok(signed(escaped, 'f6db9e7dfb83206dcac1b6966d517f41f1bb57f35cd7a4d62b84ee838293da60'))
    assert.ok(!signed('{"text":{"body":"café"}}', 'f6db9e7dfb83206dcac1b6966d517f41f1bb57f35cd7a4d62b84ee838293da60'))
    assert.ok(signed('{"text":{"body":"café"}}', 'f314d411a75b85ed4e858cc8392b00f916e931124fedd68d4549401ba08638ae'))
  })
})

suite('what webhooks tell', () => {
  const read = (value: object, about?: string, settings: Partial<Settings> = {}): readonly Update[] =>
    webhook.read(JSON.parse(hookOf('demo', NUMBER_ID, value, about).body), { ...SETTINGS, ...settings })
  const stop = (wa_id: string) =>
    read({ user_preferences: [{ wa_id, value: 'stop', timestamp: '1763629200' }] }, 'user_preferences')
  const phonesOf = (updates: readonly Update[]) =>
    updates.flatMap(update => ('person' in update ? (update.person.phones ?? []) : [])).sort()

  test('a status names the record that the message was sent for', () => {
    assert.deepEqual(read({ statuses: [statusOf('wamid.1', 'read', '5511999990000', 'e1', NOW)] }), [
      {
        kind: 'status',
        message: 'wamid.1',
        at: NOW,
        status: 'read',
        stage: 3,
        record: { eventId: 'e1', name: 'message#0' },
      },
    ])
  })
  test('that record is the one that the ledger knows the message by', () => {
    const mapped = whatsapp.map(lead('ana'), SETTINGS)
    assert.ok(!('skip' in mapped))
    assert.deepEqual(
      mapped.map(({ call }, place) => `${call}#${place}`),
      ['message#0'],
    )
  })
  test('stages follow one another, and a failure is above them all', () => {
    const stages = ['sent', 'delivered', 'read', 'played', 'failed'].map(what => {
      const [update] = read({ statuses: [statusOf('wamid.1', what, '5511999990000', 'e1', NOW)] })
      return update?.kind === 'status' ? update.stage : Number.NaN
    })
    assert.deepEqual(
      [...stages].sort((a, b) => a - b),
      stages,
    )
    assert.equal(new Set(stages).size, stages.length)
  })
  test('a failure of a person who stopped marketing is an opt-out', () => {
    const failed = statusOf('wamid.1', 'failed', '5511999990000', 'e1', NOW, { errors: [{ code: 131050, title: 'x' }] })
    assert.deepEqual(
      read({ statuses: [failed] }).map(({ kind }) => kind),
      ['status', 'opt-out'],
    )
  })
  test('numbers of Brazil and Mexico are known in both spellings, from either of them', () => {
    const brazil = ['+551199990000', '+5511999990000']
    assert.deepEqual(phonesOf(stop('551199990000')), brazil)
    assert.deepEqual(phonesOf(stop('5511999990000')), brazil)
    const mexico = ['+5215512345678', '+525512345678']
    assert.deepEqual(phonesOf(stop('525512345678')), mexico)
    assert.deepEqual(phonesOf(stop('5215512345678')), mexico)
    assert.deepEqual(phonesOf(stop('14155550100')), ['+14155550100'])
    assert.deepEqual(phonesOf(stop('551133334444')), ['+551133334444'], 'a landline has no ninth digit')
  })
  test('only what a person writes opens the 24 hours', () => {
    const heard = (type: string) =>
      read({ messages: [{ id: 'wamid.2', from: '5511999990000', timestamp: '1', type }] }).map(({ kind }) => kind)
    for (const type of ['text', 'image', 'button', 'unsupported']) assert.deepEqual(heard(type), ['inbound'])
    assert.deepEqual(heard('system'), [])
  })
  test('a person who hides the number is known by the id in its place, or by both', () => {
    const people = (value: object, about?: string) =>
      read(value, about).flatMap(update => ('person' in update ? [update.person] : []))
    const preference = (who: object) =>
      people({ user_preferences: [{ ...who, value: 'stop', timestamp: '1' }] }, 'user_preferences')
    assert.deepEqual(preference({ user_id: 'BR.1' }), [{ ids: ['BR.1'] }])
    assert.deepEqual(preference({ user_id: 'BR.1', wa_id: '14155550100' }), [
      { phones: ['+14155550100'], ids: ['BR.1'] },
    ])
    assert.deepEqual(preference({ user_id: 'somebody' }), [])
    const said = { id: 'wamid.2', from_user_id: 'BR.1', timestamp: '1', text: { body: 'stop' } }
    assert.deepEqual(people({ messages: [said] }), [{ ids: ['BR.1'] }, { ids: ['BR.1'] }])
    const errors = [{ code: 131050 }]
    const lost = { id: 'wamid.1', status: 'failed', timestamp: '1', recipient_user_id: 'BR.1', errors }
    assert.deepEqual(people({ statuses: [lost] }), [{ ids: ['BR.1'] }])
  })
  test('stop words are the whole message, and the settings say which', () => {
    const says = (text: string, settings?: Partial<Settings>) =>
      read(
        { messages: [{ id: 'wamid.2', from: '5511999990000', timestamp: '1', text: { body: text } }] },
        'messages',
        settings,
      )
        .map(({ kind }) => kind)
        .join()
    assert.equal(says('STOP.'), 'inbound,opt-out')
    assert.equal(says('non-stop'), 'inbound')
    assert.equal(says('stop', { stopWords: [] }), 'inbound')
    assert.equal(says('Chega', { stopWords: ['chega'] }), 'inbound,opt-out')
  })
  test('whatever is sent, reading it throws nothing', () => {
    const names = [
      'entry',
      'changes',
      'value',
      'field',
      'statuses',
      'messages',
      'errors',
      'metadata',
      'id',
      'status',
      'user_preferences',
      'event',
    ]
    const { body } = fc.letrec(tie => ({
      body: fc.oneof(
        { maxDepth: 7 },
        fc.constantFrom(null, 0, '', 'messages', 'sent', 'constructor', '__proto__'),
        fc.array(tie('body'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...names), tie('body'), { maxKeys: 5 }),
      ),
    }))
    fc.assert(
      fc.property(body, value => assert.ok(Array.isArray(webhook.read(value, SETTINGS)))),
      { numRuns: 500 },
    )
  })
})

suite('templates', () => {
  test('an amount is written as the language of the template writes it', () => {
    const order = event('purchase', 'ana', { commerce: { transactionId: 'O-1', currency: 'USD', value: 10 } })
    const text = (language: string) => JSON.stringify(dataOf(order, { language }))
    assert.match(text('en_US'), /"fallback_value":"\$10\.00","code":"USD","amount_1000":10000/)
    assert.match(text('pt_BR'), /"fallback_value":"US\$ 10,00"/)
  })
  test('an amount without a currency goes as a number', () => {
    const order = event('purchase', 'ana', { commerce: { transactionId: 'O-1', value: 10 } })
    assert.match(JSON.stringify(dataOf(order)), /\{"type":"text","text":"10\.00"\}/)
  })
  test('what is wrong with a template is told with its place and the fix', () => {
    const of = (template: object) =>
      whatsapp.problems?.({ ...SETTINGS, templates: { purchase: { name: 'x', ...template } } })
    assert.deepEqual(of({ body: { 1: 'user.firstName', 3: 'id' } }), [
      'templates.purchase.body: numbered parameters are 1 to 2; 2 is missing',
    ])
    assert.deepEqual(of({ body: { 1: 'id' }, money: ['2'] }), [
      'templates.purchase.money: "2" is no parameter of body; name one of 1',
    ])
    assert.deepEqual(of({ buttons: { 0: 'id' }, replies: { 0: 'id' } }), [
      'templates.purchase: button 0 is in buttons and in replies; keep it in one',
    ])
    assert.deepEqual(of({ header: { text: 'id', image: 'page.url' } }), [
      'templates.purchase.header: a template has one header; keep one of its keys',
    ])
    assert.deepEqual(of({ name: undefined }), [
      'templates.purchase: give the name of an approved template, a text, or both',
    ])
    assert.deepEqual(of({ name: undefined, text: { body: 'Oi {id}' }, body: { 1: 'id' } }), [
      'templates.purchase.body: this fills a template, and none is named; add its name',
    ])
    assert.match(String(of({ text: { body: 'Oi' } })), /templates\.purchase\.text\.body: "Oi" is no path/)
    assert.match(String(of({ body: { 1: 'somewhere' } })), /templates\.purchase\.body\.1: "somewhere" is no path/)
  })
  test('events named like what every object has send nothing', () => {
    for (const name of ['constructor', 'toString', '__proto__']) assert.equal(dataOf(lead('ana', { name })), undefined)
  })
})

suite('texts', () => {
  const textOf = (body: string, more: Partial<Event> = {}) => {
    const settings = { ...SETTINGS, templates: { purchase: { text: { body } } } }
    const mapped = whatsapp.map(event('purchase', 'ana', more), settings, { wroteMsAgo: 0 })
    return 'skip' in mapped ? mapped.skip : (mapped[0]!.data.message as { text?: { body: string } }).text?.body
  }
  test('a text keeps its lines, and is cut where WhatsApp ends', () => {
    assert.equal(textOf('a\n\n {properties.note}\n', { properties: { note: 'b' } }), 'a\n\n b')
    const long = textOf('{properties.note}', { properties: { note: `${'x'.repeat(4095)}🙂` } })
    assert.equal(long, `${'x'.repeat(4095)}\ufffd`)
    assert.match(String(textOf('{properties.note}', { properties: { note: ' ' } })), /nothing in the event/)
  })
  test('whose last message counts is asked for events that may send a text, and no others', () => {
    const settings = { ...SETTINGS, templates: { purchase: { text: { body: 'Oi {id}' } } } }
    assert.deepEqual(whatsapp.repliesTo?.(event('purchase', 'ana'), settings), { phones: [PHONES.ana], ids: [] })
    assert.equal(whatsapp.repliesTo?.(event('purchase', 'ana'), SETTINGS), undefined)
    assert.equal(whatsapp.repliesTo?.(lead('ana'), settings), undefined)
    assert.equal(whatsapp.repliesTo?.(event('purchase', 'ana', { user: {} }), settings), undefined)
  })
})

suite('the fake refuses what WhatsApp refuses', () => {
  const message = welcome('ana')
  const changed = (change: object) => ({ ...message, ...change })
  const template = (change: object) => changed({ template: { ...message.template, ...change } })
  const parameters = (...texts: unknown[]) => [
    { type: 'body', parameters: texts.map(text => ({ type: 'text', text })) },
  ]
  const refused: [title: string, request: HttpRequest, code: number][] = [
    ['a token in another form', post(message, { headers: { authorization: 'token-of-demo' } }), 190],
    ['no token', post(message, { headers: { authorization: '' } }), 190],
    ['another content type', post(message, { headers: { 'content-type': 'text/plain' } }), 100],
    ['what is no JSON', post('{'), 100],
    ['another product', post(changed({ messaging_product: 'sms' })), 100],
    ['nobody to write to', post(changed({ to: undefined })), 100],
    ['a number that is none', post(changed({ to: 'ana' })), 100],
    ['a field that it does not know', post(changed({ surprise: 1 })), 100],
    ['a note that is too long', post(changed({ biz_opaque_callback_data: 'x'.repeat(513) })), 100],
    ['a text to who has not written', post(textMessage('ana', 'Oi')), 131047],
    ['a text without words', post(textMessage('iva', ' ')), 131008],
    ['a text that is too long', post(textMessage('iva', 'x'.repeat(4097))), 131009],
    ['a kind of message that it does not know', post(changed({ type: 'hologram' })), 131051],
    ['a template without a name', post(template({ name: undefined })), 131008],
    ['a template of another language', post(template({ language: { code: 'en' } })), 132001],
    ['a disabled template', post(template({ name: 'banned' })), 132016],
    ['a parameter too many', post(template({ components: parameters('a', 'b') })), 132000],
    ['a parameter too few', post(template({ components: [] })), 132000],
    ['an empty parameter', post(template({ components: parameters('') })), 131008],
    ['a line break in a parameter', post(template({ components: parameters('a\nb') })), 132012],
    ['a parameter that is too long', post(template({ components: parameters('x'.repeat(1025)) })), 132005],
    ['another address', post(message, { url: `https://graph.facebook.com/v23.0/${NUMBER_ID}/calls` }), 33],
    ['another method', post(message, { method: 'PUT' }), 33],
  ]
  for (const [title, request, code] of refused)
    test(title, async () => {
      const { vendor } = open()
      assert.equal(codeOf(await vendor.handle(request)), code)
      assert.deepEqual(vendor.received, [])
    })
  test('more than 80 messages of one number in a second', async () => {
    const { clock, vendor } = open()
    const to = (n: number) => changed({ to: `+55119888${String(n).padStart(5, '0')}` })
    for (let n = 0; n < 80; n++) assert.equal(codeOf(await vendor.handle(post(to(n)))), 200)
    assert.equal(codeOf(await vendor.handle(post(to(80)))), 130429)
    clock.at += 1000
    assert.equal(codeOf(await vendor.handle(post(to(80)))), 200)
  })
  test('a person has a message every 6 seconds, of which 45 may come at once', async () => {
    const { clock, vendor } = open()
    for (let n = 0; n < 45; n++) assert.equal(codeOf(await vendor.handle(post(message))), 200)
    assert.equal(codeOf(await vendor.handle(post(message))), 131056)
    clock.at += 5_999
    assert.equal(codeOf(await vendor.handle(post(message))), 131056)
    clock.at += 1
    assert.equal(codeOf(await vendor.handle(post(message))), 200)
  })
  test('a text once the 24 hours are over that began when the person wrote to this number', async () => {
    const { clock, vendor } = open()
    const send = async (number = NUMBER_ID) => {
      const url = `https://graph.facebook.com/v23.0/${number}/messages`
      return codeOf(await vendor.handle(post(textMessage('ana', 'Oi'), { url })))
    }
    vendor.write!({ account: 'demo', to: NUMBER_ID, from: PHONES.ana!, text: 'Oi' })
    assert.deepEqual([await send(), await send('999999')], [200, 131047])
    clock.at += 86_400_000 - 1
    assert.equal(await send(), 200)
    clock.at += 1
    assert.equal(await send(), 131047)
  })
  test('a token that has expired, until there is another', async () => {
    const { vendor } = open()
    await vendor.handle(post(message))
    vendor.expireTokens()
    assert.equal(codeOf(await vendor.handle(post(message))), 190)
    assert.equal(
      codeOf(await vendor.handle(post(message, { headers: { authorization: 'Bearer token-of-demo.2' } }))),
      200,
    )
  })
  test('everything while it plays an outage, and nothing afterwards', async () => {
    const { vendor } = open()
    const played = { down: 503, throttled: 130429, refused: 'refused', hang: 'hang', up: 200 } as const
    for (const [mode, want] of Object.entries(played)) {
      vendor.mode = mode as keyof typeof played
      assert.equal(codeOf(await vendor.handle(post(message))), want)
    }
  })
  test('it calls back what became of each message, signed, and once', async () => {
    const { vendor } = open()
    await vendor.handle(post(message))
    const hooks = vendor.takeHooks?.() ?? []
    assert.deepEqual(vendor.takeHooks?.(), [])
    const secrets = simulator.webhookSecrets!(SETTINGS, 'demo')
    for (const { headers, body } of hooks)
      assert.ok(webhook.verify({ raw: Buffer.from(body), headers, query: {} }, secrets, NOW))
    const told = hooks.flatMap(({ body }) => webhook.read(JSON.parse(body), SETTINGS))
    assert.deepEqual(
      told.map(update => update.kind === 'status' && [update.status, update.record?.eventId]),
      [
        ['sent', 'ana'],
        ['delivered', 'ana'],
      ],
    )
  })
})

test('whatever a tag sends, WhatsApp takes what the connector makes of it', async () => {
  await fc.assert(
    fc.asyncProperty(anyEvent(whatsapp.wants(SETTINGS)), async one => {
      const { vendor } = open()
      const data = dataOf({ ...one, user: { ...one.user, phone: '+5548999990000' }, consent: { marketing: true } })
      if (data) assert.equal(codeOf(await vendor.handle(post(data))), 200, JSON.stringify(data))
    }),
    { numRuns: 300 },
  )
})

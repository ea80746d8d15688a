import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Event } from '../core/event.ts'
import { normalise } from '../core/normalise.ts'
import { normalisePhone } from '../core/person.ts'
import { generate } from '../core/schema/generate.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const context = { now: NOW, uuid: () => 'fresh' }
const read = (raw: unknown): Event => {
  const result = normalise(raw, context)
  assert('event' in result, JSON.stringify(result))
  return result.event
}
const refused = (raw: unknown) => {
  const result = normalise(raw, context)
  assert('reason' in result, 'must be refused')
  return result
}
/** The parts of a canonical event that every test here would repeat. */
const fresh = { id: 'fresh', at: '2026-11-20T12:00:00.000Z' }

test('a canonical event comes back as it is', () => {
  const event: Event = {
    id: '0198f0a0-1111-7000-8000-000000000001',
    name: 'purchase',
    at: '2026-11-20T11:59:59.123Z',
    tid: 'UA-1',
    user: {
      id: 'v-1',
      email: 'ana@example.com',
      phone: '+5511987654321',
      emailHash: 'a'.repeat(64),
      firstName: 'Ana',
      lastName: 'Silva',
      company: 'Loja',
      city: 'S\u00e3o Paulo',
      state: 'SP',
      country: 'BR',
    },
    page: { url: 'https://loja.example/p', referrer: 'https://example.com/', title: 'Obrigado' },
    campaign: { source: 'google', medium: 'cpc', name: 'nov', term: 't', content: 'c', gclid: 'g', fbclid: 'f' },
    commerce: {
      transactionId: 'T-1',
      currency: 'BRL',
      value: 72.05,
      tax: 3.6,
      shipping: 0,
      coupon: 'NOV',
      items: [
        {
          id: 'S-1',
          name: 'Tee',
          brand: 'B',
          category: 'A > B',
          variant: 'green',
          price: 10,
          quantity: 3,
          url: 'https://u',
          image: 'https://i',
        },
      ],
    },
    consent: { analytics: true, marketing: false, userData: true },
    properties: { customer_type: 'new', nested: { list: [1, 'two', null, false] } },
  }
  assert.deepEqual(read(structuredClone(event)), event)
})

type Examples = { pushes: { push: object; event?: object; refused?: string }[] }
const examples: Examples = JSON.parse(readFileSync(new URL('fixtures/ga4-pushes.json', import.meta.url), 'utf8'))
for (const { push, event, refused: reason } of examples.pushes)
  test(`a GA4 push is read: ${JSON.stringify(push).slice(0, 60)}`, () => {
    if (event) assert.deepEqual(read(push), { ...fresh, ...event })
    else assert.match(refused(push).reason, new RegExp(reason!))
  })

test('a record of an older tag is read, its name in GA4\u2019s words', () => {
  const record = {
    recordId: 'r-1',
    clientId: 'loja-abc',
    tid: 'UA-123',
    timestamp: '2026-11-20T11:00:00Z',
    email: ' Ana@Example.com',
    name: 'Ana da Silva',
    phone: '(11) 98765-4321',
    eventType: 'productView',
    productId: 12,
    productName: 'Tee',
    productPrice: '1.019,90',
    productImage: 'https://loja.example/i.png',
    productUrl: 'https://loja.example/p',
    score: 7,
  }
  assert.deepEqual(read(record), {
    id: 'r-1',
    name: 'view_item',
    at: '2026-11-20T11:00:00.000Z',
    tid: 'UA-123',
    user: { email: 'ana@example.com', phone: '+5511987654321', firstName: 'Ana', lastName: 'da Silva' },
    commerce: {
      items: [
        { id: '12', name: 'Tee', price: 1019.9, url: 'https://loja.example/p', image: 'https://loja.example/i.png' },
      ],
    },
    properties: { score: 7 },
  })
})

for (const [older, name] of Object.entries({
  product_view: 'view_item',
  cart_add: 'add_to_cart',
  orderPlaced: 'purchase',
  lead: 'generate_lead',
  quiz_done: 'quiz_done',
}))
  test(`an older ${older} is a ${name}`, () => assert.equal(read({ eventType: older }).name, name))

test('the common event data of a tagging server is read like a push', () => {
  const event = read({
    event_name: 'purchase',
    event_id: 'e-1',
    client_id: '1.2',
    page_location: 'https://loja.example/',
    user_data: { email_address: 'ana@example.com', address: [{ first_name: 'Ana', region: 'SP' }] },
    value: 10,
    currency: 'BRL',
  })
  assert.deepEqual(event, {
    id: 'e-1',
    at: fresh.at,
    name: 'purchase',
    user: { email: 'ana@example.com', firstName: 'Ana', state: 'SP' },
    page: { url: 'https://loja.example/' },
    commerce: { currency: 'BRL', value: 10 },
    properties: { client_id: '1.2' },
  })
})

test('hashes pass through, in hexadecimal whatever they came in', () => {
  const hex = 'ab'.repeat(32)
  const base64 = Buffer.from(hex, 'hex').toString('base64')
  const { user } = read({
    event: 'x',
    user_data: { sha256_email_address: hex.toUpperCase(), sha256_phone_number: base64 },
  })
  assert.deepEqual(user, { emailHash: hex, phoneHash: hex })
})

for (const [flags, consent] of [
  [{ analytics_storage: 'granted' }, { analytics: true }],
  [
    { ad_user_data: 'denied', analytics_storage: 'denied' },
    { analytics: false, userData: false },
  ],
  [{ ad_storage: 'granted' }, { marketing: true }],
  [{ ad_storage: 'granted', ad_personalization: 'granted' }, { marketing: true }],
  [{ ad_storage: 'granted', ad_personalization: 'denied' }, { marketing: false }],
  [
    { analytics: 'true', marketing: 0 },
    { analytics: true, marketing: false },
  ],
] as const)
  test(`the flags ${JSON.stringify(flags)} are the consent ${JSON.stringify(consent)}`, () => {
    assert.deepEqual(read({ name: 'x', consent: flags }).consent, consent)
  })

test('consent flags beside the event are read too, and none at all is no consent', () => {
  assert.deepEqual(read({ event: 'x', ad_storage: 'granted', ad_personalization: 'granted' }).consent, {
    marketing: true,
  })
  assert.equal(read({ event: 'x' }).consent, undefined)
})

for (const [written, phone] of Object.entries({
  '(11) 98765-4321': '+5511987654321',
  '11987654321': '+5511987654321',
  '011 98765-4321': '+5511987654321',
  '0 15 11 98765-4321': '+5511987654321',
  '5511987654321': '+5511987654321',
  '+55 (11) 98765-4321': '+5511987654321',
  '(55) 3222-1234': '+555532221234',
  '1133334444': '+551133334444',
  '+1 202-555-0123': '+12025550123',
  '00351 912 345 678': '+351912345678',
  '98765-4321': undefined,
  '123': undefined,
  'call me': undefined,
  '+0123456789': undefined,
  '11+987654321': undefined,
}))
  test(`the phone ${written} is ${phone ?? 'none'}`, () => assert.equal(normalisePhone(written), phone))

test('a phone that is no number does not cost the lead: it is kept as it was written', () => {
  const event = read({ event: 'generate_lead', user_data: { email: 'ana@example.com', phone_number: ' call me ' } })
  assert.deepEqual(event.user, { email: 'ana@example.com' })
  assert.deepEqual(event.properties, { phone: 'call me' })
})

for (const [at, iso] of [
  ['2026-11-20T09:00:00-03:00', '2026-11-20T12:00:00.000Z'],
  ['2026-11-20 11:00', '2026-11-20T11:00:00.000Z'],
  ['2026-11-20', '2026-11-20T00:00:00.000Z'],
  [NOW / 1000, fresh.at],
  [NOW, fresh.at],
  [NOW * 1000, fresh.at],
  [String(NOW), fresh.at],
] as const)
  test(`the time ${at} is ${iso}`, () => assert.equal(read({ name: 'x', at }).at, iso))

test('a clock may be a day ahead and an event a week old, and no more', () => {
  const day = 86_400_000
  assert.equal(read({ name: 'x', at: NOW + day }).at, '2026-11-21T12:00:00.000Z')
  assert.equal(read({ name: 'x', at: NOW - 7 * day }).at, '2026-11-13T12:00:00.000Z')
  assert.match(refused({ name: 'x', at: NOW + day + 1 }).reason, /future/)
  assert.match(refused({ name: 'x', at: NOW - 7 * day - 1 }).reason, /7 days/)
})

for (const [written, value] of [
  ['19.90', 19.9],
  ['19,90', 19.9],
  ['1.234,50', 1234.5],
  ['R$ 1.234,50', 1234.5],
  ['', undefined],
] as const)
  test(`the amount ${JSON.stringify(written)} is ${value}`, () => {
    assert.equal(read({ name: 'x', commerce: { value: written } }).commerce?.value, value)
  })

test('what is written in a way that could mean two numbers is refused, not guessed', () => {
  assert.equal(refused({ name: 'x', commerce: { value: '1,234' } }).path, '/commerce/value')
})

test('what is left over becomes properties; what the event says itself comes first', () => {
  const event = read({
    event: 'purchase',
    'gtm.uniqueEventId': 7,
    method: 'pix',
    properties: { method: 'card' },
    ecommerce: { payment_type: 'pix', items: [] },
    user: { plan: 'gold' },
    page: 'home',
  })
  assert.deepEqual(event.properties, { method: 'card', plan: 'gold', payment_type: 'pix', page: 'home' })
})

test('properties are kept up to a hundred names and sixteen levels', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(30)}1${'}'.repeat(30)}`)
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`p${n}`, n]))
  const { properties } = read({ name: 'x', properties: { deep, ...many } })
  assert.equal(Object.keys(properties!).length, 100)
  assert(JSON.stringify(properties!.deep).split('{').length <= 17)
})

test('a long title is cut between characters instead of costing the event', () => {
  const { page } = read({ name: 'x', page: { title: `${'a'.repeat(1023)}\u{1f600}b` } })
  assert.equal(page?.title, 'a'.repeat(1023))
})

test('a refusal names the id where there is a readable one, and the place in what was sent', () => {
  assert.deepEqual(refused({ event_id: 'e-1', event: 'x', user_data: { email: 'no' } }), {
    reason: 'not an e-mail address',
    path: '/user_data/email',
    id: 'e-1',
  })
  assert.equal(refused({ event: 'x', user_data: { email: 'no' } }).id, undefined)
})

test('the compiled schema is what the schema says', () => {
  assert.equal(readFileSync(new URL('../core/schema/validate.generated.js', import.meta.url), 'utf8'), generate())
})

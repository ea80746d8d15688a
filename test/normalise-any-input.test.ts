import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Event } from '../core/event.ts'
import { normalise } from '../core/normalise.ts'

const NOW = Date.parse('2026-11-20T12:00:00.000Z')
const context = { now: NOW, uuid: () => 'fresh' }
const taken = (raw: unknown): Event | undefined => {
  const result = normalise(raw, context)
  return 'event' in result ? result.event : undefined
}

const text = fc.string({ unit: 'binary', maxLength: 40 })
/** Mostly what a tag sends; now and then anything that JSON can say. */
const mostly = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 30, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue() })
const some = (fields: { [name: string]: fc.Arbitrary<unknown> }) => mostly(fc.record(fields, { requiredKeys: [] }))

const email = fc.oneof(fc.constantFrom('ana@example.com', ' Rui.Costa@Example.com '), fc.emailAddress())
const phone = fc.oneof(text, fc.constantFrom('11 98765-4321', '+1 202 555 0123'))
const amount = fc.oneof(fc.integer(), fc.constantFrom('19.90', '1.019,90', 'R$ 5,00', '', ' '))
const fields: { [name: string]: fc.Arbitrary<unknown> } = {
  id: mostly(fc.stringMatching(/^[A-Za-z0-9._:-]{1,128}$/)),
  at: mostly(fc.oneof(fc.integer({ min: NOW - 5e8, max: NOW + 5e7 }), fc.constant('2026-11-20T10:00'))),
  user: some({ email, phone, name: text, plan: text, id: text }),
  user_data: some({ email: fc.array(email), address: fc.record({ first_name: text, zip: text }) }),
  ecommerce: some({
    value: amount,
    currency: fc.constantFrom('BRL', 'brl', 'R$'),
    items: fc.array(some({ item_id: text, price: amount, item_category: text, item_category2: text })),
  }),
  consent: some({ ad_storage: fc.constantFrom('granted', 'denied', true, 1), analytics: fc.boolean() }),
  page: some({ url: fc.webUrl(), title: text, depth: fc.integer() }),
  properties: mostly(fc.dictionary(text, fc.jsonValue())),
  campaign: some({ source: text, name: text }),
  phone,
  state: text,
  'gtm.start': fc.integer(),
  colour: fc.jsonValue(),
}
const named = (key: string, name: fc.Arbitrary<unknown>) =>
  fc.record({ [key]: mostly(name), ...fields }, { requiredKeys: [key] })
const anyEvent = fc.oneof(
  named('name', fc.constantFrom('purchase', 'view_item', 'Product View')),
  named('event', fc.constantFrom('purchase', 'generate_lead')),
  named('eventType', fc.constantFrom('productView', 'order')),
)

test('nothing that JSON can say makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue({ maxDepth: 6 }), anyEvent), raw => {
      const result = normalise(raw, context)
      assert('event' in result || (result.reason.length > 0 && /^(\/|$)/.test(result.path)))
    }),
  )
})

test('what it makes is what it makes of that again, after a journey as JSON', () => {
  let made = 0
  fc.assert(
    fc.property(anyEvent, raw => {
      const event = taken(raw)
      if (!event) return
      made++
      const journey = JSON.parse(JSON.stringify(event))
      assert.deepEqual(JSON.parse(JSON.stringify(taken(journey))), journey)
    }),
    { numRuns: 400 },
  )
  assert(made > 200, `only ${made} of 400 events were taken: the property says little`)
})

test('no text that it lets through holds a control character or half a character', () => {
  const clean = (value: unknown): boolean => {
    if (typeof value === 'string') return value.isWellFormed() && [...value].every(allowed)
    if (typeof value !== 'object' || value === null) return true
    return Object.entries(value).every(([key, inner]) => clean(key) && clean(inner))
  }
  fc.assert(fc.property(anyEvent, raw => clean(taken(raw))))
})
const allowed = (character: string) => {
  const code = character.codePointAt(0)!
  return '\t\n\r'.includes(character) || !(code < 0x20 || (code >= 0x7f && code <= 0x9f))
}

test('the same event in a canonical and in a dataLayer spelling is the same event', () => {
  const names = fc.constantFrom('Ana', 'Rui')
  fc.assert(
    fc.property(email, names, fc.integer(), (address, firstName, value) => {
      const at = NOW
      const canonical = { id: 'a', name: 'purchase', at, user: { email: address, firstName }, commerce: { value } }
      const push = {
        event_id: 'a',
        event: 'purchase',
        timestamp: at,
        user_data: { email: address, address: { first_name: firstName } },
        ecommerce: { value },
      }
      assert.deepEqual(normalise(push, context), normalise(canonical, context))
    }),
  )
})

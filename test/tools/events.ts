import fc from 'fast-check'
import type { Event } from '../../core/connector.ts'

const text = fc.oneof(
  fc.string({ maxLength: 40, unit: 'grapheme' }),
  fc.constantFrom('', 'São Paulo', '{user.email}', '<script>', '👩‍👧', 'a'.repeat(300)),
)
const amount = fc.oneof(fc.double({ min: 0, max: 1e6, noNaN: true }), fc.nat(1000), fc.constantFrom(-1, 0.1))
const json = fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<never>
const some = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

const email = fc.nat(20).map(n => `person${n}@example.com`)
const item = some({ id: text, name: text, category: text, variant: text, price: amount, quantity: amount, url: text })

/** Whatever the ingestion lets through, and then some: events of these names with any fields and any contents. */
export const anyEvent = (names: readonly string[]): fc.Arbitrary<Event> =>
  fc
    .record(
      {
        id: fc.uuid(),
        name: fc.constantFrom(...names),
        at: fc.constant('2026-11-20T12:00:00.000Z'),
        user: some({
          id: text,
          email,
          phone: fc.constant('+5548999990000'),
          firstName: text,
          lastName: text,
          city: text,
        }),
        page: some({ url: text, title: text }),
        campaign: some({ source: text, medium: text, name: text, term: text }),
        commerce: some({
          transactionId: text,
          currency: fc.constantFrom('BRL', 'USD', 'GBP', 'XXX'),
          value: amount,
          shipping: amount,
          items: fc.array(item, { maxLength: 25 }),
        }),
        consent: some({ marketing: fc.boolean(), analytics: fc.boolean() }),
        properties: fc.dictionary(
          fc.oneof(
            fc.constantFrom('form_id', 'tags', 'paid', 'order_url', 'payment_type', 'payment_methods', 'cancel_reason'),
            fc.constantFrom(
              'checkout_id',
              'checkout_url',
              'shipment_id',
              'tracking_url',
              'reason',
              'plan',
              '__proto__',
            ),
            fc.string({ maxLength: 8 }),
          ),
          json,
          { maxKeys: 6 },
        ),
      },
      { requiredKeys: ['id', 'name', 'at'] },
    )
    .map(event => frozen(JSON.parse(JSON.stringify(event)))) // as plain as what a parser makes

/** Frozen to the leaves: whoever writes into it throws. */
export function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(Object.freeze(value))) frozen(inner)
  return value
}

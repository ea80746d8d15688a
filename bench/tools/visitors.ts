import type { Event } from '../../core/connector.ts'
import { uuid7 } from '../../local/visit.ts'

const item = (n: number) => ({
  id: `CAFE-${n}`,
  name: 'Café especial em grãos 250 g',
  brand: 'Torra Clara',
  category: 'Cafés',
  variant: 'moído',
  price: 39.9 + (n % 10),
  quantity: 1 + (n % 2),
})
const page = (n: number) => ({
  url: `https://www.loja-abc.example/cafes/grao-${n % 40}?utm_source=google&utm_medium=cpc`,
  referrer: 'https://www.google.com/',
  title: 'Cafés especiais | Loja ABC',
})
const campaign = { source: 'google', medium: 'cpc', name: 'inverno-cafe', gclid: 'EXEMPLO123' }
const consent = { analytics: true, marketing: true, userData: true }

/** Of ten things that a known visitor does: six looks at a product, two carts, a lead, a purchase. */
const NAMES = [
  'view_item',
  'view_item',
  'add_to_cart',
  'view_item',
  'generate_lead',
  'view_item',
  'view_item',
  'add_to_cart',
  'view_item',
  'purchase',
] as const

/** The `n`th event of a shop's traffic, as `receive` stores it. Ten in a row are one visitor's; `name` fixes what it is. */
export function visitorEvent(n: number, at: number, name: string = NAMES[n % NAMES.length]!): Event {
  const person = Math.floor(n / NAMES.length)
  return {
    id: uuid7(at),
    name,
    at: new Date(at).toISOString(),
    tid: 'loja-abc_site1',
    user: {
      email: `visitor${person}@example.com`,
      phone: `+55489${String(90_000_000 + (person % 9_999_999))}`,
      firstName: 'Ana',
      lastName: 'Souza',
      city: 'Florianópolis',
    },
    page: page(n),
    campaign,
    ...(name !== 'generate_lead' && { commerce: commerce(n, name) }),
    consent,
    properties: { form_id: 'contato', plan: 'mensal' },
  }
}
const commerce = (n: number, name: string) => ({
  currency: 'BRL',
  value: 79.8,
  ...(name === 'purchase' && { transactionId: `T-${n}`, shipping: 12, tax: 0 }),
  items: name === 'purchase' ? [item(n), item(n + 1)] : [item(n)],
})

/** Requests as the tag sends them: events of one visitor each, `per` a request. */
export const requestsOf = (count: number, per: number, at: number, name?: string): Event[][] =>
  Array.from({ length: count }, (_, r) =>
    Array.from({ length: per }, (_, i) => ({ ...visitorEvent(r * 10 + i, at - (per - i) * 50, name), id: uuid7(at) })),
  )

/** A GA4 purchase as the data layer of a shop holds it, with what the tag adds. */
export function ga4Purchase(n: number, at: number): object {
  const items = [item(n), item(n + 1)].map(({ id, name, brand, category, variant, price, quantity }) => ({
    item_id: id,
    item_name: name,
    item_brand: brand,
    item_category: category,
    item_variant: variant,
    price,
    quantity,
  }))
  return {
    event: 'purchase',
    ecommerce: { transaction_id: `T-${n}`, currency: 'BRL', value: 79.8, tax: 0, shipping: 12, items },
    user_data: {
      email: `visitor${n}@example.com`,
      phone_number: '+5548999990000',
      address: { first_name: 'Ana', last_name: 'Souza', city: 'Florianópolis', country: 'BR' },
    },
    id: uuid7(at),
    at: new Date(at).toISOString(),
    tid: 'loja-abc_site1',
    consent,
    page: page(n),
    campaign,
  }
}

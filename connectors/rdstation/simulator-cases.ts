import type { Event } from '../../core/connector.ts'
import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'

const AT = '2026-11-20T12:00:00.000Z'
const event = (name: string, id: string, rest: Partial<Event> = {}): Event => ({
  id,
  name,
  at: AT,
  user: { email: `${id}@example.com` },
  ...rest,
})
const lead = (id: string, rest: Partial<Event> = {}) =>
  event('generate_lead', id, { properties: { form_id: 'newsletter' }, ...rest })

const item = (n: number) => ({ id: `SKU-${n}`, name: `Shirt ${n}`, price: 10, quantity: 1 })
const order = (id: string, rest: Partial<Event> = {}) =>
  event('purchase', id, {
    commerce: { transactionId: `O-${id}`, currency: 'BRL', value: 10, items: [item(1)] },
    ...rest,
  })

const cdp = (event_type: string, payload: object) => ({ event_type, event_family: 'CDP', payload })
const sentLead = (id: string, rest: object = {}) =>
  cdp('CONVERSION', { email: `${id}@example.com`, conversion_identifier: 'newsletter', tags: ['site'], ...rest })

type Fault = { error_type: string; error_message?: string; path?: string }
const refusal = (status: number, ...errors: Fault[]): VendorAnswer => ({ status, body: { errors } })
const one = (status: number, error_type: string): VendorAnswer => ({ status, body: { errors: { error_type } } })

/** One lead, and the answer that it gets. */
const answered = (
  title: string,
  answer: VendorAnswer,
  outcome: Case<Settings>['outcomes'][string],
  settings?: Partial<Settings>,
): Case<Settings> => ({
  title,
  ...(settings && { settings }),
  events: [lead('ana')],
  answers: [answer],
  sent: [],
  outcomes: { ana: outcome },
})

const mapped: readonly Case<Settings>[] = [
  {
    title: 'a lead becomes a conversion named after its form, with its campaign, consent and lower-case tags',
    events: [
      lead('ana', {
        user: {
          email: 'ana@example.com',
          firstName: 'Ana',
          lastName: 'Silva',
          phone: '+5548999990000',
          city: 'Recife',
        },
        campaign: { source: 'google', medium: 'cpc', name: 'spring', term: 'shirts' },
        consent: { marketing: true },
        properties: { form_id: 'newsletter', tags: ['VIP', 'site'] },
      }),
    ],
    sent: [
      cdp('CONVERSION', {
        email: 'ana@example.com',
        conversion_identifier: 'newsletter',
        name: 'Ana Silva',
        mobile_phone: '+5548999990000',
        city: 'Recife',
        traffic_source: 'google',
        traffic_medium: 'cpc',
        traffic_campaign: 'spring',
        traffic_value: 'shirts',
        tags: ['site', 'vip'],
        legal_bases: [{ category: 'communications', type: 'consent', status: 'granted' }],
      }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'a refused consent is passed on as declined, and one never asked for is not mentioned',
    events: [lead('ana', { consent: { marketing: false } }), lead('rui', { consent: { analytics: true } })],
    sent: [
      sentLead('ana', { legal_bases: [{ category: 'communications', type: 'consent', status: 'declined' }] }),
      sentLead('rui'),
    ],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title: 'an event without an email is skipped, as is one that the settings leave out',
    events: [lead('nobody', { user: { id: 'u-1' } }), event('view_item', 'ana'), event('scroll', 'rui')],
    sent: [],
    outcomes: { nobody: 'skipped', ana: 'skipped', rui: 'skipped' },
  },
  {
    title: 'product views are sent as conversions where the settings switch them on',
    settings: { events: { view_item: ['CONVERSION'], generate_lead: [] } },
    events: [event('view_item', 'ana'), lead('rui')],
    sent: [cdp('CONVERSION', { email: 'ana@example.com', conversion_identifier: 'viewed-product', tags: ['site'] })],
    outcomes: { ana: 'delivered', rui: 'skipped' },
  },
  {
    title: 'a purchase keeps its totals while its line items stop at twenty',
    events: [
      order('ana', {
        commerce: {
          transactionId: 'O-77',
          currency: 'BRL',
          value: 210,
          shipping: 12.5,
          items: Array.from({ length: 21 }, (_, n) => item(n)),
        },
        user: { email: 'ana@example.com', city: 'Recife', state: 'PE', country: 'BR' },
        properties: { payment_type: 'pix' },
      }),
    ],
    sent: [
      cdp('ECOMMERCE_ORDER_PLACED', {
        email: 'ana@example.com',
        identifier: 'O-77',
        currency: 'BRL',
        price: 210,
        total_items: 21,
        shipping_price: 12.5,
        shipping_city: 'Recife',
        shipping_state: 'PE',
        shipping_country: 'BR',
        payment_methods: ['pix'],
        line_items: Array.from({ length: 20 }, (_, n) => ({
          product_id: `SKU-${n}`,
          product_title: `Shirt ${n}`,
          price: 10,
          quantity: 1,
        })),
      }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'an order that is paid already is placed first and then paid, in two requests',
    events: [
      order('ana', { properties: { paid: true }, commerce: { transactionId: 'O-1', currency: 'BRL', value: 5 } }),
    ],
    sent: ['ECOMMERCE_ORDER_PLACED', 'ECOMMERCE_ORDER_PAID'].map(type =>
      cdp(type, { email: 'ana@example.com', identifier: 'O-1', currency: 'BRL', price: 5 }),
    ),
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'an amount in a currency that RD Station does not know is left out rather than shown in another',
    events: [
      event('refund', 'ana', {
        commerce: { transactionId: 'O-1', currency: 'GBP', value: 5, shipping: 1, items: [{ id: 'SKU-1', price: 5 }] },
      }),
    ],
    sent: [
      cdp('ECOMMERCE_ORDER_REFUNDED', {
        email: 'ana@example.com',
        identifier: 'O-1',
        total_items: 1,
        line_items: [{ product_id: 'SKU-1', quantity: 1 }],
      }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'a checkout goes by its own number and brings the page where it can be resumed',
    events: [
      event('begin_checkout', 'ana', {
        page: { url: 'https://loja.example/checkout' },
        properties: { checkout_id: 'C-9' },
        commerce: { currency: 'BRL', value: 5, items: [{ id: 'SKU-1', category: 'Shirts > Summer', variant: 'blue' }] },
      }),
    ],
    sent: [
      cdp('ECOMMERCE_CHECKOUT_STARTED', {
        email: 'ana@example.com',
        identifier: 'C-9',
        checkout_url: 'https://loja.example/checkout',
        currency: 'BRL',
        price: 5,
        total_items: 1,
        line_items: [{ product_id: 'SKU-1', quantity: 1, variant_title: 'blue', categories: ['Shirts', 'Summer'] }],
      }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'shipments name their order and their parcel',
    events: ['order_fulfilled', 'shipment_delivered'].map(name =>
      event(name, name, {
        commerce: { transactionId: 'O-1' },
        properties: { shipment_id: 'S-1', tracking_code: 'BR123' },
      }),
    ),
    sent: [
      cdp('ECOMMERCE_ORDER_FULFILLED', {
        email: 'order_fulfilled@example.com',
        identifier: 'S-1',
        order_identifier: 'O-1',
        tracking_code: 'BR123',
      }),
      cdp('ECOMMERCE_SHIPMENT_DELIVERED', {
        email: 'shipment_delivered@example.com',
        identifier: 'S-1',
        order_identifier: 'O-1',
      }),
    ],
    outcomes: { order_fulfilled: 'delivered', shipment_delivered: 'delivered' },
  },
  {
    title: 'fields of the mapping come over those of the connector, and custom fields go with conversions only',
    settings: {
      mapping: {
        '*': { cf_plan: ['properties.plan', { value: 'free' }] },
        generate_lead: { conversion_identifier: 'lead {properties.form_id}', tags: { value: ['Shop', 'shop'] } },
      },
    },
    events: [lead('ana', { properties: { form_id: 'footer', plan: 'gold' } }), order('rui', { commerce: {} })],
    sent: [
      cdp('CONVERSION', {
        email: 'ana@example.com',
        conversion_identifier: 'lead footer',
        tags: ['shop'],
        cf_plan: 'gold',
      }),
      cdp('ECOMMERCE_ORDER_PLACED', { email: 'rui@example.com', identifier: 'rui' }),
    ],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title: 'with an API key each conversion is a request of its own, and orders are not sent',
    settings: { auth: 'api_key' },
    events: [lead('ana'), order('rui'), lead('eva')],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', rui: 'skipped', eva: 'delivered' },
  },
  {
    title: 'a sale of somebody whom RD Station does not know is refused, that of a known contact is taken',
    settings: { events: { close_convert_lead: ['CONVERSION', 'SALE'], upsell: ['SALE'] } },
    events: [
      event('close_convert_lead', 'ana', { commerce: { value: 200 } }),
      event('upsell', 'stranger', { commerce: { value: 10 } }),
    ],
    sent: [
      cdp('CONVERSION', { email: 'ana@example.com', conversion_identifier: 'close-convert-lead', tags: ['site'] }),
      cdp('SALE', { email: 'ana@example.com', funnel_name: 'default', value: 200 }),
    ],
    outcomes: { ana: 'delivered', stranger: 'rejected' },
  },
]

const refused: readonly Case<Settings>[] = [
  {
    title: 'the record that the answer names goes, and the others pass without it',
    events: [lead('ana'), lead('bad', { user: { email: 'ana(at)example' } }), lead('eva')],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
  },
  {
    title: 'records with different faults go one after the other, each with its own code',
    settings: { mapping: { purchase: { order_url: { value: 7 } } } },
    events: [
      lead('ana'),
      lead('bad', { user: { email: 'ana(at)example' } }),
      order('rui'),
      event('begin_checkout', 'eva'),
    ],
    sent: [sentLead('ana')],
    outcomes: { ana: 'delivered', bad: 'rejected', rui: 'rejected', eva: 'rejected' },
  },
  {
    title: 'a refusal that names no record is halved until the one to blame is alone',
    events: [lead('ana'), lead('bad'), lead('eva')],
    answers: [
      refusal(422, { error_type: 'TOO_LONG', path: '$.payload.name' }),
      refusal(422, { error_type: 'TOO_LONG', path: '$.payload.name' }),
      undefined,
      refusal(422, { error_type: 'TOO_LONG', path: '$.payload.name' }),
    ],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
  },
  {
    title: 'a body that is too large passes in halves',
    events: [lead('ana'), lead('eva')],
    answers: [{ status: 413, body: '<html>413 Request Entity Too Large</html>' }],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'only the contact who has had his 120 events waits, the others are sent without him',
    events: [
      ...Array.from({ length: 121 }, (_, n) => lead(`n${n}`, { user: { email: 'ana@example.com' } })),
      lead('eva'),
    ],
    outcomes: {
      ...Object.fromEntries(Array.from({ length: 121 }, (_, n) => [`n${n}`, n < 100 ? 'delivered' : 'throttled'])),
      eva: 'delivered',
    },
  },
  answered(
    'a reserved value is refused for good',
    { status: 400, body: { errors: { email: [{ error_type: 'TAKEN', error_message: 'ana@example.com is taken' }] } } },
    'rejected',
  ),
  answered(
    'a fault told per language is refused for good',
    { status: 422, body: { errors: { name: { 'pt-BR': ['é longo demais'] } } } },
    'rejected',
  ),
  answered(
    'a field that does not exist in the account stops the destination',
    refusal(400, { error_type: 'INVALID_FIELDS', error_message: 'Payload contains fields that do not exist: (cf_x)' }),
    'misconfigured',
  ),
  {
    title: 'a custom field of the mapping that nobody created in RD Station stops the destination',
    settings: { mapping: { '*': { cf_unheard_of: { value: 1 } } } },
    events: [lead('ana'), lead('eva')],
    sent: [],
    outcomes: { ana: 'misconfigured', eva: 'misconfigured' },
  },
  answered(
    'an event type that RD Station has retired stops the destination',
    refusal(400, { error_type: 'INVALID_OPTION', path: '$[0].event_type' }),
    'misconfigured',
  ),
  answered(
    'a request that is not understood stops the destination',
    one(415, 'UNSUPPORTED_MEDIA_TYPE'),
    'misconfigured',
  ),
  answered('a wrong address stops the destination', { status: 405 }, 'misconfigured'),
  answered('a plan without events stops the destination', one(403, 'ACCOUNT_REQUIREMENT_MISSING'), 'misconfigured'),
  answered(
    'the API key of an RD Station CRM account stops the destination',
    { status: 400, body: [{ error_type: 'UNABLE_TO_LOAD_CDP_SCHEMA' }] },
    'misconfigured',
    { auth: 'api_key' },
  ),
]

const troubled: readonly Case<Settings>[] = [
  answered(
    'a dead token is told from other refusals',
    { status: 401, body: { error: 'invalid_token' } },
    'unauthorized',
  ),
  answered(
    'an account over its requests per minute waits as a whole',
    { status: 429, headers: { 'retry-after-quotas': '30' }, body: { message: 'API rate limit exceeded' } },
    'throttled',
  ),
  answered('two changes of one contact at once are worth one more try', { status: 409 }, 'retry'),
  answered('after an error of RD Station it is not known what it took', one(503, 'SERVICE_UNAVAILABLE'), 'unknown'),
  answered('after a connection that broke it is not known what it took', 'reset', 'unknown'),
  answered('an answer that never comes leaves the outcome unknown', 'hang', 'unknown'),
  answered('a connection that was refused is worth another try', 'refused', 'retry'),
  answered('a page in place of an answer is refused for good', { status: 418, body: '<html></html>' }, 'rejected'),
  {
    title: 'an answer that names fewer events than were sent leaves the last ones unknown',
    events: [lead('ana'), lead('eva')],
    answers: [{ status: 200, body: { event_batch_uuid: 'b', events: [{ event_uuid: 'e' }] } }],
    sent: [],
    outcomes: { ana: 'delivered', eva: 'unknown' },
  },
]

export const cases: readonly Case<Settings>[] = [...mapped, ...refused, ...troubled]

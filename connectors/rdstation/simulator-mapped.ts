import type { Case } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { cdp, event, item, lead, order, sentLead } from './simulator-people.ts'

/** What each event becomes. */
export const mapped: readonly Case<Settings>[] = [
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

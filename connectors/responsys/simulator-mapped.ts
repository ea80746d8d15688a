import type { Case } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import {
  event,
  eventRow,
  item,
  itemRow,
  lead,
  leadRow,
  order,
  orderRow,
  profile,
  view,
  viewRow,
} from './simulator-people.ts'

/** What each event becomes. */
export const mapped: readonly Case<Settings>[] = [
  {
    title: 'leads go into the list, and then a row each into the table of events',
    events: [lead('ana'), lead('eva'), lead('rui')],
    sent: [profile('ana'), profile('eva'), profile('rui'), leadRow('ana'), leadRow('eva'), leadRow('rui')],
    outcomes: { ana: 'delivered', eva: 'delivered', rui: 'delivered' },
  },
  {
    title: 'a lead brings names, number, place and campaign, accents and all; its consent opts in',
    events: [
      lead('ana', {
        user: {
          id: 'C-1001',
          email: 'ana@example.com',
          phone: '+5548999990000',
          firstName: 'Antônia',
          lastName: 'Conceição 👩‍👧',
          city: 'São Paulo',
          state: 'SP',
          country: 'BR',
        },
        page: { url: 'https://loja.example/contato' },
        campaign: { source: 'google', medium: 'cpc', name: 'spring' },
        consent: { marketing: true },
      }),
    ],
    sent: [
      profile('ana', {
        CUSTOMER_ID_: 'C-1001',
        MOBILE_NUMBER_: '+5548999990000',
        FIRST_NAME: 'Antônia',
        LAST_NAME: 'Conceição 👩‍👧',
        CITY_: 'São Paulo',
        STATE_: 'SP',
        COUNTRY_: 'BR',
        EMAIL_PERMISSION_STATUS_: 'I',
      }),
      leadRow('ana', {
        CUSTOMER_ID: 'C-1001',
        PAGE_URL: 'https://loja.example/contato',
        SOURCE: 'google',
        MEDIUM: 'cpc',
        CAMPAIGN: 'spring',
      }),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'a refused consent opts nobody out, nor does a consent with a purchase opt anybody in',
    settings: { events: { purchase: ['profile'] } },
    events: [lead('ana', { consent: { marketing: false } }), order('rui', { consent: { marketing: true } })],
    sent: [profile('ana'), profile('rui'), leadRow('ana')],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title: 'where the settings say so, a refused consent opts out',
    settings: { permission: 'both', events: { generate_lead: ['profile'] } },
    events: [lead('ana', { consent: { marketing: false } }), lead('rui', { consent: { analytics: true } })],
    sent: [profile('ana', { EMAIL_PERMISSION_STATUS_: 'O' }), profile('rui')],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title: 'a purchase becomes a person, an order and its lines',
    events: [order('ana')],
    sent: [profile('ana'), orderRow('ana'), itemRow('ana', 1), itemRow('ana', 2)],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'an order told twice by two events stays one order',
    events: [
      order('ana'),
      order('again', {
        user: { email: 'ana@example.com' },
        commerce: { transactionId: 'O-ana', currency: 'BRL', value: 20 },
      }),
    ],
    sent: [profile('ana'), orderRow('ana'), itemRow('ana', 1), itemRow('ana', 2)],
    outcomes: { ana: 'delivered', again: 'delivered' },
  },
  {
    title: 'events of the shop become rows with their first product and what the whole is worth',
    events: [
      view('ana'),
      event('add_to_cart', 'eva', {
        commerce: { currency: 'BRL', value: 30, items: [item(1), { ...item(2), quantity: 2 }] },
      }),
      event('refund', 'rui', { commerce: { transactionId: 'O-rui' } }),
    ],
    sent: [
      viewRow('ana'),
      eventRow('add_to_cart', 'eva', {
        PRODUCT_ID: 'SKU-1',
        PRODUCT_NAME: 'Shirt 1',
        QUANTITY: '3',
        CURRENCY: 'BRL',
        VALUE: '30',
      }),
      eventRow('refund', 'rui', { ORDER_ID: 'O-rui' }),
    ],
    outcomes: { ana: 'delivered', eva: 'delivered', rui: 'delivered' },
  },
  {
    title: 'with an extension table people are put into the list first, then what they last did is kept',
    settings: { extension: 'WEB_PROFILE' },
    events: [view('ana', { page: { url: 'https://loja.example/shirt-1' } }), order('rui')],
    sent: [
      profile('ana'),
      profile('rui'),
      {
        into: 'WEB_PROFILE',
        EMAIL_ADDRESS_: 'ana@example.com',
        LAST_VIEWED_SKU: 'SKU-1',
        LAST_VIEWED_NAME: 'Shirt 1',
        LAST_VIEWED_URL: 'https://loja.example/shirt-1',
        LAST_VIEWED_AT: '2026-11-20T12:00:00.000Z',
      },
      viewRow('ana', { PAGE_URL: 'https://loja.example/shirt-1' }),
      {
        into: 'WEB_PROFILE',
        EMAIL_ADDRESS_: 'rui@example.com',
        LAST_ORDER_ID: 'O-rui',
        LAST_ORDER_CURRENCY: 'BRL',
        LAST_ORDER_VALUE: '20',
        LAST_ORDER_AT: '2026-11-20T12:00:00.000Z',
      },
      orderRow('rui'),
      itemRow('rui', 1),
      itemRow('rui', 2),
    ],
    outcomes: { ana: 'delivered', rui: 'delivered' },
  },
  {
    title: 'a custom event goes last, to somebody whom the list knows by then',
    settings: { programs: { purchase: 'order_placed', quiz: 'lead_created' }, events: { purchase: ['order'] } },
    events: [order('ana'), event('quiz', 'eva')],
    sent: [
      profile('ana'),
      profile('eva'),
      orderRow('ana'),
      {
        into: 'order_placed',
        EVENT_ID: 'ana',
        PRODUCT_ID: 'SKU-1',
        PRODUCT_NAME: 'Shirt 1',
        ORDER_ID: 'O-ana',
        CURRENCY: 'BRL',
        VALUE: '20',
      },
      { into: 'lead_created', EVENT_ID: 'eva' },
    ],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  ...adapted(),
]

/** How settings change it. */
function adapted(): readonly Case<Settings>[] {
  return [
    {
      title: 'people may be matched by two columns, of which both must agree',
      settings: {
        match: ['CUSTOMER_ID_', 'EMAIL_ADDRESS_'],
        extension: 'WEB_PROFILE',
        events: { view_item: ['extension'] },
      },
      events: [view('ana', { user: { id: 'C-1', email: 'ana@example.com' } }), view('rui')],
      sent: [
        profile('ana', { CUSTOMER_ID_: 'C-1' }),
        {
          into: 'WEB_PROFILE',
          CUSTOMER_ID_: 'C-1',
          EMAIL_ADDRESS_: 'ana@example.com',
          LAST_VIEWED_SKU: 'SKU-1',
          LAST_VIEWED_NAME: 'Shirt 1',
          LAST_VIEWED_AT: '2026-11-20T12:00:00.000Z',
        },
      ],
      outcomes: { ana: 'delivered', rui: 'skipped' },
    },
    {
      title: 'by a hash people are found but never added, and their plain addresses find them too',
      settings: { match: ['EMAIL_SHA256_HASH_'], events: { generate_lead: ['profile'] } },
      events: [lead('ana')],
      sent: [],
      outcomes: { ana: 'rejected' },
      details: { ana: { code: 'MERGEFAILED', words: 'No matching record was found' } },
    },
    {
      title: 'rows of somebody whom the list cannot know are kept without him, and nobody at all is skipped',
      events: [
        view('ana', { user: { id: 'C-7' } }),
        event('view_item', 'nobody', { user: { city: 'Recife' } }),
        event('scroll', 'rui'),
      ],
      sent: [{ ...viewRow('ana', { CUSTOMER_ID: 'C-7' }), EMAIL_ADDRESS: undefined }].map(row =>
        JSON.parse(JSON.stringify(row)),
      ),
      outcomes: { ana: 'delivered', nobody: 'skipped', rui: 'skipped' },
    },
    {
      title: 'columns go by the names of this account, those it has not got are left out, and further ones are added',
      settings: {
        events: { generate_lead: ['profile', 'event'], view_item: [] },
        columns: { profile: { FIRST_NAME: '' }, event: { EVENT_TS: 'HAPPENED_AT', FORM_ID: '' } },
        mapping: {
          profile: {
            '*': { PLAN: ['properties.plan', { value: 'free' }] },
            generate_lead: { STORE: '{user.city} 1', CITY_: { value: null } },
          },
          event: { generate_lead: { PLAN: 'properties.plan' } },
        },
        timeFormat: 'datetime',
      },
      events: [
        lead('ana', { user: { email: 'ana@example.com', firstName: 'Ana', city: 'Recife' }, properties: { plan: 7 } }),
        lead('eva', { properties: {} }),
        view('rui'),
      ],
      sent: [
        profile('ana', { PLAN: '7', STORE: 'Recife 1' }),
        profile('eva', { PLAN: 'free' }),
        {
          into: 'WEB_EVENTS',
          EVENT_ID: 'ana',
          EVENT_NAME: 'generate_lead',
          HAPPENED_AT: '2026-11-20 12:00:00',
          EMAIL_ADDRESS: 'ana@example.com',
          PLAN: '7',
        },
        {
          into: 'WEB_EVENTS',
          EVENT_ID: 'eva',
          EVENT_NAME: 'generate_lead',
          HAPPENED_AT: '2026-11-20 12:00:00',
          EMAIL_ADDRESS: 'eva@example.com',
        },
      ],
      outcomes: { ana: 'delivered', eva: 'delivered', rui: 'skipped' },
    },
    {
      title: 'a table without a primary key is merged by the column that tells its rows apart',
      settings: { tables: { event: 'EVENT_LOG' }, tablesWithoutKey: ['EVENT_LOG'] },
      events: [view('ana')],
      sent: [{ ...viewRow('ana'), into: 'EVENT_LOG' }],
      outcomes: { ana: 'delivered' },
    },
    {
      title: 'more records than one request takes go in several',
      settings: { recordsPerRequest: 2 },
      events: [view('ana'), view('eva'), view('rui')],
      sent: [viewRow('ana'), viewRow('eva'), viewRow('rui')],
      outcomes: { ana: 'delivered', eva: 'delivered', rui: 'delivered' },
    },
  ]
}

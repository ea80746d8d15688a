import type { Case } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import {
  contact,
  event,
  GROUP,
  LISTS,
  lead,
  OTHER_GROUP,
  order,
  receipt,
  SENDER,
  TEMPLATES,
} from './simulator-people.ts'

const noContacts = { contacts: { '*': false } } as const

/** What each event becomes. */
export const mapped: readonly Case<Settings>[] = [
  {
    title: 'a lead becomes a contact on its lists, with what the mapping says, and waits for the job that stores it',
    settings: {
      contacts: { generate_lead: { lists: [LISTS[1]] } },
      mapping: {
        '*': { e1_T: 'campaign.source' },
        generate_lead: {
          e2_N: 'commerce.value',
          e3_D: 'at',
          w4: 'properties.interests',
          postal_code: 'properties.zip',
        },
      },
    },
    events: [
      lead('ana', {
        user: {
          email: 'Ana@Example.com',
          firstName: 'Ana',
          lastName: 'Silva',
          phone: '+5548999990000',
          city: 'Recife',
          state: 'PE',
          country: 'BR',
        },
        campaign: { source: 'google' },
        commerce: { value: 9.5 },
        properties: { interests: ['shirts', 'hats'], zip: 50_000 },
      }),
    ],
    sent: [
      {
        list_ids: [...LISTS],
        email: 'ana@example.com',
        first_name: 'Ana',
        last_name: 'Silva',
        phone_number: '+5548999990000',
        city: 'Recife',
        state_province_region: 'PE',
        country: 'BR',
        postal_code: '50000',
        custom_fields: { e1_T: 'google', e2_N: 9.5, e3_D: '2026-11-20T12:00:00.000Z', w4: 'shirts, hats' },
      },
    ],
    outcomes: { ana: 'pending' },
    details: { ana: { job: 'job-1', waitMs: 60_000 } },
  },
  {
    title: 'what several events say of one contact is one contact, the last of them winning',
    settings: { mapping: { '*': { e1_T: 'campaign.source' } } },
    events: [
      lead('first', { user: { email: 'ana@example.com', city: 'Recife' }, campaign: { source: 'google' } }),
      lead('eva'),
      event('begin_checkout', 'last', { user: { email: 'ana@example.com', city: 'Olinda' } }),
    ],
    sent: [contact('ana', { city: 'Olinda', custom_fields: { e1_T: 'google' } }), contact('eva')],
    outcomes: { first: 'pending', eva: 'pending', last: 'pending' },
  },
  {
    title: 'contacts known by more than an address bring all of it',
    settings: { identifiers: ['email', 'external_id', 'anonymous_id', 'phone_number_id'] },
    events: [
      lead('ana', {
        user: { id: 'u-77', email: 'ana@example.com', phone: '+5548999990000' },
        properties: { client_id: '1.2' },
      }),
    ],
    sent: [
      contact('ana', {
        external_id: 'u-77',
        anonymous_id: '1.2',
        phone_number_id: '+5548999990000',
        phone_number: '+5548999990000',
      }),
    ],
    outcomes: { ana: 'pending' },
  },
  {
    title: 'receipts of one event share a request, each with its own data',
    settings: noContacts,
    events: [
      order('ana'),
      order('eva', {
        user: { email: 'eva@example.com', firstName: 'Eva' },
        commerce: {
          transactionId: 'O-eva',
          currency: 'BRL',
          value: 10,
          items: [{ id: 'SKU-1', name: 'Shirt', price: 5, quantity: 2 }],
        },
      }),
      order('rui'),
    ],
    sent: [
      receipt('ana'),
      receipt('eva', {
        to: [{ email: 'eva@example.com', name: 'Eva' }],
        dynamic_template_data: {
          event: 'purchase',
          first_name: 'Eva',
          transaction_id: 'O-eva',
          currency: 'BRL',
          value: 10,
          items: [{ id: 'SKU-1', name: 'Shirt', price: 5, quantity: 2 }],
        },
      }),
      receipt('rui'),
    ],
    outcomes: { ana: 'delivered', eva: 'delivered', rui: 'delivered' },
  },
  {
    title: 'a purchase brings the receipt at once, while the contact waits for its job',
    events: [order('ana')],
    sent: [receipt('ana'), contact('ana')],
    outcomes: { ana: 'pending' },
  },
  {
    title: 'marketing mail belongs to an unsubscribe group and goes to those who want it only',
    settings: {
      ...noContacts,
      mails: {
        cart_abandoned: {
          template: TEMPLATES.cart,
          group: GROUP,
          data: { cart: 'Cart {properties.cart_id}', event: { value: 'cart' } },
          categories: ['carts'],
          from: { email: 'carrinho@example.com' },
        },
      },
      replyTo: SENDER,
    },
    events: [
      event('cart_abandoned', 'ana', { properties: { cart_id: 7 } }),
      event('cart_abandoned', 'eva', { consent: { marketing: false } }),
      event('cart_abandoned', 'rui', { consent: {} }),
    ],
    sent: [
      {
        from: { email: 'carrinho@example.com' },
        reply_to: SENDER,
        template_id: TEMPLATES.cart,
        categories: ['carts'],
        asm: { group_id: GROUP, groups_to_display: [GROUP] },
        to: [{ email: 'ana@example.com' }],
        dynamic_template_data: { event: 'cart', cart: 'Cart 7' },
        custom_args: { connect_event: 'ana' },
      },
    ],
    outcomes: { ana: 'delivered', eva: 'skipped', rui: 'skipped' },
  },
  {
    title: 'who refuses marketing gets the receipt and becomes no contact',
    events: [order('ana', { consent: { marketing: false } })],
    sent: [receipt('ana')],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'mails in the sandbox are checked and not sent',
    settings: { ...noContacts, sandbox: true },
    events: [order('ana')],
    sent: [],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'a regional subuser sends by the host of its region',
    settings: { ...noContacts, region: 'eu' },
    events: [order('ana')],
    sent: [receipt('ana')],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'who leaves is put on the list of those who get nothing, or nothing of a group',
    settings: { optOuts: { unsubscribe: 'global', leave_offers: String(OTHER_GROUP) } },
    events: [event('unsubscribe', 'ana'), event('leave_offers', 'eva'), event('leave_offers', 'nobody', { user: {} })],
    sent: [
      { list: 'global', email: 'ana@example.com' },
      { list: String(OTHER_GROUP), email: 'eva@example.com' },
    ],
    outcomes: { ana: 'delivered', eva: 'delivered', nobody: 'skipped' },
  },
  {
    title: 'events of nobody known and events that the settings leave out are skipped',
    settings: { contacts: { generate_lead: false } },
    events: [event('begin_checkout', 'nobody', { user: { id: 'u-1' } }), lead('ana'), event('view_item', 'eva')],
    sent: [],
    outcomes: { nobody: 'skipped', ana: 'skipped', eva: 'skipped' },
  },
  {
    title: 'product views write the contact where the settings switch them on',
    settings: { contacts: { view_item: {}, '*': false }, mapping: { view_item: { e1_T: 'commerce.items[0].name' } } },
    events: [event('view_item', 'ana', { commerce: { items: [{ name: 'Shirt' }] } }), lead('eva')],
    sent: [contact('ana', { custom_fields: { e1_T: 'Shirt' } })],
    outcomes: { ana: 'pending', eva: 'skipped' },
  },
]

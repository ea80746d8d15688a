import type { Event } from '../../core/connector.ts'
import type { Case } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { event, lead, message, PHONES, texts, welcome } from './simulator-people.ts'

const commerce: NonNullable<Event['commerce']> = { transactionId: 'O-1', currency: 'BRL', value: 1234.5 }

/** One event by its name, and the template that it should send. */
const ordered = (name: string, template: string): Case<Settings> => ({
  title: `${name} sends ${template}`,
  events: [event(name, 'ana', { commerce })],
  sent: [message('ana', template, [texts('Ana', 'O-1')])],
  outcomes: { ana: 'delivered' },
})

const consent = (title: string, rest: Partial<Event>, settings: Partial<Settings> = {}): Case<Settings> => ({
  title,
  settings,
  events: [event('order_paid', 'ana', { commerce, ...rest })],
  sent: [],
  outcomes: { ana: 'skipped' },
})

const events: readonly Case<Settings>[] = [
  {
    title: 'a lead and a sign-up are welcomed by their first name',
    events: [lead('ana'), event('sign_up', 'bia', { user: { phone: PHONES.bia! } })],
    sent: [welcome('ana'), welcome('bia', 'cliente')],
    outcomes: { ana: 'delivered', bia: 'delivered' },
  },
  {
    title: 'a purchase is confirmed with its number and total',
    events: [event('purchase', 'ana', { commerce })],
    sent: [
      message('ana', 'order_received', [
        {
          type: 'body',
          parameters: [
            { type: 'text', text: 'Ana' },
            { type: 'text', text: 'O-1' },
            { type: 'currency', currency: { fallback_value: 'R$ 1.234,50', code: 'BRL', amount_1000: 1_234_500 } },
          ],
        },
      ]),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'a cart left behind is brought to mind',
    events: [event('cart_abandoned', 'ana')],
    sent: [message('ana', 'cart_reminder', [texts('Ana')])],
    outcomes: { ana: 'delivered' },
  },
  ordered('order_paid', 'order_paid'),
  ordered('order_fulfilled', 'order_shipped'),
  ordered('shipment_delivered', 'order_delivered'),
  ordered('order_cancelled', 'order_cancelled'),
  ordered('refund', 'order_refunded'),
]

const templates: readonly Case<Settings>[] = [
  {
    title: 'a template of the tenant has a picture, named parameters and buttons',
    settings: {
      templates: {
        view_item: {
          name: 'launch',
          language: 'en',
          header: { image: 'commerce.items[0].image' },
          body: { first_name: 'user.firstName', product: 'commerce.items[0].name' },
          buttons: { 0: 'p/{commerce.items[0].id}' },
          replies: { 1: { value: 'TALK' } },
        },
      },
    },
    events: [
      event('view_item', 'ana', {
        commerce: { items: [{ id: '7', name: 'Boots\n 42', image: 'https://loja.example/7.jpg' }] },
      }),
    ],
    sent: [
      message(
        'ana',
        'launch',
        [
          { type: 'header', parameters: [{ type: 'image', image: { link: 'https://loja.example/7.jpg' } }] },
          {
            type: 'body',
            parameters: [
              { type: 'text', text: 'Ana', parameter_name: 'first_name' },
              { type: 'text', text: 'Boots 42', parameter_name: 'product' },
            ],
          },
          { type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: 'p/7' }] },
          { type: 'button', sub_type: 'quick_reply', index: '1', parameters: [{ type: 'payload', payload: 'TALK' }] },
        ],
        'en',
      ),
    ],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'a template needs all that it is made of: an event that lacks something is skipped',
    settings: { templates: { sign_up: { name: 'news', header: { text: 'properties.topic' } } } },
    events: [event('sign_up', 'ana'), event('sign_up', 'bia', { properties: { topic: 'Boots' } })],
    sent: [message('bia', 'news', [{ type: 'header', parameters: [{ type: 'text', text: 'Boots' }] }])],
    outcomes: { ana: 'skipped', bia: 'delivered' },
  },
  {
    title: 'an event that the tenant has switched off is skipped',
    settings: { templates: { sign_up: false } },
    events: [event('sign_up', 'ana')],
    sent: [],
    outcomes: { ana: 'skipped' },
  },
]

const people: readonly Case<Settings>[] = [
  {
    title: 'a person without a number is skipped',
    events: [lead('ana', { user: { email: 'ana@example.com' } })],
    sent: [],
    outcomes: { ana: 'skipped' },
  },
  {
    title: 'a person who hides the number is written to by the id that WhatsApp gave',
    events: [lead('ana', { user: { firstName: 'Ana' }, properties: { whatsapp_user_id: 'BR.1349201' } })],
    sent: [(({ to: _to, ...rest }) => ({ ...rest, recipient: 'BR.1349201' }))(welcome('ana'))],
    outcomes: { ana: 'delivered' },
  },
  consent('a person who was never asked is not written to', { consent: {} }),
  consent('a person who refused is not written to, whatever the form says', {
    consent: { marketing: false },
    properties: { whatsapp_opt_in: true },
  }),
  consent('a person who left the box of the form empty is not written to', { properties: { whatsapp_opt_in: false } }),
  {
    title: 'the box of a form is an opt-in where nobody has asked otherwise',
    events: [event('order_paid', 'ana', { commerce, consent: {}, properties: { whatsapp_opt_in: true } })],
    sent: [message('ana', 'order_paid', [texts('Ana', 'O-1')])],
    outcomes: { ana: 'delivered' },
  },
  {
    title:
      'the consent that counts for news of an order can be another than that for marketing, which always needs its own',
    settings: { optIn: 'userData' },
    events: [
      event('order_paid', 'ana', { commerce, consent: { userData: true } }),
      lead('bia', { consent: { userData: true } }),
    ],
    sent: [message('ana', 'order_paid', [texts('Ana', 'O-1')])],
    outcomes: { ana: 'delivered', bia: 'skipped' },
  },
]

export const mapped: readonly Case<Settings>[] = [...events, ...templates, ...people]

import type { Case } from '../../core/simulator.ts'
import type { Settings, Template } from './settings.ts'
import { event, message, textMessage, texts, WROTE } from './simulator-people.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const commerce = { transactionId: 'O-1', currency: 'BRL', value: 99.9 }
const HELLO = { body: ['Oi, {user.firstName}!\nSeu pedido {commerce.transactionId} já saiu.', { value: 'Já saiu.' }] }
const SHIPPED: Template = {
  name: 'order_shipped',
  category: 'utility',
  body: { 1: 'user.firstName', 2: 'commerce.transactionId' },
}
const told = (rule: Partial<Template>): Partial<Settings> => ({
  templates: { order_fulfilled: { category: 'utility', ...rule } },
})
const both = told({ ...SHIPPED, text: HELLO })
const shipped = (id: string, rest: Parameters<typeof event>[2] = {}) =>
  event('order_fulfilled', id, { commerce, ...rest })
const asText = (id: string) => textMessage(id, 'Oi, Ana!\nSeu pedido O-1 já saiu.')
const asTemplate = (id: string) => message(id, 'order_shipped', [texts('Ana', 'O-1')])
const wrote = (msAgo: number) => ({ wroteMsAgo: msAgo })

const shut = {
  status: 400,
  body: { error: { message: '(#131047) Re-engagement message', type: 'OAuthException', code: 131047 } },
}

export const texting: readonly Case<Settings>[] = [
  {
    title: 'who has written within 24 hours gets the text, anybody else the template',
    settings: both,
    events: [shipped('iva'), shipped('ana'), shipped('bia')],
    known: { iva: wrote(HOUR_MS), ana: wrote(DAY_MS + HOUR_MS) },
    sent: [asText('iva'), asTemplate('ana'), asTemplate('bia')],
    outcomes: { iva: 'delivered', ana: 'delivered', bia: 'delivered' },
  },
  {
    title: 'in the last five minutes of the 24 hours the template goes: clocks differ, and a text may leave late',
    settings: both,
    events: [shipped('iva'), shipped('x', { user: { phone: WROTE, firstName: 'Ana' } })],
    known: { iva: wrote(DAY_MS - 5 * 60_000), x: wrote(DAY_MS - 6 * 60_000) },
    sent: [asTemplate('iva'), { ...asText('x'), to: WROTE }],
    outcomes: { iva: 'delivered', x: 'delivered' },
  },
  {
    title: 'a text that WhatsApp refuses because its 24 hours are over is followed by the template, and counts once',
    settings: both,
    events: [shipped('ana')],
    known: { ana: wrote(HOUR_MS) },
    sent: [asTemplate('ana')],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'such a text without a template is a dead letter',
    settings: told({ text: HELLO }),
    events: [shipped('ana')],
    known: { ana: wrote(HOUR_MS) },
    sent: [],
    outcomes: { ana: 'rejected' },
    details: { ana: { code: '131047' } },
  },
  {
    title: 'a template that is refused like the text before it is a dead letter, and no third message is tried',
    settings: both,
    events: [shipped('ana')],
    known: { ana: wrote(HOUR_MS) },
    answers: [shut, shut],
    sent: [],
    outcomes: { ana: 'rejected' },
    details: { ana: { code: '131047' } },
  },
  {
    title: 'nobody knows whether a text without an answer has arrived: the template is not tried behind it',
    settings: both,
    events: [shipped('iva')],
    known: { iva: wrote(HOUR_MS) },
    answers: ['hang'],
    sent: [],
    outcomes: { iva: 'unknown' },
  },
  {
    title: 'a rule with a text alone says nothing to who has not written',
    settings: told({ text: HELLO }),
    events: [shipped('iva'), shipped('ana')],
    known: { iva: wrote(HOUR_MS) },
    sent: [asText('iva')],
    outcomes: { iva: 'delivered', ana: 'skipped' },
  },
  {
    title: 'an event that lacks something for the text sends the template, and without one it is skipped',
    settings: {
      templates: {
        order_fulfilled: { ...SHIPPED, text: { body: 'Segue: {properties.tracking}' } },
        refund: { category: 'utility', text: { body: 'Estorno {properties.tracking}' } },
      },
    },
    events: [shipped('iva'), event('refund', 'x', { user: { phone: WROTE } })],
    known: { iva: wrote(HOUR_MS), x: wrote(HOUR_MS) },
    sent: [asTemplate('iva')],
    outcomes: { iva: 'delivered', x: 'skipped' },
  },
  {
    title: 'a text needs the consent that its category needs, whoever has written',
    settings: { templates: { order_fulfilled: { text: HELLO } } },
    events: [shipped('iva', { consent: { analytics: true } })],
    known: { iva: wrote(HOUR_MS) },
    sent: [],
    outcomes: { iva: 'skipped' },
  },
  {
    title: 'a person who hides the number and has not written gets the template',
    settings: both,
    events: [shipped('iva', { user: { firstName: 'Ana' }, properties: { whatsapp_user_id: 'BR.1349201' } })],
    sent: [(({ to: _to, ...rest }) => ({ ...rest, recipient: 'BR.1349201' }))(asTemplate('iva'))],
    outcomes: { iva: 'delivered' },
  },
]

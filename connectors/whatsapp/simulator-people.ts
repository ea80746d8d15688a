import type { Event } from '../../core/connector.ts'

// The people of the worked cases, what they do, and the message that WhatsApp should have of it.
export const NUMBER_ID = '106540352242922'
export const OWN_NUMBER = '+15550000001'
export const NOT_ON_WHATSAPP = '+5511900000000'
/** Messages are taken, and fail afterwards. */
export const NEVER_ARRIVES = '+5511933333333'
/** Has always written an hour ago. */
export const WROTE = '+5511922222222'
export const STOPPED = '+5511911111111'

export const PHONES: { readonly [id: string]: string } = {
  ana: '+5511999990001',
  bia: '+5511999990002',
  eva: '+5511999990003',
  iva: WROTE,
}
export const event = (name: string, id: string, rest: Partial<Event> = {}): Event => ({
  id,
  name,
  at: '2026-11-20T12:00:00.000Z',
  user: { phone: PHONES[id] ?? '+5511999990009', firstName: 'Ana' },
  consent: { marketing: true },
  ...rest,
})
export const lead = (id: string, rest: Partial<Event> = {}) => event('generate_lead', id, rest)

export const texts = (...values: string[]) => ({
  type: 'body',
  parameters: values.map(text => ({ type: 'text', text })),
})
export const message = (id: string, name: string, components: readonly object[], language = 'pt_BR') => ({
  messaging_product: 'whatsapp',
  recipient_type: 'individual',
  to: PHONES[id] ?? '+5511999990009',
  type: 'template',
  biz_opaque_callback_data: id,
  template: {
    name,
    language: { policy: 'deterministic', code: language },
    ...(components.length > 0 && { components }),
  },
})
export const textMessage = (id: string, body: string) => ({
  messaging_product: 'whatsapp',
  recipient_type: 'individual',
  to: PHONES[id] ?? '+5511999990009',
  type: 'text',
  biz_opaque_callback_data: id,
  text: { body },
})
export const welcome = (id: string, name = 'Ana') => message(id, 'welcome', [texts(name)])

import type { Mapping } from '../../core/connector.ts'
import { mappingProblems } from '../../core/connector.ts'

/** What an event sends: an approved template of the WhatsApp account and what fills it, a text of our own, or both. */
export type Template = {
  /** As it is called in WhatsApp Manager. */
  name?: string
  /** `body`: sent in place of the template while the person's last message is less than a day old. */
  text?: Mapping
  language?: string
  /** Marketing needs the person's consent to marketing, whatever `optIn` says. */
  category?: Category
  /** One of `text`, `image`, `document`, `video`: a text or the link of a file. */
  header?: Mapping
  /** Parameters by number (`{{1}}`) or, if a key is no number, by name. */
  body?: Mapping
  /** Body parameters that are amounts in the event's currency. */
  money?: readonly string[]
  /** What completes the address of a URL button, by the button's index. */
  buttons?: Mapping
  /** What a quick-reply button sends back, by the button's index. */
  replies?: Mapping
}
type Category = 'marketing' | 'utility' | 'authentication'

export type Settings = {
  phoneNumberId: string
  version?: string
  language?: string
  templates?: { readonly [event: string]: Template | false }
  optIn?: 'marketing' | 'userData' | 'analytics'
  messagesPerSecond?: number
  stopWords?: readonly string[]
}

export const DEFAULTS = {
  version: 'v23.0',
  language: 'pt_BR',
  category: 'marketing',
  optIn: 'marketing',
  messagesPerSecond: 80,
  stopWords: ['stop', 'parar', 'pare', 'sair', 'cancelar', 'descadastrar'],
} as const

const firstName = ['user.firstName', { value: 'cliente' }] as const
const order = ['commerce.transactionId', 'id'] as const

/** What each event sends when the settings do not say otherwise: templates that the account has to have. */
const TEMPLATES: { readonly [event: string]: Template } = {
  generate_lead: { name: 'welcome', category: 'marketing', body: { 1: firstName } },
  sign_up: { name: 'welcome', category: 'marketing', body: { 1: firstName } },
  cart_abandoned: { name: 'cart_reminder', category: 'marketing', body: { 1: firstName } },
  purchase: {
    name: 'order_received',
    category: 'utility',
    body: { 1: firstName, 2: order, 3: ['commerce.value', { value: 0 }] },
    money: ['3'],
  },
  order_paid: { name: 'order_paid', category: 'utility', body: { 1: firstName, 2: order } },
  order_fulfilled: { name: 'order_shipped', category: 'utility', body: { 1: firstName, 2: order } },
  shipment_delivered: { name: 'order_delivered', category: 'utility', body: { 1: firstName, 2: order } },
  order_cancelled: { name: 'order_cancelled', category: 'utility', body: { 1: firstName, 2: order } },
  refund: { name: 'order_refunded', category: 'utility', body: { 1: firstName, 2: order } },
}

/** What WhatsApp calls who hides the number: https://developers.facebook.com/docs/whatsapp/business-scoped-user-ids */
export const USER_ID = /^[A-Z]{2}\.[A-Za-z0-9]{1,128}$/

/** Undefined for an event that is not sent here. */
export function templateOf(event: string, { templates = {} }: Settings): Template | undefined {
  if (Object.hasOwn(templates, event)) return templates[event] || undefined
  return Object.hasOwn(TEMPLATES, event) ? TEMPLATES[event] : undefined
}

export const wants = (settings: Settings): readonly string[] =>
  [...new Set([...Object.keys(TEMPLATES), ...Object.keys(settings.templates ?? {})])].filter(
    event => templateOf(event, settings) !== undefined,
  )

export const HEADERS = ['text', 'image', 'document', 'video']

/** What the schema cannot say of a template. */
export function problems({ templates = {} }: Settings): readonly string[] {
  return Object.entries(templates).flatMap(([event, template]) => {
    if (!template) return []
    const at = `templates.${event}`
    const { name, text = {}, header = {}, body = {}, money = [], buttons = {}, replies = {} } = template
    const filling = { header, body, buttons, replies }
    const parts = { text, ...filling }
    const both = Object.keys(buttons).filter(index => Object.hasOwn(replies, index))
    return [
      ...(name === undefined ? unnamed(template, filling, at) : []),
      ...Object.entries(parts).flatMap(([part, fields]) => mappingProblems(fields, `${at}.${part}`)),
      ...(Object.keys(header).length > 1 ? [`${at}.header: a template has one header; keep one of its keys`] : []),
      ...money
        .filter(name => !Object.hasOwn(body, name))
        .map(name => `${at}.money: "${name}" is no parameter of body; name one of ${Object.keys(body).join(', ')}`),
      ...both.map(index => `${at}: button ${index} is in buttons and in replies; keep it in one`),
      ...numbering(Object.keys(body), `${at}.body`),
    ]
  })
}

function unnamed({ text }: Template, filling: object, at: string): readonly string[] {
  if (!text) return [`${at}: give the name of an approved template, a text, or both`]
  return Object.entries(filling)
    .filter(([, fields]) => Object.keys(fields).length)
    .map(([part]) => `${at}.${part}: this fills a template, and none is named; add its name`)
}

/** Numbered parameters are sent by their place: a gap would shift the ones behind it. */
function numbering(names: readonly string[], at: string): readonly string[] {
  if (!isNumbered(names)) return []
  const gap = names.map(Number).findIndex((number, place) => number !== place + 1)
  return gap < 0 ? [] : [`${at}: numbered parameters are 1 to ${names.length}; ${gap + 1} is missing`]
}

/** Object keys that are whole numbers come in their order, whatever the order in the file. */
export const isNumbered = (names: readonly string[]): boolean => names.every(name => /^[1-9]\d?$/.test(name))

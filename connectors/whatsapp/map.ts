import {
  applyMapping,
  type Draft,
  type Event,
  type Json,
  type Known,
  type Mapping,
  type Person,
  type Skip,
} from '../../core/connector.ts'
import { DEFAULTS, isNumbered, type Settings, type Template, templateOf, USER_ID } from './settings.ts'

/** A message as `POST /{phone-number-id}/messages` takes it: https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-message-templates */
export type Message = Recipient & {
  messaging_product: 'whatsapp'
  recipient_type: 'individual'
  /** Handed back in webhooks: the event's id. */
  biz_opaque_callback_data: string
} & Content
type Recipient = { to: string } | { recipient: string }
type Content = TextContent | TemplateContent
type TextContent = { type: 'text'; text: { body: string } }
type TemplateContent = {
  type: 'template'
  template: { name: string; language: { policy: 'deterministic'; code: string }; components?: readonly Component[] }
}
type Component = {
  type: 'header' | 'body' | 'button'
  sub_type?: 'url' | 'quick_reply'
  index?: string
  parameters: readonly Parameter[]
}
type Parameter = { readonly [field: string]: Json }

/** `otherwise` goes in the place of a text whose 24 hours are over, as WhatsApp says, whatever we remember. */
export type Record = { message: Message; otherwise?: Message }

export function map(event: Event, settings: Settings, known: Known = {}): readonly Draft<Record>[] | Skip {
  const template = templateOf(event.name, settings)
  if (!template) return { skip: `${event.name} sends no message: see the setting templates` }
  const recipient = recipientOf(event)
  if (!recipient) return { skip: 'no phone number in E.164 and no WhatsApp user id: nobody to write to' }
  const refusal = withoutOptIn(event, template, settings)
  if (refusal) return { skip: refusal }
  const text = isOpen(known) ? textContent(template, event) : undefined
  const filled = templateContent(template, event, settings, known)
  if (!text && 'skip' in filled) return filled
  const message = (content: Content): Message => ({
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...recipient,
    biz_opaque_callback_data: event.id,
    ...content,
  })
  const templated = 'skip' in filled ? undefined : message(filled)
  const data: Record = text
    ? { message: message(text), ...(templated && { otherwise: templated }) }
    : { message: templated! }
  // One recipient's messages go one after the other: side by side they are over the rate of a pair (131056).
  return [{ call: 'message', step: 0, key: 'to' in recipient ? recipient.to : recipient.recipient, group: '', data }]
}

/** Whose last message decides between text and template, by number and id: webhooks may tell of either alone. */
export function repliesTo(event: Event, settings: Settings): Person | undefined {
  if (!templateOf(event.name, settings)?.text) return undefined
  const recipient = recipientOf(event)
  return recipient && { ...('to' in recipient && { phones: [recipient.to] }), ids: idsOf(event) }
}

const HOUR_MS = 3_600_000
/** https://developers.facebook.com/docs/whatsapp/cloud-api/guides/send-messages#customer-service-windows */
const WINDOW_MS = 24 * HOUR_MS
/** Ours: clocks differ, and what is mapped now may leave at the end of a run. */
const MARGIN_MS = 5 * 60_000

const isOpen = ({ wroteMsAgo = Number.POSITIVE_INFINITY }: Known) => wroteMsAgo < WINDOW_MS - MARGIN_MS

/** A number wins over a business-scoped user id: https://developers.facebook.com/docs/whatsapp/business-scoped-user-ids */
function recipientOf({ user, properties }: Event): Recipient | undefined {
  if (user?.phone && /^\+[1-9]\d{6,14}$/.test(user.phone)) return { to: user.phone }
  const [id] = idsOf({ properties })
  return id === undefined ? undefined : { recipient: id }
}

export function idsOf({ properties }: { properties?: Event['properties'] }): readonly string[] {
  const id = properties?.whatsapp_user_id
  return typeof id === 'string' && USER_ID.test(id) ? [id] : []
}

/**
 * WhatsApp asks for an opt-in before a business writes first, and checks nothing: https://developers.facebook.com/docs/whatsapp/overview/getting-opt-in
 * What a form says about WhatsApp itself (`whatsapp_opt_in`) wins over the consent of the page, but for marketing it cannot stand in for a no.
 */
function withoutOptIn({ consent, properties }: Event, { category = DEFAULTS.category }: Template, settings: Settings) {
  const told = properties?.whatsapp_opt_in
  if (told === false) return 'the person does not want messages (whatsapp_opt_in)'
  const needed = category === 'marketing' ? 'marketing' : (settings.optIn ?? DEFAULTS.optIn)
  const given = consent?.[needed] ?? told === true
  return given ? undefined : `no consent to ${needed}: WhatsApp asks for an opt-in`
}

const LONGEST_TEXT = 4096 // https://developers.facebook.com/docs/whatsapp/cloud-api/messages/text-messages

function textContent({ text = {} }: Template, event: Event): TextContent | undefined {
  const { body } = applyMapping(text, event)
  if (typeof body !== 'string' && typeof body !== 'number') return undefined
  const cut = String(body).trim().slice(0, LONGEST_TEXT).toWellFormed()
  return cut ? { type: 'text', text: { body: cut } } : undefined
}

function templateContent(template: Template, event: Event, settings: Settings, known: Known): TemplateContent | Skip {
  const { name } = template
  if (name === undefined)
    return {
      skip: isOpen(known)
        ? `nothing in the event for the text of ${event.name}: add a {"value": ...}`
        : `the person has not written within 24 hours, and ${event.name} has no template`,
    }
  const language = template.language ?? settings.language ?? DEFAULTS.language
  const components = componentsOf(template, event, language)
  if ('missing' in components)
    return { skip: `nothing in the event for ${components.missing} of template ${name}: add a {"value": ...}` }
  return {
    type: 'template',
    template: {
      name,
      language: { policy: 'deterministic', code: language },
      ...(components.length > 0 && { components }),
    },
  }
}

type Missing = { missing: string }

/** In the order header, body, buttons; what a template has no parameters for is left out. */
function componentsOf(template: Template, event: Event, language: string): readonly Component[] | Missing {
  const { header, body = {}, buttons = {}, replies = {} } = template
  const [kind] = Object.keys(header ?? {})
  const made: (Component | Missing)[] = []
  if (header && kind) made.push(headerOf(kind, header, event))
  if (Object.keys(body).length) made.push(bodyOf(template, body, event, language))
  for (const index of Object.keys(buttons)) made.push(buttonOf('url', index, buttons, event))
  for (const index of Object.keys(replies)) made.push(buttonOf('quick_reply', index, replies, event))
  const missing = made.find(one => 'missing' in one)
  return missing ?? (made as Component[])
}

function headerOf(kind: string, header: Mapping, event: Event): Component | Missing {
  const value = textOf(applyMapping(header, event)[kind])
  if (value === undefined) return { missing: `header ${kind}` }
  if (kind === 'text') return { type: 'header', parameters: [{ type: 'text', text: value }] }
  if (!/^https?:\/\/\S+$/.test(value)) return { missing: `header ${kind} (a link)` }
  return { type: 'header', parameters: [{ type: kind, [kind]: { link: value } }] }
}

function bodyOf({ money = [] }: Template, body: Mapping, event: Event, language: string): Component | Missing {
  const values = applyMapping(body, event)
  const names = Object.keys(body)
  const named = !isNumbered(names)
  const parameters: Parameter[] = []
  for (const name of names) {
    const value = values[name]
    const parameter = money.includes(name) ? amount(value, event, language) : text(value)
    if (!parameter) return { missing: `parameter ${name}` }
    parameters.push(named ? { ...parameter, parameter_name: name } : parameter)
  }
  return { type: 'body', parameters }
}

function buttonOf(kind: 'url' | 'quick_reply', index: string, values: Mapping, event: Event): Component | Missing {
  const value = textOf(applyMapping(values, event)[index])
  if (value === undefined) return { missing: `button ${index}` }
  const parameter = kind === 'url' ? { type: 'text', text: value } : { type: 'payload', payload: value }
  return { type: 'button', sub_type: kind, index, parameters: [parameter] }
}

const LONGEST = 1024 // https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages

/** Line breaks, tabs and runs of spaces are refused in a parameter, and so is nothing at all. */
function textOf(value: Json | undefined): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined
  const flat = String(value).replace(/\s+/g, ' ').trim()
  return flat ? flat.slice(0, LONGEST).toWellFormed() : undefined
}

function text(value: Json | undefined): Parameter | undefined {
  const found = textOf(value)
  return found === undefined ? undefined : { type: 'text', text: found }
}

/** An amount that the telephone writes in its own way; in no known currency it goes as it is. */
function amount(value: Json | undefined, { commerce }: Event, language: string): Parameter | undefined {
  const number = typeof value === 'string' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  const code = commerce?.currency ?? ''
  if (!/^[A-Z]{3}$/.test(code)) return { type: 'text', text: number.toFixed(2) }
  return {
    type: 'currency',
    currency: { fallback_value: written(number, code, language), code, amount_1000: Math.round(number * 1000) },
  }
}

const written = (number: number, code: string, language: string): string =>
  new Intl.NumberFormat(language.replace('_', '-'), { style: 'currency', currency: code })
    .format(number)
    .replace(/\s/g, ' ')

import type { Event, Item, Json } from '../../core/connector.ts'

const LENGTH = 2000 // of description: https://learn.microsoft.com/dynamics365/sales/developer/entities/lead
/** What was said, what it is about, and where it came from, for whoever opens the lead. */
export type Summary = {
  text: string
  /** Whether the person said or chose something: only then is it worth replacing what the lead had before. */
  told: boolean
}

export function summaryOf(event: Event): Summary {
  const { properties = {} } = event
  const said = firstText(properties.conversation_summary, properties.summary, properties.message, properties.comments)
  const cart = cartOf(event)
  const talk = transcriptOf(properties.conversation) || transcriptOf(properties.transcript)
  const parts = [said, cart, originOf(event)].filter(Boolean).join('\n\n')
  const rest = LENGTH - parts.length - 2 // the blank line between
  const kept = talk.length <= rest ? talk : rest > 20 ? lastOf(talk, rest) : ''
  return { text: cutText([kept, parts].filter(Boolean).join('\n\n'), LENGTH), told: Boolean(said || cart || talk) }
}

/** A talk as a text, or as a list of `{from | role | author, text | content | message}`. */
function transcriptOf(talk: Json | undefined): string {
  if (typeof talk === 'string') return talk.trim()
  if (!Array.isArray(talk)) return ''
  const lines = talk.map((turn: Json) => {
    if (typeof turn === 'string') return turn.trim()
    const { from, role, author, text, content, message } = fieldsOf(turn)
    const who = firstText(from, role, author)
    const words = firstText(text, content, message)
    return words && who ? `${who}: ${words}` : words
  })
  return lines.filter(Boolean).join('\n')
}

/** The end of a talk says what came of it. */
const lastOf = (talk: string, length: number) =>
  `…${talk
    .slice(-(length - 1))
    .toWellFormed()
    .replace(/^\ufffd/, '')}`

/** `2 x Shirt, M: 59.9`, a line each, and the total. */
export function cartOf({ commerce = {} }: Event): string {
  const { items = [], value, currency } = commerce
  const lines = items.map(lineOf).filter(Boolean)
  if (lines.length && value !== undefined)
    lines.push(`Total: ${[currency, value].filter(one => one !== undefined).join(' ')}`)
  return lines.join('\n')
}

function lineOf({ id, name, variant, price, quantity = 1 }: Item): string {
  const what = [name || id, variant].filter(Boolean).join(', ')
  return what && `${quantity} x ${what}${price === undefined ? '' : `: ${price}`}`
}

function originOf({ campaign = {}, page = {} }: Event): string {
  const from = campaignOf(campaign)
  const where = [page.title, addressOf(page.url, LENGTH)].filter(Boolean).join(', ')
  return [from && `Campaign: ${from}`, where && `Page: ${where}`].filter(Boolean).join('\n')
}

/** Without what the tag and the campaign put behind it; undefined for what is no web address, or too long a one. */
export function addressOf(url: string | undefined, length: number): string | undefined {
  const address = URL.parse(url ?? '')
  const text = address && /^https?:$/.test(address.protocol) ? `${address.origin}${address.pathname}` : undefined
  return text && text.length <= length ? text : undefined
}

export const campaignOf = ({ source, medium, name, term, content }: NonNullable<Event['campaign']>): string =>
  [source, medium, name, term, content].filter(Boolean).join(' / ')

export const firstText = (...values: readonly (Json | undefined)[]): string => {
  for (const value of values) {
    if (typeof value === 'string' && value.trim()) return value.trim()
    if (typeof value === 'number') return String(value)
  }
  return ''
}

/** At most `length` UTF-16 units, as Dataverse counts, never half a character. */
export const cutText = (text: string, length: number): string =>
  text.length <= length
    ? text
    : `${text
        .slice(0, length - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`

const fieldsOf = (value: Json): { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { [name: string]: Json }) : {}

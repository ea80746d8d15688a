import { isObject } from './spellings.ts'

/** What one request may carry. Each is checked before the body, or the event, is looked into. */
const LIMITS = { bytes: 256 * 1024, events: 100, eventBytes: 32 * 1024, nesting: 16 } as const

export type Body = {
  events: readonly unknown[]
  /** Of the whole body, in UTF-8. */
  bytes: number
  /** Of older tags: whose events these are. From the batch, else the first event that says. */
  clientId?: string
  tid?: string
}
export type BodyError = { status: 400 | 413; error: string }

/** One event, an array of them, or `{"batch", "events"}`, whatever the header calls it. Never throws. */
export function parseBody(text: string): Body | BodyError {
  const bytes = Buffer.byteLength(text)
  if (bytes > LIMITS.bytes) return { status: 413, error: 'the body is larger than 256 KiB: send fewer events at once' }
  if (nestsDeeper(text, LIMITS.nesting)) return { status: 400, error: 'the body is nested deeper than 16 levels' }
  let parsed: unknown
  try {
    parsed = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)
  } catch {
    return { status: 400, error: text.trim() ? 'the body is not JSON' : 'the body is empty' }
  }
  return bodyOf(parsed, bytes)
}

/** Why an event is larger than an event may be; undefined for the others. `bodyBytes` spares most of them the measuring. */
export function oversize(event: unknown, bodyBytes: number): string | undefined {
  if (bodyBytes <= LIMITS.eventBytes || Buffer.byteLength(JSON.stringify(event) ?? '') <= LIMITS.eventBytes)
    return undefined
  return 'an event is at most 32 KiB'
}

function bodyOf(parsed: unknown, bytes: number): Body | BodyError {
  const batch = isObject(parsed) && 'events' in parsed ? parsed : undefined
  const events = batch ? batch.events : Array.isArray(parsed) ? parsed : [parsed]
  if (!Array.isArray(events)) return { status: 400, error: '"events" is not a list' }
  if (!isObject(parsed) && !Array.isArray(parsed))
    return { status: 400, error: 'the body is neither an object nor a list' }
  if (!events.length) return { status: 400, error: 'no events in the body' }
  if (events.length > LIMITS.events) return { status: 413, error: 'more than 100 events: send fewer at once' }
  const clientId = named('clientId', batch, events)
  const tid = named('tid', batch, events)
  return { events, bytes, ...(clientId && { clientId }), ...(tid && { tid }) }
}

function named(
  key: 'clientId' | 'tid',
  batch: { readonly [key: string]: unknown } | undefined,
  events: readonly unknown[],
) {
  const holder = [batch, ...events].find(candidate => isObject(candidate) && typeof candidate[key] === 'string')
  return isObject(holder) ? String(holder[key]).trim() : undefined
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Counts open brackets outside strings, without parsing: a parser may run out of stack on what this reads in one pass. */
function nestsDeeper(text: string, levels: number): boolean {
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === QUOTE) i = endOfString(text, i)
    else if (c === 0x5b || c === 0x7b) {
      if (++depth > levels) return true
    } else if (c === 0x5d || c === 0x7d) depth--
  }
  return false
}

/** Index of the quote that closes the string opened at `from`; the text's end if none does. */
function endOfString(text: string, from: number): number {
  let end = from
  do {
    end = text.indexOf('"', end + 1)
    if (end < 0) return text.length
  } while (escaped(text, end))
  return end
}
function escaped(text: string, quote: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes++
  return backslashes % 2 === 1
}

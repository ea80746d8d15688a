import { normalisePhone } from './person.ts'
import { TEXT, URL } from './schema/event.ts'

/**
 * How one field is read, wherever it stands. A reader answers undefined for what is empty, and what it cannot read
 * unchanged: then the schema refuses it.
 */
export type Reader = (value: unknown) => unknown

/** Everything but tabs, line ends, printable ASCII and what comes after the second block of control characters. */
const CONTROL = /[^\t\n\r -~\u00a0-\uffff]/g
const EMPTY = new Set(['', 'undefined', 'null', '(not set)'])

/** Without control characters (NUL among them) and with every lone surrogate replaced. */
export const wellFormed = (value: string): string => value.toWellFormed().replace(CONTROL, '')

/** At most `length` UTF-16 units, never half a character. */
const cut = (value: string, length: number) =>
  value.length <= length
    ? value
    : value
        .slice(0, length)
        .toWellFormed()
        .replace(/\ufffd$/, '')
        .trimEnd()

const textOf =
  (length: number): Reader =>
  value => {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    if (typeof value !== 'string') return value
    const trimmed = wellFormed(value).trim()
    return EMPTY.has(trimmed) ? undefined : cut(trimmed, length)
  }
export const text: Reader = textOf(TEXT)
export const url: Reader = textOf(URL)
/** Identities are never cut: what is too long for one is refused. */
export const identity: Reader = textOf(Number.POSITIVE_INFINITY)

/** The first of several: Google's tags may send lists of addresses and numbers. */
export const first = (value: unknown): unknown => (Array.isArray(value) ? value[0] : value)

export const email: Reader = value => {
  const read = identity(first(value))
  return typeof read === 'string' ? read.toLowerCase() : read
}

/** E.164; undefined for what is text but no number, which core/properties.ts then keeps as it was written. */
export const phone: Reader = value => {
  const read = identity(first(value))
  return typeof read === 'string' ? normalisePhone(read) : read
}

/** Hexadecimal in lower case; Google's templates may also hash to base64. */
export const hash: Reader = value => {
  const read = identity(first(value))
  if (typeof read !== 'string') return read
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(read)) return Buffer.from(read, 'base64').toString('hex')
  return read.toLowerCase()
}

/** Amounts that arrive as text: `1234.5`, and as Brazilian pages write them `1.234,50` and `R$ 1.234,50`. */
export const amount: Reader = value => {
  if (typeof value !== 'string') return value
  const written = wellFormed(value).replace('R$', '').trim()
  if (EMPTY.has(written)) return undefined
  if (/^-?\d{1,15}(?:\.\d{1,15})?$/.test(written)) return Number(written)
  if (/^-?(?:\d{1,15}|\d{1,3}(?:\.\d{3}){1,4}),\d{1,2}$/.test(written))
    return Number(written.replaceAll('.', '').replace(',', '.'))
  return value
}

export const currency: Reader = value => {
  const read = text(value)
  if (typeof read !== 'string') return read
  return read === 'R$' ? 'BRL' : read.toUpperCase()
}

const FLAGS: { readonly [word: string]: boolean } = {
  granted: true,
  denied: false,
  true: true,
  false: false,
  '1': true,
  '0': false,
}
/** Yes or no, in Consent Mode's words too: https://developers.google.com/tag-platform/security/guides/consent */
export const flag: Reader = value => {
  const read = text(value)
  return typeof read === 'string' && Object.hasOwn(FLAGS, read.toLowerCase()) ? FLAGS[read.toLowerCase()] : read
}

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i
/** A time as ISO 8601 in UTC. Texts without a zone are UTC; numbers are seconds, milliseconds or microseconds by their size. */
export const time: Reader = value => {
  const read = identity(value)
  if (typeof read !== 'string') return read
  const ms = /^\d{1,16}(?:\.\d+)?$/.test(read) ? epochMs(Number(read)) : isoMs(read)
  return Number.isFinite(ms) ? new Date(ms).toISOString() : read
}
const epochMs = (count: number) => (count < 1e11 ? count * 1000 : count < 1e14 ? count : count / 1000)
const isoMs = (written: string) => {
  const match = ISO.exec(written)
  if (!match) return Number.NaN
  const standard = written.toUpperCase().replace(' ', 'T')
  return Date.parse(match[1] || standard.length === 10 ? standard : `${standard}Z`)
}

import { createHmac, hash } from 'node:crypto'
import type { Event, User } from './event.ts'
import type { Person } from './webhook.ts'

/** Country calling code of numbers that are written without one: the tenants are Brazilian. */
const HOME = '55'

export const normaliseEmail = (text: string): string => text.trim().toLowerCase()

/**
 * E.164, or undefined for what is no telephone number. Numbers without `+` or `00` are Brazilian: an area code of two
 * digits and 8 or 9 more, perhaps after a trunk `0` with or without a carrier's two digits, perhaps after `55`.
 * Anatel, resolution 749/2022 (numbering): https://www.legisweb.com.br/legislacao/?legislacao=428952
 */
export function normalisePhone(text: string): string | undefined {
  const trimmed = text.trim()
  if (/[^\d\s()+./-]/.test(trimmed) || trimmed.lastIndexOf('+') > 0) return undefined
  const digits = trimmed.replace(/\D/g, '')
  if (trimmed.startsWith('+')) return international(digits)
  if (digits.startsWith('00')) return international(digits.slice(2))
  if (digits.startsWith(HOME) && (digits.length === 12 || digits.length === 13)) return `+${digits}`
  const national = /^(?:0(?:\d\d)?)?([1-9]\d(?:9\d{8}|[2-5]\d{7}))$/.exec(digits)
  return national ? `+${HOME}${national[1]}` : undefined
}

// E.164: at most 15 digits, none of which is a leading zero. The shortest numbers in use have seven.
const international = (digits: string) => (/^[1-9]\d{6,14}$/.test(digits) ? `+${digits}` : undefined)

/**
 * What stands for a person among the opted-out: keyed hashes of each of their identities. They are made of the SHA-256
 * of an address or number, because some tags send nothing else, and must be recognised all the same.
 */
export function personHashes(salt: string, user: Pick<User, 'email' | 'phone' | 'emailHash' | 'phoneHash'>): string[] {
  const { email, phone, emailHash, phoneHash } = user
  const identities = new Set<string>()
  if (email) for (const spelling of emailSpellings(email)) identities.add(`email:${sha256(spelling)}`)
  if (emailHash) identities.add(`email:${emailHash}`)
  if (phone) identities.add(`phone:${sha256(phone)}`)
  if (phoneHash) identities.add(`phone:${phoneHash}`)
  return Array.from(identities, identity => keyed(salt, identity))
}

const keyed = (salt: string, identity: string) => createHmac('sha256', salt).update(identity).digest('base64url')

/** The same for every spelling under which a vendor's message may mean a person. */
export const spellingHashes = (salt: string, { phones = [], emails = [], ids = [] }: Person): string[] => [
  ...new Set([
    ...ids.map(id => keyed(salt, `id:${id}`)),
    ...phones.flatMap(phone => personHashes(salt, { phone })),
    ...emails.flatMap(email => personHashes(salt, { email })),
  ]),
]

// Google's tags drop the dots of Gmail addresses before they hash them:
// https://developers.google.com/google-ads/api/docs/conversions/enhanced-conversions/web
function emailSpellings(email: string): string[] {
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1)
  if (domain !== 'gmail.com' && domain !== 'googlemail.com') return [email]
  return [email, `${email.slice(0, at).replaceAll('.', '')}@${domain}`]
}

const sha256 = (text: string): string => hash('sha256', text)

const ADDRESS = /[\w.+-](?:@|%40)[\w-]+\.[a-z]{2,}/i

/** Whether an event names a person (hashes aside): such an event must not travel in an address, which ends up in logs. */
export function namesPerson({ user, properties, page }: Pick<Event, 'user' | 'properties' | 'page'>): boolean {
  if (user?.email ?? user?.phone ?? user?.firstName ?? user?.lastName) return true
  return properties?.phone !== undefined || ADDRESS.test(JSON.stringify([user?.id, properties, page]))
}

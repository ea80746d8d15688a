import { hash, timingSafeEqual } from 'node:crypto'

/** Names in lower case, as a function URL hands them over. */
export type Headers = { readonly [name: string]: string | undefined }

/** Whether a secret is one of those of which only the SHA-256 (hex) is known here. Any secret takes the same time. */
export function matchesHash(secret: string | undefined, hashes: readonly Buffer[]): boolean {
  if (secret === undefined) return false
  const given = hash('sha256', secret, 'buffer')
  let matches = false
  for (const known of hashes) matches = (known.length === given.length && timingSafeEqual(known, given)) || matches
  return matches
}
export const hashesFromHex = (hashes: readonly string[]): Buffer[] =>
  hashes.map(hex => Buffer.from(hex.trim(), 'hex')).filter(({ length }) => length === 32)

/** The site that a browser speaks for: images carry a referrer where other requests carry their origin. */
export function siteOf(headers: Headers, kind: 'post' | 'image'): string | undefined {
  if (headers.origin || kind === 'post') return headers.origin
  return URL.parse(headers.referer ?? '')?.origin
}

// What crawlers, link previews, monitors and automated browsers call themselves. Not `curl` and the like: people try things
// out with them. CUBOT is a telephone.
const BOTS =
  /(?<!cu)bot\b|crawl|spider|slurp|headlesschrome|phantomjs|lighthouse|google-inspectiontool|mediapartners|facebookexternalhit|whatsapp\/|bingpreview|pingdom|uptime|gtmetrix|statuscake|datadog\/?synthetics|prerender/i

export const isBot = (userAgent: string | undefined): boolean => userAgent !== undefined && BOTS.test(userAgent)

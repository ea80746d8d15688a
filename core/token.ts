import { createHash } from 'node:crypto'
import type { Judgement, Rate, Secrets, Token } from './connector.ts'

/** What only `refresh` reads: refresh token and access token of one account, written together. */
export type StoredToken = Token & {
  /** 1, and one more with each exchange. */
  version: number
  /** Epoch ms. */
  obtainedAt: number
  /** The refresh token that this one was bought with, kept for one cycle in case the vendor forgets the newer one. */
  previous?: string
  /** The account's own limits (`AccountLimits` as JSON), asked with the token. */
  limits?: string
  /** Fingerprint of the secret's `refreshToken` at that time: another one means that somebody authorised again. */
  seed?: string
}

/** What the vendor lets this very account do, by call, where it tells; JSON text of `AccountLimits` in the row. */
export type AccountLimits = { readonly [call: string]: readonly Rate[] }
export const readAccountLimits = (limits: string | undefined): AccountLimits => (limits ? JSON.parse(limits) : {})

/** The copy that `process` may read. */
export type AccessToken = { version: number; value: string; expiresAt: number; baseUrl?: string; limits?: string }

/** A token this close to its end may die on the way to the vendor. */
const END_MS = 60_000
/** A scheduled refresh repeated within this time (schedules fire at least once) has nothing to do. */
const REPEATED_MS = 60_000
/** For vendors that do not say how long a token lives; the first 401 renews it anyway. */
const UNSAID_LIFE_MS = 3_600_000

export const usable = (token: { expiresAt: number }, now: number): boolean => now < token.expiresAt - END_MS

/** Whether what is stored already answers the call, so that no vendor needs to be asked. */
export function answers(
  stored: StoredToken | undefined,
  wish: { why: 'schedule' | 'unauthorized' | 'missing'; failedVersion?: number },
  now: number,
): boolean {
  if (!stored || !usable(stored, now)) return false
  if (wish.why === 'schedule') return now < stored.obtainedAt + REPEATED_MS
  if (wish.failedVersion !== undefined) return stored.version > wish.failedVersion
  return wish.why === 'missing'
}

/** Of the secret's first refresh token; undefined for vendors whose credentials have none. */
export const seedOf = ({ refreshToken }: Secrets): string | undefined =>
  refreshToken ? createHash('sha256').update(refreshToken).digest('base64url') : undefined

/**
 * What to log in with, best first; undefined stands for the secret alone. That comes first when nothing is stored or
 * somebody has authorised again, and last where the secret holds no refresh token that an earlier login has used up.
 */
export function candidates(
  stored: StoredToken | undefined,
  seed: string | undefined,
): readonly (StoredToken | undefined)[] {
  if (!stored) return [undefined]
  const { refresh, previous } = stored
  const authorisedAgain = seed !== undefined && seed !== stored.seed
  const older = previous !== undefined && previous !== refresh ? [{ ...stored, refresh: previous }] : []
  const anew = seed === undefined && refresh !== undefined ? [undefined] : []
  return [...(authorisedAgain ? [undefined] : []), stored, ...older, ...anew]
}

/** What to store once the vendor has answered `token` to `used`. */
export function succeed(
  stored: StoredToken | undefined,
  token: Token,
  used: { refresh?: string | undefined; seed?: string | undefined },
  now: number,
): StoredToken {
  const refresh = token.refresh ?? used.refresh
  return {
    version: (stored?.version ?? 0) + 1,
    value: token.value,
    expiresAt: Number.isFinite(token.expiresAt) ? token.expiresAt : now + UNSAID_LIFE_MS,
    obtainedAt: now,
    ...(token.baseUrl !== undefined && { baseUrl: token.baseUrl }),
    ...(refresh !== undefined && { refresh }),
    ...(used.refresh !== undefined && used.refresh !== refresh && { previous: used.refresh }),
    ...(used.seed !== undefined && { seed: used.seed }),
  }
}

export const accessCopy = ({ version, value, expiresAt, baseUrl, limits }: StoredToken): AccessToken => ({
  version,
  value,
  expiresAt,
  ...(baseUrl !== undefined && { baseUrl }),
  ...(limits !== undefined && { limits }),
})

/** True for an https URL without user or port whose whole host name one of `hosts` matches. */
export function belongs(url: string, hosts: readonly RegExp[]): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname, port, username, password } = new URL(url)
  if (protocol !== 'https:' || port || username || password) return false
  return hosts.some(({ source, flags }) => new RegExp(`^(?:${source})$`, flags.replace(/[gy]/g, '')).test(hostname))
}

export type RefusedLogin = {
  verdict: 'retry' | 'throttled' | 'misconfigured'
  code: string
  words: string
  waitMs?: number
}

/** A login knows three ways to fail: whatever else was said of it, asking again either helps or it does not. */
export function refusal({ verdict, code, words, waitMs }: Judgement): RefusedLogin {
  const final = verdict === 'misconfigured' || verdict === 'unauthorized' || verdict === 'rejected'
  return {
    verdict: final ? 'misconfigured' : verdict === 'throttled' ? 'throttled' : 'retry',
    code: code ?? 'login-refused',
    words: words ?? '',
    ...(waitMs !== undefined && { waitMs }),
  }
}

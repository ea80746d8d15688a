import type { Event, Purpose } from './event.ts'
import { ROW } from './keys.ts'

/**
 * Rows of the `tenants` table: written by the Pulumi program from the stack's config, read by the functions, cached for
 * 60 s. What people switch at run time (pause, resume) is not here but in `state`, so that no deploy undoes it.
 */
export type Tenant = {
  id: string
  /** `https://www.loja-abc.example`, exactly as browsers send it. */
  origins: readonly string[]
  /** SHA-256 (hex) of the keys that server-side sources send in `x-connect-key`. */
  serverKeyHashes: readonly string[]
  /** Secret of the tenant's hashes of opted-out people. */
  salt: string
  /** What `receive` must know of each destination, by connector name. */
  destinations: { readonly [connector: string]: Route }
}

/** Where `receive` puts which events. */
export type Route = {
  /** Event names that the destination maps (`Connector.wants`). */
  wants: readonly string[]
  urgent: readonly string[]
  /** An event without all of these consents is skipped for this destination and counted, not kept. */
  requires: readonly Purpose[]
  /** But not these: by them people leave (`Connector.leaving`), and who leaves consents to nothing. */
  leaving?: readonly string[]
  shards: number
  keepMs: number
}

/** Whether the event's person has allowed what the destination requires, or leaves by it. */
export const isAllowed = ({ requires, leaving = [] }: Route, { name, consent }: Event): boolean =>
  leaving.includes(name) || requires.every(purpose => consent?.[purpose] === true)

/** What `process` and `refresh` must know: row `<connector>#<tenant>`. */
export type Destination = Route & {
  tenant: string
  connector: string
  /** The tenant whose credentials it uses; destinations of one account share its limits and tokens. */
  account: string
  settings: object
  onUnknown: 'resend' | 'hold'
  /** Consecutive failures that open the breaker, and how long it stays open before a probe. */
  breaker: { failures: number; resetMs: number }
  /** Changes with every deploy that changes the row: lets a stopped destination probe again. */
  revision: string
}

export const DEFAULTS = {
  shards: 4,
  keepMs: 7 * 86_400_000,
  breaker: { failures: 10, resetMs: 60_000 },
} as const

/** Sendable time of an event: after this long (pauses not counted) it is buried instead of sent. */
export const SENDABLE_MS = 72 * 3_600_000
/** When DynamoDB may remove an envelope that no run has ever seen. */
export const ttlSeconds = (receivedAt: number, keepMs: number): number =>
  Math.ceil((receivedAt + keepMs + SENDABLE_MS + 86_400_000) / 1000)

/** `loja-abc/rdstation`: how people and mails name a destination. */
export const destinationName = (tenant: string, connector: string): string => `${tenant}/${connector}`

/** A row of the `tenants` table as DynamoDB attributes; `readRow` is its inverse. Keys are in core/keys.ts. */
export const rowItem = (pk: string, data: Tenant | Destination | { tenant: string }) => ({
  pk: { S: pk },
  sk: { S: ROW },
  data: { S: JSON.stringify(data) },
})
export const readRow = <T extends Tenant | Destination | { tenant: string }>(item: {
  readonly [name: string]: { S?: string | undefined }
}): T | undefined => (item.data?.S ? JSON.parse(item.data.S) : undefined)

import { hash, timingSafeEqual } from 'node:crypto'

/**
 * What a vendor tells us by calls of its own (`POST /v1/hooks/{tenant}/{connector}`): how it knows itself to us, and what its
 * messages mean. Pure, as the rest of a connector is; `node:crypto` is allowed.
 */
export type Webhook<S> = {
  /** Names that the webhook's secret must have, with what to put there. It lies beside the credentials: who hears the vendor may not speak for us. */
  secrets: { readonly [name: string]: string }
  /** The body of the 200 with which an address is confirmed that the vendor asks by GET; undefined refuses. */
  handshake?(query: { readonly [name: string]: string | undefined }, secrets: Secrets): string | undefined
  /** Whether it is the vendor that speaks: in constant time, on the bytes as they came. `now` in epoch ms. */
  verify(call: HookCall, secrets: Secrets, now: number): boolean
  /** What a verified body (parsed JSON) tells, in the order in which it tells it. Never throws for a shape that it does not know. */
  read(body: unknown, settings: S): readonly Update[]
}

type Secrets = { readonly [name: string]: string }
export type HookCall = {
  raw: Uint8Array
  /** Names in lower case. */
  headers: { readonly [name: string]: string | undefined }
  query: { readonly [name: string]: string | undefined }
}

/** One thing that a vendor tells; `at` is when it happened there, epoch ms. */
export type Update = StatusUpdate | ChoiceUpdate | InboundUpdate | NoticeUpdate

/** How a message of ours fares. Only a higher `stage` than the last one counts: repeats and late arrivals change nothing. */
export type StatusUpdate = {
  kind: 'status'
  /** The vendor's id of the message. */
  message: string
  at: number
  status: string
  stage: number
  /** It will not arrive: a dead letter and a mail, with `code` and `words`. */
  failed?: true
  code?: string
  words?: string
  /** The record that we sent it for, where the vendor hands our own note back: `call` and its place in `map`'s list. */
  record?: { eventId: string; name: string }
}
/** A person wants nothing more, or wants it again. Only a later choice than the last one counts. */
export type ChoiceUpdate = { kind: 'opt-out' | 'opt-in'; person: Person; at: number }
/** A person wrote to us. `message` tells repeats apart. */
export type InboundUpdate = { kind: 'inbound'; message: string; person: Person; at: number }
/** Something about the account that a person should know: a paused template, a lower quality. */
export type NoticeUpdate = { kind: 'notice'; code: string; words: string }

/** Every spelling under which an event may know this person: E.164, lower-case addresses, the vendor's own ids (`idsOf`). */
export type Person = { phones?: readonly string[]; emails?: readonly string[]; ids?: readonly string[] }

/** Whether two secrets are the same, in a time that tells nothing of either. An empty one is no secret. */
export const sameSecret = (given: string, known: string): boolean =>
  timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', known, 'buffer')) && known !== ''

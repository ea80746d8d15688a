import type { Event } from './event.ts'
import type { SettingsSchema } from './settings.ts'
import type { Person, Webhook } from './webhook.ts'

export type { Event, Item, Json } from './event.ts' // a connector imports this file and nothing else of ours
export { applyMapping, type Mapping, mappingProblems, mappingSchema } from './mapping.ts'
export type { SettingsSchema } from './settings.ts'
export { type HookCall, type Person, type StatusUpdate, sameSecret, type Update, type Webhook } from './webhook.ts'

/**
 * One CRM or messaging service, as a plain object. The engine (core/deliver.ts) owns whatever can be shared: retries,
 * breaker, tokens, pacing, ledger, deadlines, dead letters. A connector states only what is true of its vendor and of
 * no other. Every function here is pure: no clock, no randomness, no network, no environment.
 */
export type Connector<S extends object, D> = {
  /** Lower case, letters only: the folder, the URL's last part, the table prefix, the metric dimension. */
  name: string
  /** As the vendor writes it, for people. */
  title: string
  /** The vendor page that this module was written against. */
  docs: string
  /** What ajv checks when the program starts; never secrets. Descriptions become config errors and the README's table. */
  settings: SettingsSchema<S>
  /** What is wrong with settings that the schema lets pass, a sentence each that names the key and the fix. */
  problems?(settings: S): readonly string[]
  /** Hosts that requests may go to; a `baseUrl` that the vendor returns is refused unless one of these matches it whole. */
  hosts: readonly RegExp[]
  auth(settings: S): Auth<S>
  /** Each kind of request it makes, by name. */
  calls: { readonly [call: string]: CallKind<S> }
  /** Where a vendor tells an account's own limits: asked with each new token. What is read stands in for `rates`, by call. */
  limits?: {
    request(settings: S, token: Token): HttpRequest
    read(answer: RawAnswer, settings: S): { readonly [call: string]: readonly Rate[] }
  }
  /** Names of the events that this destination maps: what `receive` buffers for it. */
  wants(settings: S): readonly string[]
  /** Those of them by which people leave, and which do nothing else: they go whatever consent the destination requires. */
  leaving?(settings: S): readonly string[]
  /** A person's later events wait while an earlier one of the same lane waits. */
  ordered: boolean
  /** What to do when a call that is not repeatable was sent and nothing came back: see `Rule` and `Destination.onUnknown`. */
  onUnknown: 'resend' | 'hold'
  /** The vendor's error table as data. First match wins; what no rule matches falls to `core/judge.ts` by status. */
  rules: readonly Rule[]
  /** What the vendor itself calls the event's person, where it tells of people by ids of its own: opt-outs may be heard of by these. */
  idsOf?(event: Event): readonly string[]
  /** Whose last message to us `map` has to know of for this event; undefined saves the look-up. */
  repliesTo?(event: Event, settings: S): Person | undefined
  /**
   * Event to the records the vendor gets, in the order in which they must go; or why this event is not for this vendor. Asked
   * anew before each try, as `known` may have changed.
   */
  map(event: Event, settings: S, known?: Known): readonly Draft<D>[] | Skip
  /** Reads what the vendor says in an answer: its code (what `rules` speak of), its words, how long to wait, who is to blame. */
  explain(answer: RawAnswer, batch: Batch<S, D>): Explanation
  /**
   * Sends one batch, yielding each record's outcome as soon as the vendor has told it, so that what is settled stays
   * settled if the process dies half-way. A record never yielded is retried. HTTP failures do not throw: `call.send`
   * returns them as answers already judged.
   */
  deliver(batch: Batch<S, D>, call: Call): AsyncIterable<Outcome>
  /** What the vendor tells by calls of its own, where it does. */
  webhook?: Webhook<S>
}

/** What one kind of request may carry and how often it may be made. Functions of the settings where the vendor sells tiers. */
export type CallKind<S> = {
  /** May be repeated without harm (upserts by an external id). Everything else goes through the ledger. */
  repeatable: boolean
  /** Records in one request, at most. */
  records(settings: S): number
  /** Body of one request, at most; `overhead` is what the envelope around the records takes, `bytes` are UTF-8. */
  bytes: number
  overhead: number
  timeoutMs: number
  /** Requests that the vendor lets one account make; all of them hold at once. */
  rates(settings: S): readonly Rate[]
  /**
   * More waiting records of one group than `above`, over all shards, go by this other call instead (a bulk API), which has its
   * own limits.
   */
  bulk?: { above: number; call: string }
  /** Where the vendor says so. */
  source: string
}
export type Rate = { requests: number; perMs: number }

/** One record for one call. An event may have several of one call (order lines): `map` must list them in a stable order. */
export type Draft<D> = {
  call: string
  /** 0 first. Records of step n+1 go only for events whose records of step n are all delivered. */
  step: number
  /** What the vendor tells two records apart by: records with one key never share a request, and go in order. */
  key: string
  /** Records of different groups never share a request (field set, object, list). */
  group: string
  data: D
}
export type Skip = { skip: string }
/** What an event does not tell of its person; only where `repliesTo` asks. */
export type Known = {
  /** Since the person last wrote to us, by the vendor's time. Absent if we have heard of no message. */
  wroteMsAgo?: number
}

/**
 * What an answer means for a record:
 *   delivered      settled
 *   rejected       will never succeed as it is: dead letter now
 *   retry          may succeed later: backed off, costs an attempt, counts against the breaker
 *   throttled      over a rate: `scope` says whether this record waits or the whole destination; costs no attempt
 *   unauthorized   the token died: renewed and re-sent once, a second time is `misconfigured`
 *   misconfigured  settings or account are wrong: the destination stops, costs no attempt
 *   unknown        sent, but nothing is known of it, on a call that is not repeatable
 *   pending        the vendor works on it as part of `job`: asked after again in `waitMs`, costs no attempt. Repeatable calls only
 */
export type Verdict =
  | 'delivered'
  | 'rejected'
  | 'retry'
  | 'throttled'
  | 'unauthorized'
  | 'misconfigured'
  | 'unknown'
  | 'pending'

/** A row of the vendor's error table. `status` and `code` that are absent match anything. */
export type Rule = {
  status?: number | readonly number[]
  code?: string | readonly string[]
  verdict: Exclude<Verdict, 'unknown' | 'pending'>
  /** With `throttled`. Default: destination. */
  scope?: 'record' | 'destination'
  /** With `throttled`: how long when the answer itself does not say; with `retry`: at least so long. */
  waitMs?: number
  /** With `retry`: the vendor says that it did nothing, so that even a call that is not repeatable may be made again. */
  notProcessed?: boolean
  /** With `retry`: the record's last try; what fails then is `rejected` (a lock or a race that must clear soon or never will). */
  tries?: number
  /** With `rejected`: the person wants nothing more of this, which is remembered as their opt-out. */
  optOut?: true
  /** With a refusal of the whole request: half as many records may pass (too large, too slow). */
  halve?: boolean
  why: string
  source: string
}

export type Judgement = {
  verdict: Verdict
  /** The vendor's code, or ours for what never reached it: `connection-refused`, `timeout`. */
  code?: string
  /** The vendor's own words, masked by the engine before they are kept or mailed. */
  words?: string
  scope?: 'record' | 'destination'
  waitMs?: number
  /** With `retry`: after so many tries of this record, this one included, it is rejected. */
  tries?: number
  halve?: boolean
  optOut?: true
  /** With `pending`: what the vendor calls the job; handed back as `Batch.job` with the records that wait for it. */
  job?: string
}
/** The fate of one record, by its id and never by its position. */
export type Outcome = (Judgement & { id: string }) | Refusal
/**
 * A request refused as a whole: no verdict on its records. The engine drops `culprits` (ids) if the vendor named any,
 * else halves the batch until one record is left, and only that one gets the verdict.
 */
export type Refusal = Judgement & { refused: readonly string[]; culprits?: readonly string[] }

export type Explanation = {
  code?: string
  words?: string
  /** How long the vendor asks us to wait; the `Retry-After` header is read by the engine. */
  waitMs?: number
  /** Ids of the records that the vendor blames for refusing the whole request. */
  culprits?: readonly string[]
  /** Share (0 to 1) of the account's allowance of a day or so that is used up, where the vendor's headers tell. */
  used?: number
  /** How many requests of this call the vendor's headers leave the account, and for how long: the pace slows to fit. */
  left?: { requests: number; ms: number }
}

export type Batch<S, D> = {
  call: string
  settings: S
  /** These records were handed over before and are `pending`: follow the job, send nothing anew. */
  job?: string
  records: readonly { id: string; data: D }[]
}
export type Call = {
  /** The token's `baseUrl`, else undefined: then the connector builds it from its settings. */
  baseUrl?: string
  /** Signed, paced, timed, aborted at the function's deadline. Never throws for what a vendor or network does. */
  send(request: HttpRequest): Promise<Answer>
  /** For APIs that answer row by row inside a 200: judges a row as an answer of its own. */
  judge(status: number, code?: string, words?: string): Judgement
}

export type HttpRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  /** Names in lower case. */
  headers: { readonly [name: string]: string }
  body?: string
}
export type RawAnswer = {
  status: number
  /** Names in lower case. */
  headers: { readonly [name: string]: string }
  /** Parsed where it is JSON, else the text. */
  body: unknown
}
/** A finished exchange, or a network failure: then `status` is 0 and `code` ours. */
export type Answer = Judgement & RawAnswer & { culprits?: readonly string[] }

export type Secrets = { readonly [name: string]: string }
/** `expiresAt` in epoch milliseconds; `baseUrl` for vendors that name the host when they log you in. */
export type Token = { value: string; expiresAt: number; baseUrl?: string; refresh?: string }
export type Auth<S> =
  | {
      kind: 'static'
      /** Names that the credentials secret must have, with what to put there. */
      secrets: { readonly [name: string]: string }
      sign(request: HttpRequest, secrets: Secrets): HttpRequest
    }
  | {
      kind: 'token'
      secrets: { readonly [name: string]: string }
      /** Schedule expression for `refresh`, well inside the token's life. */
      refreshEvery: string
      /**
       * `last` is the newest stored token: vendors that rotate want its `refresh`. Undefined for the first token and
       * after an operator has set new credentials, which then hold the newer grant. `now` is for signed assertions.
       */
      exchange(settings: S, secrets: Secrets, last: Token | undefined, now: number): HttpRequest
      /** The token in the answer, or what the refusal means: `retry`, `throttled`, `misconfigured`. */
      read(answer: RawAnswer, now: number, last: Token | undefined): Token | Judgement
      sign(request: HttpRequest, token: Token): HttpRequest
    }

/** One answer for every record of a batch: for APIs that accept or refuse a request whole. */
export function* together(records: Iterable<{ id: string }>, answer: Answer): Iterable<Outcome> {
  const { status: _status, headers: _headers, body: _body, culprits, ...judgement } = answer
  if (judgement.verdict === 'delivered') for (const { id } of records) yield { id, ...judgement }
  else yield { ...judgement, refused: Array.from(records, record => record.id), ...(culprits && { culprits }) }
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds connectors of every settings and record type
export type AnyConnector = Connector<any, any>

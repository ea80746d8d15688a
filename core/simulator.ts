import type { Event, HttpRequest, Judgement, Known, Secrets, Verdict } from './connector.ts'

/** What local runs and tests use in the vendor's place: the default export of `connectors/<name>/simulator.ts`. No Lambda bundle carries it. */
export type Simulator<S extends object> = {
  /** Hosts that it plays: requests to them arrive here with their https addresses unchanged. */
  hosts: readonly string[]
  /** Settings that are complete and right, for examples and the shared suite. */
  settings: S
  /** What an operator would put into the credentials secret: `account` tells vendor accounts apart (letters, digits, -). */
  credentials(settings: S, account?: string): Secrets
  /** What an operator would put into the webhook's secret, where the vendor has one. */
  webhookSecrets?(settings: S, account?: string): Secrets
  vendor(clock: { now(): number; random(): number }): Vendor
  cases: readonly Case<S>[]
}

/** A small, strict fake of the vendor: its URLs, its refusals, its limits, and a memory of what it accepted. */
export type Vendor = {
  handle(request: HttpRequest): Promise<VendorAnswer>
  /** Every record that it accepted, oldest first. `eventId` where the record carries one; `key` what the vendor knows it by. */
  received: readonly Received[]
  /** `down`: 503 to everything. `refused`: connections are refused. `hang`: never answers. `throttled`: over its limit. */
  mode: 'up' | 'down' | 'refused' | 'hang' | 'throttled'
  /** Every access token handed out so far is invalid from now on. */
  expireTokens(): void
  /** Token exchanges answered with a token so far. */
  tokensIssued: number
  /** A person writes to one of an account's numbers: what that opens is open from now on, and the vendor calls back. */
  write?(message: { account: string; to: string; from: string; text: string }): void
  /** Takes out the calls that the vendor has to make to its customers' addresses, oldest first. */
  takeHooks?(): readonly Hook[]
}
/** A call of the vendor's own to the address that `account` has given it. */
export type Hook = { account: string; headers: Readonly<Record<string, string>>; body: string }
export type Received = { at: number; kind: string; key: string; account: string; data: unknown }
export type VendorAnswer =
  | { status: number; headers?: Readonly<Record<string, string>>; body?: unknown; delayMs?: number }
  /** `refused`: nothing was read. `reset`: read, then the connection was dropped. `hang`: no answer ever. */
  | 'refused'
  | 'reset'
  | 'hang'

/** A worked example: documentation, test and local script at once. */
export type Case<S extends object> = {
  /** A sentence that stays true: 'a person without an email is skipped'. */
  title: string
  settings?: Partial<S>
  events: readonly Event[]
  /** What is known of an event's person, where the connector asks (`repliesTo`). */
  known?: { readonly [eventId: string]: Known }
  /** In request order (deliveries only), in place of the vendor's own answers; undefined lets it answer. */
  answers?: readonly (VendorAnswer | undefined)[]
  /** `data` of what the vendor must have accepted. */
  sent?: readonly unknown[]
  outcomes: { readonly [eventId: string]: Verdict | 'skipped' }
  /** What else must be said of an event, where it matters: code, scope, wait, tries. */
  details?: { readonly [eventId: string]: Partial<Judgement> }
}

import type { Vendor } from '../../core/simulator.ts'
import type { OperateResult } from '../../functions/operate.ts'
import type { OperateEvent } from '../../functions/world.ts'
import type { Journal } from '../journal.ts'

/** What the page's buttons do. Every one of them may throw: the page shows the message. */
export type Controls = {
  vendors(): readonly VendorStatus[]
  setMode(connector: string, mode: Vendor['mode']): void
  expireTokens(connector: string): void
  /** Calls the connector's `operate` function as a person with the operator's rights. */
  operate(connector: string, event: OperateEvent): Promise<OperateResult>
  /** Posts `body` to the ingestion endpoint as a browser on `origin` would. */
  post(path: string, body: string, origin: string): Promise<{ status: number; body: string }>
}
export type VendorStatus = {
  connector: string
  title?: string
  mode: Vendor['mode']
  tokensIssued: number
  /** Records that the vendor has accepted. */
  received: number
}

/** What the page says about the stack that it shows. */
export type About = {
  stack: string
  ingestUrl: string
  /** Who may post from where: choices of the form. */
  tenants: readonly { id: string; origin: string }[]
  /** The demo shop, if there is one. */
  shopUrl?: string
}
export type PageOptions = { journal: Journal; controls: Controls; about: About; port?: number }

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { parse } from 'yaml'
import { fromItem } from '../../core/envelope.ts'
import type { Event } from '../../core/event.ts'
import type { Program } from '../../local/declared.ts'
import type { Firing } from '../../local/gtm/engine.ts'
import { createJournal } from '../../local/journal.ts'
import { fillShop } from '../../local/shop/fill.ts'
import { withOrigin } from '../../local/shop/origin.ts'
import { createShop } from '../../local/shop/server.ts'
import type { StackOptions } from '../../local/stack.ts'
import { evaluateDev, runStack } from './running-stack.ts'

export const TENANT = 'loja-abc'
export const CONTAINER = 'GTM-XXXXXXX'

/** The dev stack with one tenant and two of its CRMs, and without a limit that a test would run into. */
export function evaluateDemo(crms: readonly string[] = ['rdstation', 'salesforce']): Promise<Program> {
  const { config } = parse(readFileSync(join(import.meta.dirname, '..', '..', 'Pulumi.dev.yaml'), 'utf8'))
  const { [TENANT]: tenant } = structuredClone(config['connect:tenants'])
  tenant.destinations = Object.fromEntries(crms.map(crm => [crm, tenant.destinations[crm]]))
  return evaluateDev({ tenants: JSON.stringify({ [TENANT]: tenant }), requestsPerAddress: '1000000' })
}

/** The demo shop and everything behind it, as `npm start` has them. `ingest` may stand between the two. */
export async function openDemo(program: Program, options: StackOptions & { before?(ingestUrl: string): string } = {}) {
  const shop = await createShop({ port: 0 })
  const journal = createJournal({ now: Date.now })
  const { before = url => url, ...rest } = options
  const lines: { [field: string]: unknown }[] = []
  const stored: { table: string; events: readonly Event[] }[] = []
  const stack = await runStack(withOrigin(program, TENANT, shop.url), {
    ...rest,
    sink: {
      change(change) {
        journal.change(change)
        if (change.table.endsWith('-buffer') && change.kind === 'INSERT' && change.new)
          stored.push({ table: change.table, events: fromItem(change.new as never).waiting.map(({ event }) => event) })
      },
      line(name, text) {
        journal.line(name, text)
        if (text.startsWith('{')) lines.push({ function: name, ...JSON.parse(text) })
      },
      mail: journal.mail,
    },
  })
  await fillShop(shop, { tenant: TENANT, ingestUrl: before(stack.ingestUrl) })
  return {
    shop,
    stack,
    journal,
    /** Envelopes as they were written, by the table that they went to. */
    stored,
    /** Names of the events that were accepted, by id. */
    accepted: () =>
      lines.flatMap(({ message, names, ids }) =>
        message === 'accepted'
          ? (ids as string[]).map((id, index) => ({ id, name: (names as string[])[index] ?? '' }))
          : [],
      ),
    async close() {
      await shop.close()
      await stack.end()
    },
  }
}
export type Demo = Awaited<ReturnType<typeof openDemo>>

export const firings = (page: Page): Promise<Firing[]> =>
  page.evaluate(`window.google_tag_manager?.['${CONTAINER}']?.firings ?? []`)

/** Waits until the tags of an event are through, well or not. */
export async function fired(page: Page, event: string): Promise<void> {
  // Not waitForFunction, which evaluates text in the page: its policy forbids that.
  for (const since = Date.now(); Date.now() - since < PATIENCE_MS; ) {
    const own = (await firings(page)).filter(firing => firing.event === event)
    if (own.length && own.every(({ outcome }) => outcome !== 'running')) return
  }
  throw new Error(`No tag has fired for ${event}`)
}
const PATIENCE_MS = 10_000

/** A person with a browser of their own, at the shop's door. */
export async function visitor(
  browser: Browser,
  { shop }: Pick<Demo, 'shop'>,
  path = '/pt/',
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${shop.url}${path}`)
  return { context, page }
}

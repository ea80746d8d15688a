import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Json } from '../core/event.ts'
import { type Push, recordedVisit, type Step } from './recorded-visit.ts'

export type VisitOptions = {
  /** Where the edge answers, without a path: `http://127.0.0.1:8787`. */
  ingestUrl: string
  /** The shop's tenant first; a second one, if there is one, gets the older tag's request. */
  tenants: readonly VisitTenant[]
  /** Epoch ms. Default: the machine's clock. */
  now?: () => number
  sleep?: (ms: number) => Promise<unknown>
  fetch?: typeof globalThis.fetch
  log?: (line: string) => void
  /** How many times faster than it was recorded. Default 10: half a minute of shopping takes a few seconds. */
  speed?: number
}
export type VisitTenant = { id: string; origin: string }

export type VisitSummary = {
  pushes: number
  requests: number
  accepted: number
  rejected: readonly Rejected[]
  /** Requests that were not answered 200, in the words of whoever refused them. */
  failed: readonly string[]
  /** Ids of what is worth following. */
  ids: { lead: string; purchase: string; invalid: string }
}
type Rejected = { index: number; id?: string; reason: string; path?: string }
type Sent = Push & { id: string; at: string }

const AT_ONCE = new Set<Json | undefined>(['generate_lead', 'purchase'])
const PER_POST = 5

/**
 * Plays the recorded visit against the endpoint as a browser's tag does: a few events a request, lead and purchase at
 * once, and the purchase's request a second time, unchanged, because its page is loaded again. Then one request of the
 * older tag and one image. Whatever the endpoint answers, it goes on; it ends when there is no endpoint any more.
 */
export async function playVisit(options: VisitOptions): Promise<VisitSummary> {
  const { now = Date.now, log = () => {} } = options
  const shop = options.tenants[0]
  if (!shop) throw new Error('A visit needs the tenant whose site is visited')
  const post = poster(options)
  const ids = { lead: '', purchase: '', invalid: '' }
  const summary = () => ({ pushes: recordedVisit.length, ...post.tally(), ids })
  try {
    await visitShop(options, shop, post, ids)
    const older = options.tenants[1] ?? shop
    await post('/rdstation', olderPush(older), older.origin)
    const at = new Date(now()).toISOString()
    await post.pixel(shop, { id: uuid7(now()), event: 'page_view', at, page_type: 'amp' })
  } catch (error) {
    post.gaveUp(error)
  }
  const { pushes, requests, accepted } = summary()
  log(`Visit played: ${pushes} pushes in ${requests} requests, ${accepted} accepted`)
  return summary()
}

async function visitShop(
  { now = Date.now, sleep = wait, speed = 10 }: VisitOptions,
  shop: VisitTenant,
  post: ReturnType<typeof poster>,
  ids: VisitSummary['ids'],
): Promise<void> {
  const browser = createBrowser(shop, now)
  let queue: Sent[] = []
  const flush = async () => {
    if (!queue.length) return
    const batch = { batch: uuid7(now()), events: queue }
    queue = []
    await post(`/v1/events/${shop.id}`, batch, shop.origin)
    return batch
  }
  for (const [index, step] of recordedVisit.entries()) {
    if (step.after) await sleep(step.after / speed)
    const sent = browser.push(step)
    queue.push(sent)
    if (step.push.event === 'generate_lead') ids.lead = sent.id
    if (step.push.event === 'purchase') ids.purchase = sent.id
    if (!step.push.event) ids.invalid = sent.id
    const leaves = recordedVisit[index + 1]?.page !== step.page
    if (!leaves && queue.length < PER_POST && !AT_ONCE.has(step.push.event)) continue
    const batch = await flush()
    if (step.push.event === 'purchase') await post(`/v1/events/${shop.id}`, batch, shop.origin)
  }
}

const CONSENT = { analytics: true, marketing: true, userData: true }

/** What the tag adds to each push: identity, time, consent, page and the visit's campaign. */
function createBrowser(shop: VisitTenant, now: () => number) {
  let known: Json | undefined
  let referrer = 'https://www.google.com/'
  let url = ''
  let seq = 0
  return {
    push({ page, title, push }: Step): Sent {
      const next = new URL(page, shop.origin).href
      if (url && url !== next) referrer = url
      url = next
      known = push.user_data ?? known // the data layer keeps what was pushed
      return {
        ...push,
        ...(known !== undefined && { user_data: known }),
        id: uuid7(now()),
        at: new Date(now()).toISOString(),
        tid: `${shop.id}_site1`,
        seq: seq++,
        client_id: '1870021421.1763629200',
        consent: CONSENT,
        page: { url, referrer, title },
        campaign: { source: 'google', medium: 'cpc', name: 'inverno-cafe', gclid: 'EXEMPLO123' },
      }
    },
  }
}

// The flat shape of the tags that came before, without id, time or consent.
const olderPush = (tenant: VisitTenant) => ({
  clientId: tenant.id,
  tid: `${tenant.id}_site1`,
  email: 'bruno.ramalho@example.com',
  eventType: 'product_view',
  productId: 'AVALIACAO-01',
  productName: 'Avaliação inicial – 50 min',
  productPrice: '220.00',
  productImage: `${tenant.origin}/imagens/avaliacao.jpg`,
  productUrl: `${tenant.origin}/agendar/avaliacao`,
})

function poster({ ingestUrl, fetch = globalThis.fetch }: VisitOptions) {
  let requests = 0
  let accepted = 0
  const rejected: Rejected[] = []
  const failed: string[] = []
  const note = async (what: string, response: Response) => {
    requests++
    if (response.ok) return
    failed.push(`${what}: ${response.status} ${(await response.text()).slice(0, 200)}`)
  }
  const post = async (path: string, body: unknown, origin: string) => {
    const response = await fetch(new URL(path, ingestUrl), {
      method: 'POST',
      headers: { 'content-type': 'text/plain;charset=UTF-8', origin },
      body: JSON.stringify(body),
    })
    const answer = response.ok ? ((await response.json()) as { accepted: number; rejected: Rejected[] }) : undefined
    accepted += answer?.accepted ?? 0
    rejected.push(...(answer?.rejected ?? []))
    await note(`POST ${path}`, response)
  }
  return Object.assign(post, {
    /** The image that stands in where scripts cannot run: known by its Referer. */
    async pixel(tenant: VisitTenant, event: Sent) {
      const data = Buffer.from(JSON.stringify(event)).toString('base64url')
      const path = `/v1/events/${tenant.id}/p?d=${data}`
      const response = await fetch(new URL(path, ingestUrl), { headers: { referer: `${tenant.origin}/amp` } })
      await note(`GET /v1/events/${tenant.id}/p`, response)
      if (response.ok) accepted++
      await response.arrayBuffer().catch(() => {})
    },
    gaveUp(error: unknown) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      failed.push(`The visit to ${ingestUrl} ended early: ${cause instanceof Error ? cause.message : String(cause)}`)
    },
    tally: () => ({ requests, accepted, rejected, failed }),
  })
}

/** UUID version 7 (https://www.rfc-editor.org/rfc/rfc9562#section-5.7): 48 bits of time, then chance. */
export function uuid7(at: number): string {
  const hex = at.toString(16).padStart(12, '0')
  const chance = randomBytes(10)
  chance[0] = (chance[0]! & 0x0f) | 0x70
  chance[2] = (chance[2]! & 0x3f) | 0x80
  const tail = chance.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`
}

import { type Flags, flags, learn, mayStore } from './browser/consent.ts'
import { listen, readDataLayer } from './browser/data-layer.ts'
import { add, clearStorage, forgetAll, retry, turn } from './browser/delivery.ts'
import { currentCampaign, traces, uuid } from './browser/event.ts'
import { HELD_MOST } from './browser/limits.ts'
import { safely } from './browser/safely.ts'
import { mayGo, settings } from './browser/settings.ts'

/*
 * Without Tag Manager a page has
 *   <script async src="https://hub.example/tag.js" data-tenant="loja-abc"></script>
 * and may say more: data-needs="analytics_storage ad_user_data" (consent that must be granted before anything is sent or
 * stored; empty: none), data-layer="dataLayer", data-endpoint="https://hub.example".
 *
 * A Tag Manager template, or the page's own code, pushes into `connect`, before or after the script has come:
 *   connect.push({ tenant: 'loja-abc', default: { analytics_storage: 'denied', ... } })   settings, consent at the start
 *   connect.push({ consent: { analytics_storage: 'granted', ... } })                      every choice of the person
 *   connect.push({ event: 'purchase', ecommerce: { ... } })                               a GA4 push, or { name: ... }
 */

type Entry = { [key: string]: unknown }

/** Events that wait for the tenant's name or for consent: in memory only. */
const held: Entry[] = []

/** One entry of the queue `connect`: an event (it has a name), or settings and what is known of consent. */
const take = safely((entry: Entry) => {
  if (entry.event || entry.name) return hold(entry)
  Object.assign(settings, entry)
  learnConsent(entry.default as Flags) // none is as good as an empty one
  if (entry.consent) learnConsent(entry.consent as Flags, true)
})

const learnConsent = (given: Flags, update?: boolean) => {
  const could = mayGo()
  learn(given, update)
  if (could && !mayGo()) forgetAll()
  release()
  retry()
  if (update && !mayStore()) clearStorage()
}

/** Fixes what an event is, now: the page may change its objects and its address later. */
const hold = (entry: Entry) => {
  const here = {
    id: uuid(),
    at: new Date(),
    page: { url: location.href, referrer: document.referrer, title: document.title },
  }
  currentCampaign()
  // A dataLayer push may use these names for something else; who writes our own shape means them.
  held.push(JSON.parse(JSON.stringify({ ...here, ...entry, ...((entry.event && here) as object) }, withoutNodes)))
  if (held[HELD_MOST]) held.shift()
  release()
}

/** Elements refer to half the page, and to themselves. */
const withoutNodes = (_key: string, value: { nodeType?: number } | undefined) => (value?.nodeType ? undefined : value)

const release = () => {
  if (mayGo())
    for (const event of held.splice(0))
      add(
        {
          ...event,
          campaign: currentCampaign() || event.campaign,
          consent: { ...(event.consent as Flags), ...flags },
          ...traces(),
        },
        /^(purchase|generate_lead|sign_up)$/.test((event.event || event.name) as string),
      )
}

/** A snippet names its tenant and has the dataLayer read; a GTM template pushes into the queue instead. */
safely(() => {
  const page = window as unknown as { connect?: Entry[] & { nodeType?: number } }
  const script = document.currentScript as HTMLScriptElement
  if (!page.connect || page.connect.nodeType) page.connect = [] // an element with this id is a global too
  if (page.connect.push !== [].push) return // loaded twice, or the name is the page's own
  settings.endpoint = new URL(script.src).origin
  listen(page.connect, take)
  for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'online']) addEventListener(type, turn)
  if (script.dataset.tenant) {
    take({ ...script.dataset })
    readDataLayer(script.dataset.layer || 'dataLayer', take, learnConsent)
  }
})()

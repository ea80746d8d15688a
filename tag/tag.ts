import { listen, readDataLayer } from './browser/data-layer.ts'
import { turn } from './browser/delivery.ts'
import { type Entry, take } from './browser/queue.ts'
import { safely } from './browser/safely.ts'
import { settings } from './browser/settings.ts'

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

declare global {
  interface Window {
    connect?: Entry[] & { nodeType?: number }
  }
}

const script = document.currentScript as HTMLScriptElement

/** A snippet names its tenant and has the dataLayer read; a GTM template pushes into the queue instead. */
const start = safely(() => {
  if (!window.connect || window.connect.nodeType) window.connect = [] // an element with this id is a global too
  if (window.connect.push !== [].push) return // loaded twice, or the name is the page's own
  settings.endpoint = new URL(script.src).origin
  listen(window.connect, take)
  for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'online']) addEventListener(type, turn)
  if (script.dataset.tenant) {
    take({ ...script.dataset })
    readDataLayer(script.dataset.layer || 'dataLayer')
  }
})

// A page that the browser prepares is nobody's visit until it is shown: what it pushes waits in its own lists.
if ((document as { prerendering?: boolean }).prerendering) addEventListener('prerenderingchange', start, true)
else start()

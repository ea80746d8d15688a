import { type Flags, flags, learn, mayStore } from './browser/consent.ts'
import { isPlain, readDataLayer } from './browser/data-layer.ts'
import { add, clearStorage, forgetAll, retry, turn } from './browser/delivery.ts'
import { currentCampaign, googleIds, nextNumber, uuid } from './browser/event.ts'
import { HELD_MOST } from './browser/limits.ts'
import { safely } from './browser/safely.ts'
import { mayGo, settings } from './browser/settings.ts'

type Entry = { [key: string]: unknown }

const URGENT = /^(purchase|generate_lead|sign_up)$/

/** Events that wait for the tenant's name or for consent: in memory only. */
const held: Entry[] = []

/** One entry of the queue `connect`: an event (it has a name), or settings and what is known of consent. */
const take = safely((entry: Entry) => {
  if (entry.event || entry.name) return hold(entry)
  Object.assign(settings, entry)
  learnConsent((entry.default || {}) as Flags)
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
  const page = { url: location.href, referrer: document.referrer, title: document.title }
  const here = { id: uuid(), at: new Date().toISOString(), page }
  currentCampaign()
  // A dataLayer push may use these names for something else; who writes our own shape means them.
  held.push(JSON.parse(JSON.stringify(entry.event ? { ...entry, ...here } : { ...here, ...entry }, withoutNodes)))
  if (held.length > HELD_MOST) held.shift()
  release()
}

const withoutNodes = (_key: string, value: unknown) =>
  value && typeof value === 'object' && !isPlain(value) ? undefined : value

const release = () => {
  if (mayGo())
    for (const event of held.splice(0))
      add(
        { ...event, campaign: currentCampaign() || event.campaign, consent: flags, ...googleIds(), ...nextNumber() },
        URGENT.test((event.event || event.name) as string),
      )
}

/** A snippet names its tenant and has the dataLayer read; a GTM template pushes into the queue instead. */
safely(() => {
  const holder = window as unknown as { connect?: Entry[] & { nodeType?: number } }
  const script = document.currentScript as HTMLScriptElement
  const given = holder.connect
  const queue = Array.isArray(given) ? given : []
  if (queue.push !== [].push) return // loaded twice
  if (!given || given.nodeType) holder.connect = queue // an element with this id is a global too
  settings.endpoint = new URL(script.src).origin
  queue.push = (...more) => more.forEach(take) as unknown as number
  queue.splice(0).forEach(take)
  for (const type of ['visibilitychange', 'pagehide', 'pageshow', 'online']) addEventListener(type, safely(turn))
  if (script.dataset.tenant) {
    take({ ...script.dataset })
    readDataLayer(script.dataset.layer || 'dataLayer', take, learnConsent)
  }
})()

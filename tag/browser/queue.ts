import { type Flags, flags, learn, mayStore } from './consent.ts'
import { add, clearStorage, forgetAll, retry } from './delivery.ts'
import { currentCampaign, traces, uuid } from './event.ts'
import { HELD_MOST } from './limits.ts'
import { mayGo, settings } from './settings.ts'

export type Entry = { [key: string]: unknown }

/** Events that wait for the tenant's name or for consent: in memory only. */
const held: Entry[] = []

/** One entry of the queue `connect`: an event (it has a name), or settings and what is known of consent. */
export const take = (entry: Entry): void => {
  if (entry.event || entry.name) hold(entry)
  else {
    Object.assign(settings, entry)
    learnConsent(entry.default as Flags) // none is as good as an empty one
    if (entry.consent) learnConsent(entry.consent as Flags, true)
  }
}

export const learnConsent = (given: Flags, update?: boolean): void => {
  learn(given, update)
  currentCampaign()
  if (!mayGo()) forgetAll()
  release()
  retry()
  if (update && !mayStore()) clearStorage()
}

/** Fixes what an event is, now: the page may change its objects and its address later. */
const hold = (entry: Entry) => {
  const here = {
    id: uuid(),
    at: new Date(),
    page: { url: location.href, title: document.title, referrer: document.referrer },
  }
  // A dataLayer push may use these names for something else; who writes our own shape means them.
  held.push(
    JSON.parse(
      JSON.stringify(
        { ...here, ...entry, ...((entry.event && here) as object) },
        (_key, value) => (value?.nodeType ? undefined : value), // elements refer to half the page, and to themselves
      ),
    ),
  )
  held.splice(0, held.length - HELD_MOST)
  release()
}

const release = () => {
  if (mayGo())
    for (const event of held.splice(0))
      add(
        {
          ...event,
          consent: { ...(event.consent as Flags), ...flags },
          campaign: currentCampaign() || event.campaign,
          ...traces(),
        },
        /^(generate_lead|purchase|sign_up)$/.test((event.event || event.name) as string),
      )
}

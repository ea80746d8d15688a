/** What the person allowed, in the words of Google's Consent Mode v2, as the page last told it. */
export type Flags = { [flag: string]: string }
export const flags: Flags = {}

/**
 * Takes over what the page says. An update is the person's choice and always counts. Among defaults a denial wins, and a
 * grant for some regions only is not believed: the browser does not know where it is. Of all flags only the four of
 * version 2 begin with an "a": ad_storage, analytics_storage, ad_user_data, ad_personalization.
 */
export const learn = (given: Flags, update?: unknown): void => {
  for (const flag in given)
    if (flag.startsWith('a') && (update || !(given.region || flags[flag]) || given[flag] === 'denied'))
      flags[flag] = given[flag] as string
}

/** Nothing is written into the browser without this. */
export const mayStore = (): boolean => flags.analytics_storage === 'granted'

export type Box = { [key: string]: string }

/** The storage if the person and the browser allow it, else an empty thing that forgets at once. */
export const box = (area: 'localStorage' | 'sessionStorage' = 'localStorage'): Box => {
  try {
    if (mayStore()) return (window[area] as unknown as Box | null) || {} // null in some web views
  } catch {}
  return {}
}

/** A full storage is no reason to fail, nor to leave there what is no longer true. */
export const put = (key: string, value: string | number, area?: 'sessionStorage'): void => {
  try {
    box(area)[key] = value as string
  } catch {
    delete box(area)[key]
  }
}

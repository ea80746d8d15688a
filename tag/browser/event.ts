import { type Box, box, mayStore, put } from './consent.ts'

/** Begins every key that we write, and names a batch together with its id. */
export const PREFIX = 'connect:'

const VISIT = `${PREFIX}visit`
const NUMBER = `${PREFIX}number`
const VISIT_MS = 18e5 // GA4 ends a session after 30 minutes: https://support.google.com/analytics/answer/12798876

let made = 0

/** UUIDv7 with a counter in its `rand_a`, so that ids made in one millisecond keep their order (RFC 9562, 6.2). */
export const uuid = (): string => {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(15)), byte => (byte & 15).toString(16)).join('')
  return `0${Date.now().toString(16)}${(0x7000 + (made++ & 4095)).toString(16)}8${digits}`.replace(
    /^.{8}|.{4}(?=.{12})/g,
    '$&-',
  )
}

let campaign: Box = {}

/** The campaign of the visit: from the address, else what an earlier page of the visit found there. */
export const currentCampaign = (): Box | undefined => {
  const found: Box = {}
  new URLSearchParams(location.search).forEach((value, name) => {
    const [, utm, click] = /^utm_(source|medium|campaign|term|content)$|^(gclid|fbclid)$/.exec(name) || []
    if (utm || click) found[utm === 'campaign' ? 'name' : utm || (click as string)] = value
  })
  const now = Date.now()
  if (filled(found)) campaign = found
  else if (!filled(campaign)) {
    const [at, kept] = JSON.parse(box()[VISIT] || '[0]')
    if (now - at < VISIT_MS) campaign = kept
  }
  put(VISIT, JSON.stringify([now, campaign]))
  return filled(campaign) ? campaign : undefined
}

export const filled = (object: object): boolean => !!Object.keys(object)[0]

let last = ''

/** Which event of which tab this is: a hole in the numbers of a stream is an event lost on the way. */
export const nextNumber = (): { stream: string; seq: number } => {
  const [stream, before] = (box('sessionStorage')[NUMBER] || last || `${uuid()} 0`).split(' ') as [string, string]
  const seq = +before + 1
  last = `${stream} ${seq}`
  put(NUMBER, last, 'sessionStorage')
  return { stream, seq }
}

/** Who and which session this is to GA4: `GA1.1.<client id>`, `GS1.1.<session id>.…` or `GS2.1.s<session id>$…`. */
export const googleIds = (): { client_id?: string | undefined; session_id?: string | undefined } => {
  const read = (form: RegExp) => (mayStore() ? form.exec(document.cookie)?.[1] : undefined)
  return { client_id: read(/\b_ga=GA1\.[^;]*?(\d+\.\d+)(?:;|$)/), session_id: read(/\b_ga_\w+=GS\d\.\d+\.s?(\d+)/) }
}

import { type Box, box, mayStore, put } from './consent.ts'
import { VISIT_MS, VISIT_NOTED_MS } from './limits.ts'

/** Begins every key that we write, and names a batch together with its id. */
export const PREFIX = 'connect:'

const VISIT = 'connect:visit'
const NUMBER = 'connect:number'

/** UUIDv7 (RFC 9562, 5.7). */
export const uuid = (): string =>
  `0${Date.now().toString(16)}-7xxx-8xxx-xxxxxxxxxxxx`.replace(/x|^.{8}/g, part =>
    part[1] ? `${part}-` : ((crypto.getRandomValues(new Uint8Array(1))[0] as number) & 15).toString(16),
  )

let campaign: Box | false | undefined

/** The campaign of the visit: from the address, else what an earlier page of the visit found there. */
export const currentCampaign = (): Box | false | undefined => {
  let found: Box | undefined
  new URLSearchParams(location.search).forEach((value, name) => {
    if (/^(utm_(source|medium|campaign|term|content)|(g|fb)clid)$/.test(name))
      found = { ...found, [name.replace('utm_', '')]: value }
  })
  const [at, kept] = JSON.parse(box()[VISIT] || '[0]')
  const now = Date.now()
  campaign = found || campaign || (now - at < VISIT_MS && kept)
  if (found || now - at > VISIT_NOTED_MS) put(VISIT, JSON.stringify([now, campaign]))
  return campaign
}

let last = ''

/**
 * Whose event it is to GA4 (`_ga=GA1.1.<client id>`, `_ga_…=GS1.1.<session id>.…` or `GS2.1.s<session id>$…`), and which
 * one of its tab: a hole in the numbers of a stream is an event lost on the way.
 */
export const traces = () => {
  const cookies = mayStore() ? document.cookie : ''
  const [stream, before] = (box('sessionStorage')[NUMBER] || last || `${uuid()} 0`).split(' ') as [string, string]
  const seq = +before + 1
  last = `${stream} ${seq}`
  put(NUMBER, last, 'sessionStorage')
  return {
    client_id: cookies.match(/\b_ga=[^;]+\.(\d+\.\d+)/)?.[1],
    session_id: cookies.match(/\b_ga_[^;]+?\.\d\.s?(\d+)/)?.[1],
    stream,
    seq,
  }
}

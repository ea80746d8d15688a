import { type Box, box, mayStore, put } from './consent.ts'
import { VISIT_MS } from './limits.ts'

/** Begins every key that we write, and names a batch together with its id. */
export const PREFIX = 'connect:'

const VISIT = `${PREFIX}visit`
const NUMBER = `${PREFIX}number`

/** UUIDv7 (RFC 9562, 5.7). */
export const uuid = (): string => {
  const time = `0${Date.now().toString(16)}`
  return `${time.slice(0, 8)}-${time.slice(8)}-7xxx-8xxx-xxxxxxxxxxxx`.replace(/x/g, () =>
    ((crypto.getRandomValues(new Uint8Array(1))[0] as number) & 15).toString(16),
  )
}

let campaign: Box | undefined

/** The campaign of the visit: from the address, else what an earlier page of the visit found there. */
export const currentCampaign = (): Box | undefined => {
  let found: Box | undefined
  new URLSearchParams(location.search).forEach((value, name) => {
    if (/^(utm_(source|medium|campaign|term|content)|(g|fb)clid)$/.test(name)) {
      found ||= {}
      found[name.replace('utm_', '').replace('campaign', 'name')] = value
    }
  })
  const now = Date.now()
  const [at, kept] = JSON.parse(box()[VISIT] || '[]')
  campaign = found || campaign || (now - at < VISIT_MS && kept) || undefined
  put(VISIT, JSON.stringify([now, campaign]))
  return campaign
}

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

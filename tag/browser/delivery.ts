import { type Box, box, put } from './consent.ts'
import { PREFIX, uuid } from './event.ts'
import {
  BATCH_CHARS,
  BATCH_EVENTS,
  BUSY_MS,
  FAILED,
  FLYING,
  IN_FLIGHT_BYTES,
  KEEP_CHARS,
  KEEP_MS,
  OPEN_MS,
  ORPHAN_MS,
  PREFIX_CHARS,
  RETRY_MOST_MS,
  RETRY_MS,
  STORED,
  TIMEOUT_MS,
  TOLD_MOST_MS,
} from './limits.ts'
import { mayGo, settings } from './settings.ts'

/** Where all tabs find until when the server wants to be left alone. */
const TOLD = 'connect:wait'

/** Bodies that nobody has answered yet, by storage key. Once sent, a body never changes. */
const waiting: Box = {}
/** What became of them: nothing yet, on its way, or to be tried again (and whether the storage holds it too). */
const state: { [key: string]: number } = {}
let open = ''
let events: object[] = []
let bytesInFlight = 0
let failures = 0
let notBefore = 0
let leaving = false
let timer: number | undefined

/** Queues an event; what is urgent goes at once, together with what waits before it. */
export const add = (event: object, urgent: boolean): void => {
  if (Date.now() - born(open) > OPEN_MS) flush() // its timer is late
  if (!open) {
    open = PREFIX + uuid()
    events = []
    setTimeout(flush, OPEN_MS)
  }
  events.push(event)
  const body = JSON.stringify({ events, batch: open.slice(PREFIX_CHARS) })
  waiting[open] = body
  put(open, body)
  if (urgent || leaving || events[BATCH_EVENTS - 1] || body.length > BATCH_CHARS) flush()
}

const flush = () => {
  open = ''
  sendFresh()
}

const sendFresh = () => {
  for (const key of Object.keys(waiting)) if (key !== open && !state[key]) send(key)
}

/** The page comes, goes, or is put away: on the way out everything must be on its way or in the storage. */
export const turn = (event: Event): void => {
  leaving = event.type === 'pagehide' || document.hidden
  if (event.type === 'online') notBefore = 0
  if (leaving) flush()
  else retry()
}

/** Milliseconds since 1970 in the UUIDv7 of a key; NaN for keys that are no batch. */
const born = (key: string) => +`0x${key.slice(PREFIX_CHARS, PREFIX_CHARS + 13).replace('-', '')}`

const forget = (key: string) => {
  delete waiting[key]
  delete state[key]
  delete box()[key]
}

/** Empties the queue. */
export const forgetAll = (): void => {
  open = ''
  for (const key of Object.keys(waiting)) forget(key)
}

/** Removes what we stored, on this page or an earlier one. */
export const clearStorage = (): void => {
  for (const area of [localStorage, sessionStorage] as unknown as Box[])
    ours(area).forEach(key => {
      delete area[key]
    })
}

const ours = (area: Box) => Object.keys(area).filter(key => key.startsWith(PREFIX))

/** True when the server has taken the batch, or has refused it for good. Never throws. */
const send = async (key: string) => {
  const body = waiting[key] as string
  const size = new Blob([body]).size
  const now = Date.now()
  const told = box()[TOLD] as unknown as number
  if (told < now + TOLD_MOST_MS) notBefore = Math.max(notBefore, told)
  let answer: Response | undefined
  if (now >= notBefore) {
    if (bytesInFlight && bytesInFlight + size > IN_FLIGHT_BYTES) return // goes when one of those comes back
    state[key] = FLYING
    bytesInFlight += size
    answer = await post(body, size <= IN_FLIGHT_BYTES)
    bytesInFlight -= size
  }
  const done = answer && !/429|^5/.test(answer.status as unknown as string)
  if (done) {
    forget(key)
    failures = 0
    sendFresh()
  } else {
    state[key] = key in box() ? STORED : FAILED
    backOff(answer?.headers.get('retry-after'))
  }
  arm(0)
  return done
}

/** The answer, or nothing if there was none. */
const post = async (body: string, keepalive: boolean) => {
  const url = `${settings.endpoint}/v1/events/${settings.tenant}`
  try {
    if (!leaving || 'keepalive' in Request.prototype) {
      const answer = await fetch(url, {
        body,
        keepalive,
        method: 'POST',
        signal: AbortSignal.timeout?.(TIMEOUT_MS),
        credentials: 'omit',
      })
      await answer.text() // until then Chromium counts the request as in flight
      return answer
    }
    // A fetch would die with its page. Nobody hears a beacon's answer, so the stored copy is sent once more.
    navigator.sendBeacon(url, body)
  } catch {}
  return
}

/** Doubles with every failure; what fails meanwhile does not count. The server may ask for more: seconds, or a date. */
const backOff = (retryAfter: string | null | undefined) => {
  const now = Date.now()
  if (notBefore <= now)
    notBefore = now + Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** failures++) * ((1 + Math.random()) / 2)
  if (retryAfter) {
    notBefore = Math.max(notBefore, now + +retryAfter * 1e3 || Date.parse(retryAfter) || 0)
    put(TOLD, notBefore)
  }
}

const arm = (ms: number) => {
  clearTimeout(timer)
  timer = setTimeout(retry, Math.max(ms, notBefore - Date.now()))
}

/** Sends again what failed and what earlier pages left behind: one tab at a time, oldest first, one after the other. */
export const retry = async (): Promise<void> => {
  if (mayGo())
    try {
      await navigator.locks.request(PREFIX, { ifAvailable: true }, lock => (lock ? retryAll() : arm(BUSY_MS)))
    } catch {
      retryAll() // no locks here
    }
}

const retryAll = async () => {
  adoptOrphans(box(), Date.now())
  for (const key of Object.keys(waiting).sort()) {
    if (state[key] === STORED && !(key in box()))
      forget(key) // another tab has delivered it
    else if ((state[key] as number) > FLYING && !(await send(key))) break
  }
}

/** Takes over what no living page works on. Removes what is too old, and the oldest of what is too much. */
const adoptOrphans = (local: Box, now: number) => {
  let room = KEEP_CHARS
  for (const key of ours(local).sort().reverse()) {
    const age = now - born(key)
    if (!(age < now)) continue // not a batch
    room -= (local[key] as string).length
    if (room < 0 || age > KEEP_MS) forget(key)
    else if (age < ORPHAN_MS) arm(ORPHAN_MS)
    else if (!(key in waiting)) {
      waiting[key] = local[key] as string
      state[key] = STORED
    }
  }
}

import { type Box, box, mayStore, put, storage } from './consent.ts'
import { filled, PREFIX, uuid } from './event.ts'
import { mayGo, settings } from './settings.ts'

// Chromium refuses a keepalive request when those in flight would pass 65,536 bytes; others' beacons count with ours.
const IN_FLIGHT_BYTES = 6e4
const BATCH_EVENTS = 20
const BATCH_CHARS = 16e3
/** How long a batch takes events up. */
const OPEN_MS = 3e3
/** How old a batch must be before another page sends it: its own page adds nothing to it any more. */
const ORPHAN_MS = 1e4
const KEEP_MS = 72 * 36e5
const KEEP_CHARS = 262144
const TIMEOUT_MS = 2e4
const RETRY_MS = 1e3
const RETRY_MOST_MS = 3e5
const TOLD = `${PREFIX}wait`
const TOLD_MOST_MS = 36e5

/** Bodies that nobody has answered yet, by storage key. Once sent, a body never changes. */
const waiting: Box = {}
/** Those of `waiting` that failed, or that an earlier page left behind: whether the storage held them then. */
const tried: { [key: string]: boolean } = {}
const flying: { [key: string]: boolean } = {}
let open = ''
let events: string[] = []
let bytesInFlight = 0
let failures = 0
let notBefore = 0
let told = 0
let leaving = false
let timer: number | undefined

/** Queues an event; what is urgent goes at once, together with what waits before it. */
export const add = (event: object, urgent: boolean): void => {
  if (open && Date.now() - born(open) > OPEN_MS) flush()
  if (!open) {
    open = PREFIX + uuid()
    events = []
    setTimeout(flush, OPEN_MS)
  }
  events.push(JSON.stringify(event))
  const body = `{"batch":"${open.slice(PREFIX.length)}","events":[${events}]}`
  waiting[open] = body
  put(open, body)
  if (urgent || leaving || events.length >= BATCH_EVENTS || body.length > BATCH_CHARS) flush()
}

/** Sends what has not been tried, the open batch too. */
export const flush = (): void => {
  open = ''
  sendFresh()
}

const sendFresh = () => {
  for (const key of Object.keys(waiting)) if (key !== open && (!(key in tried) || (leaving && !mayStore()))) send(key)
}

/** The page comes, goes, or is put away: on the way out everything must be on its way or in the storage. */
export const turn = (event: Event): void => {
  leaving = event.type === 'pagehide' || document.hidden
  if (event.type === 'online') notBefore = 0
  if (leaving) flush()
  else retry()
}

/** Milliseconds since 1970 in the UUIDv7 of a key; NaN for keys that are no batch. */
const born = (key: string) => Number.parseInt(key.slice(8, 16) + key.slice(17, 21), 16)

const forget = (key: string) => {
  delete waiting[key]
  delete tried[key]
  delete box()[key]
}

/** Empties the queue, in memory and wherever something may have been stored. */
export const forgetAll = (): void => {
  open = ''
  for (const key of Object.keys(waiting)) forget(key)
}

/** Removes what we stored, on this page or an earlier one. */
export const clearStorage = (): void => {
  for (const area of ['localStorage', 'sessionStorage'] as const)
    for (const key of Object.keys(storage(area))) if (key.startsWith(PREFIX)) delete storage(area)[key]
}

/** True when the server has taken the batch, or has refused it for good. Never throws. */
const send = async (key: string): Promise<boolean | undefined> => {
  const body = waiting[key] as string
  const now = Date.now()
  const size = new Blob([body]).size
  const keepalive = bytesInFlight + size <= IN_FLIGHT_BYTES
  told = Math.max(told, Math.min(+(box()[TOLD] || 0), now + TOLD_MOST_MS))
  if (flying[key] || now < told || (now < notBefore && (!leaving || mayStore()))) return
  if (!keepalive && bytesInFlight && !leaving) return
  const url = `${settings.endpoint}/v1/events/${settings.tenant}`
  const reserved = keepalive ? size : 0
  flying[key] = true
  bytesInFlight += reserved
  const answer = await post(url, body, keepalive)
  bytesInFlight -= reserved
  delete flying[key]
  if (answer && answer.status !== 429 && answer.status < 500) {
    forget(key)
    failures = notBefore = 0
    sendFresh()
    arm()
    return true
  }
  if (key in waiting) tried[key] = key in box()
  backOff(answer?.headers.get('retry-after'))
  arm()
  return
}

const post = async (url: string, body: string, keepalive: boolean) => {
  try {
    // Without keepalive a fetch dies with its page. Nobody hears a beacon's answer: the stored copy is sent once more.
    if (!leaving || 'keepalive' in Request.prototype)
      return await fetch(url, {
        method: 'POST',
        body,
        keepalive,
        credentials: 'omit',
        signal: AbortSignal.timeout?.(TIMEOUT_MS),
      })
  } catch {}
  if (leaving) navigator.sendBeacon?.(url, body)
  return
}

const backOff = (retryAfter: string | null | undefined) => {
  const now = Date.now()
  if (retryAfter) {
    told = now + (+retryAfter * 1e3 || Date.parse(retryAfter) - now || 0)
    put(TOLD, `${told}`)
  }
  if (notBefore <= now)
    notBefore = now + Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** failures++) * (0.5 + Math.random() / 2)
}

const arm = (ms = 0) => {
  clearTimeout(timer)
  if (ms || filled(tried)) timer = setTimeout(retry, Math.max(ms, Math.max(notBefore, told) - Date.now()))
}

/** Sends again what failed and what earlier pages left behind: one tab at a time, oldest first, one after the other. */
export const retry = (): void => {
  if (!mayGo()) return
  if (mayStore() && navigator.locks)
    navigator.locks
      .request('connect', { ifAvailable: true }, lock => (lock ? retryAll() : filled(tried) && arm(5e3)))
      .catch(() => {})
  else retryAll()
}

const retryAll = async () => {
  const local = box()
  const now = Date.now()
  for (const key of storedBatches(local, now)) {
    if (key in waiting) continue
    if (now - born(key) > ORPHAN_MS) {
      waiting[key] = local[key] as string
      tried[key] = true
    } else arm(ORPHAN_MS)
  }
  for (const key of Object.keys(tried).sort()) {
    if (tried[key] && !(key in box()))
      forget(key) // another tab has delivered it
    else if (!(await send(key))) break
  }
}

/** Keys of the stored batches. Removes what is too old, and the oldest of what is too much. */
const storedBatches = (local: Box, now: number) => {
  let room = KEEP_CHARS
  return Object.keys(local)
    .filter(key => key.startsWith(PREFIX) && born(key) > 0)
    .sort()
    .reverse()
    .filter(key => {
      room -= (local[key] as string).length
      if (room > 0 && Math.abs(now - born(key)) < KEEP_MS) return true
      delete local[key]
      return false
    })
}

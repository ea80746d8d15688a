import vm from 'node:vm'

/**
 * As much of a browser as tag.js touches, with time under the test's control: tabs of one origin share storage and locks.
 * Real Chromium is in tag-browser.test.ts; here are the moments that no real browser can be stopped at.
 */
export type Sent = { at: number; url: string; body: string; init: RequestInit; by: 'fetch' | 'beacon'; tab: string }
export type Answer = { status: number; retryAfter?: string } | 'offline' | 'hang'
export type Tab = ReturnType<FakeBrowser['open']>

const KEEPALIVE_BYTES = 65_536 // of all requests in flight together: https://fetch.spec.whatwg.org/#http-network-or-cache-fetch

type Timer = { id: number; due: number; run(): void; tab: string }
type PageOptions = {
  url?: string
  cookie?: string
  /** `data-…` attributes of the script element. */
  data?: { [name: string]: string }
  /** JavaScript that the page runs before tag.js. */
  before?: string
  keepalive?: boolean
  locks?: boolean
  /** What a page of the same tab left in sessionStorage. */
  session?: { [key: string]: string }
  storage?: 'forbidden'
  /** The browser prepares the page; nobody sees it before `activate()`. */
  prerendering?: boolean
}

export class FakeBrowser {
  now = Date.parse('2026-11-20T12:00:00.000Z')
  sent: Sent[] = []
  /** Requests that asked for more than may be in flight. */
  refused = 0
  local = storageArea()
  answer: (request: Sent) => Answer = () => ({ status: 200 })
  readonly #source: string
  #timers: Timer[] = []
  #ids = 0
  readonly #locks = new Map<string, string>()
  readonly #dead = new Set<string>()
  #hanging: (() => void)[] = []

  constructor(source: string) {
    this.#source = source
  }

  /** What has arrived so far, as the server reads it. */
  get events(): { [key: string]: unknown }[] {
    return this.sent.flatMap(({ body }) => JSON.parse(body).events)
  }

  open(options: PageOptions = {}) {
    const tab = `tab-${++this.#ids}`
    const location = new URL(options.url ?? 'https://www.loja-abc.example/')
    const session = storageArea(options.session)
    const listeners = new Map<string, ((event: { type: string }) => void)[]>()
    const document = {
      cookie: options.cookie ?? '',
      title: 'Loja ABC',
      referrer: '',
      hidden: options.prerendering === true,
      prerendering: options.prerendering === true,
      currentScript: { src: 'https://hub.example/tag.js', dataset: options.data ?? { tenant: 'loja-abc' } },
    }
    const globals = {
      document,
      location,
      URL,
      URLSearchParams,
      Blob,
      crypto,
      AbortSignal,
      Date: this.#dateOfTab(),
      Request: options.keepalive === false ? class {} : class { get keepalive() { return true } }, // biome-ignore format: one thing
      navigator: {
        sendBeacon: (url: string, body: string) => this.#beacon(tab, url, body),
        ...(options.locks !== false && { locks: { request: this.#lockManager(tab) } }),
      },
      fetch: (url: string, init: RequestInit) => this.#fetch(tab, url, init),
      setTimeout: (run: () => void, ms = 0) => this.#setTimeout(tab, run, ms),
      clearTimeout: (id: number) => {
        this.#timers = this.#timers.filter(timer => timer.id !== id)
      },
      addEventListener: (type: string, listener: (event: { type: string }) => void) =>
        listeners.set(type, [...(listeners.get(type) ?? []), listener]),
    }
    const window = vm.createContext(globals) as Record<string, unknown>
    window.window = window
    for (const [name, area] of Object.entries({ localStorage: this.local, sessionStorage: session }))
      Object.defineProperty(window, name, {
        get: () => {
          if (options.storage === 'forbidden') throw new Error('SecurityError')
          return area
        },
      })
    const run = (code: string): unknown => vm.runInContext(code, window)
    if (options.before) run(options.before)
    const globalsBefore = Object.keys(window)
    run(this.#source)
    document.currentScript = undefined as never
    const emit = (type: string) => {
      for (const listener of listeners.get(type) ?? []) listener({ type })
    }
    /** Nothing of the page runs from now on; requests that outlive it go on, unheard. */
    const die = () => {
      this.#dead.add(tab)
      this.#timers = this.#timers.filter(timer => timer.tab !== tab)
      for (const [name, holder] of this.#locks) if (holder === tab) this.#locks.delete(name)
      listeners.clear()
    }
    return {
      name: tab,
      run,
      document,
      location,
      session,
      listeners,
      emit,
      newGlobals: () => Object.keys(window).filter(key => !globalsBefore.includes(key)),
      push: (entry: object) => run(`dataLayer.push(${JSON.stringify(entry)})`),
      connect: (entry: object) => run(`connect.push(${JSON.stringify(entry)})`),
      consent: (kind: 'default' | 'update', flags: object) =>
        run(`(function () { dataLayer.push(arguments) })('consent', '${kind}', ${JSON.stringify(flags)})`),
      hide: () => {
        document.hidden = true
        emit('visibilitychange')
      },
      show: () => {
        document.hidden = false
        emit('visibilitychange')
      },
      /** The person goes to the page that was prepared. In this order, says Chromium 153. */
      activate: () => {
        document.hidden = false
        emit('visibilitychange')
        document.prerendering = false
        emit('prerenderingchange')
      },
      /** Navigation, reload or closing: nothing of the page runs afterwards. */
      leave: () => {
        emit('pagehide')
        document.hidden = true
        emit('visibilitychange')
        die()
      },
      crash: die,
      /** The browser stops the page's timers, and lets them run late. */
      freeze: () => {
        const own = this.#timers.filter(timer => timer.tab === tab)
        this.#timers = this.#timers.filter(timer => timer.tab !== tab)
        return () => this.#timers.push(...own)
      },
    }
  }

  /** Lets time pass: every timer runs at its time, and what it started gets as far as it can. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    for (let timers = 0; ; timers++) {
      if (timers > 5000) throw new Error('a page that never rests')
      await settled()
      const next = this.#timers.toSorted((a, b) => a.due - b.due)[0]
      if (!next || next.due > end) break
      this.#timers = this.#timers.filter(timer => timer !== next)
      this.now = Math.max(this.now, next.due)
      next.run()
    }
    this.now = end
    await settled()
  }

  /** Answers what hangs, by the rule of now. */
  async release(): Promise<void> {
    for (const go of this.#hanging.splice(0)) go()
    await settled()
  }

  #dateOfTab() {
    const clock = () => this.now
    return class extends Date {
      constructor(value?: number | string) {
        super(value ?? clock())
      }
      static override now() {
        return clock()
      }
    }
  }

  #setTimeout(tab: string, run: () => void, ms: number): number {
    const id = ++this.#ids
    if (!this.#dead.has(tab)) this.#timers.push({ id, due: this.now + Math.max(0, ms || 0), run, tab })
    return id
  }

  #inFlight = 0
  async #fetch(tab: string, url: string, init: RequestInit) {
    const body = String(init.body)
    const bytes = init.keepalive ? Buffer.byteLength(body) : 0
    if (this.#inFlight + bytes > KEEPALIVE_BYTES) {
      this.refused++
      throw new TypeError('Failed to fetch')
    }
    const request: Sent = { at: this.now, url, body, init, by: 'fetch', tab }
    this.sent.push(request)
    this.#inFlight += bytes
    let answer = this.answer(request)
    while (answer === 'hang') {
      await new Promise<void>(resolve => this.#hanging.push(resolve))
      answer = this.answer(request)
    }
    await settled()
    this.#inFlight -= bytes
    if (this.#dead.has(tab)) return new Promise<never>(() => {})
    if (answer === 'offline') throw new TypeError('Failed to fetch')
    const { status, retryAfter } = answer
    return {
      status,
      text: async () => '{}',
      headers: { get: (name: string) => (name === 'retry-after' && retryAfter) || null },
    }
  }

  #beacon(tab: string, url: string, body: string): boolean {
    this.sent.push({ at: this.now, url, body, init: {}, by: 'beacon', tab })
    return true
  }

  #lockManager = (tab: string) => async (name: string, _options: object, work: (lock: object | null) => unknown) => {
    if (this.#locks.has(name)) return work(null)
    this.#locks.set(name, tab)
    try {
      return await work({ name })
    } finally {
      if (this.#locks.get(name) === tab) this.#locks.delete(name)
    }
  }
}

const settled = async () => {
  for (let turns = 0; turns < 4; turns++) await new Promise(resolve => setImmediate(resolve))
}

/** Strings only, as in a browser; `quota` in characters. */
function storageArea(initial: { [key: string]: string } = {}, limit = { quota: 5_000_000 }) {
  const held: { [key: string]: string } = { ...initial }
  const size = () => Object.entries(held).reduce((sum, [key, value]) => sum + key.length + value.length, 0)
  const area = new Proxy(held, {
    set(target, key, value) {
      const before = target[String(key)]
      target[String(key)] = String(value)
      if (size() <= limit.quota) return true
      if (before === undefined) delete target[String(key)]
      else target[String(key)] = before
      throw new Error('QuotaExceededError')
    },
  })
  return Object.defineProperty(area, 'limit', { value: limit, enumerable: false }) as typeof held
}

/** Sets how many characters an area may hold. */
export const setQuota = (area: object, quota: number): void => {
  ;(area as { limit: { quota: number } }).limit.quota = quota
}

import CircuitBreaker from 'opossum'
import pRetry from 'p-retry'
import type { CallKind, HttpRequest, Judgement } from '../../core/connector.ts'
import type { Meaning } from '../../core/deliver.ts'
import type { Ended } from '../../core/judge.ts'
import type { Http, World } from '../world.ts'

/** Code of a request that never left because the run or the destination had closed. */
export const NOT_STARTED = 'not-started'
const notStarted: Ended = { answered: false, sent: 'no', code: NOT_STARTED, words: '' }

export type Guard = {
  send(request: HttpRequest, kind: Pick<CallKind<object>, 'repeatable' | 'timeoutMs'>, run: Run): Promise<Ended>
  /** The calls of this run fail too often, even if not one after the other. */
  tripped(): boolean
  close(): void
}
type Run = {
  /** Waits for the pace; false if the request must not leave any more. Asked before every try. */
  before(): Promise<boolean>
  meaning: Meaning
  /** Milliseconds that the run has left for requests. */
  remaining(): number
  signal: AbortSignal
  timed(ms: number): void
}

const TRIES = 3
const FIRST_WAIT_MS = 1_000
/** The breaker of a run looks at no less than so many calls. */
const VOLUME = 10

/**
 * Guards the requests of one run: opossum stops a run most of whose calls fail, p-retry tries again inside the run what
 * is repeatable, or provably never reached the vendor. The breaker that outlives a run is core's own data in `state`
 * (opossum's restored state would start its clock anew).
 */
export function createGuard(world: Pick<World, 'now' | 'sleep'>, http: Http, longestTimeoutMs: number): Guard {
  const once = async (request: HttpRequest, timeoutMs: number, run: Run): Promise<Ended> => {
    // A process that was frozen in between wakes up long after its run was over: then somebody else has the work.
    if (!(await run.before()) || run.remaining() <= 0) return notStarted
    const started = world.now()
    const ended = await http.send(request, {
      timeoutMs: Math.min(timeoutMs, run.remaining()),
      signal: run.signal,
    })
    run.timed(world.now() - started)
    return ended
  }
  const call = async (request: HttpRequest, timeoutMs: number, run: Run): Promise<Ended> => {
    const ended = await once(request, timeoutMs, run)
    if (failing(ended, run.meaning)) throw new Failed(ended)
    return ended
  }
  const breaker = new CircuitBreaker(call, {
    timeout: false, // each request has its own
    errorThresholdPercentage: 50,
    volumeThreshold: VOLUME,
    rollingCountTimeout: 10 * longestTimeoutMs,
    resetTimeout: 24 * 3_600_000, // the run ends first; when to try again is for the state row to say
    rollingPercentilesEnabled: false,
  })

  const attempt = async (request: HttpRequest, timeoutMs: number, run: Run): Promise<Ended> => {
    try {
      return await breaker.fire(request, timeoutMs, run)
    } catch (error) {
      if (error instanceof Failed) return error.ended
      if (CircuitBreaker.isOurError(error as Error)) return notStarted
      throw error
    }
  }

  return {
    tripped: () => breaker.opened,
    close: () => breaker.shutdown(),
    async send(request, kind, run) {
      try {
        return await pRetry(
          async () => {
            const ended = await attempt(request, kind.timeoutMs, run)
            if (again(ended, kind.repeatable, run.meaning)) throw new Failed(ended)
            return ended
          },
          {
            retries: TRIES - 1,
            minTimeout: 0, // the wait is ours below, on the run's own clock
            factor: 1,
            async onFailedAttempt({ attemptNumber, retriesLeft }) {
              const wait = FIRST_WAIT_MS * 2 ** (attemptNumber - 1)
              if (retriesLeft && run.remaining() > wait + kind.timeoutMs) await world.sleep(wait, run.signal)
            },
            shouldRetry: ({ error, attemptNumber }) =>
              error instanceof Failed &&
              !breaker.opened &&
              run.remaining() > FIRST_WAIT_MS * 2 ** (attemptNumber - 1) + kind.timeoutMs,
          },
        )
      } catch (error) {
        if (error instanceof Failed) return error.ended
        throw error
      }
    },
  }
}

class Failed extends Error {
  readonly ended: Ended
  constructor(ended: Ended) {
    super(ended.answered ? `HTTP ${ended.status}` : ended.code)
    this.ended = ended
  }
}

/** Counts against the vendor: no answer, or an answer that says that it is in trouble itself. */
function failing(ended: Ended, meaning: Meaning): boolean {
  if (!ended.answered) return ended.code !== NOT_STARTED && ended.code !== 'aborted'
  if (ended.status < 500) return false
  const { verdict } = meaning(ended) ?? { verdict: 'retry' }
  return verdict === 'retry' || verdict === 'unknown'
}

function again(ended: Ended, repeatable: boolean, meaning: Meaning): boolean {
  if (!ended.answered) return ended.code !== NOT_STARTED && (ended.sent === 'no' || repeatable)
  return repeatable && [500, 502, 503, 504].includes(ended.status) && isWorthIt(meaning(ended))
}

/** Some vendors refuse by a 500, or tell with it of a dead token; others ask to be left alone, or for fewer records. */
const isWorthIt = (said: Judgement | undefined): boolean =>
  said?.verdict === 'retry' && !said.halve && (said.waitMs ?? 0) <= FIRST_WAIT_MS

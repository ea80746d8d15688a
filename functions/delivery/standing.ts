import type { Judgement } from '../../core/connector.ts'
import type { Conditions, DestinationState } from '../../core/destination-state.ts'
import * as transitions from '../../core/destination-state.ts'
import type { Log } from '../../core/log.ts'
import type { Destination } from '../../core/tenant.ts'
import { heal, type NoticeWorld, report } from '../aws/notices.ts'
import { readState, storeState } from '../aws/state.ts'
import type { World } from '../world.ts'

type Words = { code?: string; words?: string }
/** `allowance`: only what somebody waits for may still go, and what has begun. */
export type Closed = 'time' | 'destination' | 'allowance'

/** How the destination stands while a run works for it: its state row, and the mails that a change of it brings. */
export type Standing = {
  state(): DestinationState
  closed(): Closed | undefined
  close(why: Closed): void
  /** The probe of a destination that was shut has passed: whatever kept it shut is over. */
  recovered(): Promise<void>
  /** A request succeeded: the failures before it were not in a row. It left before anything that has shut the destination since. */
  succeeded(): Promise<void>
  /** A request failed; `trip` opens the breaker whatever the count. */
  failed(words: Words, trip?: boolean): Promise<void>
  stopped(reason: 'misconfigured' | 'unauthorized', words: Words, examples?: readonly string[]): Promise<void>
  throttled(judgement: Pick<Judgement, 'code' | 'waitMs'>): Promise<void>
  /** Reads the row again: somebody may have paused the destination or opened its breaker meanwhile. */
  look(): Promise<void>
  change(to: (state: DestinationState) => DestinationState): Promise<void>
}

/** The vendor said that we are too fast but not for how long, and its table does not either. */
const WINDOW_MS = 60_000

export function createStanding(
  world: NoticeWorld & Pick<World, 'uuid'>,
  destination: Destination,
  log: Log,
  first: DestinationState,
  conditions: () => Conditions,
): Standing {
  const { connector, tenant } = destination
  const place = { connector, tenant }
  let state = first
  let closed: Closed | undefined
  const close = (why: Closed) => {
    if (closed === undefined || closed === 'allowance') closed = why
  }

  // One change at a time within the run; against other runs the row's version decides.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work)
    turn = done.catch(() => {})
    return done
  }
  const change = (to: (state: DestinationState) => DestinationState) =>
    inTurn(async () => {
      for (;;) {
        const next = to(state)
        if (next === state) return
        if (await storeState(world, connector, tenant, next, state.version)) {
          state = { ...next, version: state.version + 1 }
          return
        }
        state = await readState(world, connector, tenant)
      }
    })

  return {
    state: () => state,
    closed: () => closed,
    close,
    change,
    async recovered() {
      if (!transitions.troubled(state)) return
      const wasOff = state.stopped !== undefined || state.breaker.openedAt !== undefined
      await change(now => (transitions.troubled(now) ? transitions.succeeded(now, world.now()) : now))
      if (wasOff) {
        log.info('destination recovered')
        await heal(world, place, ['unreachable', 'misconfigured', 'unauthorized'])
      }
    },
    succeeded: () => change(transitions.steady),
    async failed(words, trip = false) {
      const before = state.breaker.openedAt
      await change(now => transitions.failed(now, world.now(), destination.breaker, trip))
      const { openedAt, failures } = state.breaker
      if (openedAt === undefined) return
      close('destination')
      if (before !== undefined) return
      log.warn('breaker opened', { ...told(words), failures })
      await report(world, place, { ...told(words), reason: 'unreachable', since: openedAt, examples: [] })
    },
    async stopped(reason, words, examples = []) {
      close('destination')
      const cause = { code: words.code ?? reason, words: words.words ?? '' }
      await change(now => transitions.stop(now, world.now(), cause, conditions()))
      log.warn('destination stopped', { reason, ...cause })
      const since = state.stopped?.since ?? world.now()
      const { account } = destination
      await report(world, place, { ...cause, reason, since, examples, ...(account !== tenant && { account }) })
    },
    async throttled({ code = 'throttled', waitMs = WINDOW_MS }) {
      close('destination')
      const until = world.now() + waitMs
      await change(now => transitions.throttle(now, world.now(), until, code))
      log.info('destination throttled', { code, until: new Date(until).toISOString() })
    },
    look: () =>
      inTurn(async () => {
        state = await readState(world, connector, tenant)
        if (!transitions.gate(state, world.now(), conditions()).open) close('destination')
      }),
  }
}

const told = ({ code, words }: Words) => ({
  ...(code !== undefined && { code }),
  ...(words !== undefined && { words }),
})

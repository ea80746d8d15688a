import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import * as states from '../core/destination-state.ts'

const {
  freshState,
  gate,
  sendableMs,
  offSince,
  failed,
  stop,
  throttle,
  pause,
  resume,
  succeeded,
  claimProbe,
  returnProbe,
  steady,
  allowance,
  savingOf,
} = states
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const T = Date.parse('2026-03-02T12:00:00Z')
const CONDITIONS = { revision: '1', credential: 'a' }
const CAUSE = { code: 'not-allowed', words: 'this account may not' }
const BREAKER = { failures: 3, resetMs: MINUTE }
const stopped = () => stop(freshState(), T, CAUSE, CONDITIONS)
const opened = () => [0, 1, 2].reduce(state => failed(state, T, BREAKER), freshState())
const isOpen = (state: states.DestinationState, at: number, conditions = CONDITIONS) => gate(state, at, conditions).open

test('failures in a row open the breaker, a success between them does not let it come to that', () => {
  const two = failed(failed(freshState(), T, BREAKER), T, BREAKER)
  assert.ok(isOpen(two, T))
  assert.ok(!isOpen(failed(two, T, BREAKER), T))
  assert.ok(isOpen(failed(steady(two), T, BREAKER), T))
})

test('a success of a run that knows of no trouble does not reopen what has shut meanwhile', () => {
  for (const state of [opened(), stopped(), throttle(freshState(), T, T + MINUTE, 'rate')])
    assert.ok(!isOpen(steady(state), T))
})

test('an open breaker lets one probe through after its time; if that fails, it stays open from the first failure on', () => {
  const state = opened()
  assert.deepEqual(gate(state, T + MINUTE - 1, CONDITIONS), {
    open: false,
    probe: false,
    reason: 'breaker',
    since: T,
    until: T + MINUTE,
  })
  const due = gate(state, T + MINUTE, CONDITIONS)
  assert.ok(!due.open && due.probe)
  const claimed = claimProbe(state, T + MINUTE, CONDITIONS, MINUTE)
  const other = gate(claimed, T + MINUTE, CONDITIONS)
  assert.ok(!other.open && !other.probe, 'the probe is taken')
  const again = failed(claimed, T + MINUTE, BREAKER)
  assert.deepEqual(again.breaker, { failures: 4, openedAt: T, probeAt: T + 2 * MINUTE })
  assert.ok(isOpen(succeeded(claimed, T + MINUTE), T + MINUTE))
})

test('a stopped destination probes after an hour, a deploy or another credential, and not before', () => {
  const state = stopped()
  const probes = (at: number, conditions = CONDITIONS) => {
    const found = gate(state, at, conditions)
    return !found.open && found.probe
  }
  assert.ok(!probes(T + HOUR - 1))
  assert.ok(probes(T + HOUR))
  assert.ok(probes(T, { ...CONDITIONS, revision: '2' }))
  assert.ok(probes(T, { ...CONDITIONS, credential: 'b' }))
})

test('a probe that found nothing to send is there for the next one', () => {
  for (const state of [stopped(), opened()]) {
    const claimed = claimProbe(state, T + 2 * HOUR, CONDITIONS, MINUTE)
    const found = gate(returnProbe(claimed, T + 2 * HOUR), T + 2 * HOUR, CONDITIONS)
    assert.ok(!found.open && found.probe)
  }
  const open = freshState()
  assert.equal(returnProbe(open, T), open)
})

test('a person’s pause outweighs all else and ends only by a person', () => {
  const paused = pause(stopped(), T, 'ana', 'sale')
  assert.equal((gate(paused, T + 9 * HOUR, { revision: '2', credential: 'b' }) as { reason: string }).reason, 'paused')
  assert.ok(!isOpen(succeeded(paused, T + HOUR), T + HOUR), 'a late success does not end it')
  assert.ok(isOpen(resume(paused, T + HOUR), T + HOUR))
})

test('a throttle lasts until the latest time that the vendor has named', () => {
  const state = throttle(throttle(freshState(), T, T + 10 * MINUTE, 'rate'), T + 1, T + MINUTE, 'rate')
  assert.ok(!isOpen(state, T + 10 * MINUTE - 1))
  assert.ok(isOpen(state, T + 10 * MINUTE))
  assert.equal(state.throttled?.since, T)
})

test('time in which nothing could be sent does not count, and time before an event does not either', () => {
  const state = resume(pause(freshState(), T, 'ana', ''), T + 2 * HOUR)
  assert.equal(sendableMs(state, 'urgent', T - HOUR, T + 3 * HOUR), 2 * HOUR)
  assert.equal(sendableMs(state, 'urgent', T + HOUR, T + 3 * HOUR), HOUR, 'it came in the middle of the outage')
  assert.equal(sendableMs(state, 'urgent', T + 2 * HOUR, T + 3 * HOUR), HOUR)
})

/** Random lives of a destination: what happens to it, and how much time passes in between. */
const life = fc.array(
  fc.record({
    what: fc.constantFrom('pause', 'resume', 'stop', 'throttle', 'fail', 'succeed', 'probe'),
    afterMs: fc.integer({ min: 1, max: 3 * HOUR }),
    forMs: fc.integer({ min: 1, max: 3 * HOUR }),
  }),
  { minLength: 1, maxLength: 40 },
)
function live(
  events: { what: string; afterMs: number; forMs: number }[],
  seen: (state: states.DestinationState, from: number, to: number) => void,
) {
  let state = freshState()
  let now = T
  for (const { what, afterMs, forMs } of events) {
    seen(state, now, now + afterMs)
    now += afterMs
    if (what === 'pause') state = pause(state, now, 'ana', '')
    if (what === 'resume') state = resume(state, now)
    if (what === 'stop') state = stop(state, now, CAUSE, CONDITIONS)
    if (what === 'throttle') state = throttle(state, now, now + forMs, 'rate')
    if (what === 'fail') state = failed(state, now, BREAKER)
    if (what === 'succeed') state = succeeded(state, now)
    if (what === 'probe') state = claimProbe(state, now, CONDITIONS, MINUTE)
  }
  return { state, now }
}
/** Whether anything at all keeps the destination from sending: a probe is no delivery. */
const shut = ({ paused, stopped, throttled, breaker }: states.DestinationState, at: number) =>
  Boolean(paused || stopped || breaker.openedAt !== undefined || (throttled && at < throttled.until))

test('sendable time is exactly the time in which the gate was open', () => {
  fc.assert(
    fc.property(life, events => {
      let open = 0
      const { state, now } = live(events, (state, from, to) => {
        // Within a stretch only the end of a throttle changes anything.
        const until = state.throttled?.until ?? from
        const turn = Math.min(Math.max(until, from), to)
        if (!shut(state, from)) open += turn - from
        if (!shut(state, turn)) open += to - turn
      })
      assert.equal(sendableMs(state, 'urgent', T, now), open)
    }),
    { numRuns: 500 },
  )
})

test('off since is when the last stretch without an open gate began, and nothing while it is open', () => {
  fc.assert(
    fc.property(life, events => {
      let since: number | undefined
      const { state, now } = live(events, (state, from, to) => {
        if (!shut(state, from)) since = undefined
        else since ??= from
        if (since !== undefined && !shut(state, to - 0.5)) since = undefined
      })
      const off = shut(state, now) ? (since ?? now) : undefined
      if (off === undefined) return // an outage that ends this very moment may count either way
      const found = offSince(state, now)
      assert.ok(found !== undefined && found <= off, `off since ${found}, should be ${off}`)
      assert.ok(sendableMs(state, 'urgent', found, now) === 0)
    }),
    { numRuns: 500 },
  )
})

test('a throttle long past does not make a destination off that was paused a minute ago', () => {
  const throttled = throttle(freshState(), T, T + MINUTE, 'rate')
  const paused = pause(throttled, T + 200 * HOUR, 'ana', '')
  assert.equal(offSince(throttled, T + 200 * HOUR), undefined)
  assert.equal(offSince(paused, T + 200 * HOUR + MINUTE), T + 200 * HOUR)
})

test('a hundred outages a day keep the row small, and no event is ever buried early for it', () => {
  let state = freshState()
  let now = T
  let closed = 0
  for (let n = 0; n < 1_000; n++) {
    state = resume(pause(state, now, 'ana', ''), now + MINUTE)
    closed += MINUTE
    now += 10 * MINUTE
  }
  assert.ok(state.outages.length <= 200)
  assert.ok(sendableMs(state, 'urgent', T, now) <= now - T - closed)
})

test('time in which the normal lane is held does not count for it, and counts for the urgent one', () => {
  const held = allowance(freshState(), T, 0.96)
  const spent = (state: states.DestinationState, at: number) =>
    (['normal', 'urgent'] as const).map(lane => sendableMs(state, lane, T - HOUR, at) / HOUR)
  assert.deepEqual(spent(held, T + 80 * HOUR), [1, 81])
  const looked = allowance(held, T + 40 * HOUR, 0.97)
  assert.deepEqual(spent(looked, T + 80 * HOUR), [1, 81], 'a look that finds no room does not end it')
  for (const share of [0.1, 0.9])
    assert.deepEqual(spent(allowance(looked, T + 80 * HOUR, share), T + 100 * HOUR), [21, 101], `then ${share}`)
  const twice = allowance(allowance(looked, T + 80 * HOUR, 0.1), T + 90 * HOUR, 0.96)
  assert.deepEqual(spent(twice, T + 100 * HOUR), [11, 101])
  assert.equal(offSince(twice, T + 100 * HOUR), undefined, 'the destination itself is not off')
})

test('an allowance that only slows what nobody waits for holds nothing', () => {
  const slow = allowance(freshState(), T, 0.85)
  assert.equal(sendableMs(slow, 'normal', T, T + HOUR), HOUR)
  assert.equal(sendableMs(allowance(slow, T + HOUR, 0.1), 'normal', T, T + 2 * HOUR), 2 * HOUR)
})

test('an allowance that is nearly used up saves what is left for those who wait', () => {
  const at = (share: number) => savingOf(allowance(freshState(), T, share), T)
  assert.deepEqual([0.5, 0.8, 0.95, 1].map(at), ['none', 'slow', 'urgent-only', 'urgent-only'])
  const saving = allowance(freshState(), T, 0.99)
  assert.equal(savingOf(saving, T + HOUR), 'none', 'then it is looked at again')
  assert.equal(allowance(saving, T + 1, 0.98), saving, 'no write for what is known')
  assert.equal(savingOf(allowance(saving, T + 1, 0.1), T + 1), 'none')
})

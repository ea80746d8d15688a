import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { aheadOf, freshPace, heed, type Pace, type PaceRate, reserve } from '../core/pace.ts'
import { createSlotQueue } from '../functions/delivery/slots.ts'

/** What several runs of an account do: each asks for slots now and then, uses each as late as it may, and may be urgent. */
type Ask = { afterMs: number; want: number; urgent: boolean; late: number }
const asks = fc.array(
  fc.record({
    afterMs: fc.oneof(fc.constant(0), fc.nat(300), fc.nat(20_000)),
    want: fc.integer({ min: 1, max: 40 }),
    urgent: fc.boolean(),
    late: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 250, size: 'max' },
)
const short = fc.record({ requests: fc.integer({ min: 1, max: 700 }), perMs: fc.constantFrom(1_000, 10_000, 60_000) })
const long = fc.record({ requests: fc.integer({ min: 1, max: 400 }), perMs: fc.constantFrom(3_600_000, 86_400_000) })
const START = Date.parse('2026-03-02T12:00:00Z')

/** When the requests of such a schedule leave, in order. */
function leaving(rates: readonly PaceRate[], schedule: readonly Ask[], stretch = 1): number[] {
  let pace: Pace = freshPace()
  let now = START
  const sent: number[] = []
  for (const { afterMs, want, urgent, late } of schedule) {
    now += afterMs * stretch
    const grant = reserve(pace, rates, now, want, urgent ? 'urgent' : 'normal')
    pace = grant.pace
    for (const slot of grant.slots) sent.push(Math.max(now, slot) + late * aheadOf(rates))
  }
  return sent.sort((a, b) => a - b)
}

/** The most that any window of the rate's length holds, wherever it begins: fixed windows are among them. */
function most(sent: readonly number[], { perMs }: PaceRate): number {
  let worst = 0
  for (let from = 0, to = 0; to < sent.length; to++) {
    while (sent[to]! - sent[from]! >= perMs) from++
    worst = Math.max(worst, to - from + 1)
  }
  return worst
}

test('no window ever holds more requests than the vendor documents, whatever runs ask for, in whichever lane', () => {
  fc.assert(
    fc.property(fc.array(short, { minLength: 1, maxLength: 3 }), asks, (rates, schedule) => {
      const sent = leaving(rates, schedule)
      for (const rate of rates) assert.ok(most(sent, rate) <= rate.requests, `${most(sent, rate)} in a window`)
    }),
    { numRuns: 300 },
  )
})

test('the same holds for windows of an hour and a day, which may be spent in a burst', () => {
  fc.assert(
    fc.property(long, fc.option(short, { nil: undefined }), asks, (rate, other, schedule) => {
      const rates = other ? [rate, other] : [rate]
      for (const stretch of [1, 300]) {
        const sent = leaving(rates, schedule, stretch)
        for (const one of rates) assert.ok(most(sent, one) <= one.requests, `${most(sent, one)} in a window`)
      }
    }),
    { numRuns: 200 },
  )
})

test('a backlog uses at least 95 % of the documented rate', () => {
  for (const rate of [
    { requests: 120, perMs: 60_000 },
    { requests: 500, perMs: 60_000 },
    { requests: 10, perMs: 1_000 },
    { requests: 100_000, perMs: 86_400_000 },
  ]) {
    let pace = freshPace()
    let now = START
    let sent = 0
    const windows = 10
    while (now < START + windows * rate.perMs) {
      const grant = reserve(pace, [rate], now, 1_000, 'normal')
      pace = grant.pace
      const inTime = grant.slots.filter(slot => slot < START + windows * rate.perMs)
      sent += inTime.length
      now = Math.max(now + 5, grant.slots.at(-1)!)
    }
    const share = sent / (windows * rate.requests)
    assert.ok(share >= 0.95, `${share} of ${rate.requests} in ${rate.perMs} ms`)
  }
})

test('slots reach no further ahead than half a second, so that little is lost when a run dies', () => {
  const { slots } = reserve(freshPace(), [{ requests: 600, perMs: 60_000 }], START, 1_000, 'normal')
  assert.ok(slots.length > 1)
  assert.ok(slots.at(-1)! <= START + 500)
})

test('an urgent request steps before the normal slots of other runs', () => {
  const rates = [{ requests: 120, perMs: 60_000 }]
  let pace = freshPace()
  for (let run = 0; run < 3; run++) pace = reserve(pace, rates, START, 100, 'normal').pace
  const normal = reserve(pace, rates, START, 1, 'normal').slots[0]!
  const urgent = reserve(pace, rates, START, 1, 'urgent').slots[0]!
  assert.ok(normal > START + 1_500, `normal waits ${normal - START} ms`)
  assert.ok(urgent < START + 500, `urgent waits ${urgent - START} ms`)
})

test('a rate that config has changed from short to long, or back, starts a meter of its own kind', () => {
  const day = [{ requests: 100, perMs: 86_400_000 }]
  const minute = [{ requests: 100, perMs: 60_000 }]
  const { pace } = reserve(freshPace(), minute, START, 1, 'normal')
  const asDay = reserve(pace, day, START, 1, 'normal')
  assert.deepEqual(asDay.slots, [START])
  assert.deepEqual(reserve(asDay.pace, minute, START, 1, 'normal').slots, [START])
})

/** Requests that leave, and when, at an account whose own limit `told` is told with each answer; windows are fixed or slide. */
function withHeaders(rates: readonly PaceRate[], told: PaceRate, slides: boolean, minutes: number): number[] {
  const sent: number[] = []
  let pace = freshPace()
  for (let now = START; now < START + minutes * 60_000; ) {
    const { slots, pace: reserved } = reserve(pace, rates, now, 1, 'normal')
    now = Math.max(now, slots[0]!)
    sent.push(now)
    const begun = slides ? now - told.perMs + 1 : now - (now % told.perMs)
    const within = sent.filter(time => time >= begun)
    const over = slides ? within[0]! + told.perMs : begun + told.perMs
    pace = heed(reserved, rates, now, { requests: told.requests - within.length, ms: over - now })
  }
  return sent
}

test('an account whose answers tell of a lower limit than the documented one is never over it, and uses most of it', () => {
  const rates = [{ requests: 90, perMs: 60_000 }]
  for (const slides of [true, false])
    for (const requests of [1, 2, 7, 30, 60, 80]) {
      const told = { requests, perMs: 60_000 }
      const sent = withHeaders(rates, told, slides, 10)
      const windows = slides
        ? [most(sent, told)]
        : [...Map.groupBy(sent, at => Math.floor(at / told.perMs)).values()].map(({ length }) => length)
      assert.ok(Math.max(...windows) <= requests, `${Math.max(...windows)} of ${requests}`)
      assert.ok(sent.length >= 0.9 * 10 * requests, `${sent.length} of ${10 * requests}`)
    }
})

test('what the vendor leaves is nothing new where the documented rate would not use it up, and is forgotten with its window', () => {
  const rates = [{ requests: 60, perMs: 60_000 }]
  const pace = freshPace()
  assert.equal(heed(pace, rates, START, { requests: 59, ms: 50_000 }), pace)
  const shut = heed(pace, rates, START, { requests: 0, ms: 5_000 })
  assert.deepEqual(reserve(shut, rates, START, 1, 'urgent').slots, [START + 5_000])
  assert.deepEqual(reserve(shut, rates, START + 5_000, 1, 'normal').slots, [START + 5_000])
  const long = heed(pace, rates, START, { requests: 0, ms: 86_400_000 })
  assert.deepEqual(reserve(long, rates, START, 1, 'normal').slots, [START + 3_600_000])
})

test('answers that come out of order do not open what a later one has shut', () => {
  const rates = [{ requests: 60, perMs: 60_000 }]
  const shut = heed(freshPace(), rates, START, { requests: 0, ms: 30_000 })
  assert.equal(heed(shut, rates, START, { requests: 0, ms: 30_000 }), shut)
  const late = heed(shut, rates, START + 1, { requests: 2, ms: 29_999 })
  assert.deepEqual(reserve(late, rates, START + 2, 1, 'normal').slots, [START + 30_000])
})

test('slots that were granted before the vendor told of less are not handed out any more', async () => {
  const queue = createSlotQueue({ now: () => START, sleep: async () => {} }, new AbortController().signal)
  const granting = (...slots: number[]) => queue.next(async () => ({ slots, keepMs: 0 }))
  assert.equal(await granting(START, START + 1, START + 2), START)
  assert.equal(await granting(START + 9), START + 1)
  queue.forget()
  assert.equal(await granting(START + 9), START + 9)
})

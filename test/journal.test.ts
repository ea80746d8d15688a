import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJournal, type Journal } from '../local/journal.ts'
import {
  cause,
  DESTINATION,
  envelopeIn,
  lease,
  ledger,
  letter,
  NOW,
  outcomes,
  received,
  state,
  tenantRow,
  token,
  waiting,
} from './tools/changes.ts'

const journalAt = (clock = { now: NOW }) => createJournal({ now: () => clock.now })
const status = (journal: Journal) => journal.snapshot().destinations[DESTINATION]!
const NONE = { waiting: 0, retrying: 0, delivered: 0, dead: 0, skipped: 0, suppressed: 0, dropped: 0 }
function assertCounts(journal: Journal, expected: Partial<typeof NONE>) {
  const { accepted, ...all } = status(journal)
  const counts = Object.fromEntries(Object.keys(NONE).map(place => [place, all[place as keyof typeof NONE]]))
  assert.deepEqual(counts, { ...NONE, ...expected })
  assert.equal(
    accepted,
    Object.values(expected).reduce((sum, count) => sum + count, 0),
  )
}
const rowOf = (journal: Journal, id: string) => journal.events({}).rows.find(row => row.id === id)
const placeOf = (journal: Journal, id: string) => rowOf(journal, id)?.tracks.get(DESTINATION)

test('an event waits from the moment it is stored until its envelope is gone, and is delivered then', () => {
  const journal = journalAt()
  const envelope = envelopeIn(journal, waiting('a'), waiting('b'))
  assertCounts(journal, { waiting: 2 })
  envelope.becomes(waiting('b'))
  assertCounts(journal, { waiting: 1, delivered: 1 })
  envelope.removed()
  assertCounts(journal, { delivered: 2 })
  assert.equal(placeOf(journal, 'a')?.place, 'delivered')
})

test('a retry says when and why', () => {
  const journal = journalAt()
  const envelope = envelopeIn(journal, waiting('a'))
  outcomes(journal, { id: 'a', verdict: 'retry', code: 'http-503' })
  envelope.becomes(waiting('a', { attempts: 1, due: NOW + 60_000 }))
  assertCounts(journal, { retrying: 1 })
  const track = placeOf(journal, 'a')
  assert.deepEqual([track?.place, track?.due, track?.attempts, track?.code], ['retrying', NOW + 60_000, 1, 'http-503'])
})

test('what a run skipped is skipped, whether its line comes before or after the envelope goes', () => {
  for (const lineFirst of [true, false]) {
    const journal = journalAt()
    const envelope = envelopeIn(journal, waiting('a'), waiting('b'))
    const line = () => outcomes(journal, { id: 'a', verdict: 'skipped' }, { id: 'b', verdict: 'delivered' })
    if (lineFirst) line()
    envelope.removed()
    if (!lineFirst) line()
    assertCounts(journal, { skipped: 1, delivered: 1 })
    assert.equal(placeOf(journal, 'a')?.place, 'skipped')
    assert.equal(placeOf(journal, 'b')?.place, 'delivered')
  }
})

test("a connector's own reason for skipping is told where the log says it", () => {
  const journal = journalAt()
  const envelope = envelopeIn(journal, waiting('a'))
  const line = { level: 'debug', service: 'process', message: 'skipped', destination: DESTINATION }
  journal.line('f', JSON.stringify({ ...line, id: 'a', reason: 'no email: RD Station keys people by email' }))
  outcomes(journal, { id: 'a', verdict: 'skipped' })
  envelope.removed()
  assert.equal(placeOf(journal, 'a')?.reason, 'no email: RD Station keys people by email')
})

test('a death is counted once through its three steps', () => {
  const journal = journalAt()
  const envelope = envelopeIn(journal, waiting('a'))
  const dead = { reason: 'rejected', at: NOW, code: 'INVALID_CF' } as const
  envelope.becomes(waiting('a', { dead }))
  assertCounts(journal, { dead: 1 })
  letter(journal, 'a', undefined, {})
  assertCounts(journal, { dead: 1 })
  envelope.removed()
  assertCounts(journal, { dead: 1 })
  const track = placeOf(journal, 'a')
  assert.deepEqual(
    [track?.place, track?.reason, track?.code, track?.words],
    ['dead', 'rejected', 'INVALID_CF', 'no such field'],
  )
})

test('what its time to live removed is dead, before its letter is there and after', () => {
  const journal = journalAt()
  envelopeIn(journal, waiting('a')).removed(true)
  assertCounts(journal, { dead: 1 })
  letter(journal, 'a', undefined, { death: { reason: 'never-processed', at: NOW } })
  assertCounts(journal, { dead: 1 })
  assert.equal(placeOf(journal, 'a')?.reason, 'never-processed')
})

test('a redriven letter is no longer dead, its event waits again and may die again', () => {
  const journal = journalAt()
  letter(journal, 'a', undefined, {})
  letter(journal, 'a', {}, { status: 'redriving' })
  const second = envelopeIn(journal, waiting('a', { life: 1 }))
  letter(journal, 'a', { status: 'redriving' }, { status: 'redriven' })
  assertCounts(journal, { waiting: 1 })
  second.becomes(waiting('a', { life: 1, dead: { reason: 'expired', at: NOW } }))
  letter(journal, 'a', { status: 'redriven' }, { life: 1 })
  second.removed()
  assertCounts(journal, { dead: 1 })
})

test('a dead letter that the vendor tells has arrived is delivered, also for a journal that begins later', () => {
  const journal = journalAt()
  const envelope = envelopeIn(journal, waiting('a'))
  const dead = { death: { reason: 'outcome-unknown' as const, at: NOW } }
  envelope.becomes(waiting('a', { dead: dead.death }))
  letter(journal, 'a', undefined, dead)
  envelope.removed()
  assertCounts(journal, { dead: 1 })
  ledger(journal, 'a', 'done')
  letter(journal, 'a', dead, { ...dead, status: 'delivered' })
  assertCounts(journal, { delivered: 1 })
  assert.equal(placeOf(journal, 'a')?.place, 'delivered')
  const later = journalAt()
  letter(later, 'a', undefined, { ...dead, status: 'delivered' })
  ledger(later, 'a', 'done')
  assertCounts(later, { delivered: 1 })
})

test('what was delivered and is taken back by the vendor is dead, also for a journal that begins later', () => {
  const takenBack = { death: { reason: 'undelivered' as const, at: NOW } }
  const journal = journalAt()
  envelopeIn(journal, waiting('a'), waiting('b')).removed()
  ledger(journal, 'a', 'done')
  letter(journal, 'a', undefined, takenBack)
  assertCounts(journal, { delivered: 1, dead: 1 })
  const track = placeOf(journal, 'a')
  assert.deepEqual([track?.place, track?.reason], ['dead', 'undelivered'])
  letter(journal, 'a', takenBack, undefined)
  assertCounts(journal, { delivered: 1, dropped: 1 })
  for (const ledgerFirst of [true, false]) {
    const later = journalAt()
    if (ledgerFirst) ledger(later, 'a', 'done')
    letter(later, 'a', undefined, takenBack)
    if (!ledgerFirst) ledger(later, 'a', 'done')
    assertCounts(later, { dead: 1 })
  }
})

test('a dropped letter is dropped, not delivered', () => {
  const journal = journalAt()
  letter(journal, 'a', undefined, {})
  letter(journal, 'a', {}, undefined)
  assertCounts(journal, { dropped: 1 })
  assert.equal(placeOf(journal, 'a')?.place, 'dropped')
})

test('an event stored twice in different company counts once', () => {
  const journal = journalAt()
  const alone = envelopeIn(journal, waiting('a'))
  const together = envelopeIn(journal, waiting('a'), waiting('b'))
  assertCounts(journal, { waiting: 2 })
  alone.removed()
  together.removed()
  assertCounts(journal, { delivered: 2 })
  envelopeIn(journal, waiting('a'), waiting('c')).removed()
  assertCounts(journal, { delivered: 3 })
})

test('a request posted twice shows as two posts of one event', () => {
  const journal = journalAt()
  received(journal, { ids: ['a'] })
  envelopeIn(journal, waiting('a'))
  received(journal, { ids: ['a'] })
  assert.equal(rowOf(journal, 'a')?.posts, 2)
  assertCounts(journal, { waiting: 1 })
})

test('refused, skipped and suppressed events are told from the line of their request', () => {
  const journal = journalAt()
  tenantRow(journal, 'loja-abc')
  received(journal, {
    ids: ['b', 'c'],
    skipped: { rdstation: ['b'] },
    suppressed: ['c'],
    rejected: [{ id: 'd', reason: 'no name', path: '/name' }, { reason: 'not an object' }],
  })
  assertCounts(journal, { skipped: 1, suppressed: 1 })
  const refused = journal.events({ place: 'refused' })
  assert.deepEqual(
    refused.rows.map(row => row.refused?.reason),
    ['not an object', 'no name'],
  )
})

test('an event that no destination wants is still there, with its name', () => {
  const journal = journalAt()
  received(journal, { ids: ['a', 'b'], names: ['page_view', 'scroll'], stored: {} })
  const { rows } = journal.events({ place: 'unwanted' })
  assert.deepEqual(
    rows.map(({ id, name }) => [id, name]),
    [
      ['b', 'scroll'],
      ['a', 'page_view'],
    ],
  )
})

test('given the items that the tables hold, it is where it was before a restart', () => {
  const orders = [
    (journal: Journal) => {
      ledger(journal, 'delivered-before', 'done')
      ledger(journal, 'died-before-settling', 'done')
      ledger(journal, 'in-flight', 'claimed')
      envelopeIn(journal, waiting('died-before-settling'), waiting('in-flight', { attempts: 2 }))
      letter(journal, 'dead', undefined, {})
      letter(journal, 'sent-again', undefined, { status: 'redriven' })
    },
    (journal: Journal) => {
      letter(journal, 'sent-again', undefined, { status: 'redriven' })
      letter(journal, 'dead', undefined, {})
      envelopeIn(journal, waiting('died-before-settling'), waiting('in-flight', { attempts: 2 }))
      ledger(journal, 'in-flight', 'claimed')
      ledger(journal, 'died-before-settling', 'done')
      ledger(journal, 'delivered-before', 'done')
    },
  ]
  for (const replay of orders) {
    const journal = journalAt()
    replay(journal)
    assertCounts(journal, { waiting: 1, retrying: 1, delivered: 1, dead: 1 })
  }
})

test('the ledger of a running stack counts nothing twice', () => {
  const journal = journalAt()
  const envelope = envelopeIn(journal, waiting('a'))
  ledger(journal, 'a', 'claimed')
  ledger(journal, 'a', 'done')
  assertCounts(journal, { waiting: 1 })
  envelope.removed()
  ledger(journal, 'a', 'done')
  assertCounts(journal, { delivered: 1 })
})

test('counts are of all events, details of the last ones', () => {
  const journal = createJournal({ now: () => NOW, most: 10 })
  const envelopes = Array.from({ length: 50 }, (_, i) => envelopeIn(journal, waiting(`event-${i}`)))
  assert.equal(journal.events({}).found, 10)
  for (const envelope of envelopes.slice(0, 30)) envelope.removed()
  outcomes(journal, { id: 'event-3', verdict: 'skipped' })
  assertCounts(journal, { waiting: 20, delivered: 29, skipped: 1 })
})

test('why a destination does not send is told with the time at which it tries again', () => {
  const clock = { now: NOW }
  const journal = journalAt(clock)
  state(journal, { breaker: { failures: 10, openedAt: NOW, probeAt: NOW + 60_000 } })
  assert.equal(status(journal).breaker, 'open')
  assert.deepEqual(status(journal).shut, {
    reason: 'breaker',
    since: NOW,
    until: NOW + 60_000,
    words: '10 failures in a row',
  })
  clock.now += 60_000
  assert.equal(status(journal).breaker, 'half-open')
  state(journal, { paused: { since: NOW, by: 'ana', reason: 'audit' } })
  assert.deepEqual([status(journal).breaker, status(journal).shut?.reason], ['closed', 'paused'])
})

test('troubles that mails tell of show until they heal', () => {
  const journal = journalAt()
  cause(journal, { reason: 'unreachable', open: true, code: 'http-503' })
  cause(journal, { reason: 'rejected', open: true })
  assert.deepEqual(status(journal).troubles, [{ reason: 'unreachable', since: NOW, code: 'http-503' }])
  cause(journal, { reason: 'unreachable', open: false })
  assert.deepEqual(status(journal).troubles, [])
})

test('a destination shows the token of its account, never the token itself', () => {
  const clock = { now: NOW }
  const journal = journalAt(clock)
  tenantRow(journal, 'grupo-abc')
  token(journal, 'grupo-abc', 3, NOW + 1_000)
  assert.deepEqual(status(journal).token, { version: 3, expiresAt: NOW + 1_000, expired: false })
  clock.now += 1_000
  assert.equal(status(journal).token?.expired, true)
  assert.doesNotMatch(JSON.stringify(journal.snapshot()), /secret-token/)
})

test('a destination is sending while a run holds a lease', () => {
  const journal = journalAt()
  lease(journal, NOW + 60_000)
  assert.equal(status(journal).sending, true)
  lease(journal, NOW)
  assert.equal(status(journal).sending, false)
})

test('the backlog knows its oldest envelope and when the first event is due', () => {
  const journal = journalAt()
  const envelope = envelopeIn(journal, waiting('a', { due: NOW + 9_000 }), waiting('b', { due: NOW + 3_000 }))
  assert.deepEqual(status(journal).backlog, { events: 2, oldestAt: NOW - 5_000, nextDueAt: NOW + 3_000 })
  envelope.removed()
  assert.deepEqual(status(journal).backlog, { events: 0 })
})

test('an event is found by the end of its id, by its name and by the code it died of', () => {
  const journal = journalAt()
  envelopeIn(journal, waiting('0192-aaaa'))
  letter(journal, '0192-bbbb', undefined, {})
  const found = (q: string) => journal.events({ q }).rows.map(({ id }) => id)
  assert.deepEqual(found('AAAA'), ['0192-aaaa'])
  assert.deepEqual(found('invalid_cf'), ['0192-bbbb'])
  assert.equal(found('generate_lead').length, 2)
  assert.deepEqual(found('nothing like it'), [])
})

test('lines that are none of its own are passed over, warnings are kept', () => {
  const journal = journalAt()
  for (const line of ['', 'plain text', '{not json', '[]', '{"_aws":{}}', 'null']) journal.line('f', line)
  journal.line('connect-dev-x', JSON.stringify({ level: 'warn', service: 'x', message: 'slow', ms: 12 }))
  assert.deepEqual(journal.troubles(), [{ at: NOW, functionName: 'connect-dev-x', level: 'warn', text: 'slow: ms=12' }])
})

test('whoever subscribes hears of changes until the end of the subscription', () => {
  const journal = journalAt()
  let heard = 0
  const unsubscribe = journal.subscribe(() => heard++)
  envelopeIn(journal, waiting('a'))
  assert.equal(heard, 1)
  unsubscribe()
  envelopeIn(journal, waiting('b'))
  assert.equal(heard, 1)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Cause, forget, heal, isTrouble, mailDue, note, type Reason, type Report, told } from '../core/cause.ts'
import { writeMail } from '../core/notice.ts'

const NOW = Date.parse('2026-11-20T03:04:00.000Z')
const HOUR = 3_600_000
const PLACE = { stack: 'prod', connector: 'rdstation', tenant: 'loja-abc' }
const REASONS: readonly Reason[] = [
  'unreachable',
  'misconfigured',
  'unauthorized',
  'rejected',
  'expired',
  'outcome-unknown',
  'destination-off',
  'never-processed',
  'undelivered',
]
const trouble = (more: Partial<Report> = {}): Report => ({ reason: 'misconfigured', examples: ['e1'], ...more })
const deaths = (died: number, more: Partial<Report> = {}): Report => ({
  reason: 'rejected',
  code: 'INVALID',
  died,
  examples: ['e1'],
  ...more,
})
/** The cause after `report` and whatever mail it asked for. */
function mailed(known: Cause | undefined, report: Report, now: number): Cause {
  const cause = note(known, report, now)
  const kind = mailDue(cause, now)
  return kind ? told(cause, kind, now) : cause
}

test('every mail says what stopped, since when, why, what to do, and the command that does it', () => {
  for (const reason of REASONS) {
    const report: Report = {
      reason,
      code: 'SOME_CODE',
      words: 'The plan does not allow it',
      since: NOW - 90 * 60_000,
      waiting: 1204,
      died: isTrouble(reason) ? 0 : 12,
      examples: ['a1', 'b2', 'c3', 'd4'],
    }
    const { subject, text } = writeMail(PLACE, note(undefined, report, NOW), 'news', NOW)
    assert.match(subject, /^\[connect prod\] loja-abc\/rdstation: /, reason)
    for (const part of [
      '2026-11-20 01:34 UTC (90 min)',
      'SOME_CODE',
      '"The plan does not allow it"',
      'a1, b2, c3',
      isTrouble(reason) ? '1,204 events' : '12 events',
      'What to do\n  1. ',
      'npm run connect -- prod',
      'npm run connect -- prod status loja-abc/rdstation',
    ])
      assert.ok(text.includes(part), `${reason}: ${part}\n${text}`)
    assert.ok(!text.includes('d4'), 'three examples')
    assert.ok(!/undefined|NaN|\[object/.test(text), text)
  }
})

test('a subject is one line of at most 100 ASCII characters', () => {
  const place = { ...PLACE, tenant: 'uma-loja-de-nome-muito-comprido-que-nao-acaba-nunca-mais' }
  const report = trouble({ code: `CÓDIGO_\n_${'X'.repeat(100)}` })
  const { subject } = writeMail(place, note(undefined, report, NOW), 'news', NOW)
  assert.ok(subject.length <= 100, String(subject.length))
  assert.match(subject, /^[\x20-\x7e]+$/)
})

test('a mail tells nothing of a person, whatever the vendor says', () => {
  const words = 'lead ana@example.com (+5548999990000, 529.982.247-25) exceeded; key api_key=abc123456789'
  const { text } = writeMail(PLACE, note(undefined, deaths(1, { words }), NOW), 'news', NOW)
  for (const secret of ['ana@', '99999', '529.982', 'abc123456789']) assert.ok(!text.includes(secret), text)
  assert.match(text, /exceeded/)
})

test('a redrive for a refusal names its code, and one for an unknown outcome says that it may send twice', () => {
  const text = (report: Report) => writeMail(PLACE, note(undefined, report, NOW), 'news', NOW).text
  assert.match(text(deaths(2)), /redrive loja-abc\/rdstation --code INVALID/)
  assert.match(text({ reason: 'outcome-unknown', died: 1, examples: [] }), /--resend-unknown/)
})

test('a login that fails names the secret of the account, whoever uses it', () => {
  const cause = note(undefined, { reason: 'unauthorized', account: 'grupo-abc', examples: [] }, NOW)
  const { text } = writeMail(PLACE, cause, 'news', NOW)
  assert.match(text, /--secret-id \/connect\/rdstation\/grupo-abc\/credentials/)
})

test('trouble is news once, and a reminder a day later', () => {
  let cause = mailed(undefined, trouble(), NOW)
  for (let hour = 1; hour < 24; hour++) {
    cause = note(cause, trouble(), NOW + hour * HOUR)
    assert.equal(mailDue(cause, NOW + hour * HOUR), undefined)
  }
  assert.equal(mailDue(cause, NOW + 24 * HOUR), 'reminder')
  assert.equal(cause.since, NOW)
})

test('what heals is told to those who heard of the trouble, and to nobody else', () => {
  const unheard = heal(note(undefined, trouble(), NOW))
  assert.equal(mailDue(unheard, NOW), undefined)
  const heard = heal(mailed(undefined, trouble(), NOW))
  assert.equal(mailDue(heard, NOW), 'recovered')
  assert.equal(mailDue(told(heard, 'recovered', NOW), NOW), undefined)
})

test('a destination that comes and goes mails at most once an hour', () => {
  let cause: Cause | undefined
  let mails = 0
  for (let minute = 0; minute < 60; minute++) {
    const now = NOW + minute * 60_000
    cause = minute % 2 ? heal(cause!) : note(cause, trouble(), now)
    const kind = mailDue(cause, now)
    if (kind) {
      mails++
      cause = told(cause, kind, now)
    }
  }
  assert.equal(mails, 2, 'news and recovery')
})

test('trouble that returns for good after a recovery is news once the quiet hour is over', () => {
  let cause = told(heal(mailed(undefined, trouble(), NOW)), 'recovered', NOW + 60_000)
  cause = note(cause, trouble(), NOW + 120_000)
  assert.equal(mailDue(cause, NOW + 120_000), undefined)
  assert.equal(mailDue(cause, NOW + 60_000 + HOUR), 'news')
  assert.equal(cause.since, NOW + 120_000)
})

test('what healed while its news was on the way still owes the recovery', () => {
  const sending: Cause = { ...note(undefined, trouble(), NOW), claimed: { kind: 'news', at: NOW } }
  const after = told(heal(sending), 'news', NOW + 1_000)
  assert.equal(mailDue(after, NOW + 1_000), 'recovered')
})

test('a mail that somebody is sending is sent by another only when that one must be dead', () => {
  const sending: Cause = { ...note(undefined, trouble(), NOW), claimed: { kind: 'news', at: NOW } }
  assert.equal(mailDue(sending, NOW + 119_000), undefined)
  assert.equal(mailDue(sending, NOW + 120_000), 'news')
})

test('what is reported again after a person has resumed is news', () => {
  const cause = forget(mailed(undefined, trouble(), NOW))
  assert.equal(mailDue(cause, NOW + 60_000), undefined, 'nothing was reported yet')
  assert.equal(mailDue(note(cause, trouble(), NOW + 60_000), NOW + 60_000), 'news')
  assert.equal(mailDue(heal(cause), NOW + 60_000), 'recovered')
})

test('deaths are counted by code, told at once, then when they are many, then once a day', () => {
  let cause = mailed(undefined, deaths(2), NOW)
  cause = mailed(cause, deaths(3, { code: 'TOO_LONG' }), NOW + HOUR)
  assert.deepEqual(cause.mailed, { at: NOW, died: 2, fresh: 2 })
  assert.deepEqual(cause.codes, { INVALID: 2, TOO_LONG: 3 })
  cause = note(cause, deaths(20), NOW + 2 * HOUR)
  assert.equal(mailDue(cause, NOW + 2 * HOUR), 'reminder')
  const { subject, text } = writeMail(PLACE, cause, 'reminder', NOW + 2 * HOUR)
  assert.match(subject, /still 23 events refused/)
  assert.match(text, /25 events \(23 since the last mail\)/)
  assert.match(text, /INVALID 22, TOO_LONG 3/)
  cause = told(cause, 'reminder', NOW + 2 * HOUR)
  cause = note(cause, deaths(1), NOW + 3 * HOUR)
  assert.equal(mailDue(cause, NOW + 25 * HOUR), undefined)
  assert.equal(mailDue(cause, NOW + 26 * HOUR), 'reminder')
})

test('a flood is not told of more often than once an hour', () => {
  const cause = note(mailed(undefined, deaths(1), NOW), deaths(100_000), NOW + HOUR - 1)
  assert.equal(mailDue(cause, NOW + HOUR - 1), undefined)
  assert.equal(mailDue(cause, NOW + HOUR), 'reminder')
})

test('a death after a quiet day begins a new count', () => {
  const cause = note(mailed(undefined, deaths(5), NOW), deaths(1), NOW + 25 * HOUR)
  assert.equal(cause.died, 1)
  assert.equal(cause.since, NOW + 25 * HOUR)
})

test('codes are bounded: those of a vendor without end are counted together', () => {
  let cause: Cause | undefined
  for (let i = 0; i < 100; i++) cause = note(cause, deaths(1, { code: i ? `C${i}` : 'constructor' }), NOW + i)
  assert.equal(Object.keys(cause!.codes).length, 11)
  assert.equal(cause!.codes.other, 90)
  assert.equal(cause!.codes.constructor as unknown, 1)
  assert.equal(cause!.died, 100)
})

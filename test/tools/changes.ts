import type { Cause } from '../../core/cause.ts'
import type { DestinationState } from '../../core/destination-state.ts'
import { type Death, type Envelope, envelopeKey, toItem, type Waiting } from '../../core/envelope.ts'
import { bufferPartition, ledgerKey } from '../../core/keys.ts'
import type { Attributes, TableChange } from '../../local/change.ts'
import type { Journal } from '../../local/journal.ts'

/** Table changes as the local stack tells them, for the destination `loja-abc/rdstation`. */
export const DESTINATION = 'loja-abc/rdstation'
export const NOW = Date.parse('2026-11-20T12:00:00.000Z')

export const waiting = (id: string, change: Partial<Waiting> = {}): Waiting => ({
  event: { id, name: 'generate_lead', at: '2026-11-20T11:59:59.000Z' },
  due: NOW,
  attempts: 0,
  life: 0,
  ...change,
})

const change = (
  table: string,
  keys: readonly [pk: string, sk: string],
  before: Attributes | undefined,
  after: Attributes | undefined,
  ttl = false,
): TableChange => ({
  table: `connect-dev-${table}`,
  kind: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
  ttl,
  keys: { pk: { S: keys[0] }, sk: { S: keys[1] } },
  ...(before && { old: before }),
  ...(after && { new: after }),
})

/** An envelope that changes step by step: each call is one write of the buffer. */
export function envelopeIn(journal: Journal, ...first: Waiting[]) {
  const { life } = first[0]!
  const key = envelopeKey(
    first.map(({ event }) => event),
    life,
  )
  const base = { pk: bufferPartition('normal', 'loja-abc', 1), sk: key, receivedAt: NOW - 5_000, rev: 'r', ttl: 1 }
  let before: Envelope | undefined
  const write = (after: Envelope | undefined, ttl = false) => {
    const item = after && (toItem(after) as Attributes)
    journal.change(change('rdstation-buffer', [base.pk, base.sk], before && (toItem(before) as Attributes), item, ttl))
    before = after
  }
  write({ ...base, waiting: first })
  return {
    becomes: (...now: Waiting[]) => write({ ...base, waiting: now }),
    removed: (ttl = false) => write(undefined, ttl),
  }
}

export type LetterFields = { life?: number; status?: 'dead' | 'redriving' | 'redriven' | 'delivered'; death?: Death }
const letterItem = (id: string, { life = 0, status = 'dead', death }: LetterFields): Attributes => ({
  ...(death?.reason !== 'undelivered' && { event: { S: JSON.stringify(waiting(id).event) } }),
  death: { S: JSON.stringify(death ?? { reason: 'rejected', at: NOW, code: 'INVALID_CF', words: 'no such field' }) },
  life: { N: String(life) },
  attempts: { N: '1' },
  receivedAt: { N: String(NOW - 5_000) },
  status: { S: status },
})
export function letter(
  journal: Journal,
  id: string,
  before: LetterFields | undefined,
  after: LetterFields | undefined,
) {
  const images = [before && letterItem(id, before), after && letterItem(id, after)] as const
  journal.change(change('dead-letters', ['rdstation#loja-abc', id], ...images))
}

export const ledger = (journal: Journal, id: string, state: 'claimed' | 'done') =>
  journal.change(
    change('state', [ledgerKey('rdstation', 'loja-abc', id), 'events'], undefined, { state: { S: state } }),
  )

const stateRow = (journal: Journal, sk: string, data: object) =>
  journal.change(change('state', ['rdstation#loja-abc', sk], undefined, { data: { S: JSON.stringify(data) } }))
export const state = (journal: Journal, data: Partial<DestinationState>) =>
  stateRow(journal, 'destination', { version: 1, breaker: { failures: 0 }, outages: [], shards: 4, ...data })
export const cause = (journal: Journal, data: Pick<Cause, 'reason' | 'open'> & Partial<Cause>) =>
  stateRow(journal, `cause#${data.reason}`, { since: NOW, ...data })
export const lease = (journal: Journal, until: number) =>
  journal.change(change('state', ['rdstation#loja-abc', 'lane#normal#1'], undefined, { until: { N: String(until) } }))
export const token = (journal: Journal, account: string, version: number, expiresAt: number) =>
  journal.change(
    change('tokens', [`rdstation#${account}#access`, 'row'], undefined, {
      version: { N: String(version) },
      expiresAt: { N: String(expiresAt) },
      value: { S: 'secret-token' },
    }),
  )
export const tenantRow = (journal: Journal, account: string) =>
  journal.change(
    change('tenants', ['rdstation#loja-abc', 'row'], undefined, {
      data: { S: JSON.stringify({ tenant: 'loja-abc', connector: 'rdstation', account }) },
    }),
  )

/** Lines as `receive` and `process` write them. */
export const received = (journal: Journal, fields: object) =>
  journal.line(
    'connect-dev-receive',
    JSON.stringify({ level: 'info', service: 'receive', message: 'accepted', tenant: 'loja-abc', ...fields }),
  )
export const outcomes = (journal: Journal, ...told: { id: string; verdict: string; code?: string }[]) =>
  journal.line(
    'connect-dev-rdstation-process',
    JSON.stringify({
      level: 'info',
      service: 'process',
      message: 'outcomes',
      destination: DESTINATION,
      outcomes: told,
    }),
  )

import { all } from '../../core/all.ts'
import type { Load, Parcel } from '../../core/batch.ts'
import { deliver, type Tell, type Told } from '../../core/deliver.ts'
import type { Lane } from '../../core/event.ts'
import { ttlSeconds } from '../../core/tenant.ts'
import { type Claim, claim, findDone, type LedgerName, type LedgerRun, markDone, unclaim } from '../aws/ledger.ts'
import { NOT_STARTED } from './guard.ts'
import { LEASE_MARGIN_MS, type Session } from './session.ts'

/**
 * Delivers one load, with the ledger around calls that are not repeatable. Outcomes are told once the ledger knows them, so
 * that whatever is settled afterwards is never sent again. A record that is not told was not sent.
 */
export async function deliverLoad(
  session: Session,
  lane: Lane,
  load: Load,
  expected: () => number,
  tell: Tell,
): Promise<void> {
  const ledger = ledgerOf(session, load)
  const { told, open } = await ledger.before()
  const untold = new Map(open.map(parcel => [parcel.id, parcel]))
  try {
    if (told.length) await tell(told)
    if (!open.length) return
    const carrier = session.carrier(lane, expected)
    await deliver(
      session.connector,
      session.destination.settings,
      { ...load, parcels: open },
      carrier,
      async outcomes => {
        const sent = outcomes.filter(one => untold.has(one.id) && !unsent(one))
        for (const { id } of sent) untold.delete(id) // from here on their claims stand, whatever fails
        const real = await ledger.heard(sent).catch(() => sent)
        await all([ledger.after(real), ...(real.length ? [tell(real)] : [])])
      },
    )
  } finally {
    await ledger.never([...untold.values()])
  }
}

const unsent = ({ code, verdict }: Told) => verdict === 'retry' && code === NOT_STARTED

type Ledger = {
  /** Outcomes that are known without sending, and what may be sent. */
  before(): Promise<{ told: Told[]; open: readonly Parcel[] }>
  /** The same outcomes, where the vendor has told of an unknown one meanwhile by a call of its own. */
  heard(told: readonly Told[]): Promise<readonly Told[]>
  after(told: readonly Told[]): Promise<void>
  /** These were claimed and never left. */
  never(parcels: readonly Parcel[]): Promise<void>
}

function ledgerOf(session: Session, { call, parcels }: Load): Ledger {
  if (session.connector.calls[call]!.repeatable) return NO_LEDGER(parcels)
  const { destination } = session
  const { connector, tenant } = destination
  const names = new Map<string, LedgerName>(
    parcels.map(({ id, eventId, ledger }) => [id, { connector, tenant, eventId, record: ledger }]),
  )
  return destination.onUnknown === 'hold' ? holding(session, parcels, names) : resending(session, parcels, names)
}

type Names = ReadonlyMap<string, LedgerName>
const nameIn =
  (names: Names) =>
  ({ id }: { id: string }) =>
    names.get(id)!
const hearing =
  (world: Session['world'], names: Names) =>
  async (told: readonly Told[]): Promise<readonly Told[]> => {
    const unknown = told.filter(({ verdict }) => verdict === 'unknown').map(nameIn(names))
    if (!unknown.length) return told
    const done = await findDone(world, unknown)
    return told.map(one => (one.verdict === 'unknown' && done.has(nameIn(names)(one)) ? ALREADY(one.id) : one))
  }
const isTaken = ({ verdict }: Told) => verdict === 'delivered'

/** Under `resend` only what was delivered is written down and looked up. */
function resending(session: Session, parcels: readonly Parcel[], names: Names): Ledger {
  const { world } = session
  const name = nameIn(names)
  return {
    async before() {
      const done = await findDone(world, [...names.values()])
      const told = parcels.filter(parcel => done.has(name(parcel))).map(({ id }) => ALREADY(id))
      return { told, open: parcels.filter(parcel => !done.has(name(parcel))) }
    },
    heard: hearing(world, names),
    after: told => markDone(world, told.filter(isTaken).map(name), runOf(session)),
    never: async () => {},
  }
}

/** Under `hold` a call is claimed before it is made, and given free only where the vendor surely did nothing. */
function holding(session: Session, parcels: readonly Parcel[], names: Names): Ledger {
  const { world } = session
  const by = runOf(session)
  const name = nameIn(names)
  return {
    async before() {
      const claims = await Promise.allSettled(parcels.map(parcel => claim(world, name(parcel), by)))
      const mine = parcels.filter((_, i) => claimOf(claims[i]!) === 'mine')
      const failure = claims.find(({ status }) => status === 'rejected')
      if (failure) {
        // None of this load is sent. A claim that stays would make it an outcome that nobody knows.
        await unclaim(world, parcels.map(name), by).catch(() => {})
        throw (failure as PromiseRejectedResult).reason
      }
      const told = parcels.flatMap(({ id }, i) => obstacle(id, claimOf(claims[i]!)!, world.now()))
      return { told, open: mine }
    },
    heard: hearing(world, names),
    async after(told) {
      const refused = told.filter(one => !isTaken(one) && one.verdict !== 'unknown')
      await all([markDone(world, told.filter(isTaken).map(name), by), unclaim(world, refused.map(name), by)])
    },
    never: some => unclaim(world, some.map(name), by),
  }
}

const claimOf = (end: PromiseSettledResult<Claim>) => (end.status === 'fulfilled' ? end.value : undefined)
function obstacle(id: string, found: Claim, now: number): Told[] {
  if (found === 'mine') return []
  if (found === 'done') return [ALREADY(id)]
  if (found === 'in-doubt') return [IN_DOUBT(id)]
  return [
    { id, verdict: 'throttled', scope: 'record', code: 'claimed', waitMs: Math.max(1_000, found.takenUntil - now) },
  ]
}

/** Each load claims in a name of its own: an event may be in two shards, which one run works off side by side. */
const runOf = ({ world, destination, run, deadline }: Session): LedgerRun => ({
  run: `${run}/${world.uuid()}`,
  until: deadline + LEASE_MARGIN_MS,
  ttl: ttlSeconds(world.now(), destination.keepMs),
})

const NO_LEDGER = (parcels: readonly Parcel[]): Ledger => ({
  before: async () => ({ told: [], open: parcels }),
  heard: async told => told,
  after: async () => {},
  never: async () => {},
})
/** Code of a record that the ledger knows as delivered by an earlier run. */
export const ALREADY_DELIVERED = 'already-delivered'
const ALREADY = (id: string): Told => ({ id, verdict: 'delivered', code: ALREADY_DELIVERED })
const IN_DOUBT = (id: string): Told => ({
  id,
  verdict: 'unknown',
  code: 'claimed-by-a-dead-run',
  words: 'A run that died had begun to send this and nobody knows whether the vendor got it',
})

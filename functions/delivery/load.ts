import type { Load, Parcel } from '../../core/batch.ts'
import { deliver, type Told } from '../../core/deliver.ts'
import type { Lane } from '../../core/event.ts'
import { ttlSeconds } from '../../core/tenant.ts'
import { claim, findDone, type LedgerName, markDone, unclaim } from '../aws/ledger.ts'
import { NOT_STARTED } from './guard.ts'
import type { Session } from './session.ts'

/**
 * Delivers one load, with the ledger around calls that are not repeatable. Outcomes are yielded once the ledger knows
 * them, so that whatever is settled afterwards is never sent again. A record that is not told was not sent.
 */
export async function* deliverLoad(
  session: Session,
  lane: Lane,
  load: Load,
  expected: () => number,
): AsyncGenerator<readonly Told[]> {
  const ledger = ledgerOf(session, load)
  const { told, open } = await ledger.before()
  if (told.length) yield told
  if (!open.length) return

  const carrier = session.carrier(lane, expected)
  const untold = new Map(open.map(parcel => [parcel.id, parcel]))
  for await (const outcomes of deliver(
    session.connector,
    session.destination.settings,
    { ...load, parcels: open },
    carrier,
  )) {
    const real = outcomes.filter(
      ({ id, code, verdict }) => untold.has(id) && !(verdict === 'retry' && code === NOT_STARTED),
    )
    for (const { id } of real) untold.delete(id)
    await ledger.after(real)
    if (real.length) yield real
  }
  if (!untold.size) return
  if (!carrier.sent()) return ledger.never([...untold.values()])
  // Something was sent and the connector said nothing of these: ours to find out, not the vendor's to count twice.
  const verdict = session.connector.calls[load.call]!.repeatable ? 'retry' : 'unknown'
  const rest = [...untold.keys()].map(id => ({ id, verdict, code: 'no-outcome' }) as const)
  await ledger.after(rest)
  yield rest
}

type Ledger = {
  /** Outcomes that are known without sending, and what may be sent. */
  before(): Promise<{ told: Told[]; open: readonly Parcel[] }>
  after(told: readonly Told[]): Promise<void>
  /** These were claimed and never left. */
  never(parcels: readonly Parcel[]): Promise<void>
}

function ledgerOf(session: Session, { call, parcels }: Load): Ledger {
  const { world, destination, run } = session
  if (session.connector.calls[call]!.repeatable) return NO_LEDGER(parcels)
  const ttl = ttlSeconds(world.now(), destination.keepMs)
  const { connector, tenant } = destination
  const names = new Map<string, LedgerName>(
    parcels.map(({ id, eventId, ledger }) => [id, { connector, tenant, eventId, record: ledger }]),
  )
  const name = ({ id }: { id: string }) => names.get(id)!
  const hold = destination.onUnknown === 'hold'

  return {
    async before() {
      if (!hold) {
        const done = await findDone(world, [...names.values()])
        const told = parcels.filter(parcel => done.has(name(parcel))).map(({ id }) => ALREADY(id))
        return { told, open: parcels.filter(parcel => !done.has(name(parcel))) }
      }
      const found = await Promise.all(
        parcels.map(async parcel => ({ parcel, state: await claim(world, name(parcel), run, ttl) })),
      )
      return {
        told: found.flatMap(({ parcel: { id }, state }) =>
          state === 'mine' ? [] : [state === 'done' ? ALREADY(id) : IN_DOUBT(id)],
        ),
        open: found.filter(({ state }) => state === 'mine').map(({ parcel }) => parcel),
      }
    },
    async after(told) {
      const taken = told.filter(({ verdict }) => verdict === 'delivered')
      const refused = hold ? told.filter(({ verdict }) => verdict !== 'delivered' && verdict !== 'unknown') : []
      await Promise.all([markDone(world, taken.map(name), run, ttl), unclaim(world, refused.map(name))])
    },
    never: async some => {
      if (hold) await unclaim(world, some.map(name))
    },
  }
}

const NO_LEDGER = (parcels: readonly Parcel[]): Ledger => ({
  before: async () => ({ told: [], open: parcels }),
  after: async () => {},
  never: async () => {},
})
const ALREADY = (id: string): Told => ({ id, verdict: 'delivered', code: 'already-delivered' })
const IN_DOUBT = (id: string): Told => ({
  id,
  verdict: 'unknown',
  code: 'claimed-by-a-dead-run',
  words: 'A run that died had begun to send this and nobody knows whether the vendor got it',
})

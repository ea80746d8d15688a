import assert from 'node:assert/strict'
import type { Event } from '../../core/connector.ts'
import type { DeathReason, Waiting } from '../../core/envelope.ts'
import { putLetters } from '../../functions/aws/letters.ts'
import { createOperate, type OperateResult } from '../../functions/operate.ts'
import type { OperateEvent } from '../../functions/world.ts'
import { acme } from './acme.ts'
import { acmeSimulator } from './acme-vendor.ts'
import type { Dynamo } from './dynamo.ts'
import { createRig, type Rig } from './rig.ts'

export const PLACE = { connector: 'acme', tenant: 'loja-abc' }

type Without<E> = E extends unknown ? Omit<E, 'tenant' | 'by'> : never
export type Order = Without<OperateEvent>
type Did<D extends string> = Extract<OperateResult, { ok: true; did: D }>

/** One connector's `operate` over a rig, and the orders that a person gives it. */
export async function openDesk(dynamo: Dynamo) {
  const rig = await createRig({ connector: acme(), simulator: acmeSimulator }, dynamo)
  const operate = createOperate(rig.world, 'acme')
  const order = (what: Order) => operate({ tenant: 'loja-abc', by: 'ana', ...what } as OperateEvent)
  const done = async <D extends Order['do']>(what: Order & { do: D }): Promise<Did<D>> => {
    const result = await order(what)
    assert.ok(result.ok, result.ok ? '' : result.error)
    return result as Did<D>
  }
  const bury = (reason: DeathReason, ids: readonly string[], more: Partial<Waiting> = {}) =>
    putLetters(
      rig.world,
      PLACE,
      ids.map(id => ({
        waiting: { event: visit(id), due: 0, attempts: 1, life: 0, dead: { reason, at: rig.now() }, ...more },
        receivedAt: rig.now(),
      })),
    )
  return { rig, order, done, bury }
}

export const visit = (id: string, name = 'visit'): Event => ({
  id,
  name,
  at: '2026-03-02T11:00:00.000Z',
  user: { email: `${id.toLowerCase()}@example.com` },
})
/** A run that has been over for long. */
export const lapsed = (run: string) => ({ run, until: 0, ttl: 9_999_999_999 })
/** Of each letter, by event id. */
export const statuses = async (rig: Rig) =>
  Object.fromEntries((await rig.letters()).map(({ id, item }) => [id, item.status?.S]))
/** Ids of the events that the vendor has taken, as often as it took them. */
export const received = (rig: Rig) => rig.vendor.received.map(({ data }) => (data as { event: string }).event)

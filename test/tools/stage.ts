import type { Event, Json } from '../../core/event.ts'
import { acme } from './acme.ts'
import { type AcmeVendor, acmeSimulator } from './acme-vendor.ts'
import type { Dynamo } from './dynamo.ts'
import { createRig, type Rig, START, type Step } from './rig.ts'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const TENANT = 'loja-abc'

type Name = 'message' | 'visit' | 'purchase'
let made = 0
/** An event of a person of its own; `magic` says what the vendor will do with it (see acme.ts). */
export function event(
  name: Name,
  magic?: string,
  more: Partial<Event> & { properties?: { [name: string]: Json } } = {},
): Event {
  const id = `e-${String(++made).padStart(5, '0')}`
  const properties = { ...(magic && { acme: magic }), ...more.properties }
  return {
    id,
    name,
    at: new Date(START + made).toISOString(),
    user: { email: `${id}@example.com` },
    ...more,
    properties,
  }
}
export const events = (count: number, name: Name = 'visit', magic?: string): Event[] =>
  Array.from({ length: count }, () => event(name, magic))

export type AcmeRig = Rig<AcmeVendor>
type Options = Parameters<typeof acme>[0] & { destination?: object; timeoutMs?: number }
/** Acme's process over a database that tests may share. */
export function acmeRig(dynamo: Dynamo, options: Options = {}): Promise<AcmeRig> {
  const { destination, timeoutMs, ...acmeOptions } = options
  return createRig(
    {
      connector: acme(acmeOptions),
      simulator: acmeSimulator,
      ...(destination && { destination }),
      ...(timeoutMs && { timeoutMs }),
    },
    dynamo,
  )
}

type Table = 'buffer' | 'state' | 'letters' | 'tokens'
/** Picks calls of one command on one table, whose text holds `part`. */
export const call =
  (command: string, table: Table, part = '') =>
  (step: Step): boolean => {
    const { TableName, RequestItems } = (step.input ?? {}) as { TableName?: string; RequestItems?: object }
    const name = TableName ?? Object.keys(RequestItems ?? {})[0] ?? ''
    return step.name === `${command}Command` && name.startsWith(table) && JSON.stringify(step.input).includes(part)
  }
export const toVendor = (step: Step): boolean => step.kind === 'vendor'

/** Where the events are by our own records and by the vendor's: each line of a test's verdict. */
export async function whereabouts(rig: AcmeRig) {
  const letters = await rig.letters()
  return {
    waiting: (await rig.waiting()).map(({ event }) => event.id).sort(),
    dead: letters
      .filter(({ item }) => item.status?.S === 'dead')
      .map(({ id }) => id)
      .sort(),
    received: rig.vendor.received.map(({ key }) => key),
  }
}
/** How often the vendor was asked about an event. */
export const asked = (rig: AcmeRig, { id }: Event): number =>
  rig.vendor.requests.filter(request => request.events.includes(id)).length

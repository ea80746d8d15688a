import { type Cause, forget } from '../core/cause.ts'
import { type DestinationState, pause, resume } from '../core/destination-state.ts'
import { type LetterSummary, summaryOf } from '../core/letter.ts'
import { createLog } from '../core/log.ts'
import { type Destination, destinationName } from '../core/tenant.ts'
import { changeCause, readCauses } from './aws/causes.ts'
import { dropLetter, listLetters } from './aws/letters.ts'
import { type Backlog, countLetters, countWaiting, type LetterCount } from './aws/overview.ts'
import { startProcess } from './aws/start.ts'
import { changeState, readState } from './aws/state.ts'
import { suppress } from './aws/suppressions.ts'
import { createTenants, type Tenants } from './aws/tenants.ts'
import { type Redriven, redrive } from './redrive.ts'
import type { OperateEvent, World } from './world.ts'

export type OperateWorld = Pick<World, 'env' | 'now' | 'random' | 'uuid' | 'sleep' | 'dynamo' | 'lambda' | 'write'>

/** What a person's order came to; `error` is a sentence for that person. */
export type OperateResult =
  | { ok: false; error: string }
  | ({ ok: true; destination: string } & (
      | { did: 'status'; state: DestinationState; causes: readonly Cause[]; waiting: Waiting; letters: LetterCount }
      | { did: 'pause'; state: DestinationState }
      | { did: 'resume'; state: DestinationState }
      | { did: 'letters'; letters: readonly LetterSummary[]; next?: string }
      | ({ did: 'redrive' } & Redriven)
      | { did: 'drop'; dropped: string[]; kept: string[] }
      | { did: 'suppress'; hashes: number }
    ))
type Waiting = { normal: Backlog; urgent: Backlog }
type Order<Do extends OperateEvent['do']> = Extract<OperateEvent, { do: Do }>

/** What people do to a destination by hand. Each order may be repeated without harm. */
export function createOperate(world: OperateWorld, connector: string) {
  const tenants = createTenants(world)
  const log = createLog({ ...world, level: world.env.LOG_LEVEL }, 'operate', { connector })

  return async (event: OperateEvent): Promise<OperateResult> => {
    const destination = await tenants.destination(connector, event.tenant)
    const name = destinationName(event.tenant, connector)
    if (!destination)
      return refuse(
        `There is no destination ${name} in stack ${world.env.CONNECT_STACK}: look at its config for the name`,
      )
    const result = await carryOut(world, tenants, destination, event)
    const { by, do: order } = event
    log.info('operated', { destination: name, tenant: event.tenant, order, by, ...traceOf(result) })
    return result
  }
}

const refuse = (error: string): OperateResult => ({ ok: false, error })

async function carryOut(
  world: OperateWorld,
  tenants: Tenants,
  destination: Destination,
  event: OperateEvent,
): Promise<OperateResult> {
  switch (event.do) {
    case 'status':
      return showStatus(world, destination)
    case 'pause':
      return pauseDestination(world, destination, event)
    case 'resume':
      return resumeDestination(world, destination)
    case 'letters':
      return showLetters(world, destination, event)
    case 'redrive':
      return redriveLetters(world, destination, event)
    case 'drop':
      return dropLetters(world, destination, event)
    case 'suppress':
      return suppressPerson(world, tenants, destination, event)
    default:
      return refuse(`"${(event as { do: string }).do}" is nothing that can be done to a destination`)
  }
}

const nameOf = ({ tenant, connector }: Destination): string => destinationName(tenant, connector)

async function showStatus(world: OperateWorld, destination: Destination): Promise<OperateResult> {
  const { connector, tenant, shards } = destination
  const state = await readState(world, connector, tenant)
  const [causes, waiting, letters] = await Promise.all([
    readCauses(world, destination),
    countWaiting(world, tenant, Math.max(shards, state.shards)),
    countLetters(world, destination),
  ])
  return { ok: true, did: 'status', destination: nameOf(destination), state, causes, waiting, letters }
}

async function pauseDestination(
  world: OperateWorld,
  destination: Destination,
  { by, reason }: Order<'pause'>,
): Promise<OperateResult> {
  const { connector, tenant } = destination
  const state = await changeState(world, connector, tenant, state => pause(state, world.now(), by, reason))
  return { ok: true, did: 'pause', destination: nameOf(destination), state }
}

async function resumeDestination(world: OperateWorld, destination: Destination): Promise<OperateResult> {
  const { connector, tenant } = destination
  for (const { reason } of await readCauses(world, destination))
    await changeCause(world, destination, reason, known => known && forget(known))
  const state = await changeState(world, connector, tenant, state => resume(state, world.now()))
  await startRun(world, tenant)
  return { ok: true, did: 'resume', destination: nameOf(destination), state }
}

/** The order is carried out by then: if Lambda takes no start just now, the next tick does it. */
async function startRun(world: OperateWorld, tenant: string): Promise<void> {
  try {
    await startProcess(world, { do: 'run', tenant, why: 'operator' })
  } catch (error) {
    const log = createLog({ ...world, level: world.env.LOG_LEVEL }, 'operate')
    log.warn('process not started', { tenant, error: (error as Error).name })
  }
}

const LETTERS = 50
const MOST_LETTERS = 200 // an answer of Lambda holds 6 MB; a summary is well below 1 kB

async function showLetters(
  world: OperateWorld,
  destination: Destination,
  { limit = LETTERS, after }: Order<'letters'>,
): Promise<OperateResult> {
  const page = await listLetters(world, destination, Math.max(1, Math.min(limit, MOST_LETTERS)), after)
  const { next } = page
  const letters = page.letters.map(summaryOf)
  return { ok: true, did: 'letters', destination: nameOf(destination), letters, ...(next !== undefined && { next }) }
}

async function redriveLetters(
  world: OperateWorld,
  destination: Destination,
  order: Order<'redrive'>,
): Promise<OperateResult> {
  const done = await redrive(world, destination, order)
  if (done.redriven.length) await startRun(world, destination.tenant)
  return { ok: true, did: 'redrive', destination: nameOf(destination), ...done }
}

async function dropLetters(
  world: OperateWorld,
  destination: Destination,
  { ids }: Order<'drop'>,
): Promise<OperateResult> {
  if (!ids?.length) return refuse('A drop names the letters by their ids')
  const dropped: string[] = []
  const kept: string[] = []
  for (const id of new Set(ids)) (await dropLetter(world, destination, id)) ? dropped.push(id) : kept.push(id)
  return { ok: true, did: 'drop', destination: nameOf(destination), dropped, kept }
}

async function suppressPerson(
  world: OperateWorld,
  tenants: Tenants,
  destination: Destination,
  { email, phone, by }: Order<'suppress'>,
): Promise<OperateResult> {
  const tenant = await tenants.tenant(destination.tenant)
  if (!tenant) return refuse(`Tenant ${destination.tenant} has no row of its own: deploy the stack again`)
  const hashes = await suppress(world, tenant, { ...(email && { email }), ...(phone && { phone }) }, by)
  if (!hashes) return refuse('A suppression names an email address or a phone number')
  return { ok: true, did: 'suppress', destination: nameOf(destination), hashes }
}

/** What the log keeps of it: counts and ids, nobody's address. */
function traceOf(result: OperateResult): { readonly [name: string]: unknown } {
  if (!result.ok) return { error: result.error }
  if (result.did === 'redrive') {
    const { redriven, held, unkept, missing } = result
    return { ids: redriven, held: held.length, unkept: unkept.length, missing: missing.length }
  }
  if (result.did === 'drop') return { ids: result.dropped }
  return {}
}

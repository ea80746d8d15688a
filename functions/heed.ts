import { all, inTurns } from '../core/all.ts'
import type { StatusUpdate, Update } from '../core/connector.ts'
import type { Log } from '../core/log.ts'
import { spellingHashes } from '../core/person.ts'
import { ttlSeconds } from '../core/tenant.ts'
import { advanceMessage, type Listener, rememberChoice, rememberInbound, stageOf } from './aws/heard.ts'
import { settleDone } from './aws/ledger.ts'
import { markDelivered } from './aws/letters.ts'
import { optIn, optOut } from './aws/suppressions.ts'
import { heedFailures } from './failures.ts'
import type { World } from './world.ts'

type HeedWorld = Pick<World, 'env' | 'now' | 'random' | 'sleep' | 'dynamo'>
/** How much of each kind was news: `messageRead`, `messageFailed`, `inbound`, `optOuts`, `optIns`, `notices`. */
export type Heeded = { [what: string]: number }

const AT_ONCE = 16

/**
 * Acts on what a vendor has told. All of it may be told again, late and in any order: a message only moves forward, and only
 * a person's latest choice holds.
 */
export async function heed(
  world: HeedWorld,
  log: Log,
  listener: Listener & { keepMs: number },
  updates: readonly Update[],
): Promise<Heeded> {
  const heeded: Heeded = {}
  const count = (what: string) => {
    heeded[what] = (heeded[what] ?? 0) + 1
  }
  const act = async (update: Update): Promise<void> => {
    if (update.kind === 'status') {
      if (await heedStatus(world, log, listener, update)) count(`message${capital(update.status)}`)
    } else if (update.kind === 'inbound') {
      if (await heedInbound(world, listener, update)) count('inbound')
    } else if (update.kind === 'notice') {
      log.warn('the vendor tells', { code: update.code, words: update.words })
      count('notices')
    } else if (await heedChoice(world, listener, update)) count(update.kind === 'opt-out' ? 'optOuts' : 'optIns')
  }
  // Choices one after the other, as they came: of two at the same second the later one holds.
  const others = updates.filter(update => !isChoice(update) && !isFailure(update))
  for (const choice of updates.filter(isChoice)) await act(choice)
  await inTurns(others, AT_ONCE, act)
  const failed = await heedFailures(world, log, listener, updates.filter(isFailure))
  return failed ? { ...heeded, messageFailed: failed } : heeded
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1)

type Choice = Extract<Update, { kind: 'opt-out' | 'opt-in' }>
const isChoice = (update: Update): update is Choice => update.kind === 'opt-out' || update.kind === 'opt-in'

const isFailure = (update: Update): update is StatusUpdate => update.kind === 'status' && update.failed === true

/** True if it is news. A message that has arrived settles the call that made it, if nobody had heard the answer to that. */
async function heedStatus(
  world: HeedWorld,
  log: Log,
  listener: Listener & { keepMs: number },
  status: StatusUpdate,
): Promise<boolean> {
  const { connector, tenant } = listener
  const { record, message, stage } = status
  if (record) {
    const name = { connector, tenant, eventId: record.eventId, record: record.name }
    const open = await settleDone(world, name, ttlSeconds(world.now(), listener.keepMs))
    // Told late, of a message that has failed since: what was held stays held.
    const stands = open && (await stageOf(world, listener, message)) <= stage
    if (stands && (await markDelivered(world, listener, record.eventId)))
      log.info('arrived after all', { id: record.eventId })
  }
  return advanceMessage(world, listener, status)
}

async function heedInbound(world: HeedWorld, listener: Listener, { person, at, message }: Inbound): Promise<boolean> {
  const news = await advanceMessage(world, listener, { message, status: 'inbound', stage: 1, at })
  await all(spellingHashes(listener.salt, person).map(hash => rememberInbound(world, listener, hash, at)))
  return news
}
type Inbound = Extract<Update, { kind: 'inbound' }>

async function heedChoice(world: HeedWorld, listener: Listener, choice: Choice): Promise<boolean> {
  const { connector, tenant } = listener
  let heeded = false
  for (const hash of spellingHashes(listener.salt, choice.person)) {
    if (!(await rememberChoice(world, listener, hash, choice))) continue
    const opting = { tenant, connector, hashes: [hash] }
    await (choice.kind === 'opt-out' ? optOut(world, opting) : optIn(world, opting))
    heeded = true
  }
  return heeded
}

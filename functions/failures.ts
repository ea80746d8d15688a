import { inTurns } from '../core/all.ts'
import type { StatusUpdate } from '../core/connector.ts'
import type { Death } from '../core/envelope.ts'
import type { Log } from '../core/log.ts'
import { mask } from '../core/mask.ts'
import { noteCause } from './aws/causes.ts'
import { advanceMessage, type Listener, stageOf } from './aws/heard.ts'
import { putUndelivered } from './aws/letters.ts'
import type { World } from './world.ts'

type FailureWorld = Pick<World, 'env' | 'now' | 'random' | 'sleep' | 'dynamo'>

const AT_ONCE = 16

/**
 * What a vendor had taken and could not deliver: a letter each, and one report for each code, which the next tick mails. That
 * the message has failed is written last: after a death all of it is done again. Answers how many are news.
 */
export async function heedFailures(
  world: FailureWorld,
  log: Log,
  listener: Listener,
  told: readonly StatusUpdate[],
): Promise<number> {
  const news = new Map<string, StatusUpdate>()
  await inTurns(told, AT_ONCE, async failure => {
    if ((await stageOf(world, listener, failure.message)) < failure.stage) news.set(failure.message, failure)
  })
  const failures = [...news.values()]
  await inTurns(failures, AT_ONCE, async failure => {
    const { record, code, words } = failure
    if (record) await putUndelivered(world, listener, record.eventId, deathOf(failure, world.now()))
    log.warn('not delivered', { ...(record && { id: record.eventId }), code, words })
  })
  for (const some of Map.groupBy(failures, ({ code }) => code).values()) await report(world, listener, some)
  await inTurns(failures, AT_ONCE, failure => advanceMessage(world, listener, failure))
  return failures.length
}

/** One write for all that failed alike: a campaign may fail by the thousand. */
async function report(world: FailureWorld, listener: Listener, failures: readonly StatusUpdate[]): Promise<void> {
  const { reason, code, words } = deathOf(failures[0]!, world.now())
  const ids = failures.flatMap(({ record }) => (record ? [record.eventId] : []))
  await noteCause(world, listener, {
    reason,
    died: failures.length,
    examples: ids.slice(0, 3),
    ...(code !== undefined && { code }),
    ...(words !== undefined && { words }),
  })
}

const MOST_WORDS = 500

/** Some vendors leave out the time. */
const deathOf = ({ at, code, words }: StatusUpdate, now: number): Death => ({
  reason: 'undelivered',
  at: at || now,
  ...(code && { code }),
  ...(words && { words: mask(words).slice(0, MOST_WORDS) }),
})

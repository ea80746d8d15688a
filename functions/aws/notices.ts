import { PublishCommand } from '@aws-sdk/client-sns'
import {
  type Cause,
  heal as healed,
  isTrouble,
  type MailKind,
  mailDue,
  note,
  type Report,
  type Trouble,
  told,
} from '../../core/cause.ts'
import type { DestinationState } from '../../core/destination-state.ts'
import { bufferPartition } from '../../core/keys.ts'
import { createLog } from '../../core/log.ts'
import { type Backlog, writeMail } from '../../core/notice.ts'
import type { World } from '../world.ts'
import { readPage } from './buffer.ts'
import { type CauseWorld, changeAndClaim, changeCause, type DestinationId, readCauses } from './causes.ts'
import { readState } from './state.ts'

export type NoticeWorld = CauseWorld & Pick<World, 'sns' | 'write' | 'uuid'>

/** Says that something is wrong with a destination: a mail if it is news, else only a count for the next one. */
export async function report(world: NoticeWorld, destination: DestinationId, cause: Report): Promise<void> {
  await mailIfDue(world, destination, cause.reason, known => note(known, cause, world.now()))
}

/** Says that these troubles are over: a recovery mail for each that people were told of. */
export async function heal(world: NoticeWorld, destination: DestinationId, reasons: readonly Trouble[]): Promise<void> {
  for (const reason of reasons) await mailIfDue(world, destination, reason, known => known && healed(known))
}

/** Troubles that nobody has reported for so long are over, if the destination's own state says so. */
const SETTLED_MS = 120_000

/**
 * For the tick: mails what died between its row and its mail, what functions without mail have noted, and reminders. With
 * `state`, also heals what died between the destination's recovery and its mail.
 */
export async function digest(
  world: NoticeWorld,
  destination: DestinationId,
  now: number,
  state?: DestinationState,
): Promise<void> {
  for (const cause of await readCauses(world, destination)) {
    const over = state !== undefined && isOver(cause, state, now)
    if (!over && !mailDue(cause, now)) continue
    await mailIfDue(world, destination, cause.reason, known =>
      known && over && known.last === cause.last ? healed(known) : known,
    )
  }
}

// A refused login may be known to `refresh` only, long before a run meets it: that heals with the next login alone.
const isOver = ({ reason, open, last }: Cause, { stopped, breaker }: DestinationState, now: number): boolean =>
  open &&
  isTrouble(reason) &&
  reason !== 'unauthorized' &&
  !stopped &&
  breaker.openedAt === undefined &&
  now > last + SETTLED_MS

async function mailIfDue(
  world: NoticeWorld,
  destination: DestinationId,
  reason: Cause['reason'],
  change: (known: Cause | undefined) => Cause | undefined,
): Promise<void> {
  const claimed = await changeAndClaim(world, destination, reason, change)
  if (!claimed) return
  if (!(await publish(world, destination, claimed.cause, claimed.mail))) return
  await changeCause(world, destination, reason, known => known && told(known, claimed.mail, world.now()))
}

/** False, and a line in the log, if SNS did not take it: delivery goes on, and the digest tries again when the claim is over. */
async function publish(world: NoticeWorld, destination: DestinationId, cause: Cause, kind: MailKind): Promise<boolean> {
  const backlog = isTrouble(cause.reason) && kind !== 'recovered' ? await backlogOf(world, destination) : undefined
  const place = { stack: world.env.CONNECT_STACK, ...destination }
  const { subject, text } = writeMail(place, cause, kind, world.now(), backlog)
  try {
    await world.sns.send(
      new PublishCommand({ TopicArn: world.env.ERRORS_TOPIC ?? '', Subject: subject, Message: text }),
    )
    return true
  } catch (error) {
    const log = createLog({ ...world, level: world.env.LOG_LEVEL }, 'notices')
    log.error('mail not sent', { ...destination, reason: cause.reason, kind, error: (error as Error).name })
    return false
  }
}

/** One page of each partition, for the mail alone. Undefined where the function may not read the buffer, or cannot. */
async function backlogOf(world: NoticeWorld, { connector, tenant }: DestinationId): Promise<Backlog | undefined> {
  if (!world.env.BUFFER_TABLE) return undefined
  try {
    const { shards } = await readState(world, connector, tenant)
    if (!shards) return undefined // no run has been here yet
    const partitions = (['urgent', 'normal'] as const).flatMap(lane =>
      Array.from({ length: shards }, (_, shard) => bufferPartition(lane, tenant, shard)),
    )
    const pages = await Promise.all(partitions.map(pk => readPage(world, pk)))
    const events = pages
      .flatMap(({ envelopes }) => envelopes)
      .sort((a, b) => a.receivedAt - b.receivedAt)
      .flatMap(({ waiting }) => waiting.filter(({ dead }) => !dead).map(({ event }) => event.id))
    return {
      events: events.length,
      more: pages.some(({ next }) => next !== undefined),
      examples: events.slice(0, EXAMPLES),
    }
  } catch (error) {
    createLog({ ...world, level: world.env.LOG_LEVEL }, 'notices').warn('backlog not counted', {
      connector,
      tenant,
      error: (error as Error).name,
    })
    return undefined
  }
}
const EXAMPLES = 3

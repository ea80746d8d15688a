import { type Envelope, envelopeKey, shardOf } from '../core/envelope.ts'
import type { Event } from '../core/event.ts'
import { bufferPartition } from '../core/keys.ts'
import { isWanted, type Letter, revived, type Wanted } from '../core/letter.ts'
import { type Destination, ttlSeconds } from '../core/tenant.ts'
import { storeEnvelopes } from './aws/accept.ts'
import { readClaims, releaseClaim } from './aws/claims.ts'
import { beginRedrive, endRedrive, listLetters, markReleased, readLetter } from './aws/letters.ts'
import type { World } from './world.ts'

type RedriveWorld = Pick<World, 'dynamo' | 'env' | 'now' | 'uuid'>

export type Redriven = {
  /** Ids of the events that are on their way again. */
  redriven: string[]
  /** Their outcome is unknown, and the redrive did not say that they may be sent twice. */
  held: string[]
  /** Delivered first, then taken back by the vendor: there is no event any more that could be sent. */
  unkept: string[]
  /** Asked for by id: no such letter. */
  missing: string[]
  /** There may be more: ask again with `after: next`. */
  next?: string
}

const PAGE = 100
const AT_ONCE = 10
/** After this long no further page is begun: the function has 30 s. */
const WORK_MS = 15_000

/** Sends letters on their way again: those of `ids`, else page by page whatever `wanted` says. */
export async function redrive(
  world: RedriveWorld,
  destination: Destination,
  wanted: Wanted & { ids?: readonly string[]; after?: string },
): Promise<Redriven> {
  const done: Redriven = { redriven: [], held: [], unkept: [], missing: [] }
  if (wanted.ids) {
    for (const id of new Set(wanted.ids)) {
      const letter = await readLetter(world, destination, id)
      if (letter) await redriveAll(world, destination, [letter], wanted, done)
      else done.missing.push(id)
    }
    return done
  }
  const until = world.now() + WORK_MS
  let next = wanted.after
  do {
    const page = await listLetters(world, destination, PAGE, next)
    await redriveAll(world, destination, page.letters, wanted, done)
    next = page.next
  } while (next !== undefined && world.now() < until)
  return next === undefined ? done : { ...done, next }
}

async function redriveAll(
  world: RedriveWorld,
  destination: Destination,
  letters: readonly Letter[],
  wanted: Wanted,
  done: Redriven,
): Promise<void> {
  const ready: Kept[] = []
  for (const letter of letters) {
    const choice = isWanted(letter, wanted)
    if (choice === 'wanted' && isKept(letter)) ready.push(letter)
    if (choice === 'held') done.held.push(letter.id)
    if (choice === 'unkept') done.unkept.push(letter.id)
  }
  for (let from = 0; from < ready.length; from += AT_ONCE) {
    const some = ready.slice(from, from + AT_ONCE)
    const sent = await Promise.all(some.map(letter => redriveLetter(world, destination, letter)))
    done.redriven.push(...some.filter((_, i) => sent[i]).map(({ id }) => id))
  }
}

type Kept = Letter & { event: Event }
const isKept = (letter: Letter): letter is Kept => letter.event !== undefined

/**
 * Every step may be repeated, and whoever finds the letter redriving goes on from there: the envelope's key is made of the
 * event and its life, so that it is put once, and what the ledger knows as delivered is not sent again even if it comes back.
 * False if somebody else was faster.
 */
async function redriveLetter(world: RedriveWorld, destination: Destination, found: Kept): Promise<boolean> {
  // Read before the mark: if the letter is not released by then, no run of the next life has claimed anything yet.
  const mayHaveArrived = found.death.reason === 'outcome-unknown'
  const claims = mayHaveArrived ? await readClaims(world, destination, found.id) : []
  const letter = await beginRedrive(world, destination, found)
  if (!letter) return false
  if (mayHaveArrived && !letter.released) {
    for (const claim of claims) await releaseClaim(world, claim)
    await markReleased(world, destination, letter)
  }
  await storeEnvelopes(world, world.env.BUFFER_TABLE ?? '', [envelopeOf(world, destination, found)])
  await endRedrive(world, destination, letter)
  return true
}

/** In the normal lane whatever the event: what has been dead must not stand before the leads that come in now. */
function envelopeOf(world: RedriveWorld, { tenant, shards, keepMs }: Destination, { event, life }: Kept): Envelope {
  const receivedAt = world.now()
  return {
    pk: bufferPartition('normal', tenant, shardOf(event, shards)),
    sk: envelopeKey([event], life + 1),
    receivedAt,
    rev: world.uuid(),
    ttl: ttlSeconds(receivedAt, keepMs),
    waiting: [revived(event, life, receivedAt)],
  }
}

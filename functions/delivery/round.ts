import { all } from '../../core/all.ts'
import { type Load, limitsOf, markOf, type Parcel, pack } from '../../core/batch.ts'
import type { Judgement } from '../../core/connector.ts'
import type { Told } from '../../core/deliver.ts'
import type { Jobs, Progress } from '../../core/envelope.ts'
import type { Lane } from '../../core/event.ts'
import { worse } from '../../core/fate.ts'
import { ALREADY_DELIVERED, deliverLoad } from './load.ts'
import type { Session } from './session.ts'

export type Hooks = {
  /** Everything is known of this event that this run will know. */
  conclude(eventId: string, judgement: Judgement, progress: Progress): void
  /** Write what has been concluded so far. */
  settle(): Promise<void>
}

/** An event on its way: which of its records are still to be told, what the vendor has, and the worst that was said. */
type Course = { left: Set<Parcel>; jobs: Map<string, Jobs[string]>; done: string[]; worst?: Judgement }

/** Some records of the event are delivered, and the run ends before the others: nothing is said against it. */
const UNFINISHED: Judgement = { verdict: 'pending', code: 'unfinished', waitMs: 0 }

/** Step by step: records of a later step go only for events whose earlier records are all delivered. */
export async function deliverRound(
  session: Session,
  lane: Lane,
  round: readonly (readonly Parcel[])[],
  { conclude, settle }: Hooks,
): Promise<void> {
  const courses = new Map<string, Course>(round.map(parcels => [parcels[0]!.eventId, courseOf(parcels)]))
  const parcels = new Map(round.flat().map(parcel => [parcel.id, parcel]))
  const { connector, destination } = session
  const limits = limitsOf(connector.calls, destination.settings, destination.shards)

  const tell = (told: readonly Told[], step: number, call: string) => {
    for (const { id, job, ...judgement } of told) {
      const parcel = parcels.get(id)!
      const course = courses.get(parcel.eventId)!
      course.left.delete(parcel)
      if (job === undefined) course.jobs.delete(parcel.ledger)
      else course.jobs.set(parcel.ledger, { call, job })
      if (judgement.verdict === 'delivered') course.done.push(markOf(parcel))
      course.worst = worse(course.worst, judgement)
      const stepOver = ![...course.left].some(({ draft }) => draft.step === step)
      if (!stepOver || (course.worst.verdict === 'delivered' && course.left.size)) continue
      courses.delete(parcel.eventId)
      conclude(parcel.eventId, course.worst, progressOf(course))
    }
  }
  const steps = [...new Set(round.flat().map(({ draft }) => draft.step))].sort((a, b) => a - b)
  for (const step of steps) {
    const ready = [...courses.values()].flatMap(({ left, worst }) =>
      worst === undefined || worst.verdict === 'delivered' ? [...left].filter(({ draft }) => draft.step === step) : [],
    )
    await deliverLoads(session, lane, pack(ready, limits), (told, call) => tell(told, step, call), settle)
  }
  // Told in part when the run had to end: a refusal stands, what is delivered stays so, the rest goes again.
  for (const [eventId, course] of courses)
    if (course.worst)
      conclude(eventId, course.worst.verdict === 'delivered' ? UNFINISHED : course.worst, progressOf(course))
}

const courseOf = (parcels: readonly Parcel[]): Course => ({
  left: new Set(parcels),
  jobs: new Map(parcels.flatMap(({ ledger, job }) => (job ? [[ledger, job] as const] : []))),
  done: [],
})
const progressOf = ({ jobs, done }: Course): Progress => ({
  ...(jobs.size && { jobs: Object.fromEntries(jobs) }),
  ...(done.length && { done }),
})

async function deliverLoads(
  session: Session,
  lane: Lane,
  loads: readonly Load[],
  tell: (told: readonly Told[], call: string) => void,
  settle: () => Promise<void>,
): Promise<void> {
  const court = createCourt(session, tell)
  let left = loads.length
  for (const wave of waves(loads)) {
    if (session.closed()) break
    await all(
      wave.map(async load => {
        await deliverLoad(
          session,
          lane,
          load,
          () => left,
          told => court.hear(told, load.call),
        )
        left--
      }),
    )
    await settle()
  }
  await court.close()
}

/** Records under way at once, for vendors that take one a request; larger requests go one after the other. */
const UNDER_WAY = 16

/** Loads that may be under way together: few records, and never two with one key. */
function waves(loads: readonly Load[]): Load[][] {
  const all: { loads: Load[]; keys: Set<string>; records: number }[] = []
  for (const load of loads) {
    const last = all.at(-1)
    const keys = load.parcels.map(({ draft }) => draft.key)
    const fits = last && last.records + keys.length <= UNDER_WAY && !keys.some(key => last.keys.has(key))
    const wave = fits ? last : { loads: [], keys: new Set<string>(), records: 0 }
    if (!fits) all.push(wave)
    wave.loads.push(load)
    wave.records += keys.length
    for (const key of keys) wave.keys.add(key)
  }
  return all.map(wave => wave.loads)
}

/** More refusals of one code than this, and nothing taken: not the records are bad but the configuration. */
const MOST_REFUSALS = 20

type Court = {
  /** Tells what may be concluded now; refusals wait until it is clear whose fault they are. */
  hear(told: readonly Told[], call: string): Promise<void>
  /** Tells what is left: refusals too few to speak against the destination. */
  close(): Promise<void>
}

/** Judges whether refusals are the records' fault or the destination's, and tells the destination what is said of it. */
function createCourt(session: Session, tell: (told: readonly Told[], call: string) => void): Court {
  const { counts } = session
  let waiting: { one: Told; call: string }[] = []
  const guilty = ({ code = '' }: Told) =>
    (counts.accepted === 0 && (counts.rejected.get(code) ?? 0) > MOST_REFUSALS) ||
    (session.probing() && session.state().stopped?.code === code)
  const undecided = (one: Told) => one.verdict === 'rejected' && counts.accepted === 0 && !guilty(one)
  const judged = (one: Told): Told =>
    one.verdict === 'rejected' && guilty(one) ? { ...one, verdict: 'misconfigured' } : one
  const release = async (ready: typeof waiting) => {
    const verdicts = ready.map(({ one, call }) => ({ one: judged(one), call }))
    for (const { one, call } of verdicts) tell([one], call)
    // The destination hears each thing once, whatever the number of records.
    const speaking = new Map(verdicts.map(({ one }) => [`${one.verdict} ${one.scope ?? ''}`, one]))
    for (const { id, ...judgement } of speaking.values()) await session.heed(judgement, id.split('/')[0]!)
  }
  return {
    async hear(told, call) {
      count(counts, told)
      const heard = [...waiting, ...told.map(one => ({ one, call }))]
      waiting = heard.filter(({ one }) => undecided(one))
      await release(heard.filter(({ one }) => !undecided(one)))
      // A job that was opened passes too: it proves login, rights and allowance, and shut for its time nothing would be gained. What
      // its rows come to is heard when it is told, and stops the destination again if it has to, at no attempt.
      await session.probed()
    },
    close: () => release(waiting.splice(0)),
  }
}

function count(counts: Session['counts'], told: readonly Told[]): void {
  for (const { verdict, code = '' } of told) {
    if (verdict === 'delivered' && code !== ALREADY_DELIVERED) counts.accepted++
    if (verdict === 'rejected') counts.rejected.set(code, (counts.rejected.get(code) ?? 0) + 1)
  }
}

import { type BatchWriteItemCommandInput, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb'
import type { HttpRequest } from '../../core/connector.ts'
import type { Vendor } from '../../core/simulator.ts'
import type { Chance } from './chance.ts'
import type { Hook, Rig, Step } from './rig.ts'

/** A process dies before a call is made, or after it was made and before its answer is seen. */
export type Moment = 'before' | 'after'
export const MOMENTS: readonly Moment[] = ['before', 'after']
const never = () => new Promise<never>(() => {})

type RunEvent = Parameters<Rig['run']>[0]

/**
 * Runs `process` until its `at`-th await (0 first) and kills it there: nothing of it ever goes on, and calls that were under way
 * are made, but nobody hears their answers. Returns where it died, or undefined if the run ended first.
 */
export const killRun = <V extends Vendor>(rig: Rig<V>, at: number, moment: Moment, event?: RunEvent) =>
  killWithin(hook => rig.runWith(hook, event), at, moment)

/** The same for any work whose awaits go through the hook that it is given. */
export async function killWithin(
  work: (hook: Hook) => Promise<unknown>,
  at: number,
  moment: Moment,
): Promise<Step | undefined> {
  let seen = 0
  let dead = false
  let die: (step: Step) => void = () => {}
  const died = new Promise<Step>(resolve => {
    die = resolve
  })
  const hook: Hook = async (step, perform) => {
    if (dead) return never()
    const here = seen++ === at
    if (here && moment === 'before') {
      dead = true
      die(step)
      return never()
    }
    const answer = perform()
    await Promise.allSettled([answer])
    if (here) {
      dead = true
      die(step)
    }
    return dead ? never() : answer
  }
  return Promise.race([work(hook).then(() => undefined), died])
}

/** The awaits of an undisturbed run, in order. */
export async function awaitsOf<V extends Vendor>(rig: Rig<V>, event?: RunEvent): Promise<readonly Step[]> {
  const steps: Step[] = []
  await rig.runWith((step, perform) => {
    steps.push(step)
    return perform()
  }, event)
  return steps
}

/**
 * Which awaits a sweep has to meet: of calls of one kind that follow each other directly (the claims of a batch), the first,
 * the last, and every 50th in between; else every one.
 */
export const worthKilling = (steps: readonly Step[]): readonly number[] =>
  steps.flatMap((step, at) => {
    const inside = [steps[at - 1], steps[at + 1]].every(other => other?.kind === step.kind && other.name === step.name)
    return inside && at % 50 ? [] : [at]
  })

/** A run that stands still at the first await that `where` picks, before or after the call, until it is let go on. */
export async function pauseRun<V extends Vendor>(
  rig: Rig<V>,
  where: (step: Step, seen: number) => boolean,
  moment: Moment,
  event?: RunEvent,
): Promise<{ at: Step | undefined; resume(): Promise<void> }> {
  let seen = 0
  let paused = false
  let go: () => void = () => {}
  let arrive: (step: Step) => void = () => {}
  const gone = new Promise<void>(resolve => {
    go = resolve
  })
  const arrived = new Promise<Step>(resolve => {
    arrive = resolve
  })
  const hook: Hook = async (step, perform) => {
    if (paused) await gone // a frozen process stands still as a whole
    const here = !paused && where(step, seen++)
    if (here) paused = true
    const stop = async () => {
      if (here) arrive(step)
      if (paused) await gone
    }
    if (moment === 'before') await stop()
    const answer = perform()
    if (moment === 'after') await Promise.allSettled([answer]).then(stop)
    return answer
  }
  const run = rig.runWith(hook, event)
  const at = await Promise.race([run.then(() => undefined), arrived])
  return {
    at,
    resume() {
      go()
      return run
    },
  }
}

const CONDITIONAL = ['PutItemCommand', 'UpdateItemCommand', 'DeleteItemCommand']

/** Every conditional write is made twice, as the SDK does when the answer to the first was lost on the way. */
export const repeatWrites: Hook = async (step, perform) => {
  if (step.kind === 'dynamo' && CONDITIONAL.includes(step.name)) await perform().catch(() => {})
  return perform()
}

/**
 * Calls that now and then fail as they do in life: tables that are too busy, batches taken in part, answers that are lost once
 * (the SDK repeats the call) or for good, requests that the vendor never saw or whose answer never came. `unheard` is told of
 * the latter.
 */
export function faultyHook(chance: Chance, unheard: (request: HttpRequest) => void): Hook {
  return async (step, perform) => {
    if (step.kind === 'vendor') return shakyNetwork(chance, step.input as HttpRequest, perform, unheard)
    if (step.kind === 'dynamo' && chance.happens(0.06)) return shakyTable(chance, step, perform)
    if ((step.kind === 'invoke' || step.kind === 'mail') && chance.happens(0.1)) throw new Error('not now')
    return perform()
  }
}

type Perform = Parameters<Hook>[1]

async function shakyNetwork(
  chance: Chance,
  request: HttpRequest,
  perform: Perform,
  unheard: (request: HttpRequest) => void,
): Promise<unknown> {
  if (chance.happens(0.04)) return { answered: false, sent: 'no', code: 'connection-refused', words: '' }
  const answer = await perform()
  if (!chance.happens(0.06)) return answer
  unheard(request)
  return { answered: false, sent: 'maybe', code: 'connection-reset', words: '' }
}

const tooBusy = () => new ProvisionedThroughputExceededException({ message: 'slow down', $metadata: {} })

async function shakyTable(chance: Chance, step: Step, perform: Perform): Promise<unknown> {
  const mood = chance.upTo(4)
  if (mood === 0) throw tooBusy()
  if (mood === 1) {
    await perform()
    throw tooBusy() // made, but all its answers were lost
  }
  if (mood === 2) {
    await perform().catch(() => {})
    return perform()
  }
  const { RequestItems } = step.input as BatchWriteItemCommandInput
  if (step.name !== 'BatchWriteItemCommand' || !RequestItems) return perform()
  const [[table, requests = []] = []] = Object.entries(RequestItems)
  const half = Math.floor(requests.length / 2)
  if (half) await perform({ RequestItems: { [table!]: requests.slice(0, half) } })
  return { UnprocessedItems: { [table!]: requests.slice(half) } }
}

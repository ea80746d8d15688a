import { all, type Program } from './declared.ts'
import type { Failures } from './failures.ts'
import type { Functions } from './functions.ts'
import type { Guard, Role } from './iam.ts'
import { nextRun } from './rhythm.ts'
import { roleNamed } from './roles.ts'

export type Schedules = {
  names: readonly string[]
  /** Does now what the schedule does when it is due. Throws for a name that is not declared. */
  fire(name: string): void
  start(): void
  close(): void
}

type Declared = ReturnType<typeof all<'aws:scheduler/schedule:Schedule'>>[number]

/** The schedules as timers. `speed` 60 makes a minute a second. */
export function createSchedules(options: {
  program: Program
  roles: ReadonlyMap<string, Role>
  functions: Functions
  guard: Guard
  failures: Failures
  speed: number
}): Schedules {
  const { program, roles, functions, guard, failures, speed } = options
  const declared = new Map(all(program, 'aws:scheduler/schedule:Schedule').map(each => [each.outputs.name, each]))
  const timers = new Map<string, NodeJS.Timeout>()
  const roleOf = ({ outputs, inputs }: Declared) =>
    roleNamed(roles, inputs.target.roleArn, `Schedule "${outputs.name}"`)
  let started = Date.now()
  const clock = () => started + (Date.now() - started) * speed
  for (const each of declared.values()) mayFire(each, roleOf(each), guard, failures)

  /** The scheduler only places the call; that it fails is Lambda's to retry. What cannot be placed is a failure of its own. */
  function fire(name: string): void {
    const schedule = declared.get(name)
    if (!schedule) throw new Error(`No schedule "${name}"; there are ${[...declared.keys()].join(', ')}.`)
    const { target } = schedule.inputs
    const found = functions.resolve(target.arn)
    const allowed = guard.check(name, roleOf(schedule), 'lambda:InvokeFunction', target.arn)
    if (found && allowed) functions.enqueue(found.name, target.input ?? '{}')
    else
      failures.keep(name, roleOf(schedule), target.deadLetterConfig?.arn, {
        source: name,
        error: found ? 'AccessDeniedException' : 'ResourceNotFoundException',
        payload: target.input ?? '{}',
      })
  }

  /** Waits for the first time after `after` at which the schedule is due. */
  function plan(name: string, after: number): void {
    const { scheduleExpression, scheduleExpressionTimezone } = declared.get(name)!.inputs
    const due = nextRun(scheduleExpression, after, started, scheduleExpressionTimezone)
    if (due === undefined) return
    const ring = () => {
      if (clock() < due) return plan(name, after)
      fire(name)
      plan(name, clock()) // what was missed while the machine slept is not made up for
    }
    timers.set(name, setTimeout(ring, Math.min(Math.max(0, Math.ceil((due - clock()) / speed)), LONGEST_MS)))
  }

  function first(name: string, delayMs: number): void {
    const begin = () => {
      fire(name)
      plan(name, clock())
    }
    if (delayMs) timers.set(name, setTimeout(begin, delayMs))
    else begin()
  }

  return {
    names: [...declared.keys()],
    fire,
    start() {
      started = Date.now()
      let rates = 0
      for (const [name, schedule] of declared) {
        if (schedule.inputs.state === 'DISABLED') continue
        // A rate begins when its schedule is made, which takes a deploy a moment each; at once they would crowd a laptop.
        if (schedule.inputs.scheduleExpression.startsWith('rate(')) first(name, rates++ * APART_MS)
        else plan(name, started)
      }
    },
    close() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}

/** Between the first times of two schedules. */
const APART_MS = 400
/** Longer timers overflow: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const LONGEST_MS = 2 ** 31 - 1

function mayFire({ outputs, inputs }: Declared, role: Role, guard: Guard, failures: Failures): void {
  const { name } = outputs
  if (!role.trusts.includes('scheduler.amazonaws.com'))
    throw new Error(`Role "${role.name}" does not let scheduler.amazonaws.com assume it.`)
  guard.check(name, role, 'lambda:InvokeFunction', inputs.target.arn)
  if (inputs.target.deadLetterConfig) failures.verify(name, role, inputs.target.deadLetterConfig.arn)
}

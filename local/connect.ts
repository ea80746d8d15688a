/** `npm run connect -- <stack> <command> <tenant>/<connector>`: what people on call do by hand. */
import { join } from 'node:path'
import type { OperateResult } from '../functions/operate.ts'
import type { OperateEvent } from '../functions/world.ts'
import { describe } from './operator/describe.ts'
import { invoke, targetOf, Unable } from './operator/lambda.ts'
import { type Order, readOrder, USAGE } from './operator/order.ts'

export type Desk = {
  call(order: Order): (event: OperateEvent) => Promise<OperateResult>
  out(text: string): void
  err(text: string): void
  now(): number
}

/** The exit code: 0 done, 1 could not be done, 2 not understood. */
export async function connect(argv: readonly string[], desk: Desk): Promise<number> {
  const parsed = readOrder(argv)
  if ('help' in parsed) {
    desk.out(USAGE)
    return 0
  }
  if ('error' in parsed) {
    desk.err(`${parsed.error}\n\nSee: npm run connect -- --help`)
    return 2
  }
  const { order } = parsed
  try {
    const result = await carryOut(desk.call(order), order.event)
    if (!result.ok) {
      desk.err(order.json ? JSON.stringify(result) : result.error)
      return 1
    }
    desk.out(order.json ? JSON.stringify(result, null, 2) : describe(result, desk.now()))
    return 0
  } catch (error) {
    if (!(error instanceof Unable)) throw error
    desk.err(error.message)
    return 1
  }
}

/** A redrive of many letters takes several calls: each says where the next one begins. */
async function carryOut(
  call: (event: OperateEvent) => Promise<OperateResult>,
  event: OperateEvent,
): Promise<OperateResult> {
  const result = await call(event)
  if (event.do !== 'redrive' || !result.ok || result.did !== 'redrive' || result.next === undefined) return result
  const rest = await carryOut(call, { ...event, after: result.next })
  if (!rest.ok || rest.did !== 'redrive') return rest
  return {
    ...rest,
    redriven: [...result.redriven, ...rest.redriven],
    held: [...result.held, ...rest.held],
    unkept: [...result.unkept, ...rest.unkept],
    missing: [...result.missing, ...rest.missing],
  }
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..')
  process.exitCode = await connect(process.argv.slice(2), {
    call:
      ({ stack, region, connector }) =>
      async event =>
        invoke(await targetOf(root, stack, region), connector, event),
    out: text => console.log(text),
    err: text => console.error(text),
    now: Date.now,
  })
}

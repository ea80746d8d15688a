import type { AnyConnector, Judgement, Verdict } from '../../core/connector.ts'
import { mask } from '../../core/mask.ts'
import type { Case, Simulator } from '../../core/simulator.ts'
import { type Exchange, rehearse } from '../rehearse.ts'
import { hider, shown } from './hide.ts'

/** One worked case as it was played, without credentials and tokens. */
export type Tried = {
  connector: string
  case: string
  settings: object
  events: { [id: string]: string }
  /** Of the events' people. */
  known?: NonNullable<Case<object>['known']>
  login?: Exchange
  requests: readonly (Exchange & { call: string })[]
  outcomes: { [eventId: string]: Told }
  /** Events of which the case expects something else, and what. */
  differs: { [eventId: string]: Verdict | 'skipped' | 'nothing' }
}
type Told = { verdict: Verdict | 'skipped' } & Omit<Judgement, 'verdict'> & { why?: string }

export async function tryCase(
  connector: AnyConnector,
  simulator: Simulator<object>,
  example: Case<object>,
): Promise<Tried> {
  const settings = { ...simulator.settings, ...example.settings }
  const { done } = await rehearse(connector, simulator, example)
  const hide = hider(simulator.credentials(settings), done.token)
  const told = example.events.map(event => {
    const verdict = done.outcomes[event.id]!
    if (verdict !== 'skipped') return [event.id, done.judgements.get(event.id)!] as const
    const mapped = connector.map(event, settings, example.known?.[event.id])
    return [event.id, { verdict, ...('skip' in mapped && { why: mask(mapped.skip) }) }] as const
  })
  const ids = [...new Set([...Object.keys(example.outcomes), ...Object.keys(done.outcomes)])]
  const other = ids.filter(id => example.outcomes[id] !== done.outcomes[id])
  return {
    connector: connector.name,
    case: example.title,
    settings,
    events: Object.fromEntries(example.events.map(({ id, name }) => [id, name])),
    ...(example.known && { known: example.known }),
    ...(done.login && { login: shown(done.login, hide, true) }),
    requests: done.sent.map(({ call, ...exchange }) => ({ call, ...shown(exchange, hide) })),
    outcomes: Object.fromEntries(told),
    differs: Object.fromEntries(other.map(id => [id, example.outcomes[id] ?? 'nothing'])),
  }
}

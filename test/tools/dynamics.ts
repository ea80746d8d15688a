import assert from 'node:assert/strict'
import { dynamics, type Settings } from '../../connectors/dynamics/index.ts'
import type { Record } from '../../connectors/dynamics/map.ts'
import simulator from '../../connectors/dynamics/simulator.ts'
import type { Draft, Event, HttpRequest } from '../../core/connector.ts'
import type { VendorAnswer } from '../../core/simulator.ts'
import { endOf } from '../../local/rehearse.ts'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const SETTINGS: Settings = simulator.settings
export const BATCH = `${SETTINGS.environment}/api/data/v9.2/$batch`

export const draftsOf = (event: Event, settings: Partial<Settings> = {}): readonly Draft<Record>[] => {
  const mapped = dynamics.map(event, { ...SETTINGS, ...settings })
  return 'skip' in mapped ? [] : mapped
}
/** What a lead, a contact or a row would get of this event: what always goes, and what goes only when it is made. */
export const firstOf = (event: Event, settings: Partial<Settings> = {}): Record => {
  const [draft] = draftsOf(event, settings)
  assert.ok(draft, 'the event was skipped')
  return draft.data
}
export const someone = (user: Event['user'], rest: Partial<Event> = {}): Event => ({
  id: 'e-1',
  name: 'generate_lead',
  at: '2026-11-20T12:00:00.000Z',
  ...(user && { user }),
  ...rest,
})

export const status = (answer: VendorAnswer) => (typeof answer === 'string' ? answer : answer.status)
export const codeOf = (answer: VendorAnswer) =>
  typeof answer === 'string' ? answer : (answer.body as { error?: { code?: string } } | undefined)?.error?.code

/** The fake with a clock of the test's own and one account that has logged in. */
export async function open(account = 'demo') {
  const clock = { at: NOW, now: () => clock.at, random: () => 0.5 }
  const vendor = simulator.vendor(clock)
  const auth = dynamics.auth(SETTINGS)
  assert.ok(auth.kind === 'token')
  const secrets = simulator.credentials(SETTINGS, account)
  const ended = endOf(await vendor.handle(auth.exchange(SETTINGS, secrets, undefined, clock.at)))
  assert.ok(ended.answered)
  const token = auth.read(ended, clock.at, undefined)
  assert.ok('value' in token)
  const send = (request: HttpRequest) => vendor.handle(auth.sign(request, token))
  return { clock, vendor, auth, secrets, token, send }
}

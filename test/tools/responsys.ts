import assert from 'node:assert/strict'
import { responsys, type Settings } from '../../connectors/responsys/index.ts'
import type { Record, Row } from '../../connectors/responsys/map.ts'
import simulator from '../../connectors/responsys/simulator.ts'
import type { Draft, Event, HttpRequest, Token } from '../../core/connector.ts'
import type { VendorAnswer } from '../../core/simulator.ts'
import type { TokenAuth } from '../../functions/login.ts'
import { endOf } from '../../local/rehearse.ts'

export const NOW = Date.parse('2026-11-20T12:00:00.000Z')
export const base: Settings = simulator.settings
export const ana: Event = {
  id: 'e-1',
  name: 'view_item',
  at: '2026-11-20T12:00:00.000Z',
  user: { email: 'ana@example.com' },
}

export const draftsOf = (event: Event, settings: Partial<Settings> = {}): readonly Draft<Record>[] => {
  const mapped = responsys.map(event, { ...base, ...settings })
  return 'skip' in mapped ? [] : mapped
}
export const rowOf = (event: Event, settings?: Partial<Settings>) => draftsOf(event, settings).at(-1)!.data as Row
export const authOf = (settings: Settings = base): TokenAuth => {
  const auth = responsys.auth(settings)
  return auth.kind === 'token' ? auth : assert.fail('no tokens')
}
export const status = (answer: VendorAnswer) => (typeof answer === 'string' ? answer : answer.status)
export const codeOf = (answer: VendorAnswer) =>
  typeof answer === 'string' ? undefined : (answer.body as { errorCode?: string } | undefined)?.errorCode

/** The fake with a clock of the test's own and one account that has logged in. */
export async function open(account = 'demo') {
  const clock = { at: NOW, now: () => clock.at, random: () => 0.5 }
  const vendor = simulator.vendor(clock)
  const auth = authOf()
  const secrets = simulator.credentials(base, account)
  const renew = async (last?: Token, given = secrets) => {
    const ended = endOf(await vendor.handle(auth.exchange(base, given, last, clock.at)))
    assert.ok(ended.answered)
    return auth.read(ended, clock.at, last)
  }
  const first = await renew()
  assert.ok('value' in first)
  const post = (path: string, body: unknown, headers: HttpRequest['headers'] = {}): Promise<VendorAnswer> =>
    vendor.handle({
      method: 'POST',
      url: `https://api5-009.responsys.net/rest/api/v1.3/${path}`,
      headers: { 'content-type': 'application/json', authorization: first.value, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { clock, vendor, secrets, renew, first, post }
}

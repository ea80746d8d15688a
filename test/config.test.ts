import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Installation, readInstallation } from '../components/config.ts'
import { connectors } from '../connectors/index.ts'
import { readConfig } from '../local/evaluate.ts'
import { tenantsOf } from './tools/tenants.ts'

const root = new URL('..', import.meta.url).pathname

/** The values under `connect:` that the dev stack has, with `changes` made to its tenants. */
function dev(changes: (tenants: Tenants) => void = () => {}, more: Record<string, string | undefined> = {}) {
  const config = { ...readConfig(root, 'dev', {}).config, ...tenantsOf('dev', ['rdstation']) }
  const values: Record<string, string> = {}
  for (const [key, value] of Object.entries(config))
    if (key.startsWith('connect:')) values[key.slice('connect:'.length)] = value
  const tenants = JSON.parse(values.tenants ?? '{}') as Tenants
  changes(tenants)
  values.tenants = JSON.stringify(tenants)
  for (const [key, value] of Object.entries(more))
    if (value === undefined) delete values[key]
    else values[key] = value
  return values
}
type Tenants = Record<string, TenantConfig>
type TenantConfig = Record<string, unknown> & { destinations: Record<string, Record<string, unknown>> }

const read = (values: Record<string, string>) => readInstallation(values, connectors, 'dev')
const problem = (values: Record<string, string>): string => {
  const result = read(values)
  assert.ok('problem' in result, 'the config should have been refused')
  return result.problem
}
const installation = (values: Record<string, string>): Installation => {
  const result = read(values)
  if ('problem' in result) assert.fail(result.problem)
  return result
}
const shop = (tenants: Tenants) => tenants['loja-abc']!
const shopRd = (tenants: Tenants) => shop(tenants).destinations.rdstation!

const SENTENCES: readonly [what: string, values: () => Record<string, string>, said: string][] = [
  [
    'a misspelt key of a destination is named with the key that was meant',
    () =>
      dev(t => {
        shopRd(t).shedule = shopRd(t).schedule
        delete shopRd(t).schedule
        shopRd(t).schedule = 'rate(15 minutes)'
      }),
    'Tenant "loja-abc", destination "rdstation": "shedule" is not a known key: did you mean "schedule"? Correct it in Pulumi.dev.yaml.',
  ],
  [
    'a missing key of a destination is named with what to write',
    () => dev(t => delete shopRd(t).schedule),
    'Tenant "loja-abc", destination "rdstation": "schedule" is missing (how often it delivers: rate(15 minutes) or cron(0 3 * * ? *)): set it under connect:tenants in Pulumi.dev.yaml.',
  ],
  [
    'a schedule that AWS would refuse is refused first',
    () => dev(t => Object.assign(shopRd(t), { schedule: 'every 15 minutes' })),
    'Tenant "loja-abc", destination "rdstation": "schedule" is "every 15 minutes", which does not have the form that it needs (how often it delivers: rate(15 minutes) or cron(0 3 * * ? *)): set it under connect:tenants in Pulumi.dev.yaml.',
  ],
  [
    'a setting that the connector does not have is named as a setting',
    () => dev(t => Object.assign(shopRd(t), { settings: { auth: 'oauth', paln: 'pro' } })),
    'Tenant "loja-abc", destination "rdstation": "settings.paln" is not a known key: did you mean "plan"? Correct it in Pulumi.dev.yaml.',
  ],
  [
    'a setting with a value that the connector does not know lists those that it knows',
    () => dev(t => Object.assign(shopRd(t), { settings: { plan: 'gold' } })),
    'Tenant "loja-abc", destination "rdstation": "settings.plan" is "gold", but must be one of light, basic, pro, advanced (The account\'s plan, which decides its rate: advanced 500 requests a minute, the others 120): set it under connect:tenants in Pulumi.dev.yaml.',
  ],
  [
    'a number given as text is refused with the type that it needs',
    () => dev(t => Object.assign(shopRd(t), { shards: 'four' })),
    'Tenant "loja-abc", destination "rdstation": "shards" is "four", but must be an integer (parts that are delivered side by side, 4 unless there is much traffic): set it under connect:tenants in Pulumi.dev.yaml.',
  ],
  [
    'a connector that does not exist is refused with those that do',
    () => dev(t => Object.assign(shop(t).destinations, { rdstaton: shopRd(t) })),
    `Tenant "loja-abc", destination "rdstaton" is not a connector (there are: ${Object.keys(connectors).sort().join(', ')}): correct it in Pulumi.dev.yaml.`,
  ],
  [
    'an origin with a slash at its end is refused by its place in the list',
    () => dev(t => Object.assign(shop(t), { origins: ['https://a.example', 'https://b.example/'] })),
    'Tenant "loja-abc": "origins[1]" is "https://b.example/", which does not have the form that it needs (sites as browsers name them, without a slash at the end: https://www.loja-abc.example): set it under connect:tenants in Pulumi.dev.yaml.',
  ],
  [
    'a tenant without origins is told of them',
    () => dev(t => delete shop(t).origins),
    'Tenant "loja-abc": "origins" is missing (sites as browsers name them, without a slash at the end: https://www.loja-abc.example): set it under connect:tenants in Pulumi.dev.yaml.',
  ],
  [
    'a tid of two tenants is refused with both',
    () => dev(t => Object.assign(t['clinica-sol']!, { tids: ['loja-abc'] })),
    'Tenant "clinica-sol": "tids" has "loja-abc", which "loja-abc" has too: correct it in Pulumi.dev.yaml.',
  ],
  [
    'an account must be a tenant that has the connector',
    () => dev(t => Object.assign(shopRd(t), { account: 'loja-xyz' })),
    'Tenant "loja-abc", destination "rdstation": "account" is "loja-xyz", which has no rdstation account of its own: correct it in Pulumi.dev.yaml.',
  ],
  [
    'an urgent event that the destination never gets is refused',
    () => dev(t => Object.assign(shopRd(t), { urgent: ['generate_lead', 'purchsae'] })),
    'Tenant "loja-abc", destination "rdstation": "urgent" has "purchsae", an event that the destination does not map: correct it in Pulumi.dev.yaml.',
  ],
  [
    'what a connector itself finds wrong with settings stops the program too',
    () => dev(t => Object.assign(shopRd(t), { settings: { auth: 'api_key', events: { purchase: ['SALE'] } } })),
    'Tenant "loja-abc", destination "rdstation": "settings" is wrong: events.purchase: an api_key sends CONVERSION only; set auth to "oauth" for SALE: correct it in Pulumi.dev.yaml.',
  ],
  [
    'a tenant id that no name in AWS could carry is refused',
    () => dev(t => Object.assign(t, { 'Loja ABC': shop(t) })),
    '"connect:tenants" has the key "Loja ABC", which is not a valid name here (the customers of this installation, by id: lower case, digits and hyphens, at most 30 characters): set it under connect:tenants in Pulumi.dev.yaml.',
  ],
  [
    'a key that the program does not know is named with the one that was meant',
    () => dev(undefined, { logDay: '7' }),
    '"connect:logDay" is not a known key: did you mean "logDays"? Correct it in Pulumi.dev.yaml.',
  ],
  [
    'days of logs that CloudWatch does not know are refused',
    () => dev(undefined, { logDays: '8' }),
    '"connect:logDays" is 8, but must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 (days that logs are kept, one that CloudWatch Logs knows): set it under connect:logDays in Pulumi.dev.yaml.',
  ],
  [
    'a missing secret is answered with the command that sets it',
    () => dev(undefined, { originSecret: undefined }),
    '"connect:originSecret" is missing (the secret that the edge adds to each request, at least 20 characters): set it with `pulumi config set --secret connect:originSecret <value>`.',
  ],
  [
    'a short secret is refused without being repeated',
    () => dev(undefined, { suppressionSalt: 'hunter2' }),
    '"connect:suppressionSalt" must have at least 20 characters (the secret behind the hashes of opted-out people, at least 20 characters, never changed): set it with `pulumi config set --secret connect:suppressionSalt <value>`.',
  ],
  [
    'a value that is no JSON is said to be unreadable',
    () => dev(undefined, { tenants: '{loja-abc' }),
    '"connect:tenants" cannot be read: correct it in Pulumi.dev.yaml.',
  ],
  [
    'a reservation that does not fit the account is refused with what fits',
    () => dev(undefined, { receiveConcurrency: '950', accountConcurrency: '1000' }),
    '"connect:receiveConcurrency" is 950, but the account runs 1000 functions at a time (connect:accountConcurrency) and 100 must stay unreserved: reserve at most 900 or have the limit raised: correct it in Pulumi.dev.yaml.',
  ],
  [
    'more copies kept started than are reserved is refused',
    () => dev(undefined, { receiveConcurrency: '5', receiveProvisioned: '6' }),
    '"connect:receiveProvisioned" is 6, more than the 5 of connect:receiveConcurrency: correct it in Pulumi.dev.yaml.',
  ],
]
for (const [what, values, said] of SENTENCES) test(what, () => assert.equal(problem(values()), said))

test('a small account reserves nothing and is warned', () => {
  const { receiveConcurrency, warnings } = installation(dev(undefined, { accountConcurrency: '10' }))
  assert.equal(receiveConcurrency, 0)
  assert.match(warnings.join(), /runs 10 functions at a time/)
})

test('defaults of the connector settings are applied', () => {
  const { pipelines } = installation(dev(t => Object.assign(shopRd(t), { settings: {} })))
  const settings = pipelines[0]?.destinations.find(({ tenant }) => tenant === 'loja-abc')?.settings
  assert.equal((settings as { plan?: string }).plan, 'pro')
})

test('a destination knows by which of its events people leave, whatever consent it requires', () => {
  const sendgrid = { schedule: 'rate(15 minutes)', requires: ['marketing'], settings: {} }
  const { pipelines } = installation(dev(t => Object.assign(shop(t).destinations, { sendgrid })))
  const leaving = pipelines.map(({ connector, destinations }) => [connector.name, destinations[0]?.leaving])
  assert.deepEqual(Object.fromEntries(leaving), { rdstation: undefined, sendgrid: ['unsubscribe'] })
})

test('a destination without an urgent list treats leads and purchases as urgent, where it maps them', () => {
  const { pipelines } = installation(
    dev(t => {
      delete shopRd(t).urgent
    }),
  )
  const urgent = Object.fromEntries(pipelines[0]!.destinations.map(({ tenant, urgent }) => [tenant, urgent]))
  assert.deepEqual(urgent['loja-abc'], ['generate_lead', 'sign_up', 'purchase'])
  assert.deepEqual(urgent['clinica-sol'], ['generate_lead', 'sign_up'], 'an api_key sends no purchases')
})

test('destinations of one account share its credentials', () => {
  const { pipelines } = installation(
    dev(t => Object.assign(t['clinica-sol']!.destinations.rdstation!, { account: 'loja-abc' })),
  )
  assert.deepEqual(
    pipelines[0]?.accounts.map(({ account }) => account),
    ['loja-abc'],
  )
})

test('an installation carries no secret', () => {
  const values = dev()
  const text = JSON.stringify(installation(values))
  assert.ok(!text.includes(values.originSecret!) && !text.includes(values.suppressionSalt!))
})

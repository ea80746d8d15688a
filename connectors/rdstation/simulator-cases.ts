import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { mapped } from './simulator-mapped.ts'
import { event, lead, order, sentLead } from './simulator-people.ts'

type Fault = { error_type: string; error_message?: string; path?: string }
const refusal = (status: number, ...errors: Fault[]): VendorAnswer => ({ status, body: { errors } })
const one = (status: number, error_type: string): VendorAnswer => ({ status, body: { errors: { error_type } } })

/** One lead, and the answer that it gets. */
const answered = (
  title: string,
  answer: VendorAnswer,
  outcome: Case<Settings>['outcomes'][string],
  more: Pick<Case<Settings>, 'settings' | 'details'> = {},
): Case<Settings> => ({
  title,
  ...more,
  events: [lead('ana')],
  answers: [answer],
  sent: [],
  outcomes: { ana: outcome },
})

const refused: readonly Case<Settings>[] = [
  {
    title: 'the record that the answer names goes, and the others pass without it',
    events: [lead('ana'), lead('bad', { user: { email: 'ana(at)example' } }), lead('eva')],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
  },
  {
    title: 'records with different faults go one after the other, each with its own code',
    settings: { mapping: { purchase: { order_url: { value: 7 } } } },
    events: [
      lead('ana'),
      lead('bad', { user: { email: 'ana(at)example' } }),
      order('rui'),
      event('begin_checkout', 'eva'),
    ],
    sent: [sentLead('ana')],
    outcomes: { ana: 'delivered', bad: 'rejected', rui: 'rejected', eva: 'rejected' },
  },
  {
    title: 'a refusal that names no record is halved until the one to blame is alone',
    events: [lead('ana'), lead('bad'), lead('eva')],
    answers: [
      refusal(422, { error_type: 'TOO_LONG', path: '$.payload.name' }),
      refusal(422, { error_type: 'TOO_LONG', path: '$.payload.name' }),
      undefined,
      refusal(422, { error_type: 'TOO_LONG', path: '$.payload.name' }),
    ],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
  },
  {
    title: 'a body that is too large passes in halves',
    events: [lead('ana'), lead('eva')],
    answers: [{ status: 413, body: '<html>413 Request Entity Too Large</html>' }],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'only the contact who has had his 120 events waits, the others are sent without him',
    events: [
      ...Array.from({ length: 121 }, (_, n) => lead(`n${n}`, { user: { email: 'ana@example.com' } })),
      lead('eva'),
    ],
    outcomes: {
      ...Object.fromEntries(Array.from({ length: 121 }, (_, n) => [`n${n}`, n < 100 ? 'delivered' : 'throttled'])),
      eva: 'delivered',
    },
    details: { n100: { code: 'lead_limiter', scope: 'record', waitMs: 86_400_000 } },
  },
  answered(
    'a reserved value is refused for good',
    { status: 400, body: { errors: { email: [{ error_type: 'TAKEN', error_message: 'ana@example.com is taken' }] } } },
    'rejected',
  ),
  answered(
    'a fault told per language is refused for good',
    { status: 422, body: { errors: { name: { 'pt-BR': ['é longo demais'] } } } },
    'rejected',
  ),
  answered(
    'a field that does not exist in the account stops the destination',
    refusal(400, { error_type: 'INVALID_FIELDS', error_message: 'Payload contains fields that do not exist: (cf_x)' }),
    'misconfigured',
  ),
  {
    title: 'a custom field of the mapping that nobody created in RD Station stops the destination',
    settings: { mapping: { '*': { cf_unheard_of: { value: 1 } } } },
    events: [lead('ana'), lead('eva')],
    sent: [],
    outcomes: { ana: 'misconfigured', eva: 'misconfigured' },
  },
  answered(
    'an event type that RD Station has retired stops the destination',
    refusal(400, { error_type: 'INVALID_OPTION', path: '$[0].event_type' }),
    'misconfigured',
  ),
  answered(
    'a request that is not understood stops the destination',
    one(415, 'UNSUPPORTED_MEDIA_TYPE'),
    'misconfigured',
  ),
  answered('a wrong address stops the destination', { status: 405 }, 'misconfigured'),
  answered('a plan without events stops the destination', one(403, 'ACCOUNT_REQUIREMENT_MISSING'), 'misconfigured'),
  answered(
    'the API key of an RD Station CRM account stops the destination',
    { status: 400, body: [{ error_type: 'UNABLE_TO_LOAD_CDP_SCHEMA' }] },
    'misconfigured',
    { settings: { auth: 'api_key' } },
  ),
]

const troubled: readonly Case<Settings>[] = [
  answered(
    'a dead token is told from other refusals',
    { status: 401, body: { error: 'invalid_token' } },
    'unauthorized',
  ),
  answered(
    'an account over its requests per minute waits as a whole',
    { status: 429, headers: { 'retry-after-quotas': '30' }, body: { message: 'API rate limit exceeded' } },
    'throttled',
    { details: { ana: { scope: 'destination', waitMs: 30_000 } } },
  ),
  answered(
    'an account over its requests that is not told how long waits a minute',
    { status: 429, body: { errors: { error_type: 'RATE_LIMIT_EXCEDDED' } } },
    'throttled',
    { details: { ana: { scope: 'destination', waitMs: 60_000 } } },
  ),
  answered('two changes of one contact at once are worth one more try', { status: 409 }, 'retry', {
    details: { ana: { tries: 2 } },
  }),
  answered('after an error of RD Station it is not known what it took', one(503, 'SERVICE_UNAVAILABLE'), 'unknown'),
  answered('after a connection that broke it is not known what it took', 'reset', 'unknown'),
  answered('an answer that never comes leaves the outcome unknown', 'hang', 'unknown'),
  answered('a connection that was refused is worth another try', 'refused', 'retry'),
  answered('a page in place of an answer is refused for good', { status: 418, body: '<html></html>' }, 'rejected'),
  {
    title: 'an answer that names fewer events than were sent leaves the last ones unknown',
    events: [lead('ana'), lead('eva')],
    answers: [{ status: 200, body: { event_batch_uuid: 'b', events: [{ event_uuid: 'e' }] } }],
    sent: [],
    outcomes: { ana: 'delivered', eva: 'unknown' },
  },
]

export const cases: readonly Case<Settings>[] = [...mapped, ...refused, ...troubled]

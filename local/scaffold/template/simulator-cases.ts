import type { Event } from '../../../core/connector.ts'
import type { Case, VendorAnswer } from '../../../core/simulator.ts'
import type { Settings } from './settings.ts'

const AT = '2026-11-20T12:00:00.000Z'
const event = (name: string, id: string, rest: Partial<Event> = {}): Event => ({
  id,
  name,
  at: AT,
  user: { email: `${id}@example.com` },
  ...rest,
})
const lead = (id: string, rest: Partial<Event> = {}) => event('generate_lead', id, rest)
const sent = (last_event: string, id: string, rest: object = {}) => ({
  email: `${id}@example.com`,
  last_event,
  last_event_at: AT,
  ...rest,
})
const sentLead = (id: string, rest: object = {}) => sent('generate_lead', id, rest)

/** One lead, and the answer that it gets. */
const answered = (
  title: string,
  answer: VendorAnswer,
  outcome: Case<Settings>['outcomes'][string],
  details: NonNullable<Case<Settings>['details']> = {},
): Case<Settings> => ({
  title,
  events: [lead('ana')],
  answers: [answer],
  sent: [],
  outcomes: { ana: outcome },
  details,
})

const mapped: readonly Case<Settings>[] = [
  {
    title: 'people go together in one request',
    events: [
      lead('ana', {
        user: { email: 'ana@example.com', phone: '+5548999990000', firstName: 'Ana', lastName: 'Souza' },
        campaign: { source: 'newsletter' },
      }),
      event('purchase', 'rui', { commerce: { transactionId: 'O-1', currency: 'BRL', value: 90 } }),
      event('sign_up', 'eva'),
    ],
    sent: [
      sentLead('ana', { phone: '+5548999990000', first_name: 'Ana', last_name: 'Souza', source: 'newsletter' }),
      sent('purchase', 'rui', { order: 'O-1', currency: 'BRL', value: 90 }),
      sent('sign_up', 'eva'),
    ],
    outcomes: { ana: 'delivered', rui: 'delivered', eva: 'delivered' },
  },
  {
    title: 'what one person did twice goes in two requests, the newest last',
    events: [lead('ana'), event('sign_up', 'later', { user: { email: 'ana@example.com' } })],
    sent: [sentLead('ana'), sent('sign_up', 'ana')],
    outcomes: { ana: 'delivered', later: 'delivered' },
  },
  {
    title: 'fields of the mapping come over those of the connector',
    settings: {
      mapping: {
        '*': { city: 'user.city', plan: ['properties.plan', { value: 'free' }] },
        generate_lead: { source: 'form {properties.form_id}' },
      },
    },
    events: [
      lead('ana', {
        user: { email: 'ana@example.com', city: 'Natal' },
        campaign: { source: 'newsletter' },
        properties: { form_id: 'footer' },
      }),
    ],
    sent: [sentLead('ana', { city: 'Natal', plan: 'free', source: 'form footer' })],
    outcomes: { ana: 'delivered' },
  },
  {
    title: 'the setting events decides what is sent',
    settings: { events: ['view_item'] },
    events: [lead('ana'), event('view_item', 'eva')],
    sent: [sent('view_item', 'eva')],
    outcomes: { ana: 'skipped', eva: 'delivered' },
  },
  {
    title: 'a person without an email is skipped',
    events: [lead('ana', { user: { phone: '+5548999990000' } })],
    sent: [],
    outcomes: { ana: 'skipped' },
  },
]

const refused: readonly Case<Settings>[] = [
  {
    title: 'the person that the answer names goes, and the others pass without it',
    events: [lead('ana'), lead('bad', { user: { email: 'ana(at)example' } }), lead('eva')],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
    details: { bad: { code: 'invalid_value' } },
  },
  {
    title: 'a body that is too large passes in halves',
    events: [lead('ana'), lead('eva')],
    answers: [{ status: 413 }],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'a list that is not there stops the destination',
    settings: { list: 'unheard-of' },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'unknown_list' } },
  },
  {
    title: 'a field that is not there stops the destination',
    settings: { mapping: { '*': { unheard_of: { value: 1 } } } },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'unknown_field' } },
  },
]

const troubled: readonly Case<Settings>[] = [
  answered('a dead token is told from other refusals', { status: 401 }, 'unauthorized'),
  answered(
    'an account over its requests waits as long as the answer says',
    { status: 429, headers: { 'retry-after': '30' } },
    'throttled',
    { ana: { scope: 'destination', waitMs: 30_000 } },
  ),
  answered('an account over its requests that is not told how long waits a minute', { status: 429 }, 'throttled', {
    ana: { scope: 'destination', waitMs: 60_000 },
  }),
  answered('an error of the vendor is worth another try', { status: 503 }, 'retry'),
  answered('a connection that broke is worth another try', 'reset', 'retry'),
  answered('an answer that never comes is worth another try', 'hang', 'retry'),
]

export const cases: readonly Case<Settings>[] = [...mapped, ...refused, ...troubled]

import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { mapped } from './simulator-mapped.ts'
import { contact, lead, order, receipt, TEMPLATES } from './simulator-people.ts'

type Outcome = Case<Settings>['outcomes'][string]
type More = Pick<Case<Settings>, 'settings' | 'details'>

const noContacts = { contacts: { '*': false } } as const
const error = (status: number, message: string, field: string | null = null, headers = {}): VendorAnswer => ({
  status,
  headers,
  body: { errors: [{ message, field, help: null }] },
})

/** One receipt, and the answer that it gets. */
const answered = (title: string, answer: VendorAnswer, outcome: Outcome, more: More = {}): Case<Settings> => ({
  title,
  settings: noContacts,
  ...more,
  events: [order('ana')],
  answers: [answer],
  sent: [],
  outcomes: { ana: outcome },
})
/** One contact, and the answer that it gets. */
const written = (title: string, answer: VendorAnswer, outcome: Outcome, more: More = {}): Case<Settings> => ({
  ...answered(title, answer, outcome, more),
  events: [lead('ana')],
  settings: more.settings ?? {},
})

const refused: readonly Case<Settings>[] = [
  {
    title: 'what is no address is not sent at all, and the others pass without it',
    settings: noContacts,
    events: [order('ana'), order('bad', { user: { email: 'ana(at)example' } }), order('eva')],
    sent: [receipt('ana'), receipt('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
    details: { bad: { code: 'invalid-email' } },
  },
  {
    title: 'the mail whose place the answer names goes, and the others pass without it',
    settings: noContacts,
    events: [order('ana'), order('bad'), order('eva')],
    answers: [error(400, 'Does not contain a valid address.', 'personalizations.1.to.0.email')],
    sent: [receipt('ana'), receipt('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
    details: { bad: { code: 'invalid-email' } },
  },
  {
    title: 'the contact whose address the answer names goes, and the others pass without it',
    events: [lead('ana'), lead('bad'), lead('eva')],
    answers: [error(400, "email 'bad@example.com' is not valid")],
    sent: [contact('ana'), contact('eva')],
    outcomes: { ana: 'pending', bad: 'rejected', eva: 'pending' },
  },
  {
    title: 'a refusal that names nobody is halved until the one to blame is alone',
    settings: noContacts,
    events: [order('ana'), order('bad'), order('eva')],
    answers: [
      error(400, 'invalid request', 'null'),
      error(400, 'invalid request', 'null'),
      undefined,
      error(400, 'invalid request', 'null'),
    ],
    sent: [receipt('ana'), receipt('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
  },
  {
    title: 'a request that is too large passes in halves',
    settings: noContacts,
    events: [order('ana'), order('eva')],
    answers: [error(413, 'content too large', 'null')],
    sent: [receipt('ana'), receipt('eva')],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
]

const stopped: readonly Case<Settings>[] = [
  {
    title: 'a sender that nobody has verified stops the destination',
    settings: { ...noContacts, from: { email: 'loja@elsewhere.example' } },
    events: [order('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'sender-not-verified' } },
  },
  {
    title: 'a template that the account does not have stops the destination',
    settings: { ...noContacts, mails: { purchase: { template: `d-${'f'.repeat(32)}`, kind: 'transactional' } } },
    events: [order('ana'), order('eva')],
    sent: [],
    outcomes: { ana: 'misconfigured', eva: 'misconfigured' },
    details: { ana: { code: 'template_id' } },
  },
  {
    title: 'an unsubscribe group that the account does not have stops the destination',
    settings: { ...noContacts, mails: { purchase: { template: TEMPLATES.receipt, group: 99 } } },
    events: [order('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'asm' } },
  },
  {
    title: 'a custom field of the mapping that nobody has created stops the destination',
    settings: { mapping: { '*': { e99_T: { value: 1 } } } },
    events: [lead('ana'), lead('eva')],
    sent: [],
    outcomes: { ana: 'misconfigured', eva: 'misconfigured' },
  },
  {
    title: 'a list that the account does not have stops the destination',
    settings: { lists: ['2c1e0000-0000-4000-8000-00000000dead'] },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'list_ids' } },
  },
  answered(
    'the mails of the plan used up are told from a wrong key, though both are a 401',
    error(401, 'Maximum credits exceeded'),
    'misconfigured',
    { settings: noContacts, details: { ana: { code: 'credits-exceeded' } } },
  ),
  answered('a key without the scope stops the destination', error(403, 'access forbidden', 'null'), 'misconfigured'),
  answered('a wrong address stops the destination', error(405, 'method not allowed', 'null'), 'misconfigured'),
]

const waiting: readonly Case<Settings>[] = [
  answered(
    'a key that SendGrid no longer takes is told from other refusals',
    error(401, 'The provided authorization grant is invalid, expired, or revoked'),
    'unauthorized',
  ),
  answered(
    'an account blocked for too many bad requests waits',
    error(403, 'Your account is temporarily blocked'),
    'throttled',
    { settings: noContacts, details: { ana: { scope: 'destination', waitMs: 600_000 } } },
  ),
  answered(
    'an account over its rate waits until the time that the answer names, by the answer’s own clock',
    error(429, 'too many requests', null, {
      date: 'Fri, 20 Nov 2026 12:00:00 GMT',
      'x-ratelimit-reset': '1795176030',
    }),
    'throttled',
    { settings: noContacts, details: { ana: { scope: 'destination', waitMs: 31_000 } } },
  ),
  written(
    'an account over its rate that is not told how long waits ten seconds',
    error(429, 'too many requests'),
    'throttled',
    {
      details: { ana: { waitMs: 10_000 } },
    },
  ),
  answered(
    'after an error of SendGrid it is not known whether mails went',
    error(500, 'internal server error'),
    'unknown',
  ),
  written('after an error of SendGrid contacts are written again', error(500, 'internal server error'), 'retry'),
  answered('after a connection that broke it is not known whether mails went', 'reset', 'unknown'),
  answered('an answer that never comes leaves mails unknown', 'hang', 'unknown'),
  written('an answer that never comes is no harm to contacts', 'hang', 'retry'),
  answered('a connection that was refused is worth another try', 'refused', 'retry'),
  written('contacts taken without a job to ask after are written again', { status: 202, body: {} }, 'retry'),
  answered('a page in place of an answer is refused for good', { status: 418, body: '<html></html>' }, 'rejected'),
]

export const cases: readonly Case<Settings>[] = [...mapped, ...refused, ...stopped, ...waiting]

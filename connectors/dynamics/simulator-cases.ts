import type { Verdict } from '../../core/connector.ts'
import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { batchAnswer, type PartAnswer } from './simulator-batch.ts'
import { mapped } from './simulator-mapped.ts'
import { event, lead, SPRING, sentLead } from './simulator-people.ts'

const fault = (
  status: number,
  code: string | number,
  message = 'refused',
  headers = {},
): PartAnswer & { body: object } => ({
  status,
  headers,
  body: { error: { code, message } },
})
type Details = NonNullable<Case<Settings>['details']>[string]

/** One lead, and the answer that the whole request gets. */
const whole = (title: string, answer: VendorAnswer, outcome: Verdict, details: Details = {}): Case<Settings> => ({
  title,
  events: [lead('ana')],
  answers: [answer],
  sent: [],
  outcomes: { ana: outcome },
  details: { ana: details },
})
/** Two leads, of which the first gets this answer inside the batch. */
const inPart = (title: string, part: PartAnswer, outcome: Verdict, details: Details = {}): Case<Settings> => ({
  title,
  events: [lead('ana'), lead('eva')],
  answers: [batchAnswer([part, { status: 204 }])],
  sent: [],
  outcomes: { ana: outcome, eva: 'delivered' },
  details: { ana: details },
})

const refused: readonly Case<Settings>[] = [
  {
    title: 'a record that is refused leaves the others of its batch alone',
    settings: { mapping: { lead: { generate_lead: { leadsourcecode: 'properties.source' } } } },
    events: [lead('ana'), lead('bad', { properties: { source: 99 } }), lead('eva')],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
    details: { bad: { code: '0x8004431a' } },
  },
  {
    title: 'a value of the wrong type is refused',
    settings: { mapping: { lead: { '*': { donotphone: 'properties.calls' } } } },
    events: [lead('ana', { properties: { calls: 'never', form_id: 'newsletter' } })],
    sent: [],
    outcomes: { ana: 'rejected' },
    details: { ana: { code: '0x80048d19' } },
  },
  {
    title: 'a text that is too long for a column of the tenant is refused',
    settings: { mapping: { lead: { '*': { new_gclid: 'campaign.gclid' } } } },
    events: [lead('ana', { campaign: { gclid: 'g'.repeat(201) } })],
    sent: [],
    outcomes: { ana: 'rejected' },
    details: { ana: { code: '0x80044331' } },
  },
  {
    title: 'a duplicate detection rule refuses for good, although it answers 500',
    settings: { leadPer: 'event', duplicateDetection: true },
    events: [lead('ana'), lead('again', { user: { email: 'ana@example.com' } })],
    outcomes: { ana: 'delivered', again: 'rejected' },
    details: { again: { code: '0x80040333' } },
  },
  {
    title: 'a column that the table does not have stops the destination',
    settings: { mapping: { lead: { '*': { new_unheard_of: { value: 1 } } } } },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'unknown-column' } },
  },
  {
    title: 'a lookup whose name is written in another case stops the destination',
    settings: { mapping: { lead: { '*': { 'CampaignId@odata.bind': { value: `/campaigns(${SPRING})` } } } } },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'unknown-column' } },
  },
  {
    title: 'an alternate key that the table does not have stops the destination',
    settings: { leadKey: 'new_other' },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'unknown-key' } },
  },
  {
    title: 'a table that is not there stops the destination',
    settings: { activities: { set: 'new_strangers', key: 'new_eventid' } },
    events: [event('add_to_cart', 'ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'unknown-table' } },
  },
  {
    title: 'a campaign that is not there refuses its leads',
    settings: { campaigns: { gone: '00000000-0000-0000-0000-000000000000' } },
    events: [lead('ana', { campaign: { name: 'gone' } })],
    sent: [],
    outcomes: { ana: 'rejected' },
    details: { ana: { code: '0x80060891' } },
  },
  whole(
    'an address without an environment stops the destination',
    { status: 404, body: '<html></html>' },
    'misconfigured',
    {
      code: 'no-web-api',
    },
  ),
  whole('a batch that is not understood stops the destination', fault(400, '0x80060888'), 'misconfigured'),
  inPart('a role without the privilege stops the destination', fault(403, '0x80040220'), 'misconfigured'),
  inPart('an app without an application user stops the destination', fault(403, '0x80072560'), 'misconfigured'),
  inPart('any other prohibition stops the destination', fault(403, ''), 'misconfigured', { code: 'http-403' }),
  inPart('an operation that the environment does not offer stops the destination', fault(501, ''), 'misconfigured'),
  inPart(
    'what a plug-in refuses is refused, with its words',
    fault(400, '0x80040265', 'No leads from Recife.'),
    'rejected',
    {
      words: 'No leads from Recife.',
    },
  ),
  {
    title: 'a lead that is gone when it is to be changed is refused, whether the answer has a code or not',
    events: [event('working_lead', 'ana'), event('working_lead', 'eva')],
    answers: [batchAnswer([fault(404, ''), fault(404, '0x80040217')])],
    outcomes: { ana: 'rejected', eva: 'rejected' },
    details: { ana: { code: 'http-404' }, eva: { code: '0x80040217' } },
  },
  {
    title: 'a value that another row has is refused: the lead can neither be made nor found',
    events: [lead('ana')],
    answers: [batchAnswer([fault(412, '0x80040237')]), batchAnswer([fault(404, '0x80060891')])],
    outcomes: { ana: 'rejected' },
    details: { ana: { code: '0x80040237' } },
  },
]

const troubled: readonly Case<Settings>[] = [
  whole('a dead token is told from other refusals', { status: 401 }, 'unauthorized'),
  whole('a token that has run out is known by its code', fault(400, '0x8005F101'), 'unauthorized'),
  ...(['0x80072322', '0x80072321', '0x80072326'] as const).map(code =>
    whole(
      `the whole destination waits as long as it is told (${code})`,
      fault(429, code, '', { 'retry-after': '37' }),
      'throttled',
      {
        scope: 'destination',
        waitMs: 37_000,
      },
    ),
  ),
  inPart(
    'a limit that is met inside a batch holds the destination',
    fault(429, -2147015902, '', { 'Retry-After': '12' }),
    'throttled',
    {
      code: '0x80072322',
      scope: 'destination',
      waitMs: 12_000,
    },
  ),
  whole(
    'a limit that does not say how long waits for a whole window',
    { status: 429, body: 'slow down' },
    'throttled',
    {
      waitMs: 300_000,
    },
  ),
  {
    title: 'a body that is too large passes in halves',
    events: [lead('ana'), lead('eva')],
    answers: [{ status: 413, body: '<html>413</html>' }],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'a batch that took the database too long passes in halves',
    events: [lead('ana'), lead('eva')],
    answers: [fault(500, -2147204783)],
    sent: [sentLead('ana'), sentLead('eva')],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  inPart('a deadlock is worth another try', fault(500, '0x80044150'), 'retry'),
  inPart('a transaction that was rolled back is worth another try', fault(500, -2147220907), 'retry', {
    code: '0x80040255',
  }),
  {
    title: 'two writers who make one contact at once are worth one more try',
    events: [event('purchase', 'ana', { user: { email: 'ana@example.com', lastName: 'Silva' } })],
    answers: [batchAnswer([fault(412, '0x80060892')])],
    outcomes: { ana: 'retry' },
    details: { ana: { tries: 2 } },
  },
  {
    title: 'a row that somebody changes in the same moment is worth two more tries',
    events: [event('working_lead', 'ana')],
    answers: [batchAnswer([fault(412, '0x80060882')])],
    outcomes: { ana: 'retry' },
    details: { ana: { tries: 3 } },
  },
  {
    title: 'a row that an earlier delivery wrote is delivered',
    events: [event('add_to_cart', 'ana'), event('view_cart', 'eva')],
    answers: [batchAnswer([fault(412, ''), fault(412, '0x80060892')])],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'a batch that stopped at its first failure is told as far as it went',
    events: [lead('ana'), lead('bad'), lead('eva')],
    answers: [batchAnswer([{ status: 204 }, fault(400, '0x80044331')], 400)],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'retry' },
    details: { eva: { code: 'not-answered' } },
  },
  {
    title: 'an answer that is no batch answer settles nothing',
    events: [lead('ana'), lead('eva')],
    answers: [{ status: 200, body: { surprise: true } }],
    outcomes: { ana: 'retry', eva: 'retry' },
    details: { ana: { code: 'answer-not-understood' } },
  },
  whole('an outage is worth another try', { status: 503, body: '<html></html>' }, 'retry'),
  whole('a connection that broke is worth another try: a repeat finds what was kept', 'reset', 'retry'),
  whole('an answer that never comes is worth another try', 'hang', 'retry'),
  whole('a connection that was refused is worth another try', 'refused', 'retry'),
  whole('a page in place of an answer is refused for good', { status: 418, body: '<html></html>' }, 'rejected'),
]

export const cases: readonly Case<Settings>[] = [...mapped, ...refused, ...troubled]

import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { bulk } from './simulator-backlog.ts'
import { mapped } from './simulator-mapped.ts'
import { event, lead, leadRecord, order, view, viewRecord } from './simulator-people.ts'

type Outcome = Case<Settings>['outcomes'][string]
const refusal = (status: number, errorCode: string, message = ''): VendorAnswer => ({
  status,
  body: [{ errorCode, message }],
})
const row = (statusCode: string, message = '') => ({ success: false, errors: [{ statusCode, message, fields: [] }] })
const saved = { id: '00Q000000000001', success: true, created: true, errors: [] }

/** One lead, and the answer that it gets. */
const answered = (
  title: string,
  answer: VendorAnswer,
  outcome: Outcome,
  detail: NonNullable<Case<Settings>['details']>[string] = {},
): Case<Settings> => ({
  title,
  events: [lead('ana')],
  answers: [answer],
  sent: [],
  outcomes: { ana: outcome },
  details: { ana: detail },
})

/** The second of three leads gets this answer of its own. */
const alone = (
  title: string,
  code: string,
  outcome: Outcome,
  { message = '', ...detail }: NonNullable<Case<Settings>['details']>[string] & { message?: string } = {},
): Case<Settings> => ({
  title,
  events: [lead('ana'), lead('rui'), lead('eva')],
  answers: [{ status: 200, body: [saved, row(code, message), saved] }],
  outcomes: { ana: 'delivered', rui: outcome, eva: 'delivered' },
  details: { rui: { code, ...detail } },
})

const rows: readonly Case<Settings>[] = [
  {
    title: 'each record has its own answer inside a 200: the good ones are saved beside the bad ones',
    events: [
      lead('ana'),
      lead('bad', { user: { email: 'bad(at)example', lastName: 'Silva', company: 'Acme' } }),
      lead('long', { properties: { lead_id: 'x'.repeat(256), form_id: 'newsletter' } }),
      lead('eva'),
    ],
    sent: [leadRecord('ana'), leadRecord('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', long: 'rejected', eva: 'delivered' },
    details: { bad: { code: 'INVALID_EMAIL_ADDRESS' }, long: { code: 'STRING_TOO_LONG' } },
  },
  {
    title: 'lines of an order that was refused are not sent',
    events: [order('bad', { user: { email: 'bad(at)example' } })],
    sent: [],
    outcomes: { bad: 'rejected' },
  },
  {
    title: 'a record waits for a parent that is not there yet, for an hour or so',
    settings: { mapping: { order: { '*': { 'Contact__r.Customer_Id__c': 'user.id' } } } },
    events: [order('ana', { user: { id: 'C-404', email: 'ana@example.com' } })],
    sent: [],
    outcomes: { ana: 'retry' },
    details: { ana: { code: 'INVALID_FIELD parent', tries: 5 } },
  },
  alone('a record that somebody else holds is tried again, alone', 'UNABLE_TO_LOCK_ROW', 'retry'),
  alone('a trigger that met a lock is tried again', 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'retry', {
    message: 'LeadTrigger: execution of AfterInsert caused by: UNABLE_TO_LOCK_ROW',
    code: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY busy',
  }),
  alone('a trigger that refuses a record has the last word', 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'rejected'),
  alone('a record that went down with another one is tried again', 'ALL_OR_NONE_OPERATION_ROLLED_BACK', 'retry'),
  alone('two upserts that met are worth one more try', 'DUPLICATE_VALUE', 'retry', { tries: 2 }),
  alone('an external id that comes twice in one request is refused', 'DUPLICATE_VALUE', 'rejected', {
    message: 'Duplicate external id specified: ld-1',
    code: 'DUPLICATE_VALUE in-request',
  }),
  alone('a duplicate rule of the org has the last word', 'DUPLICATES_DETECTED', 'rejected'),
  alone('a lead that was converted cannot be changed any more', 'CANNOT_UPDATE_CONVERTED_LEAD', 'rejected'),
  alone(
    'a field that the user may not write stops the destination',
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    'misconfigured',
  ),
  alone('an org without storage stops the destination', 'STORAGE_LIMIT_EXCEEDED', 'misconfigured'),
  alone('a record that Salesforce stumbles over is tried again', 'UNKNOWN_EXCEPTION', 'retry'),
  {
    title: 'a record of which the answer says nothing is sent again',
    events: [lead('ana'), lead('eva')],
    answers: [{ status: 200, body: [saved] }],
    outcomes: { ana: 'delivered', eva: 'retry' },
    details: { eva: { code: 'no-answer-for-record' } },
  },
  answered('a page in place of an answer says nothing of any record', { status: 200, body: '<html></html>' }, 'retry'),
]

const whole: readonly Case<Settings>[] = [
  {
    title: 'the record whose value does not fit its field is found by the column that the answer names',
    settings: { mapping: { lead: { '*': { Score__c: 'properties.score' } } } },
    events: [lead('ana'), lead('bad', { properties: { score: 'high', form_id: 'newsletter' } }), lead('eva')],
    sent: [leadRecord('ana'), leadRecord('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
    details: { bad: { code: 'JSON_PARSER_ERROR value' } },
  },
  {
    title: 'a request that takes the org too long passes in halves',
    events: [lead('ana'), lead('eva')],
    answers: [refusal(400, 'REQUEST_RUNNING_TOO_LONG', 'Your request was running for too long')],
    sent: [leadRecord('ana'), leadRecord('eva')],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'a field that the org does not have stops the destination',
    settings: { mapping: { event: { view_item: { Unheard_Of__c: { value: 1 } } } } },
    events: [view('ana'), view('eva')],
    sent: [],
    outcomes: { ana: 'misconfigured', eva: 'misconfigured' },
    details: { ana: { code: 'INVALID_FIELD' } },
  },
  {
    title: 'an external-id field that the org does not have stops the destination',
    settings: { objects: { lead: { externalId: 'Other__c' } } },
    events: [lead('ana'), view('eva')],
    sent: [viewRecord('eva')],
    outcomes: { ana: 'misconfigured', eva: 'delivered' },
    details: { ana: { code: 'NOT_FOUND' } },
  },
  answered(
    'a session that has ended is renewed',
    refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid'),
    'unauthorized',
  ),
  answered(
    'a user who may not use the API stops the destination',
    refusal(401, 'INVALID_SESSION_ID', 'This session is not valid for use with the REST API'),
    'misconfigured',
    { code: 'INVALID_SESSION_ID for-good' },
  ),
  answered(
    'an org that has used up its requests waits a quarter of an hour',
    refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'),
    'throttled',
    { scope: 'destination', waitMs: 900_000 },
  ),
  answered(
    'an org with too many long requests at once waits a minute',
    refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'),
    'throttled',
    { code: 'REQUEST_LIMIT_EXCEEDED concurrent', scope: 'destination', waitMs: 60_000 },
  ),
  answered('an org without an API stops the destination', refusal(403, 'API_DISABLED_FOR_ORG'), 'misconfigured'),
  answered('a refusal that is not in the table is the record’s', refusal(403, 'SOMETHING_NEW'), 'rejected'),
  answered('an instance in maintenance gets five minutes', { status: 503, body: '<html></html>' }, 'retry', {
    waitMs: 300_000,
  }),
  answered('a conflict of versions stops the destination', refusal(409, 'CONFLICT'), 'misconfigured'),
  answered('a lock that the whole request met is tried again', refusal(409, 'UNABLE_TO_LOCK_ROW'), 'retry'),
  answered(
    'an external id that several records have is refused for good',
    { status: 300, body: ['/services/data/1'] },
    'rejected',
  ),
  answered(
    'a request that is not understood stops the destination',
    refusal(400, 'JSON_PARSER_ERROR', 'Unexpected character'),
    'misconfigured',
  ),
  answered(
    'a version of the API that has retired stops the destination',
    refusal(410, 'UNSUPPORTED_API_VERSION'),
    'misconfigured',
  ),
  answered('a wrong content type stops the destination', refusal(415, 'UNSUPPORTED_MEDIA_TYPE'), 'misconfigured'),
  answered('an org that cannot be found just now is tried again', { status: 420, body: '' }, 'retry', {
    waitMs: 300_000,
  }),
  answered(
    'an error of Salesforce is worth another try',
    { status: 500, body: [{ errorCode: 'UNKNOWN_EXCEPTION' }] },
    'retry',
  ),
  answered('a gateway that gives up is worth another try', { status: 502, body: '<html>Bad Gateway</html>' }, 'retry'),
  answered('a connection that broke is no loss: upserts can be repeated', 'reset', 'retry'),
  answered('an answer that never comes is no loss either', 'hang', 'retry'),
  {
    title: 'records of different objects go in different requests',
    events: [lead('ana'), view('rui'), event('add_to_cart', 'eva')],
    answers: [refusal(500, 'UNKNOWN_EXCEPTION')],
    outcomes: { ana: 'retry', rui: 'delivered', eva: 'delivered' },
  },
]

export const cases: readonly Case<Settings>[] = [...mapped, ...rows, ...whole, ...bulk]

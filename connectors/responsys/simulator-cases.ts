import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { envelope } from './simulator-envelope.ts'
import { mapped } from './simulator-mapped.ts'
import { event, lead, order, profile, view, viewRow } from './simulator-people.ts'

type Example = Case<Settings>

/** A visit of Ana's, and the answer that its row gets. */
const answered = (
  title: string,
  answer: VendorAnswer,
  outcome: Example['outcomes'][string],
  more: Pick<Example, 'details'> = {},
): Example => ({ title, ...more, events: [view('ana')], answers: [answer], sent: [], outcomes: { ana: outcome } })

const PROGRAM: Partial<Settings> = { events: { quiz: [] }, programs: { quiz: 'lead_created' } }
/** An entry into a program, after the list has been told of the person. */
const entered = (
  title: string,
  answer: VendorAnswer,
  outcome: Example['outcomes'][string],
  more: Pick<Example, 'details'> = {},
): Example => ({
  title,
  ...more,
  settings: PROGRAM,
  events: [event('quiz', 'ana')],
  answers: [undefined, answer],
  sent: [profile('ana')],
  outcomes: { ana: outcome },
})
const recipients = (...errors: (string | null)[]): VendorAnswer => ({
  status: 200,
  body: errors.map(errorMessage => ({
    errorMessage,
    success: errorMessage === null,
    recipientId: errorMessage ? -1 : 7,
  })),
})

const rows: readonly Example[] = [
  {
    title: 'a row that was not merged is refused alone, and its value is not told',
    settings: { mapping: { event: { '*': { VALUE: 'properties.value' } } } },
    events: [
      view('ana', { properties: { value: 1 } }),
      view('bad', { properties: { value: '1 week' } }),
      view('eva', { properties: { value: 2.5 } }),
    ],
    sent: [viewRow('ana', { VALUE: '1' }), viewRow('eva', { VALUE: '2.5' })],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
    details: { bad: { code: 'MERGEFAILED', words: 'The value "..." is not valid for the field type NUMBER' } },
  },
  {
    title: 'of somebody whom the list refuses nothing else is sent',
    events: [lead('ana', { user: { email: 'ana(at)example' } })],
    sent: [],
    outcomes: { ana: 'rejected' },
  },
  {
    title: 'records that the answer has no row for are sent again',
    events: [view('ana'), view('eva')],
    answers: [{ status: 200, body: { recordData: { fieldNames: ['EVENT_ID'], records: [['ana']] } } }],
    sent: [],
    outcomes: { ana: 'delivered', eva: 'retry' },
  },
  answered('an answer that is no answer leaves the record to be sent again', { status: 200, body: 'OK' }, 'retry'),
  {
    title: 'recipients are told one by one, and those whom the answer forgets are in doubt',
    settings: PROGRAM,
    events: ['ana', 'bad', 'eva'].map(id => event('quiz', id)),
    answers: [undefined, recipients(null, 'NO_RECIPIENT_FOUND: Recipient Not Found')],
    sent: [profile('ana'), profile('bad'), profile('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'unknown' },
    details: { bad: { code: 'NO_RECIPIENT_FOUND', words: 'Recipient Not Found' } },
  },
  entered(
    'somebody who cannot be reached is refused',
    recipients('RECIPIENT_STATUS_UNDELIVERABLE: Recipient deliverability status is undeliverable'),
    'rejected',
  ),
  entered('a refusal without a reason is one all the same', recipients(''), 'rejected', {
    details: { ana: { code: 'FAILURE' } },
  }),
  entered(
    'a list that a program does not know stops the destination',
    recipients('PROFILE_LIST_NOT_FOUND: Profile List Not Found'),
    'misconfigured',
  ),
]

const limited: readonly Example[] = [
  answered(
    'an account over its requests per minute waits a minute',
    envelope(400, 'API_LIMIT_EXCEEDED', ''),
    'throttled',
    {
      details: { ana: { scope: 'destination', waitMs: 60_000 } },
    },
  ),
  answered(
    'the same refusal with the status of a dead token renews no token',
    envelope(401, 'API_LIMIT_EXCEEDED', ''),
    'throttled',
    {
      details: { ana: { waitMs: 60_000 } },
    },
  ),
  answered(
    'an account over its share of the platform waits ten minutes',
    envelope(400, 'INTERNAL_CAPACITY_LIMIT_EXCEEDED', ''),
    'throttled',
    {
      details: { ana: { waitMs: 600_000 } },
    },
  ),
  {
    title: 'too many records pass in halves',
    events: [view('ana'), view('eva')],
    answers: [envelope(400, 'RECORD_LIMIT_EXCEEDED', 'Record limit exceeded')],
    sent: [viewRow('ana'), viewRow('eva')],
    outcomes: { ana: 'delivered', eva: 'delivered' },
  },
  {
    title: 'one bad number refuses the whole request, and is halved down to',
    events: [view('ana'), view('bad'), view('eva')],
    answers: [
      envelope(400, 'INVALID_NUMBER', 'Invalid number'),
      envelope(400, 'INVALID_NUMBER', 'Invalid number'),
      undefined,
      envelope(400, 'INVALID_NUMBER', 'Invalid number'),
    ],
    sent: [viewRow('ana'), viewRow('eva')],
    outcomes: { ana: 'delivered', bad: 'rejected', eva: 'delivered' },
  },
]

const stopped: readonly Example[] = [
  answered('a dead token is renewed', envelope(401, 'INVALID_TOKEN', 'Not a valid token'), 'unauthorized'),
  answered(
    'a dead token that is told as an error of the server is renewed too',
    envelope(500, 'UNEXPECTED_EXCEPTION', 'Unexpected exception', 'Not a valid authentication token'),
    'unauthorized',
  ),
  answered(
    'an account that may not do this is stopped, whatever the status',
    envelope(401, 'API_DISABLED_FOR_USER', ''),
    'misconfigured',
  ),
  answered(
    'a locked password stops the destination',
    envelope(401, 'PASSWORD_LOCKOUT', 'Password locked'),
    'misconfigured',
  ),
  answered(
    'a column that does not exist stops the destination',
    envelope(400, 'INVALID_FIELD_NAME', ''),
    'misconfigured',
  ),
  answered(
    'a request that is not understood stops the destination',
    envelope(400, 'INVALID_PARAMETER', '', 'Match Column is null'),
    'misconfigured',
    {
      details: { ana: { words: 'Match Column is null (X-CorrelationID c-1)' } },
    },
  ),
  answered(
    'a missing campaign that is told inside a 200 stops the destination',
    envelope(200, 'CAMPAIGN_NOT_FOUND', ''),
    'misconfigured',
  ),
  answered(
    'a page of a gateway in place of a refusal stops the destination',
    { status: 403, body: '<html>Forbidden</html>' },
    'misconfigured',
    {
      details: { ana: { code: 'no-error-code', words: '<html>Forbidden</html>' } },
    },
  ),
  {
    title: 'a table that the account has not got stops the destination',
    settings: { tables: { event: 'NO_SUCH_TABLE' } },
    events: [view('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'RESOURCE_NOT_FOUND' } },
  },
  {
    title: 'a table without a primary key that nobody said so of stops the destination',
    settings: { tables: { event: 'EVENT_LOG' } },
    events: [view('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: 'INVALID_PARAMETER' } },
  },
  {
    title: 'a custom event that nobody defined stops the destination once the list has the person',
    settings: { programs: { purchase: 'no_such_event' }, events: { purchase: [] } },
    events: [order('ana')],
    sent: [profile('ana')],
    outcomes: { ana: 'misconfigured' },
  },
]

const troubled: readonly Example[] = [
  answered('an error of Responsys is worth another try', envelope(500, 'UNEXPECTED_EXCEPTION', ''), 'retry'),
  answered('a page of an error is worth another try', { status: 502, body: '<html>Bad Gateway</html>' }, 'retry'),
  answered('a merge whose connection broke may be repeated', 'reset', 'retry'),
  answered('a merge that is under way already is repeated later', envelope(400, 'DUPLICATE_API_REQUEST', ''), 'retry', {
    details: { ana: { waitMs: 60_000 } },
  }),
  answered('a full queue is worth another try', envelope(500, 'UNABLE_TO_SUBMIT_ASYNC_REQUEST', ''), 'retry'),
  answered('an outcome that Responsys has forgotten is a refusal', envelope(200, 'RESPONSE_PURGED', ''), 'rejected'),
  answered(
    'a refusal with a code that nobody has told of is one for good',
    envelope(400, 'SOMETHING_NEW', ''),
    'rejected',
  ),
  entered('after a lost answer nobody knows who has entered a program', 'hang', 'unknown'),
  entered('after an error of Responsys nobody knows that either', envelope(500, 'UNEXPECTED_EXCEPTION', ''), 'unknown'),
  entered(
    'a program that is being entered already is not entered again',
    envelope(400, 'DUPLICATE_API_REQUEST', ''),
    'unknown',
  ),
  entered('a program that is over its rate is entered later', envelope(401, 'API_LIMIT_EXCEEDED', ''), 'throttled'),
  entered('a connection that was refused is worth another try, for a program too', 'refused', 'retry'),
]

export const cases: readonly Example[] = [...mapped, ...rows, ...limited, ...stopped, ...troubled]

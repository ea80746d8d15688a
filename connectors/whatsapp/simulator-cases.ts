import type { Case, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { mapped } from './simulator-mapped.ts'
import { event, lead, NOT_ON_WHATSAPP, OWN_NUMBER, STOPPED, welcome } from './simulator-people.ts'
import { texting } from './simulator-texts.ts'

type Outcome = Case<Settings>['outcomes'][string]
type More = Pick<Case<Settings>, 'settings' | 'details'>

const error = (status: number, code: number, message = 'Something is wrong', more: object = {}): VendorAnswer => ({
  status,
  body: { error: { message: `(#${code}) ${message}`, type: 'OAuthException', code, fbtrace_id: 'A1', ...more } },
})

/** One lead, and the answer that it gets. */
const answered = (title: string, answer: VendorAnswer, outcome: Outcome, more: More = {}): Case<Settings> => ({
  title,
  ...more,
  events: [lead('ana')],
  answers: [answer],
  sent: [],
  outcomes: { ana: outcome },
})
const to = (phone: string) => ({ user: { phone, firstName: 'Ana' } })

const stopped: readonly Case<Settings>[] = [
  answered('a token that Meta no longer takes is told from other refusals', error(401, 190), 'unauthorized'),
  answered('a call without the permission stops the destination', error(403, 200), 'misconfigured'),
  answered('a blocked account stops the destination', error(403, 131031), 'misconfigured'),
  answered(
    'messages that people report stop the destination before the number is lost',
    error(400, 131048),
    'misconfigured',
  ),
  answered('a number that is gone stops the destination', error(400, 33), 'misconfigured'),
  answered('a test number that does not know the person stops the destination', error(400, 131030), 'misconfigured'),
  answered('a display name without approval stops the destination', error(400, 131037), 'misconfigured'),
  answered('an account that cannot pay stops the destination', error(400, 131042), 'misconfigured'),
  answered('a number that is not registered stops the destination', error(500, 133010), 'misconfigured'),
  answered('terms that nobody has accepted stop the destination', error(400, 134011), 'misconfigured'),
  answered('a template against the rules stops the destination', error(400, 132007), 'misconfigured'),
  answered('a blocked flow stops the destination', error(400, 132068), 'misconfigured'),
  {
    title: 'a template that nobody has created stops the destination',
    settings: { templates: { generate_lead: { name: 'nobody_made_this' } } },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: '132001' } },
  },
  {
    title: 'a template with other parameters than the settings give stops the destination',
    settings: { templates: { generate_lead: { name: 'welcome' } } },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: '132000' } },
  },
  {
    title: 'a paused template stops the destination',
    settings: { templates: { generate_lead: { name: 'worn_out', body: { 1: 'user.firstName' } } } },
    events: [lead('ana')],
    sent: [],
    outcomes: { ana: 'misconfigured' },
    details: { ana: { code: '132015' } },
  },
]

const waiting: readonly Case<Settings>[] = [
  {
    title: 'only the person who has had too many messages waits',
    events: [...Array.from({ length: 46 }, (_, n) => lead(`n${n}`)), lead('eva')],
    outcomes: {
      ...Object.fromEntries(Array.from({ length: 46 }, (_, n) => [`n${n}`, n < 45 ? 'delivered' : 'throttled'])),
      eva: 'delivered',
    },
    details: { n45: { code: '131056', scope: 'record', waitMs: 64_000 } },
  },
  answered('a number over its throughput waits as a whole', error(400, 130429), 'throttled', {
    details: { ana: { scope: 'destination', waitMs: 10_000 } },
  }),
  answered(
    'an account over its calls waits as long as the header says',
    {
      status: 400,
      headers: { 'x-business-use-case-usage': '{"1022":[{"type":"whatsapp","estimated_time_to_regain_access":7}]}' },
      body: { error: { message: '(#80007) Rate limit', code: 80007 } },
    },
    'throttled',
    { details: { ana: { scope: 'destination', waitMs: 420_000 } } },
  ),
  answered('a file that Meta could not fetch has one more try', error(400, 131053), 'retry', {
    details: { ana: { tries: 2, waitMs: 600_000 } },
  }),
  answered('an error that Meta does not explain has three tries', error(500, 131000), 'retry', {
    details: { ana: { tries: 3 } },
  }),
  answered('a service that says it is down has sent nothing', error(503, 2), 'retry'),
  answered('an outage without a code may have sent the message', { status: 502, body: '<html></html>' }, 'unknown'),
  answered('a connection that broke may have sent the message', 'reset', 'unknown'),
  answered('an answer that never comes leaves the outcome unknown', 'hang', 'unknown'),
  answered('a connection that was refused is worth another try', 'refused', 'retry'),
  answered(
    'a 200 that names no message leaves the outcome unknown',
    { status: 200, body: '{"messages":[' },
    'unknown',
    {
      details: { ana: { code: 'no-message-id' } },
    },
  ),
]

const refused: readonly Case<Settings>[] = [
  {
    title: 'people who cannot be reached are dead letters, and the others have their messages',
    events: [lead('ana'), lead('x', to(NOT_ON_WHATSAPP)), lead('y', to(OWN_NUMBER)), lead('bia')],
    sent: [welcome('ana'), welcome('bia')],
    outcomes: { ana: 'delivered', x: 'rejected', y: 'rejected', bia: 'delivered' },
  },
  {
    title: 'a person who has stopped marketing is remembered as opted out',
    events: [lead('x', to(STOPPED))],
    sent: [],
    outcomes: { x: 'rejected' },
    details: { x: { code: '131050', optOut: true } },
  },
  answered('a person who has had enough marketing for a day is a dead letter', error(400, 131049), 'rejected'),
  answered('a person in an experiment of Meta is a dead letter', error(400, 130472), 'rejected'),
  answered('a country that the business may not write to is a dead letter', error(403, 130497), 'rejected'),
  answered('a message outside the 24 hours is a dead letter', error(400, 131047), 'rejected'),
  answered(
    'a value that WhatsApp does not take is a dead letter, with its words',
    error(400, 131009, 'Parameter value is not valid', {
      error_data: { messaging_product: 'whatsapp', details: 'Parameter text is too long' },
    }),
    'rejected',
    {
      details: { ana: { words: '(#131009) Parameter value is not valid: Parameter text is too long (fbtrace_id A1)' } },
    },
  ),
  answered('a page in place of an answer is a dead letter', { status: 418, body: '<html></html>' }, 'rejected'),
  {
    title: 'an event without a message of its own is skipped',
    events: [event('view_item', 'ana')],
    sent: [],
    outcomes: { ana: 'skipped' },
  },
]

export const cases: readonly Case<Settings>[] = [...mapped, ...texting, ...stopped, ...waiting, ...refused]

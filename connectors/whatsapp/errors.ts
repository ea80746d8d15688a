import type { Explanation, RawAnswer, Rule } from '../../core/connector.ts'

const CODES = 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes'
const LIMITS = 'https://developers.facebook.com/docs/whatsapp/overview/business-accounts#rate-limits'
const PAIR = 'https://developers.facebook.com/docs/whatsapp/cloud-api/overview#pair-rate-limits'

/** Meta asks to go by the code and not by the status, which is 400 for limits and for faults alike. */
type Row = Omit<Rule, 'source'> & { source?: string }
const row = ({ source = CODES, ...rest }: Row): Rule => ({ ...rest, source })
const PERMISSIONS = Array.from({ length: 100 }, (_, n) => String(200 + n))

const destination: readonly Row[] = [
  { code: ['0', '190'], verdict: 'unauthorized', why: 'the access token is wrong, expired or withdrawn' },
  {
    code: ['3', '10', '131005', ...PERMISSIONS],
    verdict: 'misconfigured',
    why: 'the system user lacks a permission, or the account is not assigned to it',
  },
  { code: ['368', '131031'], verdict: 'misconfigured', why: 'the account is blocked for a breach of policy' },
  {
    code: '131048',
    verdict: 'misconfigured',
    why: 'too many people block or report the number: stop, look at what is sent, and at the quality rating',
  },
  { code: '33', verdict: 'misconfigured', why: 'the number is deleted, or the phone number ID is another kind of ID' },
  { code: '131030', verdict: 'misconfigured', why: 'a test number writes to its list of recipients only' },
  { code: '131037', verdict: 'misconfigured', why: 'the display name of the number is not approved' },
  { code: '131042', verdict: 'misconfigured', why: 'the account has no valid way to pay' },
  {
    code: ['131045', '133000', '133005', '133006', '133008', '133009', '133010', '133015'],
    verdict: 'misconfigured',
    why: 'the number is not registered for the Cloud API, or its registration broke off',
  },
  { code: '134011', verdict: 'misconfigured', why: 'the terms of payments are not accepted' },
  {
    code: ['132000', '132012'],
    verdict: 'misconfigured',
    why: 'the setting templates gives other parameters than the approved template has',
  },
  { code: '132001', verdict: 'misconfigured', why: 'no approved template of this name in this language' },
  { code: '132007', verdict: 'misconfigured', why: 'the template breaks a policy' },
  { code: ['132015', '132016'], verdict: 'misconfigured', why: 'the template is paused or disabled for its quality' },
  { code: '132068', verdict: 'misconfigured', why: 'the flow of the template is blocked' },
]

const limits: readonly Row[] = [
  {
    code: '131056',
    verdict: 'throttled',
    scope: 'record',
    waitMs: 64_000, // Meta: 4^X seconds, X from 0; the third power is past the burst's debt for one message
    why: 'too many messages to this person from this number; the others go on',
    source: PAIR,
  },
  {
    code: ['130429', '132069'],
    verdict: 'throttled',
    waitMs: 10_000,
    why: 'over the throughput of the number, or of the flow',
    source: LIMITS,
  },
  {
    code: ['4', '80007', '133016'],
    verdict: 'throttled',
    waitMs: 300_000,
    why: 'the app or the account is over its calls per hour',
    source: LIMITS,
  },
]

const records: readonly Row[] = [
  {
    code: '131050',
    verdict: 'rejected',
    optOut: true,
    why: 'the person has stopped marketing messages of this business',
  },
  {
    code: '131049',
    verdict: 'rejected',
    why: 'Meta has had enough marketing sent to this person: not before tomorrow',
  },
  { code: '130472', verdict: 'rejected', why: 'the person is in an experiment of Meta and gets no marketing' },
  { code: '130497', verdict: 'rejected', why: 'the business may not write to this country' },
  { code: ['131026', '131021'], verdict: 'rejected', why: 'the number is not on WhatsApp, too old, or our own' },
  { code: '131047', verdict: 'rejected', why: 'more than 24 hours since the person wrote: templates only' },
  {
    code: ['100', '131008', '131009', '131051', '132005', '135000'],
    verdict: 'rejected',
    why: 'a value of this message is missing, too long or not what WhatsApp takes',
  },
]

const passing: readonly Row[] = [
  {
    code: ['131052', '131053'],
    verdict: 'retry',
    tries: 2,
    waitMs: 600_000,
    notProcessed: true,
    why: 'the file of the header could not be fetched: one more try, if its server was down',
  },
  {
    code: ['1', '131000'],
    verdict: 'retry',
    tries: 3,
    notProcessed: true,
    why: 'not sent, and Meta does not say why: a few tries',
  },
  {
    code: ['2', '131016', '131057', '133004'],
    verdict: 'retry',
    notProcessed: true,
    why: 'not sent: the service, or the account, is being worked on',
  },
]

export const rules: readonly Rule[] = [...destination, ...limits, ...records, ...passing].map(row)

type Fault = {
  code?: unknown
  message?: unknown
  fbtrace_id?: unknown
  error_user_msg?: unknown
  error_data?: { details?: unknown }
}

/** The code that `rules` speak of, and what a person can do something with: details, and the id that Meta's support asks for. */
export function explain({ status, headers, body }: RawAnswer): Explanation {
  const fault = faultOf(body)
  if (!fault) return status >= 300 && typeof body === 'string' && body.trim() ? { words: body.trim() } : {}
  const { code, message, error_data: data, error_user_msg: told, fbtrace_id: trace } = fault
  const sentences = [message, data?.details, told].filter((one): one is string => typeof one === 'string' && one !== '')
  const words = [...new Set(sentences)].join(': ') + (typeof trace === 'string' ? ` (fbtrace_id ${trace})` : '')
  const waitMs = regainMs(headers['x-business-use-case-usage'])
  return {
    ...((typeof code === 'number' || typeof code === 'string') && { code: String(code) }),
    ...(words && { words: words.trim() }),
    ...(waitMs && { waitMs }),
  }
}

function faultOf(body: unknown): Fault | undefined {
  const error = isObject(body) ? body.error : undefined
  if (typeof error === 'string') return { message: error }
  return isObject(error) ? error : undefined
}

/** `{"<id>": [{"estimated_time_to_regain_access": 5}]}`, said to be minutes: https://developers.facebook.com/docs/graph-api/overview/rate-limiting */
function regainMs(header: string | undefined): number | undefined {
  if (!header) return undefined
  const usage = parsed(header)
  const minutes = Object.values(isObject(usage) ? usage : {})
    .flat()
    .map(one => (isObject(one) ? Number(one.estimated_time_to_regain_access) : 0))
  const longest = Math.max(0, ...minutes.filter(Number.isFinite))
  return longest ? longest * 60_000 : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

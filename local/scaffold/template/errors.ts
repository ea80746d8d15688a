import type { Batch, Explanation, RawAnswer, Rule } from '../../../core/connector.ts'
import type { Person } from './map.ts'
import type { Settings } from './settings.ts'

const TABLE = 'https://sample.example/docs/errors'
const LIMITS = 'https://sample.example/docs/limits'

export const rules: readonly Rule[] = [
  {
    status: 401,
    verdict: 'unauthorized',
    why: 'the access token is missing, wrong or has ended',
    source: TABLE,
  },
  {
    status: 429,
    verdict: 'throttled',
    waitMs: 60_000,
    why: 'the account is over its requests per minute',
    source: LIMITS,
  },
  {
    status: 413,
    verdict: 'rejected',
    halve: true,
    why: 'the body is too large',
    source: LIMITS,
  },
  {
    code: ['unknown_list', 'unknown_field'],
    verdict: 'misconfigured',
    why: 'the list of the settings or a field of the mapping does not exist in the account',
    source: TABLE,
  },
  {
    status: 422,
    code: 'invalid_value',
    verdict: 'rejected',
    why: 'a value of this person is not what is taken; the others pass without it',
    source: TABLE,
  },
]

/** `{"errors": [{"code", "message", "index"}]}`, where `index` is the record's place in the request. */
export function explain(answer: RawAnswer, { records }: Batch<Settings, Person>): Explanation {
  if (answer.status < 300) return {}
  const [first] = faultsOf(answer.body)
  if (!first) return {}
  const alike = faultsOf(answer.body).filter(({ code }) => code === first.code)
  const culprits = alike.flatMap(({ index }) => records[index ?? -1]?.id ?? [])
  return {
    ...(first.code && { code: first.code }),
    ...(first.message && { words: first.message }),
    ...(culprits.length > 0 && { culprits }),
  }
}

export const codeOf = (body: unknown): string | undefined => faultsOf(body)[0]?.code

type Fault = { code?: string; message?: string; index?: number }

function faultsOf(body: unknown): readonly Fault[] {
  const { errors } = (typeof body === 'object' && body !== null ? body : {}) as { errors?: unknown }
  return Array.isArray(errors) ? errors.filter(one => typeof one === 'object' && one !== null).map(faultOf) : []
}

const faultOf = ({ code, message, index }: { [field: string]: unknown }): Fault => ({
  ...(typeof code === 'string' && { code }),
  ...(typeof message === 'string' && { message }),
  ...(typeof index === 'number' && { index }),
})

import type { HttpRequest, Secrets } from '../../core/connector.ts'
import type { Received, Simulator, Vendor, VendorAnswer } from '../../core/simulator.ts'
import type { Settings } from './settings.ts'
import { batchAnswer, operationsIn, type PartAnswer, type PartRequest } from './simulator-batch.ts'
import { cases } from './simulator-cases.ts'
import { createLimits, tooMany } from './simulator-limits.ts'
import { settings } from './simulator-people.ts'
import { createRows } from './simulator-rows.ts'
import { createTokens } from './simulator-tokens.ts'

const LOGIN = 'login.microsoftonline.com'
const ENVIRONMENTS = ['loja-abc.crm2.dynamics.com', 'clinica-sol.crm2.dynamics.com']
const MOST_BYTES = 128 * 1024 * 1024

const simulator: Simulator<Settings> = {
  hosts: [LOGIN, ...ENVIRONMENTS],
  settings,
  credentials,
  vendor: createVendor,
  cases,
}

/** The fake takes any account that keeps to this pattern; one whose name ends in "-norole" may not write. */
function credentials(_settings: Settings, account = 'demo'): Secrets {
  return { clientId: `app-of-${account}`, clientSecret: `secret-of-${account}` }
}

type Said = Exclude<VendorAnswer, string>

/** Entra and Dataverse as far as this connector sees them: tokens, batches of PATCH by key, refusals, limits. */
function createVendor(clock: { now(): number; random(): number }): Vendor {
  const received: Received[] = []
  const tokens = createTokens(clock)
  const limits = createLimits(clock)
  const rows = createRows(clock, received)
  const vendor: Vendor = {
    received,
    mode: 'up',
    tokensIssued: 0,
    expireTokens: tokens.expireAll,
    handle: async request => answerTo(request),
  }

  function answerTo(request: HttpRequest): VendorAnswer {
    if (vendor.mode === 'refused' || vendor.mode === 'hang') return vendor.mode
    if (vendor.mode === 'down')
      return { status: 503, headers: { 'content-type': 'text/html' }, body: '<html>503</html>' }
    const { hostname, pathname } = new URL(request.url)
    if (hostname === LOGIN) return issueToken(pathname, request)
    if (!ENVIRONMENTS.includes(hostname) || !/^\/api\/data\/v9\.\d\//.test(pathname))
      return { status: 404, body: 'Not Found' }
    const account = tokens.accountOf(request, hostname)
    if (account === undefined) return unauthorized
    if (!/^\/api\/data\/v9\.\d\/\$batch$/.test(pathname))
      return refusal(501, '0x80060888', 'This fake knows $batch only.')
    return takeBatch(request, account)
  }

  function issueToken(pathname: string, request: HttpRequest): VendorAnswer {
    const [, directory] = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(pathname) ?? []
    if (directory === undefined || request.method !== 'POST') return { status: 404, body: 'Not Found' }
    const answer = tokens.issue(directory, request)
    if (answer.status === 200) vendor.tokensIssued++
    return answer
  }

  function takeBatch(request: HttpRequest, account: string): VendorAnswer {
    if (vendor.mode === 'throttled') return tooMany(60)
    if (request.method !== 'POST') return refusal(405, '0x80060888', 'A batch is posted.')
    if (Buffer.byteLength(request.body ?? '') > MOST_BYTES) return { status: 413, body: 'Request Entity Too Large' }
    if (request.headers['odata-version'] !== '4.0') return refusal(400, '0x80060888', 'OData-Version must be 4.0.')
    const operations = operationsIn(request)
    if ('wrong' in operations) return refusal(400, '0x80060888', operations.wrong)
    const takesMs = limits.take(account, operations.length)
    if (typeof takesMs !== 'number') return takesMs
    const onward = request.headers.prefer?.includes('odata.continue-on-error') ?? false
    return { ...batchAnswer(...work(operations, account, onward)), delayMs: takesMs }
  }

  /** Without continue-on-error the first failure ends it, and is what the whole answer says. */
  function work(operations: readonly PartRequest[], account: string, onward: boolean): [PartAnswer[], number] {
    const answers: PartAnswer[] = []
    for (const operation of operations) {
      const answer = workOne(operation, account)
      answers.push(answer)
      if (answer.status >= 400 && !onward) return [answers, answer.status]
    }
    return [answers, 200]
  }

  function workOne(operation: PartRequest, account: string): PartAnswer {
    if (account.endsWith('-norole'))
      return refusal(403, '0x80040220', 'Principal user is missing prvWriteLead privilege.')
    if (operation.method !== 'PATCH') return refusal(501, '0x80060888', 'This fake knows PATCH only.')
    return rows.write(account, operation)
  }
  return vendor
}

const refusal = (status: number, code: string, message: string): Said => ({
  status,
  body: { error: { code, message } },
})

// The real answer's body and header are not documented.
const unauthorized: Said = { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }

export default simulator

import pRetry from 'p-retry'
import type { AnyConnector } from '../core/connector.ts'
import { createLog, type Log } from '../core/log.ts'
import type { Destination } from '../core/tenant.ts'
import { answers, belongs, type RefusedLogin, type StoredToken } from '../core/token.ts'
import { readCredentials } from './aws/credentials.ts'
import { heal, report } from './aws/notices.ts'
import { createTenants } from './aws/tenants.ts'
import { publish, readRefresh, storeToken } from './aws/tokens.ts'
import { type AccountId, endTurn, readTurn, takeTurn } from './aws/turn.ts'
import { logIn, type TokenAuth } from './login.ts'
import type { RefreshEvent, RefreshResult, World } from './world.ts'

export type RefreshWorld = Pick<
  World,
  'env' | 'now' | 'random' | 'uuid' | 'sleep' | 'dynamo' | 'secrets' | 'sns' | 'exchange' | 'write'
>

/** What the function may take in all, below its timeout of 30 s; a turn outlives it, so that a dead holder is surely dead. */
const WORK_MS = 22_000
const TURN_MS = 35_000
const LIMITS_MS = 4_000
/**
 * A failure of the vendor this young is everyone's: shards that meet the same dead token do not each try its login. What
 * a person may have put right meanwhile is asked for anew.
 */
const SHARED_FAILURE_MS = 5_000

type Job = { account: AccountId; auth: TokenAuth; destination: Destination; event: RefreshEvent; deadline: number }

/**
 * Keeps the token of an account alive: on schedule, and when `process` has met a 401. However many ask at once, one of
 * them logs in and the others take its result.
 */
export function createRefresh(world: RefreshWorld, connector: AnyConnector) {
  const tenants = createTenants(world)
  const log = createLog({ ...world, level: world.env.LOG_LEVEL }, 'refresh', { connector: connector.name })

  return async (event: RefreshEvent): Promise<RefreshResult> => {
    const account = { connector: connector.name, account: event.account }
    const destination = await tenants.destination(connector.name, event.account)
    if (!destination) return noDestination(event.account)
    const auth: ReturnType<AnyConnector['auth']> = connector.auth(destination.settings)
    if (auth.kind === 'static') return { ok: true, version: 0 }
    const job = { account, auth, destination, event, deadline: world.now() + WORK_MS }
    const { result, asked } = await renew(world, connector, job)
    if (asked) await tell(world, log.with({ account: event.account, why: event.why }), job, result)
    return result
  }
}

const noDestination = (account: string): RefreshResult => ({
  ok: false,
  verdict: 'misconfigured',
  code: 'no-destination',
  words: `No destination of tenant "${account}" is declared: its settings say how to log in`,
})

/** `asked`: this call was the one that asked the vendor (or found that it cannot). */
type Renewal = { result: RefreshResult; asked: boolean }

async function renew(world: RefreshWorld, connector: AnyConnector, job: Job): Promise<Renewal> {
  const { account, event, deadline } = job
  while (world.now() < deadline) {
    const known = await readRefresh(world, account.connector, account.account)
    if (known && answers(known, event, world.now()))
      return { result: await republish(world, account, known), asked: false }
    const holder = world.uuid()
    const turn = await takeTurn(world, account, holder, world.now() + TURN_MS)
    if (turn) {
      const shared = turn.last && sharedFailure(turn.last, event, world.now())
      if (!shared) return inTurn(world, connector, job, holder, turn.lapsed)
      await endTurn(world, account, holder, turn.last)
      return { result: shared, asked: false }
    }
    const result = await waitForOther(world, account, deadline)
    if (result && !(result.ok && result.version <= (event.failedVersion ?? -1))) return { result, asked: false }
  }
  return { result: { ok: false, verdict: 'retry', code: 'refresh-busy', words: '' }, asked: false }
}

const sharedFailure = ({ at, result }: { at: number; result: RefreshResult }, event: RefreshEvent, now: number) =>
  !result.ok && result.verdict !== 'misconfigured' && event.why !== 'schedule' && now < at + SHARED_FAILURE_MS
    ? result
    : undefined

async function republish(
  world: RefreshWorld,
  { connector, account }: AccountId,
  token: StoredToken,
): Promise<RefreshResult> {
  await publish(world, connector, account, token)
  return { ok: true, version: token.version }
}

/** The holder's part. Whatever happens, the turn ends; if this process dies, it lapses. */
async function inTurn(
  world: RefreshWorld,
  connector: AnyConnector,
  job: Job,
  holder: string,
  lapsed: boolean,
): Promise<Renewal> {
  let renewal: Renewal | undefined
  try {
    // Read again: the turn may have passed to us right after somebody else's success.
    const stored = await readRefresh(world, job.account.connector, job.account.account)
    renewal =
      stored && answers(stored, job.event, world.now())
        ? { result: await republish(world, job.account, stored), asked: false }
        : { result: await exchange(world, connector, job, stored, lapsed), asked: true }
    return renewal
  } finally {
    await endTurn(world, job.account, holder, renewal && { at: world.now(), result: renewal.result })
  }
}

async function exchange(
  world: RefreshWorld,
  connector: AnyConnector,
  { account, auth, destination, deadline }: Job,
  stored: StoredToken | undefined,
  lapsed: boolean,
): Promise<RefreshResult> {
  const credentials = await readCredentials(world, account.connector, account.account, auth.secrets)
  if (!credentials.ok)
    return { ok: false, verdict: 'misconfigured', code: credentials.code, words: credentials.problem }
  const { settings } = destination
  const outcome = await logIn(world, connector, auth, { settings, secrets: credentials.secrets, stored, deadline })
  // From here to the first write a death loses what the vendor may have rotated: nothing may come before it.
  const token = outcome.token && (await persist(world, account, outcome.token))
  if (outcome.refused) return refused(outcome.refused, lapsed)
  if (!token) throw new Error('A login with neither a token nor a refusal')
  return republish(world, account, await withLimits(world, connector, auth, settings, token))
}

/**
 * What the vendor says that this account may do, for the copy that `process` reads. Only the copy: the row itself is stored
 * by now, and an answer that fails or makes no sense leaves the documented rates in force until the next token.
 */
async function withLimits(
  world: RefreshWorld,
  { limits, hosts }: AnyConnector,
  auth: TokenAuth,
  settings: object,
  token: StoredToken,
): Promise<StoredToken> {
  if (!limits) return token
  const request = auth.sign(limits.request(settings, token), token)
  if (!belongs(request.url, hosts)) return token
  const answer = await world.exchange(request, LIMITS_MS)
  if (!answer.answered || answer.status !== 200) return token
  try {
    return { ...token, limits: JSON.stringify(limits.read(answer, settings)) }
  } catch {
    return token
  }
}

const refused = (why: RefusedLogin, lapsed: boolean): RefreshResult => ({
  ok: false,
  ...why,
  ...(lapsed &&
    why.verdict === 'misconfigured' && {
      words: `${why.words} (The refresh before this one died while it asked: the vendor may have replaced the refresh token then.)`,
    }),
})

/** A rotated refresh token exists nowhere else: a table that is slow to take it is asked again and again. */
const persist = (world: RefreshWorld, { connector, account }: AccountId, token: StoredToken): Promise<StoredToken> =>
  pRetry(() => storeToken(world, connector, account, token), {
    retries: 4,
    minTimeout: 0,
    onFailedAttempt: ({ attemptNumber, retriesLeft }) =>
      retriesLeft ? world.sleep(100 * 2 ** attemptNumber) : undefined,
  })

/** The other's result once its turn has ended; undefined if it left none, or lapsed, or our time is over. */
async function waitForOther(
  world: RefreshWorld,
  account: AccountId,
  deadline: number,
): Promise<RefreshResult | undefined> {
  const awaited = (await readTurn(world, account))?.holder
  for (let pauseMs = 50; world.now() < deadline; pauseMs = Math.min(1_000, pauseMs * 2)) {
    const turn = await readTurn(world, account)
    if (!turn || turn.holder !== awaited) return undefined
    if (turn.until === undefined) return turn.ended?.result
    if (turn.until < world.now()) return undefined
    await world.sleep(pauseMs)
  }
  return undefined
}

/** After the turn: mails must not keep those who wait from the token. */
async function tell(
  world: RefreshWorld,
  log: Log,
  { account, destination }: Job,
  result: RefreshResult,
): Promise<void> {
  const place = { connector: account.connector, tenant: destination.tenant }
  log.metrics(
    { Stack: world.env.CONNECT_STACK, Destination: `${destination.tenant}/${account.connector}` },
    result.ok ? { refreshed: 1 } : { refreshFailed: 1 },
  )
  try {
    if (result.ok) {
      log.info('token renewed', { version: result.version })
      return await heal(world, place, ['unauthorized'])
    }
    const { verdict, code, words } = result
    log.warn('token not renewed', { verdict, code, words })
    if (verdict === 'misconfigured')
      await report(world, place, { reason: 'unauthorized', code, words, account: account.account, examples: [] })
  } catch (error) {
    log.error('mail not sent', { error: (error as Error).name })
  }
}

import pRetry from 'p-retry'
import type { AnyConnector, Auth, HttpRequest, Secrets } from '../core/connector.ts'
import { mask } from '../core/mask.ts'
import { belongs, candidates, type RefusedLogin, refusal, type StoredToken, seedOf, succeed } from '../core/token.ts'
import type { Exchange, World } from './world.ts'

export type TokenAuth = Extract<Auth<object>, { kind: 'token' }>
export type Login = { settings: object; secrets: Secrets; stored: StoredToken | undefined; deadline: number }

/** Both where the vendor has rotated our refresh token, but the access token is of no use: it must be stored all the same. */
export type LoginOutcome = { token: StoredToken; refused?: RefusedLogin } | { token?: never; refused: RefusedLogin }

const EXCHANGE_MS = 8_000
const MOST_WORDS = 300

/**
 * Asks the vendor for a token with whatever it may accept, best first. A refusal is final only when every refresh token
 * that we hold was refused; any other failure ends the round, because the next token would meet it too.
 */
export async function logIn(
  world: Pick<World, 'exchange' | 'now' | 'sleep'>,
  connector: AnyConnector,
  auth: TokenAuth,
  { settings, secrets, stored, deadline }: Login,
): Promise<LoginOutcome> {
  let refused: RefusedLogin | undefined
  for (const last of candidates(stored, seedOf(secrets))) {
    const request = auth.exchange(settings, secrets, last, world.now())
    if (!belongs(request.url, connector.hosts)) return { refused: strangeHost(request.url) }
    const answer = await ask(world, request, deadline)
    if (!answer.answered) return { refused: { verdict: 'retry', code: answer.code, words: answer.words } }
    const read = auth.read(answer, world.now(), last)
    if (!('verdict' in read)) {
      const used = { refresh: last ? last.refresh : secrets.refreshToken, seed: seedOf(secrets) }
      return accepted(connector, succeed(stored, read, used, world.now()))
    }
    const why = refusal(read)
    const masked = { ...why, words: mask(why.words).slice(0, MOST_WORDS) }
    if (why.verdict !== 'misconfigured') return { refused: masked }
    if (!last || !refused) refused = masked // the secret's own refusal says more than that of a token that had died
  }
  return { refused: refused ?? { verdict: 'misconfigured', code: 'login-refused', words: '' } }
}

function accepted(connector: AnyConnector, token: StoredToken): LoginOutcome {
  if (token.baseUrl === undefined || belongs(token.baseUrl, connector.hosts)) return { token }
  const { baseUrl, ...rest } = token
  return { token: { ...rest, expiresAt: 0 }, refused: strangeHost(baseUrl) }
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : 'what is no URL')
const strangeHost = (url: string): RefusedLogin => ({
  verdict: 'misconfigured',
  code: 'strange-host',
  words: `The login leads to ${hostOf(url)}, which is not among the vendor's hosts`,
})

/** Repeats only what proves that the vendor saw nothing: a second login could void the first one's refresh token. */
async function ask(
  world: Pick<World, 'exchange' | 'now' | 'sleep'>,
  request: HttpRequest,
  deadline: number,
): Promise<Exchange> {
  let answer: Exchange | undefined
  const once = async () => {
    answer = await world.exchange(request, Math.max(1, Math.min(EXCHANGE_MS, deadline - world.now())))
    if (!answer.answered && answer.sent === 'no') throw new Error(answer.code)
    return answer
  }
  return pRetry(once, {
    retries: 2,
    minTimeout: 0,
    onFailedAttempt: ({ attemptNumber, retriesLeft }) =>
      retriesLeft ? world.sleep(1_000 * 2 ** (attemptNumber - 1)) : undefined,
    shouldRetry: () => world.now() + EXCHANGE_MS < deadline,
  }).catch(error => {
    if (answer) return answer
    throw error
  })
}

import type { HttpRequest, Secrets, Token } from '../../core/connector.ts'
import type { Ended } from '../../core/judge.ts'
import { mask, maskValue } from '../../core/mask.ts'
import type { Exchange } from '../rehearse.ts'

/**
 * Takes credentials and tokens out of what is shown of an exchange, in whichever form they travel: as they are, encoded for
 * a form or a URL, or inside Basic. People stay: those of worked cases are made up.
 */
export function hider(secrets: Secrets, token: Token | undefined): (text: string) => string {
  const known = [
    ...Object.entries(secrets),
    ...Object.entries({ token: token?.value, 'refresh token': token?.refresh }),
  ].flatMap(([name, value]) => (value ? formsOf(value).map(form => ({ form, shown: `<${name}>` })) : []))
  known.sort((a, b) => b.form.length - a.form.length) // a secret may begin with another
  return text => known.reduce((left, { form, shown }) => left.replaceAll(form, shown), text)
}

const formsOf = (value: string): readonly string[] => [
  ...new Set([value, encodeURIComponent(value), new URLSearchParams({ v: value }).toString().slice(2), escaped(value)]),
]
const escaped = (value: string) => JSON.stringify(value).slice(1, -1)

/** An exchange that anybody may read. `login`: fields that are named like secrets go as well, whatever they hold. */
export function shown({ request, ended }: Exchange, hide: (text: string) => string, login = false): Exchange {
  const clean = (body: unknown) => hidden(login ? maskValue(body) : body, hide)
  return { request: shownRequest(request, hide, login), ended: shownEnd(ended, clean, hide) }
}

function shownRequest({ body, headers, ...request }: HttpRequest, hide: (text: string) => string, login: boolean) {
  return {
    ...request,
    url: hide(request.url),
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, shownHeader(name, value, hide)])),
    ...(body !== undefined && { body: hide(login ? mask(`&${body}`).slice(1) : body) }),
  }
}

/** Whatever proves who asks is never shown, known or not; its scheme is. */
function shownHeader(name: string, value: string, hide: (text: string) => string): string {
  const left = hide(value)
  if (!/^(authorization|cookie|.*(api-?key|token|secret).*)$/.test(name) || left !== value) return left
  return value.replace(/^((?:basic|bearer) )?.*$/is, '$1<hidden>')
}

const shownEnd = (ended: Ended, clean: (body: unknown) => unknown, hide: (text: string) => string): Ended =>
  ended.answered
    ? {
        ...ended,
        headers: Object.fromEntries(Object.entries(ended.headers).map(([name, value]) => [name, hide(value)])),
        body: clean(ended.body),
      }
    : ended

function hidden(value: unknown, hide: (text: string) => string): unknown {
  if (typeof value === 'string') return hide(value)
  if (Array.isArray(value)) return value.map(one => hidden(one, hide))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, hidden(inner, hide)]))
}

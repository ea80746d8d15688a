import type { HttpRequest } from '../../core/connector.ts'
import type { Ended } from '../../core/judge.ts'
import { asSpan } from '../../core/notice.ts'
import type { Exchange } from '../rehearse.ts'
import type { Tried } from './case.ts'

const MOST_LINES = 40

/** A played case for a person to read, from the top. */
export function describe(tried: Tried) {
  const { connector, case: title, settings, login, requests, outcomes, differs } = tried
  return [
    `${connector}: ${title}`,
    ...section('settings', json(settings)),
    ...section('events', folded(eventLines(tried))),
    ...(login ? section('login', exchange(login)) : []),
    ...requests.flatMap((one, index) => section(`request ${index + 1}, ${one.call}`, exchange(one))),
    ...(requests.length ? [] : section('requests', ['none: nothing was sent'])),
    ...section('outcomes', folded(outcomeLines(outcomes, differs))),
    '',
    Object.keys(differs).length ? 'NOT as the case expects.' : 'As the case expects.',
  ].join('\n')
}

function eventLines({ events, known = {} }: Tried) {
  const told = (msAgo: number | undefined) => (msAgo === undefined ? '' : `the person wrote ${asSpan(msAgo)} ago`)
  return table(Object.entries(events).map(([id, name]) => [id, name, told(known[id]?.wroteMsAgo)]))
}

const section = (title: string, lines: readonly string[]) => [
  '',
  title,
  ...lines.map(line => (line ? `  ${line}` : '')),
]

const exchange = ({ request, ended }: Exchange) => [...requestLines(request), '', ...endLines(ended)]

const requestLines = ({ method, url, headers, body }: HttpRequest) => [
  `${method} ${url}`,
  ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ...(body ? folded(pretty(body)) : []),
]

const endLines = (ended: Ended) =>
  ended.answered
    ? [
        `-> ${ended.status}`,
        ...Object.entries(ended.headers).map(([name, value]) => `${name}: ${value}`),
        ...(ended.body === '' ? [] : folded(typeof ended.body === 'string' ? pretty(ended.body) : json(ended.body))),
      ]
    : [`-> no answer: ${ended.code} (${ended.words})`]

function pretty(body: string): readonly string[] {
  try {
    return json(JSON.parse(body))
  } catch {
    return body.split(/\r?\n/)
  }
}

const json = (value: unknown) => JSON.stringify(value, null, 2).split('\n')

/** Long bodies keep their beginning: `--json` has them whole. */
const folded = (lines: readonly string[]) =>
  lines.length <= MOST_LINES
    ? lines
    : [...lines.slice(0, MOST_LINES), `... and ${lines.length - MOST_LINES} lines more (--json has them)`]

function outcomeLines(outcomes: Tried['outcomes'], differs: Tried['differs']) {
  const missing = Object.keys(differs).filter(id => !(id in outcomes))
  return table([
    ...Object.entries(outcomes).map(([id, { verdict, code, words, why, waitMs, scope, tries, job }]) => [
      id,
      verdict,
      [
        code,
        words ?? why,
        waitMs !== undefined && `waits ${waitMs / 1000} s`,
        scope && `scope ${scope}`,
        tries !== undefined && `${tries} tries`,
        job && `job ${job}`,
        differs[id] && `EXPECTED ${differs[id]}`,
      ]
        .filter(Boolean)
        .join(', '),
    ]),
    ...missing.map(id => [id, 'nothing', `EXPECTED ${differs[id]}`]),
  ])
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1, 2].map(column => Math.max(0, ...rows.map(row => row[column]?.length ?? 0)))
  return rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}

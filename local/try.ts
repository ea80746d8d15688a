/** `npm run try <connector> [case]`: plays a worked case of a connector against its fake, and shows what was said. */
import { parseArgs } from 'node:util'
import { nearest } from '../components/config-sentence.ts'
import { connectors } from '../connectors/index.ts'
import type { AnyConnector } from '../core/connector.ts'
import type { Case, Simulator } from '../core/simulator.ts'
import { tryCase } from './try/case.ts'
import { describe } from './try/describe.ts'

const USAGE = `Usage: npm run try -- <connector> [case] [--json]

  <connector>   ${Object.keys(connectors).join(', ')}
  [case]        its number in the list, or words of its title; without it, the list
  --json        print it whole, for programs

The exit code is 0 when all came as the case expects, 1 when not, 2 when the command is not understood.`

type Printer = { out(text: string): void; err(text: string): void }
type Asked = { json: boolean; name: string; wanted: string }

export async function tryConnector(argv: readonly string[], { out, err }: Printer): Promise<number> {
  const asked = readArguments(argv)
  if ('usage' in asked) {
    const print = asked.error ? err : out
    print([asked.error, USAGE].filter(Boolean).join('\n\n'))
    return asked.error ? 2 : 0
  }
  const { json, name, wanted } = asked
  const connector = Object.hasOwn(connectors, name) ? connectors[name] : undefined
  if (!connector) {
    err(unknownConnector(name))
    return 2
  }
  const simulator = await simulatorOf(name)
  if (!wanted) {
    out(json ? JSON.stringify(simulator.cases.map(({ title }) => title)) : list(name, simulator.cases))
    return 0
  }
  const found = find(simulator.cases, wanted)
  if ('error' in found) {
    err(`${name} ${found.error}`)
    return 2
  }
  return play(connector, simulator, found.example, text => out(json ? JSON.stringify(text, null, 2) : describe(text)))
}

async function play(
  connector: AnyConnector,
  simulator: Simulator<object>,
  example: Case<object>,
  show: (tried: Awaited<ReturnType<typeof tryCase>>) => void,
): Promise<number> {
  const tried = await tryCase(connector, simulator, example)
  show(tried)
  return Object.keys(tried.differs).length ? 1 : 0
}

function readArguments(argv: readonly string[]): Asked | { usage: true; error?: string } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    const [name, ...words] = positionals
    if (values.help) return { usage: true }
    if (name === undefined) return { usage: true, error: 'Which connector?' }
    return { json: values.json ?? false, name, wanted: words.join(' ').trim() }
  } catch (error) {
    return { usage: true, error: (error as Error).message }
  }
}

function unknownConnector(name: string): string {
  const known = Object.keys(connectors)
  const near = nearest(name, known)
  const guess = near ? `Did you mean "${near}"? ` : ''
  return `There is no connector "${name}". ${guess}There are ${known.join(', ')}.`
}

const simulatorOf = async (name: string): Promise<Simulator<object>> =>
  ((await import(`../connectors/${name}/simulator.ts`)) as { default: Simulator<object> }).default

const list = (name: string, cases: readonly Case<object>[]) =>
  [`${name} has ${cases.length} worked cases:`, ...numbered(cases, cases), '', `npm run try ${name} 1`].join('\n')

const numbered = (some: readonly Case<object>[], all: readonly Case<object>[]) =>
  some.map(one => `${String(all.indexOf(one) + 1).padStart(4)}  ${one.title}`)

/** A case by its number, by its whole title, or by words that only one title has. */
function find(cases: readonly Case<object>[], wanted: string): { example: Case<object> } | { error: string } {
  const text = wanted.toLowerCase()
  const words = text.split(/\s+/)
  const numbers = /^\d+$/.test(wanted)
  if (numbers && cases[Number(wanted) - 1]) return { example: cases[Number(wanted) - 1]! }
  if (numbers) return { error: `has no case ${wanted}: they go from 1 to ${cases.length}.` }
  const exact = cases.find(({ title }) => title.toLowerCase() === text)
  const holding = cases.filter(({ title }) => words.every(word => title.toLowerCase().includes(word)))
  const example = exact ?? (holding.length === 1 ? holding[0] : undefined)
  if (example) return { example }
  if (holding.length)
    return { error: `has ${holding.length} cases with "${wanted}":\n${numbered(holding, cases).join('\n')}` }
  const close = nearestCases(cases, words)
  const guess = close.length ? ` The nearest:\n${numbered(close, cases).join('\n')}` : ''
  return { error: `has no case with "${wanted}".${guess}` }
}

/** The three that share most words with what was asked for, if any do; a slip of the finger in a longer word is forgiven. */
function nearestCases(cases: readonly Case<object>[], words: readonly string[]): readonly Case<object>[] {
  const shared = ({ title }: Case<object>) => {
    const known = title.toLowerCase().split(/\W+/)
    const longer = known.filter(({ length }) => length > 3)
    return words.filter(word => known.includes(word) || (word.length > 3 && nearest(word, longer))).length
  }
  const ranked = cases.map(one => ({ one, points: shared(one) })).filter(({ points }) => points > 0)
  const best = ranked.sort((a, b) => b.points - a.points).slice(0, 3)
  return best.map(({ one }) => one)
}

if (import.meta.main)
  process.exitCode = await tryConnector(process.argv.slice(2), {
    out: text => console.log(text),
    err: text => console.error(text),
  })

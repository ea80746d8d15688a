import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { before, suite, test } from 'node:test'
import { lead as dynamicsLead } from '../connectors/dynamics/simulator-people.ts'
import { connectors } from '../connectors/index.ts'
import { lead as rdLead } from '../connectors/rdstation/simulator-people.ts'
import { event as responsysEvent, lead as responsysLead } from '../connectors/responsys/simulator-people.ts'
import { lead as salesforceLead } from '../connectors/salesforce/simulator-people.ts'
import { lead as sendgridLead, order as sendgridOrder } from '../connectors/sendgrid/simulator-people.ts'
import { lead as whatsappLead } from '../connectors/whatsapp/simulator-people.ts'
import type { Simulator } from '../core/simulator.ts'
import { runEndless, runThrough, type Seen, type Target } from './tools/faulty-run.ts'
import { FAULTS } from './tools/faulty-server.ts'

type FaultName = keyof typeof FAULTS
type Column = Omit<Target, 'connector' | 'simulator'> & { of: string }

/** The kinds of requests that differ in what a fault means for them: which of them may be repeated, and whose 200 says what. */
const COLUMNS: readonly Column[] = [
  { of: 'rdstation', call: 'events', event: rdLead('ana') },
  { of: 'salesforce', call: 'upsert', event: salesforceLead('ana') },
  { of: 'dynamics', call: 'batch', event: dynamicsLead('ana') },
  {
    of: 'responsys',
    call: 'profile',
    event: responsysLead('ana'),
    settings: { events: { generate_lead: ['profile'] } },
  },
  {
    of: 'responsys',
    call: 'program',
    event: responsysEvent('quiz', 'ana'),
    settings: { programs: { quiz: 'lead_created' } },
    path: /\/events\//,
  },
  { of: 'whatsapp', call: 'message', event: whatsappLead('ana') },
  { of: 'sendgrid', call: 'contacts', event: sendgridLead('ana') },
  { of: 'sendgrid', call: 'mail', event: sendgridOrder('ana'), settings: { contacts: { '*': false } } },
]

/** What a word of the table promises of the record and of its destination, and how a page explains it. */
const WORDS = {
  delivered: ['delivered', 'gone', 'open', 'the record is settled'],
  retry: ['retry', 'waits, a try counted', 'open', 'the record is sent again later; the destination goes on'],
  'retry!': ['retry', 'waits, a try counted', 'a failure counted', 'the same, and it counts against the breaker'],
  resend: [
    'unknown',
    'waits, a try counted',
    'open',
    'it may have arrived; sent again later, because twice does less harm than not at all',
  ],
  'resend!': ['unknown', 'waits, a try counted', 'a failure counted', 'the same, and it counts against the breaker'],
  hold: [
    'unknown',
    'dead: outcome-unknown',
    'open',
    'it may have arrived and must not arrive twice: a dead letter, which a person may send again',
  ],
  'hold!': ['unknown', 'dead: outcome-unknown', 'a failure counted', 'the same, and it counts against the breaker'],
  stop: [
    'misconfigured',
    'waits',
    'stopped',
    'the destination stops with one mail; every record waits, no try is counted',
  ],
} as const satisfies {
  readonly [word: string]: readonly [Seen['verdict'], Seen['record'], Seen['destination'], string]
}

// Nothing of the request has left: everybody may try again, and does so three times within the run.
const UNSENT = all('retry! ×3')
// It may have been taken. Upserts are repeated; RD Station's events later; what reaches a person is held.
const LOST = ['resend!', 'retry! ×3', 'retry! ×3', 'retry! ×3', 'hold!', 'hold!', 'retry! ×3', 'hold!']
// An answer that came and says nothing of the record: the vendor itself is well.
const UNREAD = ['resend', 'retry', 'retry', 'retry', 'hold', 'hold', 'retry', 'hold']
// Dynamics: its window of five minutes. SendGrid: ten seconds. The others name no time, or a minute.
const UNTOLD = ['wait 60 s', 'wait 60 s', 'wait 300 s', 'wait 60 s', 'wait 60 s', 'wait 60 s', 'wait 10 s', 'wait 10 s']

/** By fault, in the order of the columns: what must come of it. Written down, not recorded. */
const EXPECTED: { readonly [fault in FaultName]: readonly string[] } = {
  'connection refused': UNSENT,
  'host name not found': UNSENT,
  'wrong certificate': UNSENT,
  'timeout before sending': UNSENT,
  'timeout after sending': LOST,
  'reset before the answer': LOST,
  'reset in the middle of the answer': LOST,
  'answer that drips without end': LOST,
  'answer after 100 seconds': LOST,
  'error 500': LOST,
  'error 502 with a page': LOST,
  '429, `Retry-After` in seconds': all('wait 7 s'),
  '429, `Retry-After` as a date': all('wait 90 s'),
  '429, `Retry-After` of garbage': UNTOLD,
  '429 without `Retry-After`': UNTOLD,
  // A static key is read again; the one at hand is all there is, so the destination stops at once.
  '401 once': [...Array(5).fill('delivered ×2'), 'stop', 'stop', 'stop'],
  '401 for ever': [...Array(5).fill('stop ×2'), 'stop', 'stop', 'stop'],
  '200 with garbage': UNREAD,
  'truncated answer': UNREAD,
  redirect: all('stop'),
}
const ENDLESS: readonly FaultName[] = [
  'timeout after sending',
  'answer that drips without end',
  'answer after 100 seconds',
]

function all(cell: string): string[] {
  return Array(COLUMNS.length).fill(cell)
}

const names = Object.keys(FAULTS) as FaultName[]
const seen = new Map<FaultName, readonly Seen[]>()
const README = new URL('../connectors/README.md', import.meta.url)
const OUTPUT = new URL('output/', import.meta.url)

suite('what a fault means for a record and its destination', () => {
  before(async () => {
    const targets = await Promise.all(COLUMNS.map(targetOf))
    const fill = async (name: FaultName, through: typeof runThrough) => {
      seen.set(name, await Promise.all(targets.map(target => through(FAULTS[name], target))))
    }
    await Promise.all(names.filter(name => !ENDLESS.includes(name)).map(name => fill(name, runThrough)))
    await Promise.all(ENDLESS.map(name => fill(name, runEndless)))
  })

  for (const name of names)
    for (const [at, { of, call }] of COLUMNS.entries())
      test(`${of}, ${call}: ${name} comes to "${EXPECTED[name][at]}"`, () => {
        assert.equal(cellOf(seen.get(name)![at]!), EXPECTED[name][at])
      })

  test('of what is called unsent nothing has arrived, and of all else every request', () => {
    for (const name of names)
      for (const { requests, arrived } of seen.get(name)!)
        assert.equal(arrived.length, EXPECTED[name] === UNSENT ? 0 : requests, name)
  })
  test('a redirect is followed by nobody', () => {
    for (const { arrived } of seen.get('redirect')!) {
      assert.equal(arrived.length, 1)
      assert.ok(!arrived[0]!.includes('elsewhere'))
    }
  })
  test('every connector is in the table, with every way in which its calls may be repeated', () => {
    for (const [name, { calls }] of Object.entries(connectors)) {
      const columns = COLUMNS.filter(({ of }) => of === name)
      const ways = (of: readonly string[]) => [...new Set(of.map(call => calls[call]!.repeatable))].sort()
      assert.deepEqual(ways(columns.map(({ call }) => call)), ways(Object.keys(calls)), name)
    }
  })
  test('no call of any connector waits 100 seconds for an answer', () => {
    for (const { calls } of Object.values(connectors))
      for (const { timeoutMs } of Object.values(calls)) assert.ok(timeoutMs < 100_000)
  })
  test('the page on connectors prints the table that this run has made', async () => {
    const made = `${table()}\n\n${legend()}`
    await mkdir(OUTPUT, { recursive: true })
    await writeFile(new URL('faults.md', OUTPUT), `${made}\n`)
    const [, printed] = (await readFile(README, 'utf8')).split(/<!-- faults: .*-->\n|<!-- end of faults -->/)
    assert.equal(printed?.trim(), made, 'put test/output/faults.md between the marks of connectors/README.md')
  })
  test('the page on connectors lists every connector', async () => {
    const page = await readFile(README, 'utf8')
    for (const { name, title } of Object.values(connectors))
      assert.ok(page.includes(`| [${title}](${name}/README.md) |`))
  })
})

async function targetOf({ of, ...column }: Column): Promise<Target> {
  const { default: simulator } = (await import(`../connectors/${of}/simulator.ts`)) as { default: Simulator<object> }
  return { ...column, connector: connectors[of]!, simulator }
}

/** The word for what was seen; all of it where no word promises just that. */
function cellOf(all: Seen): string {
  const { verdict, requests, record, destination } = all
  const times = requests > 1 ? ` ×${requests}` : ''
  const [, seconds] = /^throttled (\d+) s$/.exec(destination) ?? []
  if (verdict === 'throttled' && record === 'waits' && seconds) return `wait ${seconds} s${times}`
  const said = verdict === 'unauthorized' ? 'misconfigured' : verdict // a static key that is refused
  const fits = Object.entries(WORDS).find(
    ([, word]) => word[0] === said && word[1] === record && word[2] === destination,
  )
  return fits ? `${fits[0]}${times}` : JSON.stringify(all)
}

const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function table(): string {
  const heads = ['fault', ...COLUMNS.map(({ of, call }) => `${of} ${call}`)]
  const rows = names.map(name => line([name, ...seen.get(name)!.map(cellOf)]))
  return [line(heads), line(heads.map(() => '---')), ...rows].join('\n')
}

function legend(): string {
  const used = Object.entries(WORDS).filter(([word]) =>
    names.some(name => seen.get(name)!.some(one => cellOf(one).split(' ')[0] === word)),
  )
  return [
    ...used.map(([word, [, , , why]]) => `- \`${word}\`: ${why}`),
    '- `wait n s`: the destination waits so long; no try is counted',
    '- `×n`: so many requests within the run; without it, one',
  ].join('\n')
}

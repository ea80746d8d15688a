import type { DestinationStatus, Journal } from './journal.ts'

/** What of a terminal is needed; `process.stdout` is one. */
export type Out = { write(text: string): unknown; isTTY?: boolean | undefined; columns?: number | undefined }
export type Terminal = {
  /** A line of its own, above those of the destinations. */
  print(text: string): void
  stop(): void
}

const REDRAW_MS = 100
const PLAIN_MS = 1_000
/** Breakers go half-open and waiting times pass without any change of the journal. */
const LOOK_MS = 1_000

/**
 * One line per destination: on a terminal they stay where they are and change in place; elsewhere (a file, a pipe, CI) a
 * line is written when it has changed, at most once a second.
 */
export function startTerminal(journal: Journal, { out }: { out: Out }): Terminal {
  return out.isTTY ? inPlace(journal, out) : plain(journal, out)
}

function inPlace(journal: Journal, out: Out): Terminal {
  let drawn = 0
  let last = ''
  const erase = () => (drawn ? `\x1b[${drawn}A\x1b[0J` : '')
  const draw = (above = '') => {
    const all = linesOf(journal).map(line => line.slice(0, (out.columns ?? 120) - 1))
    const text = all.map(line => `${line}\n`).join('')
    if (text === last && !above) return
    out.write(`${erase()}${above}${text}`)
    drawn = all.length
    last = text
  }
  const watching = watch(journal, REDRAW_MS, draw)
  draw()
  return {
    print: text => draw(`${text}\n`),
    stop: watching,
  }
}

function plain(journal: Journal, out: Out): Terminal {
  let before = new Map<string, string>()
  const write = () => {
    const lines = linesOf(journal)
    const now = new Map(lines.map(line => [line.split(' ')[0]!, line]))
    for (const [name, line] of now) if (before.get(name) !== line) out.write(`${line}\n`)
    before = now
  }
  const stop = watch(journal, PLAIN_MS, write)
  return {
    print: text => void out.write(`${text}\n`),
    stop() {
      stop()
      write() // what happened since the last second
    },
  }
}

/** Calls `show` after changes, at most once in `ms`. */
function watch(journal: Journal, ms: number, show: () => void): () => void {
  let gathering: NodeJS.Timeout | undefined
  const later = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      show()
    }, ms)
  }
  const unsubscribe = journal.subscribe(later)
  const looking = setInterval(later, LOOK_MS)
  return () => {
    unsubscribe()
    clearInterval(looking)
    clearTimeout(gathering)
  }
}

function linesOf(journal: Journal): string[] {
  const destinations = Object.entries(journal.snapshot().destinations)
  const width = Math.max(0, ...destinations.map(([name]) => name.length))
  return destinations.map(([name, status]) => `${name.padEnd(width)}  ${words(status)}`)
}

const COLUMNS = ['accepted', 'waiting', 'retrying', 'delivered', 'dead'] as const
const RARE = ['skipped', 'suppressed', 'dropped'] as const

function words(status: DestinationStatus): string {
  const counts = COLUMNS.map(name => `${String(status[name]).padStart(5)} ${name}`)
  const rare = RARE.filter(name => status[name]).map(name => `${status[name]} ${name}`)
  const { shut, breaker } = status
  const state = shut && shut.reason !== 'breaker' ? shut.reason : `breaker ${breaker}`
  return [...counts, ...rare, state].join('  ')
}

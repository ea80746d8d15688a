import { Cron } from 'croner'

/**
 * When a schedule expression is due next after `after` (epoch ms); undefined when never again. A rate counts from
 * `start`. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function nextRun(expression: string, after: number, start: number, timeZone = 'UTC'): number | undefined {
  const [, kind, body = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression) ?? []
  if (kind === 'rate') return nextOfRate(body, after, start)
  if (kind === 'cron') return cron(body, timeZone).nextRun(new Date(after))?.getTime()
  if (kind === 'at') return nextAt(body, after, timeZone)
  throw new Error(`Schedule expression "${expression}" is neither rate(), cron() nor at().`)
}

const UNITS: { [unit: string]: number } = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }
function nextOfRate(body: string, after: number, start: number): number {
  const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(body) ?? []
  const every = Number(count) * (UNITS[unit] ?? Number.NaN)
  if (!(every > 0)) throw new Error(`Schedule expression "rate(${body})" is not valid.`)
  return start + (Math.floor((after - start) / every) + 1) * every
}

function nextAt(body: string, after: number, timeZone: string): number | undefined {
  const at = new Cron(body, { timezone: timeZone }).nextRun(new Date(after))?.getTime()
  return at !== undefined && at > after ? at : undefined
}

/** AWS writes minute, hour, day, month, weekday (1-7 from Sunday), year; croner wants seconds first and weekdays from 0. */
function cron(body: string, timeZone: string): Cron {
  const fields = body.trim().split(/\s+/)
  if (fields.length !== 6) throw new Error(`Schedule expression "cron(${body})" needs six fields.`)
  const [minute, hour, day, month, weekday, year] = fields as [string, string, string, string, string, string]
  const parts = [
    '0',
    stepped(minute, 59),
    stepped(hour, 23),
    unspecified(day),
    month,
    weekdays(unspecified(weekday)),
    year,
  ]
  return new Cron(parts.join(' '), { timezone: timeZone, paused: true, domAndDow: false })
}

const unspecified = (field: string) => (field === '?' ? '*' : field)
const stepped = (field: string, last: number) => field.replace(/^(\d+)\/(\d+)$/, `$1-${last}/$2`)
/** `2-6` becomes `1-5`; what follows `#` (which of the month) and `/` (step) stays. */
const weekdays = (field: string) =>
  field.replace(/(^|[,-])(\d)/g, (_, before: string, day: string) => `${before}${Number(day) - 1}`)

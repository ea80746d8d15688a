import { applyMapping, type Event, type Item, type Json, type Mapping } from '../../core/connector.ts'
import { type Column, columnsOf, type Target } from './columns.ts'
import { columnName, DEFAULTS, type Settings } from './settings.ts'

export type Cells = { [column: string]: string | null }

/** How a target of one event name is filled under some settings: worked out once, not for every event. */
type Plan = {
  columns: readonly (readonly [name: string, write: Write])[]
  mappings: readonly Mapping[]
  names: readonly string[]
}
type Write = (event: Event, item: Item | undefined, line: number) => string | undefined
const plans = new WeakMap<Settings, Map<string, Plan>>()

function planOf(target: Target, event: string, settings: Settings): Plan {
  const known = plans.get(settings) ?? new Map<string, Plan>()
  plans.set(settings, known)
  const key = `${target} ${event}`
  const plan = known.get(key) ?? newPlan(target, event, settings)
  known.set(key, plan)
  return plan
}

function newPlan(target: Target, event: string, settings: Settings): Plan {
  const columns = Object.entries(columnsOf(target, event)).flatMap(([column, definition]) => {
    const name = columnName(target, column, settings)
    return name ? [[name, writerOf(definition, settings)] as const] : []
  })
  const { '*': everywhere, [event]: here } = settings.mapping?.[target] ?? {}
  const mappings = [everywhere, here].filter(mapping => mapping !== undefined)
  const names = [...columns.map(([name]) => name), ...mappings.flatMap(Object.keys)]
  return { columns, mappings, names: [...new Set(names)] }
}

/**
 * What the event fills of a target. A column that it leaves empty is absent, because sent empty it would blank what the
 * account has there.
 */
export function cellsOf(target: Target, event: Event, settings: Settings, item?: Item, line = 0): Cells {
  const { columns, mappings } = planOf(target, event.name, settings)
  const cells: Cells = {}
  for (const [name, write] of columns) {
    const value = write(event, item, line)
    if (value) cells[name] = value
  }
  for (const mapping of mappings)
    for (const [column, value] of Object.entries(applyMapping(mapping, event)))
      if (value === null) delete cells[column]
      else cells[column] = textOf(value)
  return cells
}

/** The same with every column of the target, null where it is empty: for rows that are one event's alone. */
export function wholeRowOf(target: Target, event: Event, settings: Settings): Cells {
  const some = cellsOf(target, event, settings)
  const all: Cells = {}
  for (const name of planOf(target, event.name, settings).names) all[name] = some[name] ?? null
  return all
}

/** Every cell is text, numbers too: https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-lists-listName-members-post.htm */
function writerOf({ type, whole, from }: Column, { timeFormat = DEFAULTS.timeFormat }: Settings): Write {
  const most = whole || !type.startsWith('STR') ? Number.POSITIVE_INFINITY : Number(type.slice(3))
  const plain = type === 'TIMESTAMP' && timeFormat === 'datetime'
  return (event, item, line) => {
    const value = from(event, item, line)
    if (value === undefined) return undefined
    if (typeof value === 'number') return decimal(value)
    return plain ? value.slice(0, 19).replace('T', ' ') : cut(value, most)
  }
}

/** Without an exponent, which no NUMBER column reads. */
function decimal(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Math.abs(value) < 1 ? value.toFixed(10).replace(/\.?0+$/, '') : BigInt(value).toString()
}

/** Never through a character of two units. */
const cut = (text: string, length: number) =>
  text.length <= length
    ? text
    : text
        .slice(0, length)
        .toWellFormed()
        .replace(/\ufffd$/, '')

const textOf = (value: Json): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? decimal(value) : JSON.stringify(value)

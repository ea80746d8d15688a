import { applyMapping, type Draft, type Event, type Item, type Json, type Skip } from '../../core/connector.ts'
import { type Column, columnsOf, emailHashOf, KEYS, orderIdOf, type Target } from './columns.ts'
import {
  type CallName,
  columnName,
  DEFAULTS,
  type MatchColumn,
  matchOf,
  programOf,
  type Settings,
  targetsOf,
} from './settings.ts'

export type Cells = { readonly [column: string]: string | null }
/** A record for a list, an extension table or a supplemental table. `keys`: columns to match by, where the table has no primary key. */
export type Row = { into: string; cells: Cells; keys?: readonly string[] }
/** A person's entry into a program. */
export type Entry = { program: string; recipient: { readonly [by: string]: string | number }; values: Cells }
export type Record = Row | Entry
type Filled = { [column: string]: string | null }

export function map(event: Event, settings: Settings): readonly Draft<Record>[] | Skip {
  const targets = targetsOf(event.name, settings)
  if (targets.length === 0) return { skip: `${event.name} is not sent to Responsys: see its setting events` }
  const profile = profileOf(event, settings)
  const missing = matchOf(settings).find(column => !profile[column])
  const drafts = targets.flatMap(target =>
    PERSONAL.includes(target)
      ? missing
        ? []
        : personal(target, profile, event, settings)
      : somebody(event)
        ? rows(target, event, settings)
        : [],
  )
  if (drafts.length === 0)
    return { skip: `no ${missing ?? 'identity'}: Responsys would not know whose ${event.name} it is` }
  return inSteps(drafts)
}

/** Records about a person whom the list has to know. */
const PERSONAL: readonly Target[] = ['profile', 'extension', 'program']
const somebody = ({ user }: Event) => Boolean(user?.id || user?.email || user?.phone || user?.emailHash)

type Stage = 'person' | 'data' | 'program'
const STAGES: readonly Stage[] = ['person', 'data', 'program']
type Staged = Omit<Draft<Record>, 'step'> & { stage: Stage }

/** The list before everything that refers to it, programs last: they read what was written before. */
function inSteps(drafts: readonly Staged[]): readonly Draft<Record>[] {
  const placed = drafts.map(({ stage, ...draft }) => ({ ...draft, step: STAGES.indexOf(stage) }))
  const first = Math.min(...placed.map(({ step }) => step))
  return placed.map(draft => ({ ...draft, step: draft.step - first })).sort((a, b) => a.step - b.step)
}

function personal(target: Target, profile: Filled, event: Event, settings: Settings): readonly Staged[] {
  const identity = Object.fromEntries(matchOf(settings).map(column => [column, profile[column]!]))
  const key = Object.values(identity).join(' ')
  if (target === 'profile') return [row('profile', 'person', key, { into: settings.list, cells: profile })]
  if (target === 'extension') {
    const cells = filled('extension', event, settings)
    if (Object.keys(cells).length === 0) return [] // nothing is kept of this event
    return [row('extension', 'data', key, { into: settings.extension!, cells: { ...identity, ...cells } })]
  }
  const program = programOf(event.name, settings)!
  const data = {
    program,
    recipient: recipientOf(matchOf(settings)[0]!, profile),
    values: filled('program', event, settings),
  }
  return [{ call: 'program', stage: 'program', key, group: program, data }]
}

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-events-eventName-post.htm */
const RECIPIENT: { readonly [column in MatchColumn]: string } = {
  RIID_: 'recipientId',
  CUSTOMER_ID_: 'customerId',
  EMAIL_ADDRESS_: 'emailAddress',
  MOBILE_NUMBER_: 'mobileNumber',
  EMAIL_SHA256_HASH_: 'emailSHA256Hash',
}

/** One attribute is enough, and it is the first of those that the list matches by. */
function recipientOf(column: MatchColumn, profile: Filled): Entry['recipient'] {
  const value = profile[column]!
  return { [RECIPIENT[column]]: column === 'RIID_' ? Number(value) : value }
}

function rows(target: Target, event: Event, settings: Settings): readonly Staged[] {
  if (target === 'event') return [tableRow('event', event.id, event, settings)]
  if (target === 'order') return [tableRow('order', orderIdOf(event), event, settings)]
  const items = event.commerce?.items ?? []
  return items.map((item, place) =>
    tableRow('items', `${orderIdOf(event)} ${place + 1}`, event, settings, item, place + 1),
  )
}

function tableRow(target: keyof typeof KEYS, key: string, event: Event, settings: Settings, item?: Item, line = 0) {
  const into = settings.tables?.[target] ?? DEFAULTS.tables[target]
  const some = filled(target, event, settings, item, line)
  // A row of events is one event's alone: empty columns blank nothing, and all of them share requests.
  const cells = target === 'event' ? withEmpty(some, event, settings) : some
  const keys = KEYS[target].map(column => columnName(target, column, settings))
  const keyless = settings.tablesWithoutKey?.includes(into)
  return row('table', 'data', `${into} ${key}`, { into, cells, ...(keyless && { keys }) })
}

/** Records of different columns cannot share a request: the request names them once for all. */
function row(call: CallName, stage: Stage, key: string, data: Row): Staged {
  return { call, stage, key, group: `${data.into} ${Object.keys(data.cells).sort().join(' ')}`, data }
}

function profileOf(event: Event, settings: Settings): Filled {
  const cells = filled('profile', event, settings)
  const permission = permissionOf(event, settings)
  if (permission) cells.EMAIL_PERMISSION_STATUS_ ??= permission
  const hash = matchOf(settings).includes('EMAIL_SHA256_HASH_') ? emailHashOf(event) : undefined
  if (hash) cells.EMAIL_SHA256_HASH_ ??= hash
  return cells
}

/** Only where a form was sent: a banner's consent at a later purchase must not bring back whom the list has lost by mail. */
const ASKS: readonly string[] = ['generate_lead', 'sign_up']
function permissionOf({ name, consent }: Event, { permission = DEFAULTS.permission }: Settings): 'I' | 'O' | undefined {
  if (!ASKS.includes(name) || consent?.marketing === undefined || permission === 'never') return undefined
  if (consent.marketing) return 'I'
  return permission === 'both' ? 'O' : undefined
}

/** What the event fills of a target: an empty column is left out, because it would blank what the account has there. */
function filled(target: Target, event: Event, settings: Settings, item?: Item, line = 0): Filled {
  const cells: Filled = {}
  for (const [column, definition] of Object.entries(columnsOf(target, event.name))) {
    const name = columnName(target, column, settings)
    const value = name && cellOf(definition, definition.from(event, item, line), settings)
    if (value) cells[name] = value
  }
  const { '*': everywhere = {}, [event.name]: here = {} } = settings.mapping?.[target] ?? {}
  for (const [column, value] of Object.entries({ ...applyMapping(everywhere, event), ...applyMapping(here, event) }))
    if (value === null) delete cells[column]
    else cells[column] = textOf(value)
  return cells
}

function withEmpty(cells: Filled, event: Event, settings: Settings): Filled {
  const { '*': everywhere = {}, [event.name]: here = {} } = settings.mapping?.event ?? {}
  const columns = Object.keys(columnsOf('event', event.name)).map(column => columnName('event', column, settings))
  const all: Filled = {}
  for (const column of [...columns, ...Object.keys(everywhere), ...Object.keys(here)])
    if (column) all[column] = cells[column] ?? null
  return all
}

/** Every cell is text, numbers too: https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-lists-listName-members-post.htm */
function cellOf({ type, whole }: Column, value: string | number | undefined, settings: Settings): string | undefined {
  if (value === undefined || value === '') return undefined
  if (type === 'TIMESTAMP') return timeOf(String(value), settings)
  if (typeof value === 'number') return decimal(value)
  return whole || !type.startsWith('STR') ? value : cut(value, Number(type.slice(3)))
}

const timeOf = (iso: string, { timeFormat = DEFAULTS.timeFormat }: Settings) =>
  timeFormat === 'iso' ? iso : iso.slice(0, 19).replace('T', ' ')

/** Without an exponent, which no NUMBER column reads. */
function decimal(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  return Math.abs(value) < 1 ? value.toFixed(10).replace(/\.?0+$/, '') : BigInt(value).toString()
}

const cut = (text: string, length: number) =>
  text.length <= length
    ? text
    : text
        .slice(0, length)
        .toWellFormed()
        .replace(/\ufffd$/, '')

const textOf = (value: Json): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? decimal(value) : JSON.stringify(value)

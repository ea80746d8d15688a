import type { Draft, Event, Item, Skip } from '../../core/connector.ts'
import { type Cells, cellsOf, wholeRowOf } from './cells.ts'
import { emailHashOf, KEYS, orderIdOf, type Target } from './columns.ts'
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

/** A record for a list, an extension table or a supplemental table. `keys`: columns to match by, where the table has no primary key. */
export type Row = { into: string; cells: Cells; keys?: readonly string[] }
/** A person's entry into a program. */
export type Entry = { program: string; recipient: { readonly [by: string]: string | number }; values: Cells }
export type Record = Row | Entry

export function map(event: Event, settings: Settings): readonly Draft<Record>[] | Skip {
  const targets = targetsOf(event.name, settings)
  if (targets.length === 0) return { skip: `${event.name} is not sent to Responsys: see its setting events` }
  const profile = targets.some(isPersonal) ? profileOf(event, settings) : {}
  const missing = targets.some(isPersonal) ? matchOf(settings).find(column => !profile[column]) : undefined
  const drafts = targets.flatMap(target => {
    if (isPersonal(target)) return missing ? [] : personal(target, profile, event, settings)
    return somebody(event) ? rows(target, event, settings) : []
  })
  if (drafts.length === 0)
    return { skip: `no ${missing ?? 'identity'}: Responsys would not know whose ${event.name} it is` }
  return inSteps(drafts)
}

/** About a person whom the list has to know. */
const isPersonal = (target: Target) => target === 'profile' || target === 'extension' || target === 'program'
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

function personal(target: Target, profile: Cells, event: Event, settings: Settings): readonly Staged[] {
  const identity = Object.fromEntries(matchOf(settings).map(column => [column, profile[column]!]))
  const key = Object.values(identity).join(' ')
  if (target === 'profile') return [row('profile', 'person', key, { into: settings.list, cells: profile })]
  if (target === 'extension') {
    const cells = cellsOf('extension', event, settings)
    if (Object.keys(cells).length === 0) return [] // nothing is kept of this event
    return [row('extension', 'data', key, { into: settings.extension!, cells: { ...identity, ...cells } })]
  }
  const program = programOf(event.name, settings)!
  const data = {
    program,
    recipient: recipientOf(matchOf(settings)[0]!, profile),
    values: cellsOf('program', event, settings),
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
function recipientOf(column: MatchColumn, profile: Cells): Entry['recipient'] {
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
  // A row of events is one event's alone: empty columns blank nothing, and all of them share requests.
  const cells = target === 'event' ? wholeRowOf(target, event, settings) : cellsOf(target, event, settings, item, line)
  const keys = KEYS[target].map(column => columnName(target, column, settings))
  const keyless = settings.tablesWithoutKey?.includes(into)
  return row('table', 'data', `${into} ${key}`, { into, cells, ...(keyless && { keys }) })
}

/** Records of different columns cannot share a request: the request names them once for all. */
function row(call: CallName, stage: Stage, key: string, data: Row): Staged {
  return { call, stage, key, group: `${data.into} ${Object.keys(data.cells).join(' ')}`, data }
}

function profileOf(event: Event, settings: Settings): Cells {
  const cells = cellsOf('profile', event, settings)
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

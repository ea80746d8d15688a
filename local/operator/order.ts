import { userInfo } from 'node:os'
import { parseArgs } from 'node:util'
import type { OperateEvent } from '../../functions/world.ts'

export const USAGE = `Usage: npm run connect -- <stack> <command> <tenant>/<connector> [options]

  status                          is it open, what waits, what died, what is wrong
  pause    --reason <text>        send nothing until somebody resumes it
  resume                          forget pause, stop and breaker, and start a run
  letters  [--limit n] [--after id]
                                  the dead letters, a page at a time
  redrive  --all | --ids a,b | --reason <reason> | --code <code>  [--resend-unknown]
                                  send dead letters again, with fresh time. Those whose outcome is unknown may
                                  have arrived: only --resend-unknown takes them
  drop     --ids a,b              throw dead letters away for good
  suppress --email <address> | --phone <number>
                                  remember that a person has opted out

  <stack>   the Pulumi stack (dev, prod), or "local" for a running npm start
  --json    print the answer as it came       --by <name>   who gives the order (default: you)
  --region  AWS region (default: AWS_REGION, else the stack's config)

Examples
  npm run connect -- prod resume loja-abc/rdstation
  npm run connect -- prod redrive loja-abc/rdstation --reason expired`

export type Order = {
  stack: string
  connector: string
  event: OperateEvent
  json: boolean
  region?: string
}
export type Parsed = { order: Order } | { help: true } | { error: string }

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  by: { type: 'string' },
  region: { type: 'string' },
  reason: { type: 'string' },
  code: { type: 'string' },
  ids: { type: 'string' },
  all: { type: 'boolean' },
  'resend-unknown': { type: 'boolean' },
  limit: { type: 'string' },
  after: { type: 'string' },
  email: { type: 'string' },
  phone: { type: 'string' },
} as const
type Values = ReturnType<typeof parse>['values']
const parse = (argv: readonly string[]) => parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true })

/** What the command line asks for, or a sentence that says what is wrong with it. */
export function readOrder(argv: readonly string[]): Parsed {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    return { error: (error as Error).message }
  }
  const { values, positionals } = parsed
  if (values.help || !positionals.length) return { help: true }
  const [stack, command, destination, ...rest] = positionals
  if (!command || !destination) return { error: 'Needs a stack, a command and a destination' }
  if (rest.length) return { error: `"${rest[0]}" is one word too many; texts of several words go in quotes` }
  const name = /^([a-z0-9-]+)\/([a-z]+)$/.exec(destination)
  if (!name) return { error: `"${destination}" is no destination: it is written <tenant>/<connector>` }
  const done = eventOf(command, values)
  if ('error' in done) return done
  const event = { tenant: name[1]!, by: values.by ?? userInfo().username, ...done } as OperateEvent
  const { json = false, region } = values
  return { order: { stack: stack!, connector: name[2]!, event, json, ...(region && { region }) } }
}

type WithoutTenant<E> = E extends unknown ? Omit<E, 'tenant' | 'by'> : never
type Told = WithoutTenant<OperateEvent>

const COMMANDS: {
  readonly [command: string]: { takes: readonly (keyof Values)[]; read(values: Values): Told | { error: string } }
} = {
  status: { takes: [], read: () => ({ do: 'status' }) },
  pause: {
    takes: ['reason'],
    read: ({ reason }) => (reason ? { do: 'pause', reason } : { error: 'A pause needs --reason "<why>"' }),
  },
  resume: { takes: [], read: () => ({ do: 'resume' }) },
  letters: {
    takes: ['limit', 'after'],
    read: ({ limit, after }) =>
      limit !== undefined && !/^[1-9]\d{0,3}$/.test(limit)
        ? { error: `--limit is a number, not "${limit}"` }
        : { do: 'letters', ...(limit && { limit: Number(limit) }), ...(after && { after }) },
  },
  redrive: { takes: ['all', 'ids', 'reason', 'code', 'resend-unknown'], read: readRedrive },
  drop: {
    takes: ['ids'],
    read: ({ ids }) => (listed(ids) ? { do: 'drop', ids: listed(ids)! } : { error: 'A drop needs --ids <id>,<id>' }),
  },
  suppress: {
    takes: ['email', 'phone'],
    read: ({ email, phone }) =>
      email || phone
        ? { do: 'suppress', ...(email && { email }), ...(phone && { phone }) }
        : { error: 'A suppression needs --email or --phone' },
  },
}

function readRedrive({ all, ids, reason, code, 'resend-unknown': resendUnknown }: Values): Told | { error: string } {
  const chosen = listed(ids)
  if (!all && !chosen && !reason && !code)
    return { error: 'A redrive needs to know which letters: --all, --ids, --reason or --code' }
  if (all && (chosen || reason || code)) return { error: '--all and a choice of letters contradict each other' }
  return {
    do: 'redrive',
    ...(chosen && { ids: chosen }),
    ...(reason && { reason }),
    ...(code && { code }),
    ...(resendUnknown && { resendUnknown }),
  }
}

const COMMON: readonly string[] = ['json', 'by', 'region']

function eventOf(command: string, values: Values): Told | { error: string } {
  const known = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (!known) return { error: `"${command}" is no command: ${Object.keys(COMMANDS).join(', ')}` }
  const stray = (Object.keys(values) as (keyof Values)[]).find(
    name => !COMMON.includes(name) && !known.takes.includes(name),
  )
  return stray ? { error: `${command} takes no --${stray}` } : known.read(values)
}

function listed(ids: string | undefined): string[] | undefined {
  const list = (ids ?? '').split(',').flatMap(id => id.trim() || [])
  return list.length ? list : undefined
}

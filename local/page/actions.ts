import type { OperateEvent } from '../../functions/world.ts'
import type { Controls } from './options.ts'

export type Refused = { status: number; error: string }

const MODES = ['up', 'down', 'refused', 'hang', 'throttled'] as const
const BY = 'live page'

/** Does what a button of the page asks for: `POST <path>` with a JSON object. Throws what the control throws. */
export async function act(controls: Controls, path: string, body: unknown): Promise<object | Refused> {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as { readonly [field: string]: unknown }
  const [kind, ...names] = path.slice(1).split('/').map(decodeURIComponent)
  if (kind === 'send' && !names.length) return send(controls, fields)
  if (kind === 'vendors' && names.length === 2) return vendor(controls, names[0]!, names[1]!, fields)
  if (kind === 'destinations' && names.length === 3) return operate(controls, names[0]!, names[1]!, names[2]!, fields)
  return { status: 404, error: `Nothing to do at ${path}` }
}

function send(controls: Controls, { path, body, origin }: { readonly [field: string]: unknown }) {
  if (typeof path !== 'string' || !path.startsWith('/') || path.startsWith('//'))
    return { status: 400, error: 'path must begin with one /' }
  if (typeof body !== 'string' || typeof origin !== 'string')
    return { status: 400, error: 'body and origin must be texts' }
  return controls.post(path, body, origin)
}

function vendor(controls: Controls, connector: string, action: string, fields: { readonly [field: string]: unknown }) {
  const known = controls.vendors().some(vendor => vendor.connector === connector)
  if (!known) return { status: 404, error: `No vendor ${connector}` }
  if (action === 'expire-tokens') controls.expireTokens(connector)
  else if (action === 'mode') {
    const mode = MODES.find(one => one === fields.mode)
    if (!mode) return { status: 400, error: `mode must be one of ${MODES.join(', ')}` }
    controls.setMode(connector, mode)
  } else return { status: 404, error: `A vendor cannot ${action}` }
  return { vendors: controls.vendors() }
}

async function operate(
  controls: Controls,
  tenant: string,
  connector: string,
  action: string,
  fields: { readonly [field: string]: unknown },
): Promise<object> {
  const event = orderOf(tenant, action, fields)
  if (!event) return { status: 404, error: `A destination cannot ${action}` }
  const done = { redriven: 0, held: 0, unkept: 0 }
  for (let next: string | undefined; ; ) {
    const result = await controls.operate(connector, { ...event, ...(next && { after: next }) } as OperateEvent)
    if (!result.ok) return { status: 409, error: result.error }
    if (result.did !== 'redrive') return { did: result.did }
    done.redriven += result.redriven.length
    done.held += result.held.length
    done.unkept += result.unkept.length
    next = result.next
    if (next === undefined) return { did: 'redrive', ...done }
  }
}

function orderOf(
  tenant: string,
  action: string,
  fields: { readonly [field: string]: unknown },
): OperateEvent | undefined {
  const reason = typeof fields.reason === 'string' && fields.reason ? fields.reason : 'no reason given'
  const ids = Array.isArray(fields.ids) ? fields.ids.filter(id => typeof id === 'string') : undefined
  const events: { readonly [action: string]: OperateEvent } = {
    pause: { do: 'pause', tenant, by: BY, reason },
    resume: { do: 'resume', tenant, by: BY },
    redrive: {
      do: 'redrive',
      tenant,
      by: BY,
      ...(ids && { ids }),
      ...(fields.resendUnknown === true && { resendUnknown: true }),
    },
  }
  return Object.hasOwn(events, action) ? events[action] : undefined
}

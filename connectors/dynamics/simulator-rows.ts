import type { Received } from '../../core/simulator.ts'
import type { PartAnswer, PartRequest } from './simulator-batch.ts'
import { complaintOf, type Fault, TABLES } from './simulator-tables.ts'

type Row = { -readonly [field in keyof Received]: Received[field] } & { data: { [column: string]: unknown } }
const fault = (status: number, code: string, message: string): Fault => ({ status, code, message })

// The code of this answer is documented as empty:
// https://learn.microsoft.com/power-apps/developer/data-platform/webapi/perform-conditional-operations-using-web-api
const TAKEN = fault(412, '', 'A record with matching key values already exists.')
const MISSING = fault(404, '0x80060891', 'A record with the specified key values does not exist in the table.')
/** Of GUIDs that point nowhere in this environment. */
const NOWHERE = '00000000-0000-0000-0000-000000000000'

/** The rows of each account's environment. A row keeps its place however often it is changed: there is one for each key. */
export function createRows(clock: { now(): number; random(): number }, received: Received[]) {
  const rows = new Map<string, Row>()
  const nameOf = (account: string, set: string, value: string) => `${account} ${set} ${value}`

  function write(account: string, part: PartRequest): PartAnswer {
    const place = placeOf(part.path)
    if ('status' in place) return refuse(place)
    const { set, value, key } = place
    const known = rows.get(nameOf(account, set, value))
    if (part.headers['if-none-match'] === '*' && known) return refuse(TAKEN)
    if (part.headers['if-match'] === '*' && !known) return refuse(MISSING)
    const body = objectIn(part.body)
    if (!body) return refuse(fault(400, '0x80048d19', 'Error identified in Payload provided by the user.'))
    const complaint =
      complaintOf(set, body, !known, path => exists(account, path)) ??
      closed(known, body) ??
      duplicate(account, set, value, body, part)
    if (complaint) return refuse(complaint)
    const columns = { ...body, [key]: value }
    if (known) known.data = { ...known.data, ...columns }
    else {
      const made: Row = { at: clock.now(), kind: TABLES[set]!.logical, key: value, account, data: columns }
      rows.set(nameOf(account, set, value), made)
      received.push(made)
    }
    return {
      status: 204,
      headers: { 'OData-Version': '4.0', 'OData-EntityId': `https://environment/${set}(${guid()})` },
    }
  }

  function exists(account: string, path: string): boolean {
    const [, guidThere] = /^\/\w+\(([0-9a-f-]{36})\)$/i.exec(path) ?? []
    if (guidThere) return guidThere !== NOWHERE
    const place = placeOf(path.slice(1))
    return !('status' in place) && rows.has(nameOf(account, place.set, place.value))
  }

  /** One rule: two leads with one address. Asked only where the request turns detection on. */
  function duplicate(account: string, set: string, value: string, body: object, { headers }: PartRequest) {
    if (headers['mscrm.suppressduplicatedetection'] !== 'false' || set !== 'leads') return undefined
    const { emailaddress1: email } = body as { emailaddress1?: string }
    const other = [...rows.values()].some(
      row => row.account === account && row.kind === 'lead' && row.key !== value && row.data.emailaddress1 === email,
    )
    return email && other
      ? fault(
          500,
          '0x80040333',
          'A record was not created or updated because a duplicate of the current record already exists.',
        )
      : undefined
  }

  const guid = () =>
    'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replace(/x/g, () => Math.floor(clock.random() * 16).toString(16))
  return { write }
}

/** Qualified and disqualified leads take no changes until they are opened again. The code of the refusal is not documented. */
const closed = (row: Row | undefined, body: { readonly [column: string]: unknown }) =>
  row?.kind === 'lead' && [1, 2].includes(Number(row.data.statecode)) && body.statecode !== 0
    ? fault(400, '0x80040265', 'The lead is closed and cannot be changed.')
    : undefined

const refuse = ({ status, code, message }: Fault): PartAnswer => ({ status, body: { error: { code, message } } })

/** `leads(new_externalid='value')`, with what Dataverse refuses of it. */
function placeOf(path: string): { set: string; key: string; value: string } | Fault {
  const [, set = '', key = '', raw = ''] = /^(\w+)\((\w+)='(.*)'\)$/.exec(path) ?? []
  const table = Object.hasOwn(TABLES, set) ? TABLES[set]! : undefined
  if (!table) return fault(404, '0x8006088a', `Resource not found for the segment '${set || path}'.`)
  if (table.key !== key)
    return fault(
      400,
      '0x80060888',
      `The key in the request URI is not valid for resource 'Microsoft.Dynamics.CRM.${table.logical}'. Ensure that the names and number of key properties match the declared or alternate key properties for the resource 'Microsoft.Dynamics.CRM.${table.logical}'.`,
    )
  // https://learn.microsoft.com/power-apps/developer/data-platform/define-alternate-keys-entity
  if (raw === '' || /[/<>*%&:\\?+]/.test(raw)) return fault(400, '0x80060888', 'Bad Request - Error in query syntax.')
  return { set, key, value: raw.replaceAll("''", "'") }
}

function objectIn(text: string): { [column: string]: unknown } | undefined {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body)
      ? (body as { [column: string]: unknown })
      : undefined
  } catch {
    return undefined
  }
}

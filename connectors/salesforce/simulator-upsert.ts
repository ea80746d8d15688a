import type { HttpRequest } from '../../core/connector.ts'
import type { VendorAnswer } from '../../core/simulator.ts'
import { misfit, type ObjectSpec, ORG } from './simulator-schema.ts'
import type { Row, Store } from './simulator-store.ts'

type Said = Exclude<VendorAnswer, string>
export const refuse = (status: number, errorCode: string, message: string): Said => ({
  status,
  body: [{ message, errorCode }],
})

const MOST = 200

/** PATCH /composite/sobjects/{object}/{externalId}: whole or not at all as a request, record by record once it is understood. */
export function upsertCollection(
  store: Store,
  account: string,
  [object, externalId]: readonly [string, string],
  request: HttpRequest,
): Said {
  const spec = Object.hasOwn(ORG, object) ? ORG[object] : undefined
  if (!spec) return refuse(404, 'NOT_FOUND', 'The requested resource does not exist')
  if (!spec.externalIds.includes(externalId))
    return refuse(404, 'NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${externalId}`)
  if (!request.headers['content-type']?.startsWith('application/json'))
    return refuse(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content type is not supported')
  const body = parse(request.body ?? '')
  if (!Array.isArray(body?.records) || body.records.length === 0)
    return refuse(400, 'JSON_PARSER_ERROR', 'Unexpected character or end of input at [line:1, column:1]')
  const rows = body.records as Row[]
  if (rows.length > MOST)
    return refuse(
      400,
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${MOST} records into this call`,
    )
  return misread(spec, object, rows, request.body ?? '') ?? save(store, account, object, externalId, rows)
}

function save(store: Store, account: string, object: string, externalId: string, rows: readonly Row[]): Said {
  const keyOf = (row: Row) => String(row[externalId]).trim().toLowerCase()
  const times = Map.groupBy(rows, keyOf)
  return {
    status: 200,
    body: rows.map(row => {
      if (times.get(keyOf(row))!.length > 1)
        return failed('DUPLICATE_VALUE', `Duplicate external id specified: ${row[externalId]}`)
      const result = store.upsert(account, object, externalId, row)
      if ('statusCode' in result) return { success: false, errors: [result] }
      return { ...result, success: true, errors: [] }
    }),
  }
}
const failed = (statusCode: string, message: string) => ({
  success: false,
  errors: [{ statusCode, message, fields: [] }],
})

/** What makes Salesforce refuse the whole request, whichever record it stands in. */
function misread(spec: ObjectSpec, object: string, rows: readonly Row[], text: string): Said | undefined {
  let from = 0
  for (const row of rows) {
    from = text.indexOf('"attributes"', from + 1)
    const { attributes, Id: _, ...fields } = row as { attributes?: { type?: string }; [name: string]: unknown }
    if (attributes?.type !== object) return refuse(400, 'INVALID_TYPE', `a record is no ${object}: ${attributes?.type}`)
    for (const [name, value] of Object.entries(fields)) {
      const parent = spec.parents[name]
      if (parent && typeof value === 'object' && value !== null && parent.externalId in value) continue
      const field = Object.hasOwn(spec.fields, name) ? spec.fields[name] : undefined
      if (!field) return refuse(400, 'INVALID_FIELD', `No such column '${name}' on sobject of type ${object}`)
      const wanted = misfit(field, value)
      if (wanted) return refuse(400, 'JSON_PARSER_ERROR', `${unreadable(wanted, value)}${column(text, name, from)}`)
    }
  }
  return undefined
}

const unreadable = (wanted: string, value: unknown) =>
  `Cannot deserialize instance of ${wanted} from ${typeof value === 'string' ? 'VALUE_STRING' : 'another'} value or request may be missing a required field at `
const column = (text: string, name: string, from: number) =>
  `[line:1, column:${text.indexOf(`"${name}":`, from) + name.length + 4}]`

function parse(text: string): { readonly records?: unknown } | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

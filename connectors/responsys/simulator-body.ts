import type { HttpRequest } from '../../core/connector.ts'
import type { VendorAnswer } from '../../core/simulator.ts'
import { isObject } from './errors.ts'
import type { Schema } from './simulator-account.ts'
import { envelope, invalidContent, invalidParameter } from './simulator-envelope.ts'

type Said = Exclude<VendorAnswer, string>
export type Body = { readonly [field: string]: unknown }
export type Cells = { [column: string]: string | null }

const MOST_BYTES = 10_000_000
const MOST_RECORDS = 200

/** The body as JSON, or how Responsys refuses it. The gateway drops the connection on what is too large. */
export function bodyOf({ headers, body = '' }: HttpRequest): { body: Body } | { refused: Said | 'reset' } {
  if (Buffer.byteLength(body) > MOST_BYTES) return { refused: 'reset' }
  if (!headers['content-type']?.startsWith('application/json'))
    return { refused: invalidContent('Content type is not supported', 415) }
  if (/[^\p{ASCII}]/u.test(body)) return { refused: invalidContent('Characters that are not ASCII must be escaped') }
  try {
    const read: unknown = JSON.parse(body)
    return isObject(read) ? { body: read } : { refused: invalidContent('The body is no object') }
  } catch {
    return { refused: invalidContent('The body could not be read') }
  }
}

/** The rows of a merge by column, or why the request as a whole is refused. */
export function rowsOf({ recordData }: Body, schema: Schema): { rows: readonly Cells[] } | { refused: Said } {
  const { fieldNames, records, mapTemplateName } = isObject(recordData) ? recordData : {}
  if (!areTexts(fieldNames) || fieldNames.length === 0)
    return { refused: invalidParameter('FieldList is null OR empty') }
  if (mapTemplateName !== null) return { refused: invalidParameter('Map template does not exist') }
  const unknown = fieldNames.find(name => !Object.hasOwn(schema, name))
  if (unknown !== undefined)
    return { refused: envelope(400, 'INVALID_FIELD_NAME', 'Invalid field name', `Field [${unknown}] does not exist`) }
  if (new Set(fieldNames).size < fieldNames.length) return { refused: invalidParameter('Field names are repeated') }
  if (!Array.isArray(records) || records.length === 0) return { refused: invalidParameter('Records are null OR empty') }
  if (records.length > MOST_RECORDS)
    return { refused: envelope(400, 'RECORD_LIMIT_EXCEEDED', 'Record limit exceeded', 'maximum of 200 records') }
  if (!records.every(record => areCells(record) && record.length === fieldNames.length))
    return { refused: invalidContent('Every record is a list of texts, one for each field') }
  return { rows: records.map(record => Object.fromEntries(fieldNames.map((name, at) => [name, record[at] ?? null]))) }
}

export const tooManyRecipients = (count: number): Said | undefined =>
  count > MOST_RECORDS
    ? envelope(400, 'RECIPIENT_LIMIT_EXCEEDED', 'Recipient limit exceeded', 'maximum of 200 recipients')
    : undefined

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(one => typeof one === 'string')
const areCells = (value: unknown): value is readonly (string | null)[] =>
  Array.isArray(value) && value.every(one => one === null || typeof one === 'string')

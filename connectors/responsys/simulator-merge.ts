import type { VendorAnswer } from '../../core/simulator.ts'
import { EXTENSIONS, FOLDER, LISTS, type Schema, TABLES } from './simulator-account.ts'
import { type Body, type Cells, rowsOf } from './simulator-body.ts'
import { envelope, invalidParameter } from './simulator-envelope.ts'
import { type Merged, misfit, type Store } from './simulator-store.ts'

type Said = Exclude<VendorAnswer, string>
const MATCH = ['RIID_', 'CUSTOMER_ID_', 'EMAIL_ADDRESS_', 'MOBILE_NUMBER_', 'EMAIL_MD5_HASH_', 'EMAIL_SHA256_HASH_']
const isHash = (column: string) => column.includes('_HASH_')

const notFound = (code: string, detail: string): Said => envelope(404, code, 'Not found', detail)
const own = <T>(map: { readonly [name: string]: T }, name: string): T | undefined =>
  Object.hasOwn(map, name) ? map[name] : undefined

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-lists-listName-members-post.htm */
export function mergeList(store: Store, account: string, name: string, body: Body): Said {
  const schema = own(LISTS, name)
  if (!schema) return notFound('LIST_NOT_FOUND', `List [${name}] does not exist`)
  const rule = (body.mergeRule ?? {}) as Body
  const match = [rule.matchColumnName1, rule.matchColumnName2].filter(column => column != null) as string[]
  if (match.length === 0 || !match.every(column => MATCH.includes(column)))
    return invalidParameter('Match Column is null')
  if (rule.matchColumnName3 != null) return invalidParameter('matchColumnName3 must be null')
  if (rule.matchOperator !== (match.length > 1 ? 'AND' : 'NONE')) return invalidParameter('Invalid match operator')
  if (match.some(isHash) && rule.insertOnNoMatch !== false)
    return invalidParameter('insertOnNoMatch must be false with a hash')
  if (match.some(isHash) && match.length > 1 && match.some(column => column === 'EMAIL_ADDRESS_'))
    return invalidParameter('Email and its hash cannot be match columns together')
  if (!['REPLACE_ALL', 'NO_UPDATE'].includes(String(rule.updateOnMatch)))
    return invalidParameter('Invalid updateOnMatch')
  const read = rowsOf(body, schema)
  if ('refused' in read) return read.refused
  return merged(
    read.rows,
    body,
    ['RIID_'],
    perRow(read.rows, schema, match, cells =>
      store.mergeProfile(account, name, cells, match, rule.insertOnNoMatch !== false),
    ),
  )
}

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-lists-listName-listExtensions-petName-members-post.htm */
export function mergeExtension(store: Store, account: string, list: string, name: string, body: Body): Said {
  if (!own(LISTS, list)) return notFound('LIST_NOT_FOUND', `List [${list}] does not exist`)
  const own_ = own(EXTENSIONS, name)
  if (!own_) return notFound('PROFILE_EXTENSION_NOT_FOUND', `Profile extension [${name}] does not exist`)
  const match = [body.matchColumnName1, body.matchColumnName2]
    .filter(column => column != null)
    .map(column => `${column}_`)
  if (match.length === 0 || !match.every(column => MATCH.includes(column)))
    return invalidParameter('Match Column is null') // also for names with their underscore
  const schema: Schema = { ...own_, ...Object.fromEntries(MATCH.map(column => [column, 'STR100'] as const)) }
  const read = rowsOf(body, schema)
  if ('refused' in read) return read.refused
  return merged(
    read.rows,
    body,
    ['RIID_'],
    perRow(read.rows, schema, match, cells => store.mergeExtension(account, list, name, cells, match)),
  )
}

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-folders-folderName-suppData-tableName-members-post.htm */
export function mergeTable(store: Store, account: string, folder: string, name: string, body: Body): Said {
  if (folder !== FOLDER) return notFound('FOLDER_NOT_FOUND', `Folder [${folder}] does not exist`)
  const table = own(TABLES, name)
  if (!table) return notFound('RESOURCE_NOT_FOUND', `Supplemental name [${name}] does not exist`)
  const named = body.matchColumnNames
  if (table.keys.length && named != null)
    return invalidParameter(
      'MatchColumnNames must be null or must not be specified to merge into a table that has primary keys',
    )
  if (!table.keys.length && !(Array.isArray(named) && named.length))
    return invalidParameter('MatchColumnNames are null')
  const read = rowsOf(body, table.schema)
  if ('refused' in read) return read.refused
  const keys = table.keys.length ? table.keys : (named as string[])
  if (!keys.every(key => Object.hasOwn(read.rows[0]!, key))) return invalidParameter('A primary key is missing')
  return merged(
    read.rows,
    body,
    undefined,
    perRow(read.rows, table.schema, keys, cells => store.mergeRow(account, name, cells, keys)),
  )
}

/** Two rows of one key in a request have no defined winner: the fake takes neither, so that it is noticed. */
function perRow(
  rows: readonly Cells[],
  schema: Schema,
  keys: readonly string[],
  merge: (cells: Cells) => Merged,
): readonly Merged[] {
  const keyOf = (cells: Cells) => JSON.stringify(keys.map(key => cells[key]))
  const count = Map.groupBy(rows, keyOf)
  return rows.map(cells => {
    if (count.get(keyOf(cells))!.length > 1) return { failed: 'The key occurs twice in the request' }
    const problem = misfit(cells, schema)
    return problem ? { failed: problem } : merge(cells)
  })
}

/** HTTP 200 whatever became of the rows; lists answer ids, tables mirror what they took. */
function merged(
  rows: readonly Cells[],
  body: Body,
  ids: readonly string[] | undefined,
  results: readonly Merged[],
): Said {
  const fieldNames = ids ?? Object.keys(rows[0]!)
  const records = results.map((result, place) => {
    if ('failed' in result)
      return fieldNames.map((_, at) => (at ? '' : `MERGEFAILED: Record ${place} = ${result.failed}\r\n`))
    return ids ? [result.riid ?? ''] : Object.values(rows[place]!)
  })
  const { recordData: _sent, ...echo } = body
  return {
    status: 200,
    headers: { 'X-CorrelationID': 'c-1' },
    body: { recordData: { fieldNames, records, mapTemplateName: null }, ...echo, links: [] },
  }
}

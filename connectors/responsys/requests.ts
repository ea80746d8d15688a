import type { Batch, HttpRequest } from '../../core/connector.ts'
import type { Entry, Record, Row } from './map.ts'
import { DEFAULTS, inserts, matchOf, type Settings } from './settings.ts'

/** The request that carries a batch: all of its records are of one group, so the first one speaks for the others. */
export function requestOf({ call, settings, records }: Batch<Settings, Record>, base: string): HttpRequest {
  const rows = records.map(({ data }) => data as Row)
  switch (call) {
    case 'profile':
      return post(base, ['lists', settings.list, 'members'], {
        recordData: recordData(rows),
        mergeRule: mergeRule(settings),
      })
    case 'extension':
      return post(base, ['lists', settings.list, 'listExtensions', rows[0]!.into, 'members'], {
        recordData: recordData(rows),
        insertOnNoMatch: true,
        updateOnMatch: 'REPLACE_ALL',
        ...matchColumns(matchOf(settings).map(column => column.replace(/_$/, ''))), // without it here, with it in lists
      })
    case 'table':
      return post(
        base,
        ['folders', settings.tableFolder ?? DEFAULTS.tableFolder, 'suppData', rows[0]!.into, 'members'],
        {
          recordData: recordData(rows),
          insertOnNoMatch: true,
          updateOnMatch: 'REPLACE_ALL',
          ...(rows[0]!.keys && { matchColumnNames: rows[0]!.keys }), // refused where the table has a primary key
        },
      )
    default:
      return trigger(
        base,
        records.map(({ data }) => data as Entry),
        settings,
      )
  }
}

/** Rows as Responsys wants them: columns once for all, then values in their order. */
function recordData(rows: readonly Row[]) {
  const fieldNames = Object.keys(rows[0]!.cells)
  return {
    fieldNames,
    records: rows.map(({ cells }) => fieldNames.map(name => cells[name] ?? null)),
    mapTemplateName: null,
  }
}

/** https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-lists-listName-members-post.htm */
function mergeRule(settings: Settings) {
  const match = matchOf(settings)
  return {
    htmlValue: 'H',
    textValue: 'T',
    optinValue: 'I',
    optoutValue: 'O',
    insertOnNoMatch: inserts(settings),
    updateOnMatch: 'REPLACE_ALL',
    ...matchColumns(match),
    matchOperator: match.length > 1 ? 'AND' : 'NONE',
    rejectRecordIfChannelEmpty: null,
    defaultPermissionStatus: settings.defaultPermission ?? DEFAULTS.defaultPermission,
  }
}

const matchColumns = ([first, second]: readonly string[]) => ({
  matchColumnName1: first,
  matchColumnName2: second ?? null,
})

function trigger(base: string, entries: readonly Entry[], settings: Settings): HttpRequest {
  const listName = { folderName: settings.listFolder ?? DEFAULTS.listFolder, objectName: settings.list }
  return post(base, ['events', entries[0]!.program], {
    customEvent: { eventNumberDataMapping: null, eventDateDataMapping: null, eventStringDataMapping: null },
    recipientData: entries.map(({ recipient, values }) => ({
      recipient: { ...recipient, listName, emailFormat: 'HTML_FORMAT' },
      optionalData: Object.entries(values).map(([name, value]) => ({ name, value })),
    })),
  })
}

const post = (base: string, path: readonly string[], body: object): HttpRequest => ({
  method: 'POST',
  url: `${base}/rest/api/v1.3/${path.map(encodeURIComponent).join('/')}`,
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: ascii(body),
})

/**
 * Accented letters have to be escaped, or the request may be refused with INVALID_REQUEST_CONTENT:
 * https://docs.oracle.com/en/cloud/saas/marketing/responsys-develop/API/REST/api-v1.3-campaigns-campaignName-email-post.htm
 */
const ascii = (body: object): string =>
  JSON.stringify(body).replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

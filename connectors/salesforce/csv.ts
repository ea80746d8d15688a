type Cell = string | number | boolean | null | undefined

/**
 * What Bulk API 2.0 reads: an empty cell leaves the field as it is, #N/A clears it; lines end with LF.
 * https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/datafiles_prepare_csv.htm
 */
export const writeCsv = (columns: readonly string[], rows: Iterable<readonly Cell[]>): string =>
  [columns, ...rows].map(row => `${row.map(cell).join(',')}\n`).join('')

function cell(value: Cell): string {
  if (value === undefined || value === '#N/A') return '' // a text that happens to read like this must not clear anything
  if (value === null) return '#N/A'
  const text = String(value)
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows by the names in the first line. Quoted cells may hold anything; a line end is LF or CRLF. */
export function readCsv(text: string): readonly { readonly [column: string]: string }[] {
  const [columns = [], ...rows] = rowsOf(text)
  return rows.map(row => Object.fromEntries(columns.map((column, place) => [column, row[place] ?? ''])))
}

function rowsOf(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  // A cell and what ends it: a comma, the line's end or the text's.
  const cells = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy
  for (let match = cells.exec(text); match && cells.lastIndex <= text.length; match = cells.exec(text)) {
    const [, quoted, bare = '', end] = match
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    if (row.length > 1 || row[0] !== '') rows.push(row)
    row = []
    if (end === '') break
  }
  return rows
}

import type { HttpRequest, Json, RawAnswer } from '../../core/connector.ts'
import { DEFAULTS, type Settings } from './settings.ts'

export type Columns = { readonly [column: string]: Json }
/** One PATCH of a row by its alternate key; `only` says that the row must be there, or must not. */
export type Operation = { set: string; column: string; value: string; body: Columns; only?: 'there' | 'missing' }

// A JSON body has no line ends, so that no value can pass for this line.
const BOUNDARY = 'batch_connect'
const PRECONDITION = { there: 'If-Match: *', missing: 'If-None-Match: *' } as const

/**
 * Independent operations in one request, each with an answer of its own (continue-on-error).
 * https://learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api
 */
export function batchRequest(settings: Settings, operations: readonly Operation[]): HttpRequest {
  const base = `/api/data/${settings.apiVersion ?? DEFAULTS.apiVersion}`
  const parts = operations.map(operation => partOf(base, operation, settings.duplicateDetection === true))
  return {
    method: 'POST',
    url: `${settings.environment}${base}/$batch`,
    headers: {
      'content-type': `multipart/mixed; boundary="${BOUNDARY}"`,
      accept: 'application/json',
      prefer: 'odata.continue-on-error',
      'odata-maxversion': '4.0',
      'odata-version': '4.0',
      'if-none-match': 'null',
    },
    body: `${parts.join('')}--${BOUNDARY}--\r\n`,
  }
}

function partOf(base: string, { set, column, value, body, only }: Operation, detect: boolean): string {
  const json = JSON.stringify(body)
  return [
    `--${BOUNDARY}`,
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `PATCH ${base}/${set}(${column}='${value}') HTTP/1.1`,
    'Content-Type: application/json; type=entry',
    `Content-Length: ${Buffer.byteLength(json)}`,
    ...(only ? [PRECONDITION[only]] : []),
    ...(detect ? ['MSCRM.SuppressDuplicateDetection: false'] : []),
    '',
    json,
    '',
  ].join('\r\n')
}

/**
 * The answers of a batch, in the order of its operations; undefined for what is no batch answer. An answer that the end of
 * the text cuts off is left out: nothing is certain of it.
 */
export function partsOf({ headers, body }: RawAnswer): readonly RawAnswer[] | undefined {
  const [, boundary] = /^multipart\/mixed\b.*?boundary="?([^";,\s]+)/i.exec(headers['content-type'] ?? '') ?? []
  if (boundary === undefined || typeof body !== 'string') return undefined
  const [, ...chunks] = `\n${body}`.split(`\n--${boundary}`)
  const end = chunks.findIndex(chunk => chunk.startsWith('--'))
  const whole = chunks.slice(0, end === -1 ? Math.max(0, chunks.length - 1) : end)
  return whole.map(answerIn)
}

/** Headers of the part, a blank line, and then a whole HTTP answer. What is none counts as 502: something between us broke it. */
function answerIn(part: string): RawAnswer {
  const lines = part.split(/\r?\n/)
  const start = lines.findIndex(line => line.startsWith('HTTP/'))
  const status = Number(/^HTTP\/\d(?:\.\d)? (\d{3})\b/.exec(lines[start] ?? '')?.[1] ?? 502)
  const rest = start === -1 ? [] : lines.slice(start + 1)
  const blank = rest.indexOf('')
  const head = blank === -1 ? rest : rest.slice(0, blank)
  const text =
    blank === -1
      ? ''
      : rest
          .slice(blank + 1)
          .join('\n')
          .trim()
  const headers = Object.fromEntries(
    head.flatMap(line => {
      const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value.trim()]]
    }),
  )
  return { status, headers, body: parsed(text) }
}

function parsed(text: string): unknown {
  if (text === '') return text // a 204, which most parts are: what JSON.parse throws costs more than all the rest
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

import type { HttpRequest } from '../../core/connector.ts'
import type { VendorAnswer } from '../../core/simulator.ts'

/** One operation inside a batch. `path` is what follows the version in its URL; header names in lower case. */
export type PartRequest = { method: string; path: string; headers: { [name: string]: string }; body: string }
export type PartAnswer = { status: number; headers?: { readonly [name: string]: string }; body?: unknown }

const MOST_OPERATIONS = 1000

/** The operations of a batch, or what is wrong with its syntax. Strict: CRLF everywhere, the headers of each part, one object each. */
export function operationsIn({ headers, body = '' }: HttpRequest): readonly PartRequest[] | { wrong: string } {
  const [, boundary] = /^multipart\/mixed; *boundary="?([^"]+?)"?$/.exec(headers['content-type'] ?? '') ?? []
  if (boundary === undefined) return { wrong: 'The content type of a batch is multipart/mixed with a boundary.' }
  if (/(?<!\r)\n/.test(body)) return { wrong: 'Lines of a batch end with CRLF.' }
  const [preamble = '', ...chunks] = `\r\n${body}`.split(`\r\n--${boundary}`)
  if (preamble !== '' || chunks.at(-1) !== '--\r\n')
    return { wrong: 'The batch does not begin and end with its boundary.' }
  const parts = chunks.slice(0, -1).map(operationIn)
  if (parts.length > MOST_OPERATIONS) return { wrong: `A batch has ${MOST_OPERATIONS} operations at most.` }
  const wrong = parts.find(part => 'wrong' in part)
  return wrong ?? (parts as PartRequest[])
}

function operationIn(chunk: string): PartRequest | { wrong: string } {
  const [outer = '', inner = '', ...rest] = chunk.slice(2).split('\r\n\r\n')
  const about = headersIn(outer.split('\r\n'))
  if (about['content-type'] !== 'application/http' || about['content-transfer-encoding'] !== 'binary')
    return { wrong: 'Each part is application/http in binary encoding.' }
  const [start = '', ...lines] = inner.split('\r\n')
  const [, method, path] = /^([A-Z]+) \/api\/data\/v9\.\d\/(\S+) HTTP\/1\.1$/.exec(start) ?? []
  if (method === undefined || path === undefined) return { wrong: `Not a request line: ${start.slice(0, 40)}` }
  if (path.startsWith('$batch')) return { wrong: 'A batch may not hold another one.' }
  const headers = headersIn(lines)
  if (!headers['content-type']?.startsWith('application/json')) return { wrong: 'The body of a part is JSON.' }
  return { method, path, headers, body: rest.join('\r\n\r\n') }
}

const headersIn = (lines: readonly string[]) =>
  Object.fromEntries(
    lines.flatMap(line => {
      const [, name, value] = /^([^:]+): (.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]]
    }),
  )

/** What Dataverse answers to a batch: a part for each operation, in their order. */
export function batchAnswer(parts: readonly PartAnswer[], status = 200): Exclude<VendorAnswer, string> {
  const boundary = 'batchresponse_6f2a0f5e-0000-4000-8000-5d1c2b3a4958'
  const texts = parts.map(part => `--${boundary}\r\n${partText(part)}\r\n`)
  return {
    status,
    headers: { 'content-type': `multipart/mixed; boundary=${boundary}`, 'odata-version': '4.0' },
    body: `${texts.join('')}--${boundary}--\r\n`,
  }
}

const REASONS: { readonly [status: number]: string } = { 204: 'No Content', 400: 'Bad Request', 404: 'Not Found' }

function partText({ status, headers = {}, body }: PartAnswer): string {
  return [
    'Content-Type: application/http',
    'Content-Transfer-Encoding: binary',
    '',
    `HTTP/1.1 ${status} ${REASONS[status] ?? 'Answer'}`,
    ...(body === undefined ? [] : ['Content-Type: application/json; odata.metadata=minimal']),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '',
    typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body),
  ].join('\r\n')
}

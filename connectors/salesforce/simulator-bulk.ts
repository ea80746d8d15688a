import type { HttpRequest } from '../../core/connector.ts'
import type { VendorAnswer } from '../../core/simulator.ts'
import { readCsv, writeCsv } from './csv.ts'
import { type ObjectSpec, ORG, typed } from './simulator-schema.ts'
import type { Fault, Row, Store } from './simulator-store.ts'
import { refuse } from './simulator-upsert.ts'

type Said = Exclude<VendorAnswer, string>
type Cells = { readonly [column: string]: string }
type Job = {
  id: string
  account: string
  object: string
  externalId: string
  state: 'Open' | 'UploadComplete' | 'JobComplete' | 'Failed' | 'Aborted'
  csv: string
  closedAt: number
  errorMessage?: string
  done: { id: string; created: boolean; cells: Cells }[]
  failed: { fault: Fault; cells: Cells }[]
}

const MOST_BYTES = 100_000_000
/** How long the fake lets a job wait, and then work. */
const QUEUE_MS = 5_000
const WORK_MS = 20_000

/** Bulk API 2.0, ingest: https://developer.salesforce.com/docs/atlas.en-us.api_asynch.meta/api_asynch/walkthrough_upsert.htm */
export function createBulk(clock: { now(): number }, store: Store) {
  const jobs = new Map<string, Job>()

  function open(account: string, request: HttpRequest): Said {
    const {
      object,
      externalIdFieldName,
      operation,
      contentType,
      lineEnding = 'LF',
      columnDelimiter = 'COMMA',
    } = jsonIn(request)
    const spec = Object.hasOwn(ORG, object ?? '') ? ORG[object!] : undefined
    if (!spec) return refuse(400, 'INVALIDENTITY', `${object} is not a valid object`)
    if (operation !== 'upsert' || contentType !== 'CSV' || lineEnding !== 'LF' || columnDelimiter !== 'COMMA')
      return refuse(400, 'INVALIDJOB', 'operation, contentType, lineEnding or columnDelimiter is not supported here')
    if (!spec.externalIds.includes(externalIdFieldName ?? ''))
      return refuse(
        400,
        'INVALIDJOB',
        `Field name provided, ${externalIdFieldName} is not an External ID for ${object}`,
      )
    const id = `750${String(jobs.size + 1).padStart(15, '0')}`
    const job: Job = {
      id,
      account,
      object: object!,
      externalId: externalIdFieldName!,
      state: 'Open',
      csv: '',
      closedAt: 0,
      done: [],
      failed: [],
    }
    jobs.set(id, job)
    return { status: 200, body: infoOf(job) }
  }

  function take(job: Job, request: HttpRequest): Said {
    if (!request.headers['content-type']?.startsWith('text/csv'))
      return refuse(415, 'UNSUPPORTED_MEDIA_TYPE', 'Content type is not supported: send text/csv')
    if (job.state !== 'Open' || job.csv)
      return refuse(400, 'INVALIDJOBSTATE', `The job is ${job.state} or has its data`)
    if (Buffer.byteLength(request.body ?? '') > MOST_BYTES) return refuse(413, 'REQUEST_ENTITY_TOO_LARGE', 'too large')
    job.csv = request.body ?? ''
    return { status: 201 }
  }

  function change(job: Job, request: HttpRequest): Said {
    const { state } = jsonIn(request)
    if (state !== 'UploadComplete' && state !== 'Aborted') return refuse(400, 'INVALIDJOBSTATE', 'no such state')
    if (job.state !== 'Open') return refuse(400, 'INVALIDJOBSTATE', `The job is ${job.state} already`)
    job.state = state
    job.closedAt = clock.now()
    return { status: 200, body: infoOf(job) }
  }

  /** The job's work is done when somebody asks after its time: nobody could see it earlier. */
  function ask(job: Job): Said {
    const age = clock.now() - job.closedAt
    if (job.state === 'UploadComplete' && age >= QUEUE_MS + WORK_MS) work(job)
    const state = job.state === 'UploadComplete' && age >= QUEUE_MS ? 'InProgress' : job.state
    return { status: 200, body: { ...infoOf(job), state } }
  }

  function work(job: Job) {
    const spec = ORG[job.object]!
    const rows = readCsv(job.csv)
    const unknown = Object.keys(rows[0] ?? {}).find(column => !knows(spec, column))
    if (unknown !== undefined) {
      job.errorMessage = `InvalidBatch : Field name not found : ${unknown}`
      job.state = 'Failed'
      return
    }
    for (const cells of rows) {
      const row = rowOf(spec, cells)
      const result = 'statusCode' in row ? (row as Fault) : store.upsert(job.account, job.object, job.externalId, row)
      if ('statusCode' in result) job.failed.push({ fault: result, cells })
      else job.done.push({ ...result, cells })
    }
    job.state = 'JobComplete'
  }

  return {
    /** `rest`: what stands behind /jobs/ingest. */
    answer(account: string, rest: string, request: HttpRequest): Said | undefined {
      if (rest === '') return request.method === 'POST' ? open(account, request) : undefined
      const [, id = '', what = ''] = /^\/(\w+)(?:\/(\w+))?$/.exec(rest) ?? []
      const job = jobs.get(id)
      if (job?.account !== account) return refuse(404, 'NOT_FOUND', 'The requested resource does not exist')
      if (request.method === 'PUT' && what === 'batches') return take(job, request)
      if (request.method === 'PATCH' && what === '') return change(job, request)
      if (request.method !== 'GET') return undefined
      if (what === '') return ask(job)
      return what === 'successfulResults' || what === 'failedResults' ? resultsOf(job, what) : undefined
    },
  }
}

function resultsOf({ done, failed }: Job, what: string): Said {
  const successful = what === 'successfulResults'
  const some = successful ? done : failed
  const own = Object.keys(some[0]?.cells ?? {})
  const rows = successful
    ? done.map(({ id, created, cells }) => [id, created, ...own.map(column => cells[column])])
    : failed.map(({ fault, cells }) => ['', told(fault), ...own.map(column => cells[column])])
  const columns = ['sf__Id', successful ? 'sf__Created' : 'sf__Error', ...own]
  return { status: 200, headers: { 'content-type': 'text/csv' }, body: writeCsv(columns, rows.toReversed()) }
}
const told = ({ statusCode, message, fields }: Fault) => `${statusCode}:${message}:${fields.join(' ')} --`

const infoOf = ({ id, object, externalId, state, errorMessage, done, failed }: Job) => ({
  id,
  object,
  externalIdFieldName: externalId,
  operation: 'upsert',
  contentType: 'CSV',
  state,
  numberRecordsProcessed: done.length + failed.length,
  numberRecordsFailed: failed.length,
  ...(errorMessage && { errorMessage }),
})

function knows({ fields, parents }: ObjectSpec, column: string): boolean {
  const [name = '', field] = column.split('.')
  return field === undefined ? Object.hasOwn(fields, name) : parents[name]?.externalId === field
}

/** The cells as the API's own records have them: empty is not told, #N/A is null. */
function rowOf(spec: ObjectSpec, cells: Cells): Row | Fault {
  const row: { [name: string]: unknown } = {}
  for (const [column, cell] of Object.entries(cells)) {
    const [name = '', field] = column.split('.')
    if (cell === '') continue
    const value = cell === '#N/A' ? null : field === undefined ? typed(spec.fields[name]!, cell) : { [field]: cell }
    if (value === undefined)
      return {
        statusCode: 'INVALID_TYPE_ON_FIELD_IN_RECORD',
        message: `${name}: value not of required type`,
        fields: [name],
      }
    row[name] = value
  }
  return row
}

function jsonIn({ headers, body = '' }: HttpRequest): { readonly [name: string]: string | undefined } {
  try {
    return headers['content-type']?.startsWith('application/json') ? JSON.parse(body) : {}
  } catch {
    return {}
  }
}

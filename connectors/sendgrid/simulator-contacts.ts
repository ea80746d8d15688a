import type { Received, VendorAnswer } from '../../core/simulator.ts'
import { type Fault, fault, isEmail, isObject } from './simulator-faults.ts'
import { CLASHING, CUSTOM_FIELDS, LISTS } from './simulator-people.ts'

type Said = Exclude<VendorAnswer, string>
type Contact = { readonly [field: string]: unknown }
type Job = {
  account: string
  startedAt: number
  requested: number
  created: number
  updated: number
  errors: Contact[]
}

const MOST = 30_000
/** How long the fake keeps a job `pending`. */
const WORK_MS = 20_000
export const FILES_HOST = 'sendgrid-import-errors.s3.amazonaws.com'

const LENGTHS: { readonly [field: string]: number } = {
  ...{ email: 254, phone_number_id: 20, external_id: 254, anonymous_id: 254, first_name: 50, last_name: 50, city: 60 },
  ...{ state_province_region: 50, country: 50, address_line_1: 100, address_line_2: 100, postal_code: 50 },
  ...{ phone_number: 50, whatsapp: 50, line: 50, facebook: 50, unique_name: 50 },
}
const IDENTIFIERS = ['email', 'phone_number_id', 'external_id', 'anonymous_id']

/** Marketing contacts: an upsert that is checked at once and worked off later, which the status of its job tells. */
export function createContacts(clock: { now(): number; random(): number }, received: Received[]) {
  const jobs = new Map<string, Job>()
  const places = new Map<string, number>()

  function put(account: string, body: unknown): Said {
    const found = requestFault(body)
    if (found) return found
    const { contacts, list_ids = [] } = body as { contacts: readonly Contact[]; list_ids?: readonly string[] }
    const job: Job = { account, startedAt: clock.now(), requested: contacts.length, created: 0, updated: 0, errors: [] }
    // Done now, though nobody hears of it before its time.
    for (const contact of contacts) work(job, contact, list_ids)
    const id = `job-${jobs.size + 1}`
    jobs.set(id, job)
    return { status: 202, body: { job_id: id } }
  }

  function work(job: Job, contact: Contact, lists: readonly string[]) {
    if (job.account.endsWith('-full') || contact.email === CLASHING) return job.errors.push(contact)
    const key = keyOf(contact)
    const place = places.get(`${job.account} ${key}`)
    const before = place === undefined ? {} : (received[place]!.data as Contact)
    const list_ids = [...new Set([...((before.list_ids as string[] | undefined) ?? []), ...lists])]
    const custom = { ...(before.custom_fields as object), ...(contact.custom_fields as object) }
    const data = {
      ...before,
      ...contact,
      ...(list_ids.length > 0 && { list_ids }),
      ...(Object.keys(custom).length > 0 && { custom_fields: custom }),
    }
    const record: Received = { at: clock.now(), kind: 'contact', key, account: job.account, data }
    if (place === undefined) places.set(`${job.account} ${key}`, received.push(record) - 1)
    else received[place] = { ...record, at: received[place]!.at }
    return place === undefined ? job.created++ : job.updated++
  }

  function status(account: string, id: string): Said {
    const job = jobs.get(id)
    if (job?.account !== account) return fault(404, 'not found')
    const { startedAt, requested, created, updated, errors } = job
    const started_at = new Date(startedAt).toISOString()
    if (clock.now() < startedAt + WORK_MS)
      return { status: 200, body: { id, status: 'pending', job_type: 'upsert', results: {}, started_at } }
    const state = errors.length === 0 ? 'completed' : errors.length < requested ? 'errored' : 'failed'
    const results = {
      requested_count: requested,
      created_count: created,
      updated_count: updated,
      errored_count: errors.length,
      ...(errors.length > 0 && { errors_url: `https://${FILES_HOST}/${id}.csv?X-Amz-Signature=0` }),
    }
    const finished_at = new Date(startedAt + WORK_MS).toISOString()
    return { status: 200, body: { id, status: state, job_type: 'upsert', results, started_at, finished_at } }
  }

  return {
    put,
    status,
    /** The file of a job's errors, which needs no key: its address is the key. */
    file(path: string): Said {
      const job = jobs.get(/^\/([\w-]+)\.csv$/.exec(path)?.[1] ?? '')
      if (!job) return { status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }
      const why = job.account.endsWith('-full') ? 'contact limit exceeded' : 'identifiers belong to different contacts'
      const rows = job.errors.map(contact => `${keyOf(contact)},${why}`)
      return { status: 200, headers: { 'Content-Type': 'text/csv' }, body: ['identifier,error', ...rows].join('\n') }
    },
    /** Jobs are forgotten, as after some weeks. */
    forget: () => jobs.clear(),
  }
}

const keyOf = (contact: Contact): string => String(IDENTIFIERS.map(name => contact[name]).find(Boolean)).toLowerCase()

/** What is refused before any job: https://www.twilio.com/docs/sendgrid/api-reference/contacts/add-or-update-a-contact */
function requestFault(body: unknown): Fault | undefined {
  if (!isObject(body) || !Array.isArray(body.contacts) || body.contacts.length === 0)
    return fault(400, 'contacts is required', 'contacts')
  if (body.contacts.length > MOST) return fault(400, `contacts has ${MOST} at most`, 'contacts')
  const lists = body.list_ids ?? []
  if (!Array.isArray(lists) || lists.some(id => typeof id !== 'string'))
    return fault(400, 'invalid list_ids', 'list_ids')
  if (lists.some(id => !LISTS.includes(id))) return fault(404, 'list not found', 'list_ids')
  for (const [index, contact] of body.contacts.entries()) {
    const found = contactFault(contact, `contacts[${index}]`)
    if (found) return found
  }
  return undefined
}

function contactFault(contact: unknown, at: string): Fault | undefined {
  if (!isObject(contact)) return fault(400, 'must be an object', at)
  const { custom_fields: custom = {}, email } = contact
  if (!IDENTIFIERS.some(name => contact[name])) return fault(400, 'at least one identifier is required', at)
  if (email !== undefined && !isEmail(email)) return fault(400, `email '${email}' is not valid`)
  for (const [field, value] of Object.entries(contact)) {
    if (field === 'custom_fields') continue
    const most = Object.hasOwn(LENGTHS, field) ? LENGTHS[field]! : undefined
    if (most === undefined) return fault(400, `unknown field ${field}`, `${at}.${field}`)
    if (typeof value !== 'string' || value.length > most)
      return fault(400, `${field} is a text of ${most} at most`, `${at}.${field}`)
  }
  if (contact.phone_number_id !== undefined && !/^\+[1-9]\d{6,14}$/.test(String(contact.phone_number_id)))
    return fault(400, 'phone_number_id is no phone number', `${at}.phone_number_id`)
  return customFault(custom)
}

function customFault(custom: unknown): Fault | undefined {
  if (!isObject(custom)) return fault(400, 'custom_fields must be an object', 'custom_fields')
  for (const [id, value] of Object.entries(custom)) {
    if (!CUSTOM_FIELDS.includes(id)) return fault(400, `unknown custom field ${id}`, 'custom_fields')
    const wrong =
      (id.endsWith('_N') && typeof value !== 'number') ||
      (id.endsWith('_T') && typeof value !== 'string') ||
      (id.endsWith('_D') && Number.isNaN(Date.parse(String(value))))
    if (wrong) return fault(400, `${id} has a value of another type`, 'custom_fields')
  }
  return undefined
}

import type { Batch, Call, Connector, HttpRequest, Outcome } from '../../../core/connector.ts'
import { together } from '../../../core/connector.ts'
import { auth } from './auth.ts'
import { explain, rules } from './errors.ts'
import { map, type Person } from './map.ts'
import { DEFAULTS, problems, type Settings, schema, wants } from './settings.ts'

const HOST = 'api.sample.example'
const DOCS = 'https://sample.example/docs'

/** Sample: people, each with the last thing that they did, known by email. */
export const sample: Connector<Settings, Person> = {
  name: 'sample',
  title: 'Sample',
  docs: DOCS,
  settings: schema,
  problems,
  hosts: [/^api\.sample\.example$/],
  auth: () => auth,
  calls: {
    people: {
      repeatable: true, // an upsert by email: the same person twice is still one person
      records: ({ recordsPerRequest = DEFAULTS.recordsPerRequest }) => recordsPerRequest,
      bytes: 1_000_000,
      overhead: 20,
      timeoutMs: 15_000,
      rates: () => [{ requests: 600, perMs: 60_000 }],
      source: `${DOCS}/limits`,
    },
  },
  wants,
  ordered: true, // the last thing that a person did must not be overtaken by an older one
  onUnknown: 'resend', // every call is repeatable
  rules,
  map,
  explain,
  deliver,
}

async function* deliver({ settings, records }: Batch<Settings, Person>, call: Call): AsyncIterable<Outcome> {
  const people = records.map(({ data }) => data)
  yield* together(records, await call.send(upsert(settings.list, people)))
}

const upsert = (list: string, people: readonly Person[]): HttpRequest => ({
  method: 'POST',
  url: `https://${HOST}/v1/lists/${encodeURIComponent(list)}/people`,
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: JSON.stringify({ people }),
})

export default sample

import type { Batch, HttpRequest } from '../../core/connector.ts'
import type { Record, Value } from './map.ts'
import { DEFAULTS, type Settings } from './settings.ts'

/** Where the API answers: at the address that came with the token, never where the login went. */
export const apiAt = (baseUrl: string | undefined, { loginUrl, apiVersion = DEFAULTS.apiVersion }: Settings): string =>
  `${baseUrl ?? loginUrl}/services/data/v${apiVersion}`

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_upsert.htm */
export function upsertOf(batch: Batch<Settings, Record>, baseUrl: string | undefined): HttpRequest {
  const { settings, records } = batch
  const { object, externalId } = records[0]!.data // one object in all of them: they share a group
  return {
    method: 'PATCH',
    url: `${apiAt(baseUrl, settings)}/composite/sobjects/${object}/${externalId}`,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(settings.saveDuplicates && { 'sforce-duplicate-rule-header': 'allowSave=true' }),
    },
    body: `${HEAD}${records.map(({ data }) => wire(data)).join(',')}]}`,
  }
}
const HEAD = '{"allOrNone":false,"records":['

/** As it travels: the parent that a field names is an object of its own. */
function wire({ object, fields }: Record): string {
  const record: { [name: string]: Value | { [name: string]: Value } } = { attributes: { type: object } }
  for (const [name, value] of Object.entries(fields)) {
    const [relation = '', field] = name.split('.')
    if (field === undefined) record[name] = value
    else record[relation] = { [field]: value }
  }
  return JSON.stringify(record)
}

/**
 * Which record stands at a column of the body, counted from 1. Whether Salesforce counts characters or bytes it does not say:
 * only a record that both agree on is named.
 */
export function recordAt({ call, records }: Batch<Settings, Record>, column: number): string | undefined {
  if (call !== 'upsert') return undefined
  const found = [(text: string) => text.length, (text: string) => Buffer.byteLength(text)].map(lengthOf => {
    let end = HEAD.length
    return records.find(({ data }) => {
      const start = end
      end += lengthOf(wire(data)) + 1
      return column > start && column <= end
    })?.id
  })
  return found[0] === found[1] ? found[0] : undefined
}

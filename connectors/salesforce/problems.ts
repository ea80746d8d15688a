import { mappingProblems } from '../../core/connector.ts'
import { FIELDS } from './fields.ts'
import { DEFAULTS, fieldName, orderReference, type Settings, sObjectOf, TARGETS, type Target } from './settings.ts'

// One name, or a parent's external id behind its relation. https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/using_resources_working_with_records_upsert.htm
const FIELD = /^[A-Za-z][A-Za-z0-9_]{0,79}(?:\.[A-Za-z][A-Za-z0-9_]{0,79})?$/
/** sObject collections know an upsert since this version: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections_upsert.htm */
const OLDEST = 46

export function problems(settings: Settings): readonly string[] {
  const { loginUrl, auth = DEFAULTS.auth, apiVersion = DEFAULTS.apiVersion } = settings
  const shared = /^https:\/\/(?:login|test)\.salesforce\.com$/.test(loginUrl)
  return [
    ...(shared && auth === 'client_credentials'
      ? [`loginUrl: client credentials need the org's own address (My Domain), such as https://acme.my.salesforce.com`]
      : []),
    ...(Number(apiVersion) < OLDEST ? [`apiVersion: Salesforce upserts collections since ${OLDEST}.0`] : []),
    ...TARGETS.flatMap(target => [...fieldProblems(target, settings), ...fillProblems(target, settings)]),
  ]
}

function fieldProblems(target: Target, settings: Settings): readonly string[] {
  const known = [...(target === 'item' ? [orderReference(settings)] : []), ...Object.keys(FIELDS[target])]
  const names = settings.fields?.[target] ?? {}
  const taken = [sObjectOf(target, settings).externalId, ...known.map(one => fieldName(target, one, settings))]
  return Object.entries(names).flatMap(([one, name]) => {
    const at = `fields.${target}.${one}`
    if (!known.includes(one)) return [`${at}: Connect fills no such field; it fills ${known.join(', ')}`]
    if (name !== '' && taken.filter(other => other === name).length > 1)
      return [`${at}: another field is called ${name} already`]
    return name === '' ? [] : nameProblem(name, at)
  })
}

function fillProblems(target: Target, settings: Settings): readonly string[] {
  const { externalId } = sObjectOf(target, settings)
  return Object.entries(settings.mapping?.[target] ?? {}).flatMap(([event, mapping]) => {
    const at = `mapping.${target}.${event}`
    return [
      ...mappingProblems(mapping, at),
      ...Object.keys(mapping).flatMap(name =>
        target === 'item' && name === externalId
          ? [`${at}.${name}: tells the lines of an order apart and cannot be filled otherwise`]
          : nameProblem(name, `${at}.${name}`),
      ),
    ]
  })
}

function nameProblem(name: string, at: string): readonly string[] {
  if (/^id$/i.test(name)) return [`${at}: records go by their external id; Salesforce refuses Id beside it`]
  return FIELD.test(name)
    ? []
    : [
        `${at}: write the API name of a field, such as Phone or Plan__c, or of a parent's, such as Contact__r.Customer_Id__c`,
      ]
}

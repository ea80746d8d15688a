import { mappingSchema, type SettingsSchema } from '../../core/connector.ts'
import { DEFAULTS, type Settings, TARGETS } from './settings.ts'

const NAME = '^[A-Za-z][A-Za-z0-9_]{0,79}$'
const each = <V>(value: V) => Object.fromEntries(TARGETS.map(target => [target, value]))

export const schema: SettingsSchema<Settings> = {
  type: 'object',
  additionalProperties: false,
  required: ['loginUrl'],
  properties: {
    loginUrl: {
      type: 'string',
      pattern: '^https://(?:[a-z0-9-]+(?:\\.[a-z]+(?:-[a-z]+)?)?\\.my|login|test)\\.salesforce\\.com$',
      description:
        "The org's own address (Setup, My Domain), such as https://acme.my.salesforce.com. No path, no slash at the end",
    },
    auth: {
      type: 'string',
      enum: ['client_credentials', 'jwt', 'refresh_token'],
      default: DEFAULTS.auth,
      description:
        "How Salesforce knows us: client_credentials as the app's run-as user, jwt as a user who was approved beforehand, refresh_token as the user who authorised the app",
    },
    audience: {
      type: 'string',
      pattern: '^https://[a-z0-9.-]+$',
      description:
        'Audience of the signed assertion, with jwt: by itself https://login.salesforce.com, for sandboxes https://test.salesforce.com',
    },
    sessionMinutes: {
      type: 'integer',
      minimum: 15,
      maximum: 1440,
      default: DEFAULTS.sessionMinutes,
      description:
        "How long a session of that user lives (Setup, Session Settings, or the profile's): the token is renewed after half of it",
    },
    apiVersion: {
      type: 'string',
      pattern: '^[1-9][0-9]{1,2}\\.0$',
      default: DEFAULTS.apiVersion,
      description: 'Version of the Salesforce API that requests speak, 46.0 or later',
    },
    events: {
      type: 'object',
      additionalProperties: { type: 'array', uniqueItems: true, items: { type: 'string', enum: TARGETS } },
      description:
        'What an event becomes, by its name: any of contact, lead, order, opportunity, item, event; [] switches it off',
    },
    objects: {
      type: 'object',
      additionalProperties: false,
      properties: each({
        type: 'object',
        additionalProperties: false,
        properties: { object: { type: 'string', pattern: NAME }, externalId: { type: 'string', pattern: NAME } },
      }),
      default: DEFAULTS.objects,
      description: 'API names of the object behind each of these, and of its external-id field',
    },
    fields: {
      type: 'object',
      additionalProperties: false,
      properties: each({ type: 'object', additionalProperties: { type: 'string', maxLength: 161 } }),
      description:
        'What the org calls a field that Connect fills, by contact, lead, ...: {"event": {"Sku__c": "Product_Code__c"}}; "" leaves it out',
    },
    mapping: {
      type: 'object',
      additionalProperties: false,
      properties: each({ type: 'object', additionalProperties: mappingSchema }),
      description:
        'Further fields by contact, lead, ... and event name, or "*" for all: a path ("user.city"), a text ("lead {properties.form}"), {"value": ...} or a list of which the first found counts. Null clears a field',
    },
    placeholder: {
      type: 'string',
      maxLength: 80,
      description:
        'What stands for the last name and company that Salesforce demands of a new lead, and the last name of a new contact, where the event has none. None: Salesforce refuses them',
    },
    saveDuplicates: {
      type: 'boolean',
      default: DEFAULTS.saveDuplicates,
      description: "Whether records that the org's duplicate rules only warn of are saved all the same",
    },
    recordsPerRequest: {
      type: 'integer',
      minimum: 1,
      maximum: 200,
      default: DEFAULTS.recordsPerRequest,
      description: "Records in one request, at most; fewer where the org's triggers and flows take too long for 200",
    },
    requestsPerMinute: {
      type: 'integer',
      minimum: 1,
      maximum: 6000,
      default: DEFAULTS.requestsPerMinute,
      description: 'Requests a minute, at most. Salesforce has no such limit; it keeps us from crowding out others',
    },
    requestsPerDay: {
      type: 'integer',
      minimum: 1000,
      maximum: 5_000_000,
      description:
        "Our share of the org's daily API requests. None: what the org has left, which every answer tells, decides alone",
    },
  },
}

import { mappingSchema, type SettingsSchema } from '../../core/connector.ts'
import { CONSENT_COLUMNS, DEFAULTS, IDENTITIES, type Settings, TARGETS } from './settings.ts'

/** Logical names of tables and columns, in lower case as Dataverse keeps them; navigation properties keep their case. */
const LOGICAL = '^[a-z][a-z0-9_]{1,99}$'
const NAVIGATION = '^[A-Za-z][A-Za-z0-9_]{1,99}$'
const GUID = '[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'
const column = { type: 'string', pattern: LOGICAL } as const
const lookup = { type: 'string', pattern: NAVIGATION } as const

const table = {
  type: 'object',
  additionalProperties: false,
  required: ['set', 'key'],
  properties: { set: column, key: column, lead: lookup, contact: lookup },
} as const

export const schema: SettingsSchema<Settings> = {
  type: 'object',
  additionalProperties: false,
  required: ['environment', 'directory'],
  properties: {
    environment: {
      type: 'string',
      pattern: '^https://[a-z0-9][a-z0-9-]*(?:\\.api)?\\.crm\\d{0,2}\\.dynamics\\.com$',
      description: 'Origin of the environment, such as https://acme.crm2.dynamics.com: no path, no slash at the end',
    },
    directory: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9.-]{1,99}$',
      description: 'Microsoft Entra directory (tenant) that holds the app: its GUID or its domain',
    },
    apiVersion: {
      type: 'string',
      pattern: '^v9\\.\\d$',
      default: DEFAULTS.apiVersion,
      description: 'Version of the Web API',
    },
    prefix: {
      type: 'string',
      pattern: '^[a-z][a-z0-9]{1,7}$',
      default: DEFAULTS.prefix,
      description: "The publisher's prefix, which the names of your own columns begin with",
    },
    leadKey: {
      ...column,
      description: 'Column of lead whose alternate key says who a lead is; else prefix and _externalid',
    },
    contactKey: {
      ...column,
      description: 'Column of contact whose alternate key says who a contact is; else prefix and _externalid',
    },
    keyScope: {
      type: 'string',
      maxLength: 50,
      default: DEFAULTS.keyScope,
      description: 'Goes into the hash of every key: two sites with scopes of their own keep leads of their own',
    },
    matchBy: {
      type: 'array',
      items: { type: 'string', pattern: `^(?:${IDENTITIES.join('|')})$` },
      minItems: 1,
      default: DEFAULTS.matchBy,
      description: 'What a person is known by, the first that the event has: email, phone, id',
    },
    leadPer: {
      type: 'string',
      enum: ['person', 'event'],
      default: DEFAULTS.leadPer,
      description: 'Whether a person has one lead, which further events change, or every event makes a lead of its own',
    },
    events: {
      type: 'object',
      additionalProperties: { type: 'array', uniqueItems: true, items: { type: 'string', enum: TARGETS } },
      description:
        'What an event becomes, by its name: a list of lead, lead-update, contact, order, activity, in this order; [] switches it off',
    },
    orders: {
      ...table,
      description:
        'Table that keeps purchases: set (its entity set), key (column of its alternate key), lead and contact (its lookups, if it has them). None: orders are not kept',
    },
    activities: {
      ...table,
      description: 'Table that keeps what people do, a row an event, said like orders. None: it is not kept',
    },
    columns: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(
        (['lead', 'contact', 'order', 'activity'] as const).map(kind => [
          kind,
          { type: 'object', additionalProperties: { type: 'string', maxLength: 110 } },
        ]),
      ),
      description: 'Other names for the columns below, by lead, contact, order, activity; "" leaves a column out',
    },
    mapping: {
      type: 'object',
      additionalProperties: false,
      properties: Object.fromEntries(
        TARGETS.map(target => [target, { type: 'object', additionalProperties: mappingSchema }]),
      ),
      description:
        'Further columns, by target and there by event name or "*" for all: a path ("campaign.gclid"), a text ("{campaign.source} / {campaign.medium}"), {"value": ...} or a list of which the first found counts',
    },
    subject: {
      type: 'string',
      maxLength: 100,
      default: DEFAULTS.subject,
      description: "What a lead's subject begins with",
    },
    leadSource: {
      type: 'integer',
      minimum: 1,
      maximum: 999_999_999,
      default: DEFAULTS.leadSource,
      description: 'leadsourcecode of leads that are made: 8 is Web',
    },
    campaigns: {
      type: 'object',
      additionalProperties: { type: 'string', pattern: `^${GUID}$` },
      description:
        'Campaign name (utm_campaign) to the GUID of the campaign in Dynamics; others are named in the description',
    },
    currencies: {
      type: 'object',
      additionalProperties: { type: 'string', pattern: `^(?:base|${GUID})$` },
      description:
        'ISO code to the GUID of the currency in Dynamics, or to "base": amounts in a currency that is not here stay out of money columns',
    },
    consent: {
      type: 'string',
      enum: ['both', 'opt-out', 'never'],
      default: DEFAULTS.consent,
      description:
        'What marketing consent does: both (a refusal opts out; consent given with a lead opts in again), opt-out (only refusals), never',
    },
    consentColumns: {
      type: 'array',
      items: { type: 'string', pattern: `^(?:${CONSENT_COLUMNS.join('|')})$` },
      minItems: 1,
      default: DEFAULTS.consentColumns,
      description: `Columns that say no to marketing: ${CONSENT_COLUMNS.join(', ')}`,
    },
    closeLeads: {
      type: 'boolean',
      default: DEFAULTS.closeLeads,
      description:
        'Whether leads are closed when events say that they were won, lost or disqualified. A closed lead takes no further changes',
    },
    duplicateDetection: {
      type: 'boolean',
      default: DEFAULTS.duplicateDetection,
      description: "Whether the environment's duplicate detection rules may refuse records",
    },
    recordsPerRequest: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: DEFAULTS.recordsPerRequest,
      description: 'Records in one batch, at most',
    },
    requestsPer5Minutes: {
      type: 'integer',
      minimum: 1,
      maximum: 1_000_000,
      default: DEFAULTS.requestsPer5Minutes,
      description: 'Batches that the application user may send in 5 minutes; less where others share it',
    },
    recordsPerDay: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000_000,
      description:
        "Share of the organisation's daily request entitlement that this destination may use; none: not counted",
    },
  },
}

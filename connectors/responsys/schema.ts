import { mappingSchema, type SettingsSchema } from '../../core/connector.ts'
import { TARGETS } from './columns.ts'
import { DEFAULTS, MATCH_COLUMNS, type Settings } from './settings.ts'

/** Names of lists, tables, folders and events end up in a URL, encoded; a slash would still be read as two parts of it. */
const NAME = '^[^/\\\\?#%]{1,100}$'
const name = { type: 'string', pattern: NAME } as const
const each = <T extends string, V>(keys: readonly T[], value: V) =>
  Object.fromEntries(keys.map(key => [key, value])) as { readonly [key in T]: V }

export const schema: SettingsSchema<Settings> = {
  type: 'object',
  additionalProperties: false,
  required: ['loginUrl', 'list'],
  properties: {
    loginUrl: {
      type: 'string',
      pattern:
        '^https://(?:login\\d*\\.responsys\\.net|login\\.rsys[89]\\.net|[a-z0-9-]+\\.responsys\\.ocs\\.oraclecloud\\.com)$',
      description:
        'Where the account logs in: https://login5.responsys.net, or its own address under Account, Global settings, Account configuration, WS End Point. No path, no slash at the end',
    },
    list: { ...name, description: 'Profile list that people go into' },
    listFolder: { ...name, default: DEFAULTS.listFolder, description: 'Folder of the profile list' },
    match: {
      type: 'array',
      items: { type: 'string', pattern: `^(?:${MATCH_COLUMNS.join('|')})$` },
      minItems: 1,
      default: [...DEFAULTS.match],
      description:
        'Columns of the list that say who a person is; of two, both must agree. EMAIL_SHA256_HASH_ finds people but adds none',
    },
    insert: {
      type: 'boolean',
      default: DEFAULTS.insert,
      description: 'Whether people whom the list does not know are added to it',
    },
    defaultPermission: {
      type: 'string',
      enum: ['OPTOUT', 'OPTIN'],
      default: DEFAULTS.defaultPermission,
      description: 'Permission of people who are added without having been asked: OPTOUT cannot be mailed',
    },
    permission: {
      type: 'string',
      enum: ['granted', 'both', 'never'],
      default: DEFAULTS.permission,
      description:
        'What the marketing consent of generate_lead and sign_up does to EMAIL_PERMISSION_STATUS_: granted opts in, both opts out as well where it was refused, never leaves it alone',
    },
    extension: { ...name, description: 'Profile extension table that keeps what each person last did; none: not kept' },
    tableFolder: { ...name, default: DEFAULTS.tableFolder, description: 'Folder of the supplemental tables' },
    tables: {
      type: 'object',
      additionalProperties: false,
      properties: each(['event', 'order', 'items'], name),
      default: DEFAULTS.tables,
      description: 'Supplemental tables: event (a row for each event), order and items (its lines)',
    },
    tablesWithoutKey: {
      type: 'array',
      items: name,
      description:
        'Those of the supplemental tables that have no primary key: their rows are matched by column instead',
    },
    events: {
      type: 'object',
      additionalProperties: {
        type: 'array',
        uniqueItems: true,
        items: { type: 'string', enum: TARGETS.filter(target => target !== 'program') },
      },
      description: 'What an event becomes, by its name: profile, extension, event, order, items; [] switches it off',
    },
    programs: {
      type: 'object',
      additionalProperties: name,
      description: 'Custom event of Responsys that an event triggers, by its name: {"purchase": "order_placed"}',
    },
    columns: {
      type: 'object',
      additionalProperties: false,
      properties: each(TARGETS, { type: 'object', additionalProperties: { type: 'string', maxLength: 30 } }),
      description:
        'What this account calls a column that Connect fills, by target: {"event": {"EVENT_TS": "HAPPENED_AT"}}; "" leaves it out',
    },
    mapping: {
      type: 'object',
      additionalProperties: false,
      properties: each(TARGETS, { type: 'object', additionalProperties: mappingSchema }),
      description:
        'Further columns by target and event name, or "*" for all: a path ("user.city"), a text ("{campaign.source} {campaign.medium}"), {"value": ...} or a list of which the first found counts; {"value": null} leaves the column out',
    },
    timeFormat: {
      type: 'string',
      enum: ['iso', 'datetime'],
      default: DEFAULTS.timeFormat,
      description:
        'How TIMESTAMP columns are written, in UTC: 2026-01-05T14:03:11.000Z or 2026-01-05 14:03:11, as the account takes it',
    },
    recordsPerRequest: {
      type: 'integer',
      minimum: 1,
      maximum: DEFAULTS.recordsPerRequest,
      default: DEFAULTS.recordsPerRequest,
      description: 'Records in one request, at most',
    },
    requestsPerMinute: {
      type: 'object',
      additionalProperties: false,
      properties: each(['profile', 'extension', 'table', 'program'], { type: 'integer', minimum: 1, maximum: 10_000 }),
      description: "The account's rates by call, where they are known; 200 each where they are not",
    },
    tokenMinutes: {
      type: 'integer',
      minimum: 30,
      maximum: 180,
      default: DEFAULTS.tokenMinutes,
      description: 'Life of a token: the pages of Oracle say two hours and three; renewed after three quarters of it',
    },
  },
}

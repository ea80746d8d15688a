import { mappingSchema, type SettingsSchema } from '../../core/connector.ts'
import { DEFAULTS, IDENTIFIERS, type Settings } from './settings.ts'

const address = {
  type: 'object',
  additionalProperties: false,
  required: ['email'],
  properties: { email: { type: 'string', pattern: '^[^\\s@]+@[^\\s@]+$' }, name: { type: 'string', maxLength: 100 } },
} as const

const LIST = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'
const lists = { type: 'array', items: { type: 'string', pattern: LIST } } as const

/** Limits: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send */
const mail = {
  type: 'object',
  additionalProperties: false,
  required: ['template'],
  properties: {
    template: { type: 'string', pattern: '^d-[0-9a-f]{32}$' },
    kind: { type: 'string', enum: ['marketing', 'transactional'] },
    group: { type: 'integer', minimum: 1 },
    data: mappingSchema,
    categories: { type: 'array', maxItems: 10, uniqueItems: true, items: { type: 'string', maxLength: 255 } },
    from: address,
  },
} as const

export const schema: SettingsSchema<Settings> = {
  type: 'object',
  additionalProperties: false,
  required: [],
  properties: {
    region: {
      type: 'string',
      enum: ['global', 'eu'],
      default: DEFAULTS.region,
      description: 'eu for a regional subuser: mail then goes by api.eu.sendgrid.com, and contacts are not kept',
    },
    from: { ...address, description: 'Who mails come from, a verified sender: {"email": ..., "name": ...}' },
    replyTo: { ...address, description: 'Where answers go, if not to the sender' },
    mails: {
      type: 'object',
      additionalProperties: { anyOf: [mail, { const: false }] },
      description:
        'Mail that follows an event, by its name: {"template": "d-...", "kind": "transactional", "group": 123, "data": {"plan": "properties.plan"}}; false switches it off',
    },
    contacts: {
      type: 'object',
      additionalProperties: {
        anyOf: [{ type: 'object', additionalProperties: false, properties: { lists } }, { const: false }],
      },
      description:
        'Events that write the contact, by name: {"sign_up": {"lists": ["..."]}}; false switches one off, "*" stands for those not named',
    },
    lists: { ...lists, description: 'IDs of the lists that every contact is put on' },
    identifiers: {
      type: 'array',
      items: { type: 'string', pattern: `^(${IDENTIFIERS.join('|')})$` },
      minItems: 1,
      default: DEFAULTS.identifiers,
      description:
        'What contacts are known by. Each that is sent must stay the same for a person, or SendGrid makes a second contact',
    },
    mapping: {
      type: 'object',
      additionalProperties: mappingSchema,
      description:
        'Fields of the contact by event name or "*", custom fields by their id: {"purchase": {"e1_T": "commerce.transactionId", "e2_N": "commerce.value"}}',
    },
    optOuts: {
      type: 'object',
      additionalProperties: { anyOf: [{ type: 'string', pattern: '^(global|[1-9][0-9]*)$' }, { const: false }] },
      default: DEFAULTS.optOuts,
      description: 'Events that put the address on a suppression list: "global", or the number of an unsubscribe group',
    },
    sandbox: {
      type: 'boolean',
      default: DEFAULTS.sandbox,
      description: 'Mail is checked by SendGrid and not sent: for trying things out',
    },
    mailsPerRequest: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: DEFAULTS.mailsPerRequest,
      description: 'Mails of one template in a request; with fewer, less is in doubt when an answer is lost',
    },
    mailRequestsPerSecond: {
      type: 'integer',
      minimum: 1,
      maximum: 10_000,
      default: DEFAULTS.mailRequestsPerSecond,
      description: 'Requests a second to mail/send of the whole account',
    },
    contactRequestsPerMinute: {
      type: 'integer',
      minimum: 1,
      maximum: 6000,
      default: DEFAULTS.contactRequestsPerMinute,
      description: 'Requests a minute to the contacts API of the whole account, asking after jobs included',
    },
  },
}

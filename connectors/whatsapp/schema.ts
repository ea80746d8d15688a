import { mappingSchema, type SettingsSchema } from '../../core/connector.ts'
import { DEFAULTS, HEADERS, type Settings } from './settings.ts'

const byIndex = { ...mappingSchema, propertyNames: { pattern: '^[0-9]$' } }

/** Template names: https://developers.facebook.com/docs/whatsapp/business-management-api/message-templates */
const template = {
  type: 'object',
  additionalProperties: false,
  properties: {
    name: { type: 'string', pattern: '^[a-z0-9_]{1,512}$' },
    language: { type: 'string', pattern: '^[a-z]{2,3}(_[A-Z]{2})?$' },
    text: {
      type: 'object',
      additionalProperties: false,
      required: ['body'],
      properties: { body: mappingSchema.additionalProperties },
    },
    category: { type: 'string', enum: ['marketing', 'utility', 'authentication'] },
    header: { ...mappingSchema, propertyNames: { enum: HEADERS } },
    body: { ...mappingSchema, propertyNames: { pattern: '^([1-9][0-9]?|[a-z_][a-z0-9_]*)$' } },
    money: { type: 'array', uniqueItems: true, items: { type: 'string' } },
    buttons: byIndex,
    replies: byIndex,
  },
} as const

export const schema: SettingsSchema<Settings> = {
  type: 'object',
  additionalProperties: false,
  required: ['phoneNumberId'],
  properties: {
    phoneNumberId: {
      type: 'string',
      pattern: '^[0-9]{5,20}$',
      description: 'Phone number ID (not the number) that messages are sent from: WhatsApp Manager, API setup',
    },
    version: {
      type: 'string',
      pattern: '^v[0-9]{2}\\.[0-9]$',
      default: DEFAULTS.version,
      description: 'Version of the Graph API, such as v23.0',
    },
    language: {
      type: 'string',
      pattern: '^[a-z]{2,3}(_[A-Z]{2})?$',
      default: DEFAULTS.language,
      description: 'Language of the templates that do not name their own, such as pt_BR',
    },
    templates: {
      type: 'object',
      additionalProperties: { anyOf: [template, { const: false }] },
      description:
        'What an event sends, by its name: {"name": "order_received", "category": "utility", "body": {"1": "user.firstName"}}; with "text": {"body": "..."} a text to who wrote in the last 24 hours; false switches it off',
    },
    optIn: {
      type: 'string',
      enum: ['marketing', 'userData', 'analytics'],
      default: DEFAULTS.optIn,
      description:
        'The consent that counts as opt-in to messages that are no marketing; marketing always needs the consent to marketing',
    },
    messagesPerSecond: {
      type: 'integer',
      minimum: 1,
      maximum: 1000,
      default: DEFAULTS.messagesPerSecond,
      description:
        'Throughput of the number: 80, after an upgrade 1000, 20 if it is used in the WhatsApp Business app too',
    },
    stopWords: {
      type: 'array',
      items: { type: 'string' },
      default: DEFAULTS.stopWords,
      description: 'Messages that mean no more messages, whole and in any case; [] leaves it to the button of WhatsApp',
    },
  },
}

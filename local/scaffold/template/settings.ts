import { type Mapping, mappingProblems, mappingSchema, type SettingsSchema } from '../../../core/connector.ts'

export type Settings = {
  list: string
  events?: readonly string[]
  mapping?: { readonly [nameOrStar: string]: Mapping }
  recordsPerRequest?: number
}

export const DEFAULTS = {
  events: ['generate_lead', 'sign_up', 'purchase'],
  recordsPerRequest: 100,
} as const satisfies Partial<Settings>

export const wants = ({ events = DEFAULTS.events }: Settings): readonly string[] => events

export const problems = ({ mapping = {} }: Settings): readonly string[] =>
  Object.entries(mapping).flatMap(([name, fields]) => mappingProblems(fields, `mapping.${name}`))

export const schema: SettingsSchema<Settings> = {
  type: 'object',
  additionalProperties: false,
  required: ['list'],
  properties: {
    list: {
      type: 'string',
      pattern: '^[a-z0-9-]{1,40}$',
      description: 'The list that people are put into; it has to be there already',
    },
    events: {
      type: 'array',
      items: { type: 'string' },
      default: DEFAULTS.events,
      description: 'Names of the events that are sent; every other one is skipped',
    },
    mapping: {
      type: 'object',
      additionalProperties: mappingSchema,
      description:
        'Fields by event name, or by "*" for all: a path ("user.city"), a text ("lead {properties.form}"), {"value": ...} or a list of which the first found counts',
    },
    recordsPerRequest: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: DEFAULTS.recordsPerRequest,
      description: 'People in one request, at most',
    },
  },
}

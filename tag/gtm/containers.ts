import {
  BUILT_IN_TRIGGERS,
  type Client,
  type Condition,
  type ContainerFile,
  type ContainerParameter,
  type ContainerVersion,
  type Tag,
  type Trigger,
  type Variable,
} from './container-file.ts'
import { CONSENTS, ECOMMERCE_EVENTS, LEAD_EVENTS } from './events.ts'
import { buildTemplate, sources } from './source/index.ts'
import { formatTemplate } from './template.ts'

/**
 * The containers that a marketer imports for a tenant. `wait` holds events in memory until consent, `signal` sends them
 * with the consent state, `strict` has GTM fire the tag only where consent was there already.
 */
export type Consent = 'wait' | 'signal' | 'strict'
export type Order = {
  tenant: string
  /** Where browsers load tag.js from and post to: an origin. */
  endpoint: string
  /** Sites of the tenant, for the client of the tagging server. */
  origins: readonly string[]
  consent: Consent
  /** Consent types that an event needs. */
  needs: readonly string[]
  pageViews: boolean
  serverKey?: string
  /** UTC. */
  now: Date
}

/** What a marketer imports who asks for nothing else. */
export const DEFAULTS = { consent: 'wait', needs: ['analytics_storage'], pageViews: false } as const

/** In place of a key that is not known here. It is never accepted. */
export const NO_KEY = 'put the server key of the tenant here'

/** Import gives its own ids to everything; a file only has to be consistent in itself. */
const OWN = { accountId: '0', containerId: '0' }
const ENTITY = { ...OWN, fingerprint: '0' }
const FOLDER = { parentFolderId: '1' }
const TENANT = 'Connect - tenant'
const USER_DATA = 'Connect - user data'
const SERVER_KEY = 'Connect - server key'

export function webContainer(order: Order): ContainerFile {
  const tag = (
    tagId: string,
    name: string,
    fields: readonly ContainerParameter[],
    triggers: readonly string[],
  ): Tag => ({
    ...ENTITY,
    ...FOLDER,
    tagId,
    name,
    type: customType(1),
    parameter: [text('tenant', `{{${TENANT}}}`), ...fields, ...consentFields(order, 'wait')],
    firingTriggerId: triggers,
    ...FIRING,
    consentSettings: consentSettings(order),
  })
  return containerFile(order, 'WEB', {
    tag: [
      // On pages without events too: a campaign is in the address of the first page of a visit and of no other.
      tag('12', 'Connect - library', [text('action', 'load')], [BUILT_IN_TRIGGERS.initialization]),
      tag('10', 'Connect - ecommerce and leads', EVENT, ['20', '21']),
      ...(order.pageViews
        ? [tag('11', 'Connect - page views', [...EVENT, text('eventName', 'page_view')], [BUILT_IN_TRIGGERS.allPages])]
        : []),
    ],
    trigger: [
      eventTrigger('20', 'Connect - GA4 ecommerce events', ECOMMERCE_EVENTS),
      eventTrigger('21', 'Connect - GA4 lead events', LEAD_EVENTS),
    ],
    variable: [constant('30', TENANT, order.tenant), fromDataLayer('31', USER_DATA, 'user_data')],
    builtInVariable: [{ ...OWN, type: 'EVENT', name: 'Event' }],
    customTemplate: customTemplates(order.endpoint, ['web']),
  })
}

export function serverContainer(order: Order): ContainerFile {
  const fields = [text('tenant', `{{${TENANT}}}`), text('serverKey', `{{${SERVER_KEY}}}`)]
  const client: Client = {
    ...ENTITY,
    ...FOLDER,
    clientId: '40',
    name: 'Connect - browsers',
    type: customType(1),
    parameter: [
      ...fields,
      table(
        'origins',
        order.origins.map(origin => ({ origin })),
      ),
      flag('runContainer', false),
    ],
    priority: 0,
  }
  const tag: Tag = {
    ...ENTITY,
    ...FOLDER,
    tagId: '10',
    name: 'Connect - ecommerce and leads of this server',
    type: customType(2),
    parameter: [...fields, ...consentFields(order, 'required')],
    firingTriggerId: ['20'],
    ...FIRING,
    consentSettings: { consentStatus: 'NOT_SET' },
  }
  return containerFile(order, 'SERVER', {
    tag: [tag],
    trigger: [eventTrigger('20', 'Connect - GA4 ecommerce and lead events', [...ECOMMERCE_EVENTS, ...LEAD_EVENTS])],
    variable: [constant('30', TENANT, order.tenant), constant('31', SERVER_KEY, order.serverKey ?? NO_KEY)],
    client: [client],
    builtInVariable: [{ ...OWN, type: 'EVENT_NAME', name: 'Event Name' }],
    customTemplate: customTemplates(order.endpoint, ['server-client', 'server-tag']),
  })
}

type Content = Pick<ContainerVersion, 'tag' | 'trigger' | 'variable' | 'client' | 'builtInVariable' | 'customTemplate'>

const containerFile = (order: Order, context: 'WEB' | 'SERVER', content: Content): ContainerFile => ({
  exportFormatVersion: 2,
  exportTime: order.now.toISOString().slice(0, 19).replace('T', ' '),
  containerVersion: {
    path: 'accounts/0/containers/0/versions/0',
    ...OWN,
    containerVersionId: '0',
    container: {
      path: 'accounts/0/containers/0',
      ...ENTITY,
      name: `Connect ${order.tenant} ${context === 'WEB' ? 'web' : 'server'}`,
      publicId: 'GTM-XXXXXXX',
      usageContext: [context],
    },
    ...content,
    folder: [{ ...ENTITY, folderId: '1', name: 'Connect' }],
    fingerprint: '0',
  },
})

const FIRING = { tagFiringOption: 'ONCE_PER_EVENT', monitoringMetadata: { type: 'MAP' } } as const

/** How a file names a template of its own: with its own container id, which import replaces. */
const customType = (templateId: number) => `cvt_${OWN.containerId}_${templateId}`

const customTemplates = (endpoint: string, names: readonly string[]) =>
  sources(endpoint)
    .filter(({ name }) => names.includes(name))
    .map((source, i) => ({
      ...ENTITY,
      templateId: String(i + 1),
      name: source.info.displayName,
      templateData: formatTemplate(buildTemplate(source)),
    }))

const text = (key: string, value: string): ContainerParameter => ({ type: 'TEMPLATE', key, value })
const flag = (key: string, value: boolean): ContainerParameter => ({ type: 'BOOLEAN', key, value: String(value) })
const table = (key: string, rows: readonly { [column: string]: string }[]): ContainerParameter => ({
  type: 'LIST',
  key,
  list: rows.map(row => ({ type: 'MAP', map: Object.entries(row).map(([column, value]) => text(column, value)) })),
})

/** Fields of a tag that sends an event. */
const EVENT = [text('action', 'event'), text('userData', `{{${USER_DATA}}}`)]

/** `otherwise`: the template's word for not sending without consent. */
const consentFields = ({ consent, needs }: Order, otherwise: 'wait' | 'required'): ContainerParameter[] => [
  text('consentMode', consent === 'signal' ? 'signal' : otherwise),
  ...CONSENTS.map(type => flag(type, needs.includes(type))),
]

/**
 * `NEEDED` drops what happens before consent and is not made up for later, so only `strict` says it. `NOT_NEEDED` would
 * make the template see every consent as granted.
 */
const consentSettings = ({ consent, needs }: Order): Tag['consentSettings'] =>
  consent === 'strict' && needs.length
    ? {
        consentStatus: 'NEEDED',
        consentType: { type: 'LIST', list: needs.map(value => ({ type: 'TEMPLATE', value })) },
      }
    : { consentStatus: 'NOT_SET' }

const eventTrigger = (triggerId: string, name: string, events: readonly string[]): Trigger => ({
  ...ENTITY,
  ...FOLDER,
  triggerId,
  name,
  type: 'CUSTOM_EVENT',
  customEventFilter: [matches('{{_event}}', `^(${events.join('|')})$`)],
})
const matches = (value: string, pattern: string): Condition => ({
  type: 'MATCH_REGEX',
  parameter: [text('arg0', value), text('arg1', pattern)],
})

const constant = (variableId: string, name: string, value: string): Variable => ({
  ...ENTITY,
  ...FOLDER,
  variableId,
  name,
  type: 'c',
  parameter: [text('value', value)],
  formatValue: {},
})

const fromDataLayer = (variableId: string, name: string, key: string): Variable => ({
  ...ENTITY,
  ...FOLDER,
  variableId,
  name,
  type: 'v',
  parameter: [
    { type: 'INTEGER', key: 'dataLayerVersion', value: '2' },
    flag('setDefaultValue', false),
    text('name', key),
  ],
  formatValue: {},
})

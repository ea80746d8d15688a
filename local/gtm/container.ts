/** What of an exported web container the emulator reads: the file that a marketer imports, as it is. */
export type Container = {
  containerVersion: {
    container: { publicId: string }
    tag?: readonly Tag[]
    trigger?: readonly Trigger[]
    variable?: readonly Variable[]
    builtInVariable?: readonly { type: string; name: string }[]
    customTemplate?: readonly { containerId: string; templateId: string; name: string; templateData: string }[]
  }
}
export type Tag = {
  tagId: string
  name: string
  type: string
  parameter?: readonly Parameter[]
  firingTriggerId?: readonly string[]
  blockingTriggerId?: readonly string[]
  tagFiringOption?: 'UNLIMITED' | 'ONCE_PER_EVENT' | 'ONCE_PER_LOAD'
  priority?: Parameter
  paused?: boolean
  consentSettings?: { consentStatus?: 'NOT_SET' | 'NOT_NEEDED' | 'NEEDED'; consentType?: Parameter }
}
export type Trigger = {
  triggerId: string
  name: string
  type: string
  customEventFilter?: readonly Condition[]
  filter?: readonly Condition[]
}
export type Variable = { variableId: string; name: string; type: string; parameter?: readonly Parameter[] }
export type Condition = { type: string; parameter: readonly Parameter[] }
export type Parameter = {
  type: string
  key?: string
  value?: string
  list?: readonly Parameter[]
  map?: readonly Parameter[]
}

export const textOf = (parameters: readonly Parameter[] | undefined, key: string): string | undefined =>
  parameters?.find(parameter => parameter.key === key)?.value

/** The triggers that every container has without naming them, by the ids that exports use. */
export const BUILT_IN_TRIGGERS: { readonly [id: string]: string } = {
  '2147479553': 'gtm.js',
  '2147479572': 'gtm.init_consent',
  '2147479573': 'gtm.init',
}
/** https://support.google.com/tagmanager/answer/7679319: the event of each kind of page trigger. */
const EVENT_OF: { readonly [type: string]: string } = {
  PAGEVIEW: 'gtm.js',
  DOM_READY: 'gtm.dom',
  WINDOW_LOADED: 'gtm.load',
  INIT: 'gtm.init',
  CONSENT_INIT: 'gtm.init_consent',
}
export const eventOf = (trigger: Trigger): string | undefined => EVENT_OF[trigger.type]

/**
 * What the emulator cannot run, one sentence each. It would rather run nothing than something else than what Tag Manager runs.
 */
export function unknownParts({ containerVersion: version }: Container): string[] {
  const { tag = [], trigger = [], variable = [], customTemplate = [] } = version
  const templates = new Set(customTemplate.map(typeOfTemplate))
  const triggers = new Set([...trigger.map(({ triggerId }) => triggerId), ...Object.keys(BUILT_IN_TRIGGERS)])
  const typesOf = new Set(['c', 'v', 'k', 'u', 'j', 'smm'])
  return [
    ...tag.flatMap(({ name, type, firingTriggerId = [], blockingTriggerId = [] }) => [
      ...(templates.has(type) ? [] : [`tag "${name}": its type ${type} is no template of this container`]),
      ...[...firingTriggerId, ...blockingTriggerId].flatMap(id =>
        triggers.has(id) ? [] : [`tag "${name}": there is no trigger ${id}`],
      ),
    ]),
    ...trigger.flatMap(one =>
      one.type === 'CUSTOM_EVENT' || eventOf(one) ? [] : [`trigger "${one.name}": type ${one.type} is not emulated`],
    ),
    ...variable.flatMap(({ name, type }) =>
      typesOf.has(type) ? [] : [`variable "${name}": type ${type} is not emulated`],
    ),
  ]
}

/** A tag's `type` when it is made of a template of the container. */
export const typeOfTemplate = ({ containerId, templateId }: { containerId: string; templateId: string }): string =>
  `cvt_${containerId}_${templateId}`

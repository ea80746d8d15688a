import type { ContainerParameter, ContainerVersion } from './container-file.ts'

/** A tag, trigger, variable, ... whatever it is, with how to speak of it. */
export type Entity = {
  kind: Kind
  /** `tag "Connect - leads"`. */
  title: string
  id: string | undefined
  name: string | undefined
  type: string | undefined
  parentFolderId: string | undefined
  parameters: readonly ContainerParameter[]
}
export type Kind = keyof typeof IDS

/** Kinds of things in a container, and the key of their ids. */
const IDS = {
  tag: 'tagId',
  trigger: 'triggerId',
  variable: 'variableId',
  client: 'clientId',
  transformation: 'transformationId',
  folder: 'folderId',
  customTemplate: 'templateId',
} as const

type Raw = { readonly [key: string]: unknown }

export const entitiesOf = (version: ContainerVersion): Entity[] =>
  (Object.keys(IDS) as Kind[]).flatMap(kind =>
    ((version[kind] ?? []) as readonly Raw[]).map(raw => ({
      kind,
      title: `${kind} "${raw.name}"`,
      id: raw[IDS[kind]] as string | undefined,
      name: raw.name as string | undefined,
      type: raw.type as string | undefined,
      parentFolderId: raw.parentFolderId as string | undefined,
      parameters: parametersOf(raw),
    })),
  )

/** All the parameters of a thing: its own, those of its conditions and settings, and those inside of lists and maps. */
function parametersOf(raw: Raw): ContainerParameter[] {
  const conditions = ['customEventFilter', 'filter', 'autoEventFilter'].flatMap(key => (raw[key] ?? []) as Raw[])
  const own = [raw, ...conditions].flatMap(each => (each.parameter ?? []) as ContainerParameter[])
  const consent = (raw.consentSettings as Raw | undefined)?.consentType as ContainerParameter | undefined
  const monitoring = raw.monitoringMetadata as ContainerParameter | undefined
  return [...own, consent, monitoring].flatMap(parameter => (parameter ? withInner(parameter) : []))
}

const withInner = (parameter: ContainerParameter): ContainerParameter[] => [
  parameter,
  ...[...(parameter.list ?? []), ...(parameter.map ?? [])].flatMap(withInner),
]

export const parameterOf = (entity: { parameter?: readonly ContainerParameter[] }, key: string): string | undefined =>
  entity.parameter?.find(parameter => parameter.key === key)?.value

/** What stands more than once in a list. */
export const repeated = (values: readonly (string | undefined)[]): string[] => [
  ...new Set(
    values.filter(
      (value): value is string => value !== undefined && values.indexOf(value) !== values.lastIndexOf(value),
    ),
  ),
]

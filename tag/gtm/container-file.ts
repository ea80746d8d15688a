/** A container as GTM exports and imports it (Admin, Import container). All ids and all values of parameters are texts. */
export type ContainerFile = {
  exportFormatVersion: 2
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  exportTime: string
  containerVersion: ContainerVersion
}

type Owned = { accountId: string; containerId: string }
type Entity = Owned & { name: string; fingerprint: string; parentFolderId?: string; notes?: string }

export type ContainerVersion = Owned & {
  path: string
  containerVersionId: string
  container: Owned & {
    path: string
    name: string
    publicId: string
    usageContext: readonly ('WEB' | 'SERVER')[]
    fingerprint: string
  }
  tag?: readonly Tag[]
  trigger?: readonly Trigger[]
  variable?: readonly Variable[]
  client?: readonly Client[]
  transformation?: readonly Entity[]
  folder?: readonly (Entity & { folderId: string })[]
  builtInVariable?: readonly (Owned & { type: string; name: string })[]
  customTemplate?: readonly CustomTemplate[]
  fingerprint: string
}

export type ContainerParameter = {
  type: string
  key?: string
  value?: string
  list?: readonly ContainerParameter[]
  map?: readonly ContainerParameter[]
}

export type Tag = Entity & {
  tagId: string
  type: string
  parameter?: readonly ContainerParameter[]
  firingTriggerId?: readonly string[]
  blockingTriggerId?: readonly string[]
  tagFiringOption: string
  monitoringMetadata: ContainerParameter
  consentSettings: { consentStatus: string; consentType?: ContainerParameter }
}
export type Condition = { type: string; parameter: readonly ContainerParameter[] }
export type Trigger = Entity & {
  triggerId: string
  type: string
  customEventFilter?: readonly Condition[]
  filter?: readonly Condition[]
  autoEventFilter?: readonly Condition[]
}
export type Variable = Entity & {
  variableId: string
  type: string
  parameter?: readonly ContainerParameter[]
  formatValue?: object
}
export type Client = Entity & {
  clientId: string
  type: string
  parameter?: readonly ContainerParameter[]
  priority?: number
}
export type CustomTemplate = Owned & {
  templateId: string
  name: string
  fingerprint: string
  /** The text of the `.tpl`, without a byte order mark. */
  templateData: string
  galleryReference?: { galleryTemplateId?: string }
}

/** Triggers that every container has and no file names. */
export const BUILT_IN_TRIGGERS = {
  allPages: '2147479553',
  initialization: '2147479573',
  consentInitialization: '2147479572',
} as const

/** ASCII only: an import of anything else has been reported as refused, and escapes do no harm. */
export const formatContainer = (file: ContainerFile): string =>
  `${JSON.stringify(file, null, 2).replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`

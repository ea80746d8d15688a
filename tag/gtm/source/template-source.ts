import type { Info, Parameter } from '../template.ts'

/** All that is written by hand of a template. Permissions follow from its code. */
export type TemplateSource = {
  name: 'web' | 'server-client' | 'server-tag'
  info: Omit<Info, 'id' | 'version' | 'securityGroups' | 'brand'>
  parameters: readonly Parameter[]
  code: string
  /** Goes before each scenario. */
  setup: string
  scenarios: readonly { name: string; code: string }[]
  notes: string
}

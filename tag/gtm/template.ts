/** A GTM template file (`.tpl`): sections of text under marker lines, in the order in which GTM exports them. */
export type Template = {
  info: Info
  parameters: readonly Parameter[]
  /** Sandboxed JavaScript: the body of a function of `data`. */
  code: string
  permissions: readonly Permission[]
  tests: string
  notes: string
}

export type Info = {
  type: 'TAG' | 'MACRO' | 'CLIENT'
  id: string
  version: number
  displayName: string
  description: string
  containerContexts: readonly ('WEB' | 'SERVER')[]
  securityGroups: readonly string[]
  categories?: readonly string[]
  brand?: { id: string; displayName: string }
}

/** A field of the tag's form. Only what we write is named; GTM knows more keys. */
export type Parameter = { type: string; name: string; subParams?: readonly Parameter[]; [key: string]: unknown }

/** As GTM stores it: `encodePermission` and `decodePermission` in permissions.ts are the readable side. */
export type Permission = {
  instance: {
    key: { publicId: string; versionId: string }
    param: readonly { key: string; value: PermissionValue }[]
  }
  clientAnnotations?: { isEditedByUser: boolean }
  isRequired: boolean
}
export type PermissionValue =
  | { type: 1; string: string }
  | { type: 2; listItem: readonly PermissionValue[] }
  | { type: 3; mapKey: readonly PermissionValue[]; mapValue: readonly PermissionValue[] }
  | { type: 8; boolean: boolean }

const CODE = { WEB: '___SANDBOXED_JS_FOR_WEB_TEMPLATE___', SERVER: '___SANDBOXED_JS_FOR_SERVER___' } as const
const PERMISSIONS = { WEB: '___WEB_PERMISSIONS___', SERVER: '___SERVER_PERMISSIONS___' } as const

/** Required by the gallery word for word: https://developers.google.com/tag-platform/tag-manager/templates/gallery */
const TERMS = `By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.`

export function formatTemplate(template: Template): string {
  const side = template.info.containerContexts[0] ?? 'WEB'
  const json = (value: unknown) => JSON.stringify(value, null, 2)
  const sections = [
    ['___TERMS_OF_SERVICE___', TERMS],
    ['___INFO___', json(template.info)],
    ['___TEMPLATE_PARAMETERS___', json(template.parameters)],
    [CODE[side], template.code.trim()],
    ...(template.permissions.length ? [[PERMISSIONS[side], json(template.permissions)]] : []),
    ['___TESTS___', template.tests.trim()],
    ['___NOTES___', template.notes.trim()],
  ]
  return `${sections.map(([marker, text]) => `${marker}\n\n${text}`).join('\n\n\n')}\n`
}

export type Parsed = { template: Template; markers: readonly string[] } | { problem: string }

/** Reads any `.tpl`, GTM's own exports (with a byte order mark, sections in other orders) included. */
export function parseTemplate(text: string): Parsed {
  const { sections, markers, twice } = split(text)
  if (twice) return { problem: `section ${twice} comes twice` }
  const code = sections[CODE.WEB] ?? sections[CODE.SERVER]
  if (code === undefined) return { problem: `no section ${CODE.WEB} or ${CODE.SERVER}` }
  const info = json<Info>(sections, '___INFO___')
  const parameters = json<Parameter[]>(sections, '___TEMPLATE_PARAMETERS___', '[]')
  const side = sections[PERMISSIONS.SERVER] === undefined ? PERMISSIONS.WEB : PERMISSIONS.SERVER
  const permissions = json<Permission[]>(sections, side, '[]')
  for (const { problem } of [info, parameters, permissions]) if (problem !== undefined) return { problem }
  const template = {
    info: info.value!,
    parameters: parameters.value!,
    permissions: permissions.value!,
    code,
    tests: sections.___TESTS___ ?? '',
    notes: sections.___NOTES___ ?? '',
  }
  return { template, markers }
}

function split(text: string) {
  const sections: { [marker: string]: string } = {}
  const markers: string[] = []
  const parts = text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n/g, '\n')
    .split(/^(___[A-Z_]+___)[ \t]*$/m)
  for (let i = 1; i < parts.length; i += 2) {
    const marker = parts[i]!
    if (marker in sections) return { sections, markers, twice: marker }
    sections[marker] = parts[i + 1]!.trim()
    markers.push(marker)
  }
  return { sections, markers }
}

function json<T>(
  sections: { [marker: string]: string },
  marker: string,
  otherwise?: string,
): { value?: T; problem?: string } {
  const text = sections[marker] || otherwise
  if (text === undefined) return { problem: `no section ${marker}` }
  try {
    return { value: JSON.parse(text) as T }
  } catch (error) {
    return { problem: `section ${marker} is not JSON: ${(error as Error).message}` }
  }
}

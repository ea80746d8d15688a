import type { Permission, PermissionValue } from './template.ts'

/**
 * What a template may do, and what a call of a sandboxed API needs.
 * https://developers.google.com/tag-platform/tag-manager/templates/permissions
 */
export type Plain = string | boolean | readonly Plain[] | { readonly [key: string]: Plain }
export type Params = { readonly [key: string]: Plain }
/** By permission id. */
export type Granted = { readonly [id: string]: Params }

/**
 * One thing that code does: permission, and in it the name, path or URL (`undefined` where there is none; `*` stands for what is only
 * known when the code runs) with the kinds of access, such as `read`. `unsure` where not even its beginning is known.
 */
export type Use = { permission: string; target?: string; access?: readonly string[]; unsure?: true }

export const decodePermissions = (permissions: readonly Permission[]): Granted =>
  Object.fromEntries(
    permissions.map(({ instance }) => [
      instance.key.publicId,
      Object.fromEntries((instance.param ?? []).map(({ key, value }) => [key, decode(value)])),
    ]),
  )

function decode(value: PermissionValue): Plain {
  if (value.type === 1) return value.string
  if (value.type === 8) return value.boolean
  if (value.type === 2) return (value.listItem ?? []).map(decode)
  return Object.fromEntries(value.mapKey.map((key, i) => [String(decode(key)), decode(value.mapValue[i]!)]))
}

export const encodePermissions = (granted: Granted): Permission[] =>
  Object.entries(granted).map(([publicId, params]) => {
    const param = Object.entries(params).map(([key, value]) => ({ key, value: encode(value) }))
    return {
      instance: { key: { publicId, versionId: '1' }, param },
      ...(param.length && { clientAnnotations: { isEditedByUser: true } }),
      isRequired: true,
    }
  })

function encode(value: Plain): PermissionValue {
  if (typeof value === 'string') return { type: 1, string: value }
  if (typeof value === 'boolean') return { type: 8, boolean: value }
  if (Array.isArray(value)) return { type: 2, listItem: value.map(encode) }
  const entries = Object.entries(value)
  return { type: 3, mapKey: entries.map(([key]) => encode(key)), mapValue: entries.map(([, each]) => encode(each)) }
}

/** Whether what is granted covers the use. */
export function covers(granted: Granted, use: Use): boolean {
  const params = granted[use.permission]
  if (!params) return false
  const rule = RULES[use.permission]
  return !rule || use.target === undefined || rule.covers(params, use.target, use.access ?? [])
}

/** The smallest permissions that cover all the uses. */
export function permissionsFor(uses: readonly Use[]): Granted {
  const byId = Map.groupBy(uses, ({ permission }) => permission)
  return Object.fromEntries([...byId].map(([id, same]) => [id, RULES[id]?.smallest(same) ?? {}]))
}

type Rule = {
  covers(params: Params, target: string, access: readonly string[]): boolean
  smallest(uses: readonly Use[]): Params
}

const names = (uses: readonly Use[]) => [...new Set(uses.flatMap(({ target }) => target ?? []))]
const list = (value: Plain | undefined): readonly Plain[] => (Array.isArray(value) ? value : [])

/** `any`, or `specific` with a list of names, patterns or URLs. */
const listed = (mode: string, key: string, matches: (pattern: string, target: string) => boolean): Rule => ({
  covers: (params, target) =>
    params[mode] === 'any' ||
    list(params[key]).some(pattern => typeof pattern === 'string' && matches(pattern, target)),
  smallest: uses => {
    const targets = names(uses)
    return targets.includes('*') ? { [mode]: 'any' } : { [mode]: 'specific', [key]: targets }
  },
})

/** A list of maps: a name, and one flag for each kind of access. */
const flagged = (key: string, name: string, kinds: readonly string[]): Rule => ({
  covers: (params, target, access) =>
    list(params[key]).some(row => {
      const { [name]: named, ...flags } = row as Params
      return (named === target || named === '*') && access.every(kind => flags[kind] === true)
    }),
  smallest: uses => ({
    [key]: names(uses).map(target => {
      const needed = uses.filter(use => use.target === target).flatMap(({ access }) => access ?? [])
      return { [name]: target, ...Object.fromEntries(kinds.map(kind => [kind, needed.includes(kind)])) }
    }),
  }),
})

/** `user_data.*` covers what is below `user_data`, and a key covers itself with all that is below it. */
const keyMatches = (pattern: string, key: string) =>
  pattern === '*' || pattern === key || key.startsWith(`${pattern.replace(/\.?\*$/, '')}.`)

/** The flag of `read_request` that each API needs; a header also has to be in the list. */
const PARTS: { readonly [part: string]: string } = {
  body: 'bodyAllowed',
  path: 'pathAllowed',
  header: 'headersAllowed',
  query: 'queryParametersAllowed',
  remoteAddress: 'remoteAddressAllowed',
}

const REQUEST: Rule = {
  covers: (params, target) => {
    if (params.requestAccess === 'any') return true
    const [part = '', name] = target.split(':')
    if (params[PARTS[part] ?? ''] !== true) return false
    return part !== 'header' || params.headerAccess === 'any' || headersOf(params).includes(name ?? '')
  },
  smallest: uses => {
    const targets = names(uses)
    const headers = targets.filter(target => target.startsWith('header:')).map(target => target.slice('header:'.length))
    const flags = Object.entries(PARTS).flatMap(([part, flag]) =>
      targets.some(target => target.split(':')[0] === part) ? [[flag, true] as const] : [],
    )
    return {
      requestAccess: 'specific',
      ...Object.fromEntries(flags),
      ...(headers.length && { headerAccess: 'specific', headerWhitelist: headers.map(headerName => ({ headerName })) }),
      ...(targets.includes('query') && { queryParameterAccess: 'any' }),
    }
  },
}
const headersOf = (params: Params) =>
  list(params.headerWhitelist).map(row =>
    String(typeof row === 'string' ? row : (row as Params).headerName).toLowerCase(),
  )

/** Only URLs are looked at; they are what templates of ours name. */
const RULES: { readonly [id: string]: Rule } = {
  inject_script: {
    covers: (params, target) => list(params.urls).some(pattern => urlMatches(String(pattern), target)),
    smallest: uses => ({ urls: names(uses) }),
  },
  inject_hidden_iframe: {
    covers: (params, target) => list(params.urls).some(pattern => urlMatches(String(pattern), target)),
    smallest: uses => ({ urls: names(uses) }),
  },
  send_pixel: listed('allowedUrls', 'urls', urlMatches),
  send_http: listed('allowedUrls', 'urls', urlMatches),
  read_data_layer: listed('allowedKeys', 'keyPatterns', keyMatches),
  read_event_data: listed('eventDataAccess', 'keyPatterns', keyMatches),
  get_cookies: listed('cookieAccess', 'cookieNames', (name, target) => name === target),
  access_globals: flagged('keys', 'key', ['read', 'write', 'execute']),
  access_local_storage: flagged('keys', 'key', ['read', 'write']),
  access_consent: flagged('consentTypes', 'consentType', ['read', 'write']),
  read_request: REQUEST,
  // The pair that GTM itself writes: it has no finer shape that is documented.
  access_response: {
    covers: () => true,
    smallest: () => ({ writeResponseAccess: 'any', writeHeaderAccess: 'specific' }),
  },
  logging: { covers: () => true, smallest: () => ({ environments: 'debug' }) },
  get_url: { covers: () => true, smallest: () => ({ urlParts: 'any', queriesAllowed: 'any' }) },
  get_referrer: { covers: () => true, smallest: () => ({ urlParts: 'any', queriesAllowed: 'any' }) },
}

/** `https://*.shop.example/…` covers sub-domains and the bare name; `*` in a path covers anything, and the path `/` everything. */
export function urlMatches(pattern: string, url: string): boolean {
  const [, protocol, host = '', path = '/'] = /^(https?:)\/\/([^/]+)(\/.*)?$/.exec(pattern) ?? []
  const [, ofUrl, hostOfUrl = '', pathOfUrl = '/'] = /^(https?:)\/\/([^/?#]+)([^#]*)/.exec(url) ?? []
  if (!protocol || protocol !== ofUrl) return false
  const sameHost = host.startsWith('*.')
    ? hostOfUrl === host.slice(2) || hostOfUrl.endsWith(host.slice(1))
    : hostOfUrl === host
  if (!sameHost) return false
  const parts = path.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return path === '/' || new RegExp(`^${parts.join('.*')}$`).test(pathOfUrl || '/')
}

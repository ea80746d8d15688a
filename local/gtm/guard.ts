import { usesOf } from '../../tag/gtm/apis.ts'
import { covers, type Granted } from '../../tag/gtm/permissions.ts'
import { copyAcross } from './border.ts'

export type Apis = { readonly [name: string]: unknown }

/**
 * `require` of one template: every call is held against what the template was granted, and every value that crosses is
 * copied. Throws what Tag Manager throws at: an API that is not there, and a call that is not permitted.
 */
export function createRequire(apis: Apis, granted: Granted): (name: string) => unknown {
  const query = (permission: string, ...given: readonly string[]) => queryPermission(granted, permission, given)
  return name => {
    if (name === 'queryPermission') return query
    if (!Object.hasOwn(apis, name)) throw new Error(`API "${name}" does not exist, or is not emulated`)
    return guard(name, apis[name], granted)
  }
}

function guard(name: string, api: unknown, granted: Granted): unknown {
  if (typeof api === 'object' && api !== null)
    return Object.fromEntries(
      Object.entries(api).map(([method, inner]) => [method, guard(`${name}.${method}`, inner, granted)]),
    )
  if (typeof api !== 'function') return api
  return (...given: unknown[]) => {
    for (const use of usesOf(name, given))
      if (!covers(granted, use))
        throw new Error(`${name}: the template may not ${use.permission}${use.target ? ` ${use.target}` : ''}`)
    return copyAcross(api(...given.map(each => (isOwn(name) ? each : copyAcross(each)))))
  }
}
/** These change what they are given: it has not left the template. */
const isOwn = (name: string) => name === 'Object.delete' || name === 'Object.freeze'

/** https://developers.google.com/tag-platform/tag-manager/templates/api#querypermission */
function queryPermission(granted: Granted, permission: string, given: readonly string[]): boolean {
  const [first, second] = given
  if (permission === 'access_globals' || permission === 'access_local_storage') {
    const access = ['read', 'write', 'execute'].filter(kind => first?.includes(kind))
    return covers(granted, { permission, ...(second !== undefined && { target: second }), access })
  }
  const access = permission === 'access_consent' && second ? [second] : []
  return covers(granted, { permission, ...(first !== undefined && { target: first }), access })
}

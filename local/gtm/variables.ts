import { type Container, type Parameter, textOf, type Variable } from './container.ts'

/** Where variables look things up. */
export type Sources = {
  dataLayer(path: string): unknown
  cookie(name: string): string | undefined
  url(): URL
  referrer(): string
  global(path: string): unknown
}
export type Resolve = (text: string) => unknown

const BUILT_IN: { readonly [type: string]: (sources: Sources) => unknown } = {
  EVENT: ({ dataLayer }) => dataLayer('event'),
  PAGE_URL: ({ url }) => withoutHash(url()),
  PAGE_HOSTNAME: ({ url }) => url().hostname,
  PAGE_PATH: ({ url }) => url().pathname,
  REFERRER: ({ referrer }) => referrer(),
  CONTAINER_ID: ({ dataLayer }) => dataLayer('gtm.containerId'),
}
const withoutHash = (url: URL) => url.href.replace(/#.*$/, '')

/**
 * Answers what a text of the container stands for: a text that is one `{{variable}}` and nothing else keeps the
 * variable's type, in any other the values stand as text. Throws for variables that do not exist.
 */
export function createResolver({ containerVersion }: Container, sources: Sources): Resolve {
  const { variable = [], builtInVariable = [] } = containerVersion
  const own = new Map(variable.map(one => [one.name, one]))
  const builtIn = new Map(builtInVariable.map(({ name, type }) => [name, type]))

  function valueNamed(name: string, asking: readonly string[]): unknown {
    if (asking.includes(name)) throw new Error(`Variable "${name}" refers to itself`)
    if (name === '_event') return sources.dataLayer('event')
    const found = own.get(name)
    if (found) return read(found, text => resolve(text, [...asking, name]))
    const builder = BUILT_IN[builtIn.get(name) ?? '']
    if (!builder) throw new Error(`There is no variable "${name}", or it is not emulated`)
    return builder(sources)
  }
  function resolve(text: string, asking: readonly string[]): unknown {
    const [, whole] = /^\{\{([^{}]+)\}\}$/.exec(text) ?? []
    if (whole !== undefined) return valueNamed(whole, asking)
    return text.replace(/\{\{([^{}]+)\}\}/g, (_match, name: string) => String(valueNamed(name, asking)))
  }
  function read({ name, type, parameter }: Variable, inner: Resolve): unknown {
    const given = (key: string) => inner(textOf(parameter, key) ?? '')
    if (type === 'c') return given('value')
    if (type === 'v') {
      const value = sources.dataLayer(String(given('name')))
      return value === undefined && textOf(parameter, 'setDefaultValue') === 'true' ? given('defaultValue') : value
    }
    if (type === 'k') return decoded(sources.cookie(String(given('name'))), textOf(parameter, 'decodeCookie'))
    if (type === 'j') return sources.global(String(given('name')))
    if (type === 'u') return partOf(sources.url(), textOf(parameter, 'component') ?? 'URL', String(given('queryKey')))
    if (type === 'smm') return lookUp(parameter ?? [], inner)
    throw new Error(`Variable "${name}": type ${type} is not emulated`)
  }
  return text => resolve(text, [])
}

const decoded = (value: string | undefined, decode: string | undefined) =>
  value !== undefined && decode === 'true' ? decodeURIComponent(value) : value

function partOf(url: URL, component: string, key: string): unknown {
  const parts: { readonly [component: string]: () => unknown } = {
    URL: () => withoutHash(url),
    PROTOCOL: () => url.protocol.replace(':', ''),
    HOST: () => url.hostname,
    PORT: () => url.port || (url.protocol === 'https:' ? '443' : '80'),
    PATH: () => url.pathname,
    QUERY: () => (key ? (url.searchParams.get(key) ?? undefined) : url.search.slice(1)),
    FRAGMENT: () => url.hash.slice(1),
  }
  const part = parts[component]
  if (!part) throw new Error(`URL component ${component} is not emulated`)
  return part()
}

/** A lookup table: the row whose key equals the input. */
function lookUp(parameter: readonly Parameter[], inner: Resolve): unknown {
  const input = String(inner(textOf(parameter, 'input') ?? ''))
  const rows = parameter.find(({ key }) => key === 'map')?.list ?? []
  const row = rows.find(({ map }) => String(inner(textOf(map, 'key') ?? '')) === input)
  if (row) return inner(textOf(row.map, 'value') ?? '')
  return textOf(parameter, 'setDefaultValue') === 'true' ? inner(textOf(parameter, 'defaultValue') ?? '') : undefined
}

/** A tag's fields as its template gets them: `data.<key>`. Fields without a value are not there. */
export function fieldsOf(parameters: readonly Parameter[] | undefined, resolve: Resolve): { [key: string]: unknown } {
  return Object.fromEntries(
    (parameters ?? []).flatMap(parameter => {
      const value = fieldOf(parameter, resolve)
      return value === undefined ? [] : [[parameter.key ?? '', value]]
    }),
  )
}
function fieldOf({ type, value, list, map }: Parameter, resolve: Resolve): unknown {
  if (type === 'LIST') return (list ?? []).map(item => fieldOf(item, resolve))
  if (type === 'MAP') return fieldsOf(map, resolve)
  if (value === undefined) return undefined
  const resolved = resolve(value)
  if (type === 'BOOLEAN' && typeof resolved === 'string') return resolved === 'true'
  if (type === 'INTEGER' && typeof resolved === 'string') return Number(resolved)
  return resolved
}

/** Sandboxed APIs that need no permission: https://developers.google.com/tag-platform/tag-manager/templates/api */
type Api = (...given: never[]) => unknown

/** What others answer with an exception these answer with undefined. */
const quietly =
  <T extends unknown[], R>(action: (...given: T) => R) =>
  (...given: T): R | undefined => {
    try {
      return action(...given)
    } catch {
      return undefined
    }
  }

const pick = (from: object, ...names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name, (from as { [name: string]: unknown })[name]]))

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function tableMap(table: unknown, keyColumn: string, valueColumn: string): unknown {
  if (!Array.isArray(table)) return null
  return Object.fromEntries(table.map(row => [row[keyColumn], row[valueColumn]]))
}

function parts(text: string): object {
  const url = new URL(text)
  const searchParams: { [name: string]: string | string[] } = {}
  for (const name of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(name)
    searchParams[name] = values.length > 1 ? values : (values[0] ?? '')
  }
  const names = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search']
  return { ...pick(url, ...names, 'hash'), searchParams }
}

const bytesOf = (text: string) => new TextEncoder().encode(text)
const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes))
const fromBase64 = (text: string) => new TextDecoder().decode(Uint8Array.from(atob(text), char => char.charCodeAt(0)))

async function digest(text: string, encoding: string | undefined): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(text)))
  return encoding === 'hex' ? Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('') : base64(bytes)
}
/** The callbacks come later; a browser without a digest, as on pages that are not secure, calls the second. */
function sha256(
  text: string,
  ok: (hash: string) => void,
  fail?: () => void,
  options?: { outputEncoding?: string },
): void {
  Promise.resolve()
    .then(() => digest(text, options?.outputEncoding))
    .then(ok, () => fail?.())
}

const remove = (from: { [key: string]: unknown }, key: string) =>
  Object.isFrozen(from) || !(key in from) ? false : Reflect.deleteProperty(from, key)

export const FREE: { readonly [name: string]: Api | { readonly [name: string]: unknown } } = {
  JSON: {
    parse: quietly((text: string) => JSON.parse(text)),
    stringify: quietly((value: unknown) => JSON.stringify(value)),
  },
  Math: pick(Math, 'abs', 'ceil', 'floor', 'max', 'min', 'pow', 'round', 'sqrt'),
  Object: { ...pick(Object, 'keys', 'values', 'entries', 'freeze'), delete: remove },
  callLater: (action: () => void) => void setTimeout(action, 0),
  decodeUri: quietly(decodeURI),
  decodeUriComponent: quietly(decodeURIComponent),
  encodeUri: quietly(encodeURI),
  encodeUriComponent: quietly(encodeURIComponent),
  fromBase64: quietly(fromBase64),
  toBase64: (text: string) => base64(bytesOf(text)),
  generateRandom: (from: number, to: number) => from + Math.floor(Math.random() * (to - from + 1)),
  getTimestamp: () => Date.now(),
  getTimestampMillis: () => Date.now(),
  getType: typeName,
  makeInteger: (value: string) => Number.parseInt(value, 10),
  makeNumber: (value: unknown) => Number(value),
  makeString: (value: unknown) => String(value),
  makeTableMap: tableMap,
  parseUrl: quietly(parts),
  sha256,
}

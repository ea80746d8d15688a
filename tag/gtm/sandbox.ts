import { typeOf } from './equal.ts'
import type { Outside } from './outside.ts'
import { promises } from './promise.ts'

/**
 * What the sandboxed APIs do in a scenario that does not mock them. Those that would reach the world do nothing and answer nothing.
 * https://developers.google.com/tag-platform/tag-manager/templates/api
 */
export type Apis = { readonly [name: string]: unknown }

export const sandbox = (later: (() => void)[], now: () => number, outside: Outside): Apis => ({
  JSON: {
    parse: (text: unknown) => attempt(() => JSON.parse(String(text))),
    stringify: (value: unknown) => attempt(() => JSON.stringify(value)),
  },
  Math: pick(Math, ['abs', 'ceil', 'floor', 'max', 'min', 'pow', 'round', 'sqrt']),
  Object: {
    ...pick(Object, ['keys', 'values', 'entries', 'freeze']),
    delete: (object: object, key: string) => !Object.isFrozen(object) && Reflect.deleteProperty(object, key),
  },
  Promise: promises,
  callLater: (action: () => void) => void later.push(action),
  getType: typeOf,
  ...time(now),
  ...texts(outside),
  ...tables,
  ...hashes(outside),
  templateStorage: storage(),
  templateDataStorage: storage(),
  localStorage: storage(),
  createRegex: (pattern: string, flags?: string) => attempt(() => new RegExp(pattern, flags)),
  testRegex: (regex: RegExp | undefined, text: string) => regex?.test(text) ?? false,
  isConsentGranted: () => true,
  getCookieValues: () => [],
  getAllEventData: () => ({}),
  getUrl: () => 'https://www.example.com/',
  getReferrerUrl: () => '',
  getContainerVersion: () => ({
    containerId: 'GTM-TEST',
    debugMode: true,
    environmentName: '',
    previewMode: true,
    version: '1',
  }),
})

/** Nothing is thrown in the sandbox: bad input gives undefined. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}

const pick = (from: object, names: readonly string[]) =>
  Object.fromEntries(names.map(name => [name, (from as { [name: string]: unknown })[name]]))

const time = (now: () => number) => ({
  getTimestamp: now,
  getTimestampMillis: now,
  generateRandom: (min: number, max: number) => min + (now() % (max - min + 1)),
})

const texts = ({ toBase64, fromBase64, parseUrl }: Outside) => ({
  encodeUri: (text: string) => attempt(() => encodeURI(text)),
  encodeUriComponent: (text: string) => attempt(() => encodeURIComponent(text)),
  decodeUri: (text: string) => attempt(() => decodeURI(text)),
  decodeUriComponent: (text: string) => attempt(() => decodeURIComponent(text)),
  toBase64: (text: unknown) => toBase64(String(text)),
  fromBase64: (text: string) => attempt(() => fromBase64(text)),
  makeString: String,
  makeNumber: Number,
  makeInteger: (value: string) => Number.parseInt(value, 10),
  parseUrl: (text: string) => attempt(() => JSON.parse(parseUrl(text) ?? '')),
})

const tables = {
  makeTableMap: (rows: unknown, key: string, value: string) =>
    Array.isArray(rows) ? Object.fromEntries(rows.map(row => [row[key], row[value]])) : null,
}

type Encoding = { outputEncoding?: 'hex' | 'base64' }
const hashes = ({ digest }: Outside) => {
  const hash = (text: string, options?: Encoding) => digest(text, options?.outputEncoding ?? 'base64')
  return {
    sha256: (text: string, done: (hash: string | undefined) => void, _failed?: unknown, options?: Encoding) =>
      done(hash(text, options)),
    sha256Sync: hash,
  }
}

function storage() {
  const kept = new Map<string, unknown>()
  const getItem = (key: string) => kept.get(key)
  const setItem = (key: string, value: unknown) => {
    kept.set(key, value)
    return true
  }
  return {
    getItem,
    setItem,
    getItemCopy: getItem,
    setItemCopy: setItem,
    removeItem: (key: string) => void kept.delete(key),
    clear: () => kept.clear(),
  }
}

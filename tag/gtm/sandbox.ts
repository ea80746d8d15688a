import { createHash } from 'node:crypto'
import { typeOf } from './equal.ts'
import { promises } from './promise.ts'

/**
 * What the sandboxed APIs do in a scenario that does not mock them. Those that would reach the world do nothing and answer nothing.
 * https://developers.google.com/tag-platform/tag-manager/templates/api
 */
export type Apis = { readonly [name: string]: unknown }

export const sandbox = (later: (() => void)[], now: () => number): Apis => ({
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
  ...texts,
  ...tables,
  ...hashes,
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

const texts = {
  encodeUri: (text: string) => attempt(() => encodeURI(text)),
  encodeUriComponent: (text: string) => attempt(() => encodeURIComponent(text)),
  decodeUri: (text: string) => attempt(() => decodeURI(text)),
  decodeUriComponent: (text: string) => attempt(() => decodeURIComponent(text)),
  toBase64: (text: unknown) => Buffer.from(String(text)).toString('base64'),
  fromBase64: (text: string) => attempt(() => Buffer.from(text, 'base64').toString()),
  makeString: String,
  makeNumber: Number,
  makeInteger: (value: string) => Number.parseInt(value, 10),
  parseUrl: (text: string) =>
    attempt(() => {
      const { href, origin, protocol, username, password, host, hostname, port, pathname, search, hash, searchParams } =
        new URL(text)
      const query = Object.fromEntries([...searchParams.keys()].map(key => [key, oneOrAll(searchParams.getAll(key))]))
      return {
        href,
        origin,
        protocol,
        username,
        password,
        host,
        hostname,
        port,
        pathname,
        search,
        hash,
        searchParams: query,
      }
    }),
}
const oneOrAll = (values: string[]) => (values.length === 1 ? values[0] : values)

const tables = {
  makeTableMap: (rows: unknown, key: string, value: string) =>
    Array.isArray(rows) ? Object.fromEntries(rows.map(row => [row[key], row[value]])) : null,
}

type Encoding = { outputEncoding?: 'hex' | 'base64' }
const digest = (text: string, options?: Encoding) =>
  createHash('sha256')
    .update(text)
    .digest(options?.outputEncoding === 'hex' ? 'hex' : 'base64')
const hashes = {
  sha256: (text: string, done: (hash: string) => void, _failed?: unknown, options?: Encoding) =>
    done(digest(text, options)),
  sha256Sync: digest,
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

import type { Consent } from '../consent.ts'
import type { Model, Thing } from '../data-layer.ts'
import { FREE } from '../free-apis.ts'
import type { Apis } from '../guard.ts'
import { globalAt, pushInto, setGlobal } from './globals.ts'
import { injectIframe, injectScript, sendPixel } from './loading.ts'

export type PageApis = {
  consent: Consent
  model: Model
  publicId: string
  nonce: string
  storage: Map<string, unknown>
  preview: boolean
  /** Whether messages of the template show: those with the permission `debug` do in a preview only. */
  logs: boolean
}

type Text = string | undefined

/** The sandboxed APIs of web templates, on this page. `consentIgnored`: the tag is set to fire whatever the consent. */
export const pageApis = (page: PageApis, consentIgnored: boolean): Apis => ({
  ...FREE,
  ...consentApis(page, consentIgnored),
  ...windowApis,
  ...readingApis(page),
  ...storageApis(page),
  injectScript: (url: string, ok?: () => void, fail?: () => void, token?: string) =>
    injectScript(url, page.nonce, ok, fail, token),
  injectHiddenIframe: injectIframe,
  sendPixel,
  logToConsole: (...given: unknown[]) => page.logs && console.log(...given),
})

const consentApis = ({ consent }: PageApis, ignored: boolean): Apis => ({
  isConsentGranted: (type: string) => ignored || consent.granted(type),
  addConsentListener: consent.listen,
  setDefaultConsentState: consent.setDefault,
  updateConsentState: consent.update,
})

const windowApis: Apis = {
  copyFromWindow: globalAt,
  setInWindow: (path: string, value: unknown, override?: boolean) => setGlobal(path, value, override === true),
  aliasInWindow: (to: string, from: string) => {
    const value = globalAt(from)
    return value !== undefined && setGlobal(to, value, true)
  },
  callInWindow: (path: string, ...given: unknown[]) => {
    const [, owner, name = path] = /^(.*)\.([^.]+)$/.exec(path) ?? []
    const holder = (owner === undefined ? window : globalAt(owner)) as Record<string, unknown> | undefined
    const called = holder?.[name]
    return typeof called === 'function' ? called.apply(holder, given) : undefined
  },
  createQueue(path: string) {
    if (globalAt(path) === undefined) setGlobal(path, [], true)
    return (...entries: unknown[]) => pushInto(path, entries)
  },
  createArgumentsQueue(name: string, path: string) {
    if (globalAt(path) === undefined) setGlobal(path, [], true)
    if (globalAt(name) === undefined)
      setGlobal(
        name,
        function () {
          // biome-ignore lint/complexity/noArguments: the arguments object itself is what this queue is for
          pushInto(path, [arguments])
        },
        true,
      )
    return globalAt(name)
  },
}

const readingApis = ({ model, publicId, preview }: PageApis): Apis => ({
  copyFromDataLayer: (path: string) => model.get(path),
  gtagSet: (values: Thing) => model.merge(values),
  getContainerVersion: () => ({
    containerId: publicId,
    debugMode: preview,
    environmentMode: false,
    previewMode: preview,
    version: '1',
  }),
  getUrl: (part?: Text) => partOf(location.href, part),
  getReferrerUrl: (part?: Text) => (document.referrer ? partOf(document.referrer, part) : ''),
  getQueryParameters: (name: string, all?: boolean) => queryOf(location.href, name, all),
  getReferrerQueryParameters: (name: string, all?: boolean) => queryOf(document.referrer, name, all),
  getCookieValues: (name: string, decode = true) =>
    cookies(name).map(value => (decode ? decodeURIComponent(value) : value)),
  readTitle: () => document.title,
  readCharacterSet: () => document.characterSet,
  readAnalyticsStorage,
})

const cookies = (name: string) =>
  document.cookie.split('; ').flatMap(pair => (pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : []))

function partOf(text: string, part: Text): unknown {
  const url = new URL(text)
  if (part === undefined) return url.href
  const extension = /\.([^./]+)$/.exec(url.pathname)?.[1] ?? ''
  const parts: Record<string, string> = {
    protocol: url.protocol.slice(0, -1),
    host: url.hostname,
    port: url.port,
    path: url.pathname,
    query: url.search.slice(1),
    fragment: url.hash.slice(1),
    extension,
  }
  return parts[part]
}

function queryOf(text: string, name: string, all?: boolean): unknown {
  const values = text ? new URL(text).searchParams.getAll(name) : []
  return all ? values : values[0]
}

/** https://developers.google.com/tag-platform/tag-manager/templates/api#readanalyticsstorage, from both formats of the session cookie. */
function readAnalyticsStorage(): unknown {
  const client = /\b_ga=[^;]+?(\d+\.\d+)(?:;|$)/.exec(document.cookie)?.[1]
  const sessions = Array.from(document.cookie.matchAll(/\b_ga_(\w+)=\w+\.\d\.s?(\d+)/g), ([, id, session_id]) => ({
    measurement_id: `G-${id}`,
    session_id,
  }))
  return client === undefined && sessions.length === 0 ? undefined : { client_id: client, sessions }
}

const storageApis = ({ storage }: PageApis): Apis => ({
  localStorage: {
    getItem: (key: string) => localStorage.getItem(key),
    setItem: (key: string, value: string) => {
      localStorage.setItem(key, value)
      return true
    },
    removeItem: (key: string) => localStorage.removeItem(key),
  },
  templateStorage: {
    getItem: (key: string) => storage.get(key) ?? null,
    setItem: (key: string, value: unknown) => void storage.set(key, value),
    removeItem: (key: string) => void storage.delete(key),
    clear: () => storage.clear(),
  },
})

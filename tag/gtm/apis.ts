import type { Use } from './permissions.ts'

/**
 * What each sandboxed API needs, from its arguments. An argument that is not known is `undefined` (the API then needs the whole permission).
 * https://developers.google.com/tag-platform/tag-manager/templates/api
 * https://developers.google.com/tag-platform/tag-manager/server-side/api
 */
type Needs = (args: readonly unknown[]) => readonly Use[]

const text = (value: unknown): string => (typeof value === 'string' ? value : '*')
const named = (permission: string, name: unknown, access: readonly string[]): Use => {
  const target = text(name)
  return { permission, target, access, ...(target.startsWith('*') && { unsure: true }) }
}
const whole =
  (permission: string): Needs =>
  () => [{ permission }]
const first =
  (permission: string, ...access: readonly string[]): Needs =>
  ([name]) => [named(permission, name, access)]
const globals = (...access: readonly string[]) => first('access_globals', ...access)
const request =
  (part: string): Needs =>
  () => [{ permission: 'read_request', target: part }]

const BROWSER: { readonly [api: string]: Needs } = {
  addConsentListener: first('access_consent', 'read'),
  addEventCallback: whole('read_event_metadata'),
  aliasInWindow: ([to, from]) => [named('access_globals', to, ['write']), named('access_globals', from, ['read'])],
  callInWindow: globals('execute'),
  copyFromDataLayer: first('read_data_layer'),
  copyFromWindow: globals('read'),
  createArgumentsQueue: ([fn, queue]) => [
    named('access_globals', fn, ['read', 'write']),
    named('access_globals', queue, ['read', 'write']),
  ],
  createQueue: globals('read', 'write'),
  getContainerVersion: whole('read_container_data'),
  getCookieValues: first('get_cookies'),
  getQueryParameters: whole('get_url'),
  getReferrerQueryParameters: whole('get_referrer'),
  getReferrerUrl: whole('get_referrer'),
  getUrl: whole('get_url'),
  gtagSet: whole('write_data_layer'),
  injectHiddenIframe: first('inject_hidden_iframe'),
  injectScript: first('inject_script'),
  isConsentGranted: first('access_consent', 'read'),
  logToConsole: whole('logging'),
  readAnalyticsStorage: whole('read_analytics_storage'),
  readCharacterSet: whole('read_character_set'),
  readTitle: whole('read_title'),
  sendPixel: first('send_pixel'),
  setCookie: whole('set_cookies'),
  setDefaultConsentState: whole('access_consent'),
  setInWindow: ([name, , override]) => [
    named('access_globals', name, override === true ? ['read', 'write'] : ['write']),
  ],
  updateConsentState: whole('access_consent'),
}

const SERVER: { readonly [api: string]: Needs } = {
  getAllEventData: () => [{ permission: 'read_event_data', target: '*' }],
  getEventData: first('read_event_data'),
  getGoogleAuth: whole('use_google_credentials'),
  getRemoteAddress: request('remoteAddress'),
  getRequestBody: request('body'),
  getRequestHeader: ([name]) => [{ permission: 'read_request', target: `header:${text(name).toLowerCase()}` }],
  getRequestMethod: whole('read_request'), // any form of it will do
  getRequestPath: request('path'),
  getRequestQueryParameter: request('query'),
  getRequestQueryParameters: request('query'),
  getRequestQueryString: request('query'),
  hmacSha256: whole('use_custom_private_keys'),
  returnResponse: whole('return_response'),
  runContainer: whole('run_container'),
  sendHttpGet: first('send_http'),
  sendHttpRequest: first('send_http'),
  setPixelResponse: whole('access_response'),
  setResponseBody: whole('access_response'),
  setResponseHeader: whole('access_response'),
  setResponseStatus: whole('access_response'),
}

/** APIs that are objects: each of their methods is a call. */
const OBJECTS: { readonly [api: string]: Needs } = {
  'localStorage.getItem': first('access_local_storage', 'read'),
  'localStorage.setItem': first('access_local_storage', 'write'),
  'localStorage.removeItem': first('access_local_storage', 'write'),
  ...Object.fromEntries(
    ['templateStorage', 'templateDataStorage'].flatMap(api =>
      ['getItem', 'setItem', 'removeItem', 'clear', 'getItemCopy', 'setItemCopy'].map(method => [
        `${api}.${method}`,
        whole('access_template_storage'),
      ]),
    ),
  ),
  ...Object.fromEntries(
    ['read', 'write', 'query', 'runTransaction'].map(method => [`Firestore.${method}`, whole('access_firestore')]),
  ),
  'BigQuery.insert': whole('access_bigquery'),
}

const FREE = new Set(
  `BigQuery Firestore JSON Math Object Promise callLater claimRequest computeEffectiveTldPlusOne createRegex decodeUri
  decodeUriComponent encodeUri encodeUriComponent extractEventsFromMpv1 extractEventsFromMpv2 fromBase64 generateRandom
  getClientName getTimestamp getTimestampMillis getType isRequestMpv1 isRequestMpv2 localStorage makeInteger makeNumber
  makeString makeTableMap parseUrl queryPermission sha256 sha256Sync templateDataStorage templateStorage testRegex toBase64`.split(
    /\s+/,
  ),
)

/** `api` is `sendPixel`, or `templateStorage.getItem` for a method. */
export const usesOf = (api: string, args: readonly unknown[]): readonly Use[] =>
  (BROWSER[api] ?? SERVER[api] ?? OBJECTS[api])?.(args) ?? []

export const isApi = (name: string): boolean => name in BROWSER || name in SERVER || FREE.has(name)

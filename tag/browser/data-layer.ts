import { safely } from './safely.ts'

/**
 * Reads the page's dataLayer as GTM does, for pages without GTM: objects and arrays are merged into a model, position by
 * position, so that an event sees what earlier pushes left behind.
 */
type Thing = { [key: string]: unknown }
type OnEvent = (event: Thing) => void
type OnConsent = (flags: { [flag: string]: string }, update: boolean) => void

export const readDataLayer = (name: string, onEvent: OnEvent, onConsent: OnConsent): void => {
  const model: Thing = {}
  const holder = window as unknown as { [name: string]: unknown[] }
  holder[name] ||= []
  listen(
    holder[name],
    safely((message: unknown) => readMessage(message, model, onEvent, onConsent)),
  )
}

/** Reads what is in a list, and whatever is pushed onto it from now on. */
export const listen = <T>(list: T[], read: (entry: T) => void): void => {
  const push = list.push
  list.push = (...entries) => {
    entries.forEach(read)
    return push.apply(list, entries)
  }
  list.slice().forEach(read)
}

const readMessage = (message: unknown, model: Thing, onEvent: OnEvent, onConsent: OnConsent) => {
  if (kind(message) === 'Arguments') {
    const [command, name, values] = message as [string, string, Thing | undefined]
    if (command === 'consent') onConsent(values as { [flag: string]: string }, name === 'update')
    if (command === 'set') mergeInto(model, values ? { [name]: values } : (name as unknown as Thing))
    if (command === 'event') onEvent({ ...fromModel(model, {}), ...values, event: name })
  } else if (kind(message) === 'Object') {
    mergeInto(model, message as Thing)
    const { event } = message as { event?: string }
    if (event && !/^gtm\./.test(event)) onEvent(fromModel(model, message as Thing))
  }
}

/** What an event's own push names, and what may have come with an earlier one; GTM's own keys left out. */
const fromModel = (model: Thing, push: Thing) => {
  const values: Thing = {}
  for (const key of ['ecommerce', 'user_data', 'user_id', ...Object.keys(push)]) {
    const root = key.split('.')[0] as string
    if (!/^(gtm|_)/.test(root)) values[root] = model[root]
  }
  return values
}

/** `{'a.b': 1}` is `{a: {b: 1}}`; with `_clear` a push replaces what it names instead of being merged into it. */
const mergeInto = (model: Thing, message: Thing) => {
  for (const key of Object.keys(message)) {
    const nested = key.split('.').reduceRight((leaf, part) => ({ [part]: leaf }), message[key])
    merge(model, nested as Thing, message._clear)
  }
}

const merge = (to: Thing, from: Thing, replace?: unknown) => {
  for (const key of Object.keys(from)) {
    const value = from[key]
    const old = to[key]
    if (key === '__proto__') continue
    to[key] = /^(Object|Array)$/.test(kind(value))
      ? merge((!replace && kind(old) === kind(value) ? old : Array.isArray(value) ? [] : {}) as Thing, value as Thing)
      : value
  }
  return to
}

/** `Object`, `Array`, `Arguments`, `HTMLBodyElement`, ... */
const kind = (value: unknown): string => ({}).toString.call(value).slice(8, -1)

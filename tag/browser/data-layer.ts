import type { Flags } from './consent.ts'
import { learnConsent, take } from './queue.ts'
import { safely } from './safely.ts'

/**
 * Reads the page's dataLayer as GTM does, for pages without GTM: objects and arrays are merged into a model, position by
 * position, so that an event sees what earlier pushes left behind.
 */
type Thing = { [key: string]: unknown }
/** An object, a function, the arguments of `gtag()`, or something odd. */
type Message = Thing & { event?: string } & (() => void) &
  [command: string, name: string & Thing, values?: Thing & Flags]
declare const window: { [name: string]: Message[] }
let model: Thing = {}

/** `Object`, `Array`, `Arguments`, `HTMLBodyElement`, ... */
const kind = (value: unknown): string => ({}).toString.call(value).slice(8, -1)

export const readDataLayer = (name: string): void => {
  window[name] ||= []
  listen(window[name], readMessage)
}

/** Reads what is in a list, and whatever is pushed onto it from now on. */
export const listen = <T>(list: T[], read: (entry: T) => void): void => {
  const push = list.push
  const safe = safely(read)
  list.push = (...entries) => {
    entries.forEach(safe)
    return push.apply(list, entries)
  }
  list.slice().forEach(safe)
}

const readMessage = (message: Message) => {
  // https://github.com/google/data-layer-helper#custom-methods
  if (typeof message === 'function')
    message.call({
      get: (path: string) => path.split('.').reduce<Thing | undefined>((value, part) => value?.[part] as Thing, model),
      set: (path: string, value: unknown) => mergeIntoModel({ [path]: value }),
      reset() {
        model = {}
      },
    })
  if (kind(message) === 'Object') {
    mergeIntoModel(message)
    if (message.event && !/^gtm\./.test(message.event)) take(fromModel(message))
  }
  if (kind(message) === 'Arguments') {
    const [command, name, values] = message
    if (command === 'consent') learnConsent(values as Flags, name === 'update')
    if (command === 'set') mergeIntoModel(values ? { [name]: values } : name)
    if (command === 'event') take({ ...fromModel({}), ...values, event: name })
  }
}

/** What an event's own push names, and what may have come with an earlier one; GTM's own keys left out. */
const fromModel = (push: Thing) => {
  const values: Thing = {}
  for (const key of ['ecommerce', 'user_data', 'user_id', ...Object.keys(push)]) {
    const [root] = key.split('.') as [string]
    if (!/^(gtm|_)/.test(root)) values[root] = model[root]
  }
  return values
}

/** `{'a.b': 1}` is `{a: {b: 1}}`; with `_clear` a push replaces what it names instead of being merged into it. */
const mergeIntoModel = (message: Thing) => {
  for (const key of Object.keys(message)) {
    const nested = key.split('.').reduceRight((leaf, part) => ({ [part]: leaf }), message[key])
    merge(nested as Thing, model, message._clear)
  }
}

const merge = (from: Thing, to: Thing, replace?: unknown) => {
  for (const key of Object.keys(from)) {
    const value = from[key]
    const old = to[key]
    const empty = { Object: {}, Array: [] }[kind(value)]
    if (key !== '__proto__')
      to[key] = empty ? merge(value as Thing, (!replace && kind(old) === kind(value) ? old : empty) as Thing) : value
  }
  return to
}

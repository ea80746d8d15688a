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
  const layer = holder[name]
  const read = (message: unknown) => {
    try {
      readMessage(message, model, onEvent, onConsent)
    } catch {} // what the page pushes is its own affair
  }
  const push = layer.push
  layer.push = (...messages) => {
    const length = push.apply(layer, messages)
    messages.forEach(read)
    return length
  }
  layer.slice().forEach(read)
}

const readMessage = (message: unknown, model: Thing, onEvent: OnEvent, onConsent: OnConsent) => {
  if (kind(message) === 'Arguments') {
    const [command, name, values] = message as [string, string, Thing | undefined]
    if (command === 'consent') onConsent(values as { [flag: string]: string }, name === 'update')
    if (command === 'set') mergeInto(model, values ? { [name]: values } : (name as unknown as Thing))
    if (command === 'event') onEvent({ ...fromModel(model, LASTING), ...values, event: name })
  } else if (kind(message) === 'Object') {
    const push = message as Thing
    mergeInto(model, push)
    if (push.event && !/^gtm\./.test(push.event as string))
      onEvent(fromModel(model, [...Object.keys(push), ...LASTING, 'ecommerce']))
  }
}

/** What an event carries along even if an earlier push brought it. */
const LASTING = ['user_data', 'user_id']

const fromModel = (model: Thing, keys: readonly string[]) => {
  const values: Thing = {}
  for (const key of keys) {
    const root = key.split('.')[0] as string
    if (!/^(gtm|_clear|eventTimeout)$/.test(root)) values[root] = model[root]
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
    if (isPlain(value))
      to[key] = merge((!replace && kind(old) === kind(value) ? old : Array.isArray(value) ? [] : {}) as Thing, value)
    else to[key] = value
  }
  return to
}

/** `Object`, `Array`, `Arguments`, `HTMLBodyElement`, ... */
const kind = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1)

export const isPlain = (value: unknown): value is Thing => /^(Object|Array)$/.test(kind(value))

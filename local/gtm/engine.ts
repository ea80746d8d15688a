import { holds } from './conditions.ts'
import type { Consent } from './consent.ts'
import { BUILT_IN_TRIGGERS, type Container, eventOf, type Tag, type Trigger } from './container.ts'
import { isCommand, isMessage, type Model, type Thing } from './data-layer.ts'
import { fieldsOf, type Resolve } from './variables.ts'

/** One tag at one event. */
export type Firing = {
  tag: string
  event: string
  /** `consent`: a consent that the tag needs was not granted at that moment, so it did not fire. */
  outcome: 'running' | 'success' | 'failure' | 'consent'
  /** Why it failed, where the template did not fail by itself. */
  error?: string
}
export type Call = {
  tag: Tag
  fields: { [key: string]: unknown }
  eventId: number
  succeed(): void
  fail(): void
}
export type EngineOptions = {
  container: Container
  model: Model
  consent: Consent
  resolve: Resolve
  /** Runs a tag's template. What it throws is the tag's failure. */
  run(call: Call): void
}

/** Reads the messages of a data layer in order and fires the container's tags for them. */
export function createEngine(options: EngineOptions) {
  const firings: Firing[] = []
  const fired = new Set<string>()
  const queue: unknown[] = []
  let eventId = 0
  let reading = false

  const context: Context = { ...options, firings, fired }
  function readMessage(message: unknown): void {
    const { model, consent } = options
    if (typeof message === 'function') message.call({ get: model.get, set: model.set })
    if (isCommand(message)) command(Array.from(message), model, consent)
    if (!isMessage(message)) return
    eventId += 1
    model.merge({ ...message, 'gtm.uniqueEventId': eventId })
    if (typeof message.event !== 'string') return
    // Both come before everything else that a page view starts: https://support.google.com/tagmanager/answer/7679319
    const events = message.event === 'gtm.js' ? ['gtm.init_consent', 'gtm.init', 'gtm.js'] : [message.event]
    for (const event of events) fireFor(context, event, eventId)
  }
  return {
    firings: firings as readonly Firing[],
    /** Messages that a tag pushes wait until the one that fired it is done. */
    read(message: unknown): void {
      queue.push(message)
      if (reading) return
      reading = true
      try {
        while (queue.length) readMessage(queue.shift())
      } finally {
        reading = false
      }
    },
  }
}
type Context = EngineOptions & { firings: Firing[]; fired: Set<string> }

/** `gtag('consent', ...)` and `gtag('set', ...)`; the others are for Google's own tags. */
function command([name, first, second]: readonly unknown[], model: Model, consent: Consent): void {
  if (name === 'consent' && isMessage(second)) {
    if (first === 'default') consent.setDefault(second)
    if (first === 'update') consent.update(second)
  }
  if (name === 'set' && isMessage(first)) model.merge(first)
  if (name === 'set' && typeof first === 'string') model.merge({ [first]: second } as Thing)
}

function fireFor(context: Context, event: string, eventId: number): void {
  const { tag: tags = [], trigger: triggers = [] } = context.container.containerVersion
  const active = (id: string) => {
    const builtIn = BUILT_IN_TRIGGERS[id]
    if (builtIn) return builtIn === event
    const trigger = triggers.find(({ triggerId }) => triggerId === id)
    return trigger !== undefined && isActive(trigger, event, context.resolve)
  }
  const due = tags.filter(
    ({ paused, firingTriggerId = [], blockingTriggerId = [] }) =>
      !paused && firingTriggerId.some(active) && !blockingTriggerId.some(active),
  )
  for (const tag of due.toSorted((a, b) => priority(b) - priority(a))) fire(context, tag, event, eventId)
}
const priority = ({ priority }: Tag) => Number(priority?.value ?? 0)

function isActive(trigger: Trigger, event: string, resolve: Resolve): boolean {
  // The event that is being read may be another than the message names: `gtm.init` belongs to `gtm.js`.
  const within: Resolve = text => (text === '{{_event}}' ? event : resolve(text))
  if (trigger.type !== 'CUSTOM_EVENT' && eventOf(trigger) !== event) return false
  const conditions = [...(trigger.customEventFilter ?? []), ...(trigger.filter ?? [])]
  return conditions.every(condition => holds(condition, within))
}

function fire({ fired, firings, consent, resolve, run }: Context, tag: Tag, event: string, eventId: number) {
  if (tag.tagFiringOption === 'ONCE_PER_LOAD' && fired.has(tag.tagId)) return
  const firing: Firing = { tag: tag.name, event, outcome: 'running' }
  firings.push(firing)
  if (!mayFire(tag, consent)) {
    firing.outcome = 'consent' // and nobody fires it again when consent comes
    return
  }
  fired.add(tag.tagId)
  const settle = (outcome: 'success' | 'failure') => () => {
    if (firing.outcome === 'running') firing.outcome = outcome
  }
  const fail = settle('failure')
  try {
    const fields = fieldsOf(tag.parameter, resolve)
    run({ tag, fields, eventId, succeed: settle('success'), fail })
  } catch (error) {
    firing.error = error instanceof Error ? error.message : String(error)
    fail()
  }
}

function mayFire({ consentSettings }: Tag, consent: Consent): boolean {
  if (consentSettings?.consentStatus !== 'NEEDED') return true
  return (consentSettings.consentType?.list ?? []).every(({ value = '' }) => consent.granted(value))
}

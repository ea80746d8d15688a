import { createConsent } from '../consent.ts'
import { createModel } from '../data-layer.ts'
import { type Call, createEngine } from '../engine.ts'
import { createRequire } from '../guard.ts'
import type { Manager, Published } from '../published.ts'
import { createResolver } from '../variables.ts'
import { type PageApis, pageApis } from './apis.ts'
import { globalAt } from './globals.ts'

/** What `publish` has put around this script. */
declare const published: Published

type Page = Window & { dataLayer?: unknown[]; google_tag_manager?: Record<string, unknown> }
const page = window as Page

/** The demo's people are in São Paulo. */
const REGION = 'BR-SP'

function start(): void {
  const { container, templates } = published
  const { publicId } = container.containerVersion.container
  const model = createModel()
  const consent = createConsent(REGION)
  const nonce = (document.currentScript as HTMLScriptElement | null)?.nonce ?? ''
  const preview = new URLSearchParams(location.search).has('gtm_debug') // Tag Manager's own adds it to addresses
  const apis = { consent, model, publicId, nonce, preview }
  const storages = new Map<string, Map<string, unknown>>()

  function run({ tag, fields, eventId, succeed, fail }: Call): void {
    const template = templates[tag.type]
    if (!template) throw new Error(`No template ${tag.type}`)
    const storage = storages.get(tag.type) ?? new Map()
    storages.set(tag.type, storage) // of the template, not of the tag
    const logs = preview || template.granted.logging?.environments === 'all'
    const own: PageApis = { ...apis, storage, logs }
    const require = createRequire(pageApis(own, tag.consentSettings?.consentStatus === 'NOT_NEEDED'), template.granted)
    const ids = { gtmEventId: eventId, gtmTagId: Number(tag.tagId) }
    const code = template.run // without a `this`
    code({ ...fields, ...ids, gtmOnSuccess: succeed, gtmOnFailure: fail }, require)
  }
  const sources = {
    dataLayer: model.get,
    cookie: (name: string) =>
      document.cookie
        .split('; ')
        .find(pair => pair.startsWith(`${name}=`))
        ?.slice(name.length + 1),
    url: () => new URL(location.href),
    referrer: () => document.referrer,
    global: globalAt,
  }
  const engine = createEngine({ container, model, consent, resolve: createResolver(container, sources), run })
  page.google_tag_manager = {
    ...page.google_tag_manager,
    [publicId]: { dataLayer: model, firings: engine.firings } satisfies Manager,
  }
  follow(engine.read)
}

/** Reads the data layer from its beginning, and tells it of the page's two later moments. */
function follow(read: (message: unknown) => void): void {
  page.dataLayer ??= []
  const layer = page.dataLayer
  const push = layer.push
  layer.push = (...messages: unknown[]) => {
    const length = push.apply(layer, messages)
    for (const message of messages) read(message)
    return length
  }
  for (const message of layer.slice()) read(message)
  const loaded = () => void layer.push({ event: 'gtm.load' })
  const parsed = () => void layer.push({ event: 'gtm.dom' })
  if (document.readyState === 'loading') addEventListener('DOMContentLoaded', parsed)
  else parsed()
  if (document.readyState === 'complete') loaded()
  else addEventListener('load', loaded)
}

start()

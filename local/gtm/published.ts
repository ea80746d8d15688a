import type { Granted } from '../../tag/gtm/permissions.ts'
import type { Container } from './container.ts'
import type { Model } from './data-layer.ts'
import type { Firing } from './engine.ts'

/** A container ready to run: what `gtm.js` carries. */
export type Published = {
  container: Container
  /** By the type of the tags that are made of it. */
  templates: { readonly [type: string]: { granted: Granted; run: TemplateCode } }
}
export type TemplateCode = (data: object, require: (name: string) => unknown) => unknown

/** `google_tag_manager[<container>]` in the page: what Tag Manager shows there too, and what the emulator fired. */
export type Manager = { dataLayer: Model; firings: readonly Firing[] }

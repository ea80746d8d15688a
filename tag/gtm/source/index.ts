import { stringify } from 'yaml'
import { analyse } from '../analyse.ts'
import { encodePermissions, permissionsFor } from '../permissions.ts'
import type { Template } from '../template.ts'
import { serverClientSource } from './server-client.ts'
import { serverTagSource } from './server-tag.ts'
import type { TemplateSource } from './template-source.ts'
import { webSource } from './web.ts'

/** The templates of an installation that is reached at `endpoint` (an origin, without a slash at its end). */
export const sources = (endpoint: string): readonly TemplateSource[] => [
  webSource(endpoint),
  serverClientSource(endpoint),
  serverTagSource(endpoint),
]

/** Throws where the code is not sandboxed JavaScript: then a source of ours is wrong. */
export function buildTemplate(source: TemplateSource): Template {
  const { uses, problems } = analyse(source.code.trim())
  if (problems.length) throw new Error(`template ${source.name}: ${problems.join('; ')}`)
  const scenarios = source.scenarios.map(({ name, code }) => ({ name, code: code.trim() }))
  return {
    info: {
      type: source.info.type,
      id: 'cvt_temp_public_id',
      version: 1,
      securityGroups: [],
      displayName: source.info.displayName,
      ...(source.info.categories && { categories: source.info.categories }),
      ...(source.info.type !== 'MACRO' && { brand: { id: 'brand_dummy', displayName: 'Connect' } }),
      description: source.info.description,
      containerContexts: source.info.containerContexts,
    },
    parameters: source.parameters,
    code: source.code,
    permissions: encodePermissions(permissionsFor(uses)),
    tests: stringify({ scenarios, setup: source.setup.trim() }, { lineWidth: 0, blockQuote: 'literal' }),
    notes: source.notes,
  }
}

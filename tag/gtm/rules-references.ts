import { BUILT_IN_TRIGGERS, type ContainerVersion } from './container-file.ts'
import { entitiesOf } from './entities.ts'
import type { Rule } from './rule.ts'

/** What one thing in a container says of another. */
export const referenceRules: readonly Rule[] = [
  {
    name: 'triggers of tags',
    level: 'refused',
    find: ({ tag = [], trigger = [] }) => {
      const known = new Set<string>([...trigger.map(({ triggerId }) => triggerId), ...Object.values(BUILT_IN_TRIGGERS)])
      return tag.flatMap(({ name, firingTriggerId = [], blockingTriggerId = [] }) =>
        [...firingTriggerId, ...blockingTriggerId]
          .filter(id => !known.has(id))
          .map(id => `tag "${name}" has an unknown trigger ${id}`),
      )
    },
  },
  {
    name: 'folders',
    level: 'refused',
    find: version => {
      const known = new Set((version.folder ?? []).map(({ folderId }) => folderId))
      return entitiesOf(version)
        .filter(({ parentFolderId }) => parentFolderId !== undefined && !known.has(parentFolderId))
        .map(({ title, parentFolderId }) => `${title} is in folder ${parentFolderId}, which is not there`)
    },
  },
  {
    name: 'types of templates',
    level: 'refused',
    find: version => {
      const known = typesOf(version)
      return entitiesOf(version)
        .filter(({ kind, type = '' }) => kind !== 'customTemplate' && type.startsWith('cvt_') && !known.has(type))
        .map(({ title, type }) => `${title} is of type ${type}: no template of this file is (${[...known].join(', ')})`)
    },
  },
  {
    name: 'variables',
    level: 'refused',
    find: version => {
      const known = new Set([
        ...(version.variable ?? []).map(({ name }) => name),
        ...(version.builtInVariable ?? []).map(({ name }) => name),
        ...ALWAYS_THERE,
      ])
      return entitiesOf(version).flatMap(({ title, parameters }) =>
        parameters
          .flatMap(({ value = '' }) => (typeof value === 'string' ? [...value.matchAll(/\{\{([^{}]+)\}\}/g)] : []))
          .filter(([, name = '']) => !known.has(name))
          .map(([, name]) => `${title} refers to variable ${name}, which is not there`),
      )
    },
  },
]

/** Named by the parts of a container themselves, and in no list. */
const ALWAYS_THERE = ['_event', '_triggers']

/** By the container's own id and the template's; by the gallery's id for templates that come from there. */
function typesOf({ containerId, customTemplate = [] }: ContainerVersion): Set<string> {
  return new Set(
    customTemplate.flatMap(({ templateId, galleryReference }) => [
      `cvt_${containerId}_${templateId}`,
      ...(galleryReference?.galleryTemplateId ? [`cvt_${galleryReference.galleryTemplateId}`] : []),
    ]),
  )
}

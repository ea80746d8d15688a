import type { Condition, ContainerParameter, ContainerVersion } from './container-file.ts'
import {
  BUILT_IN_VARIABLE_TYPES,
  CONDITION_TYPES,
  CONSENT_STATUSES,
  FIRING_OPTIONS,
  PARAMETER_TYPES,
  TRIGGER_TYPES,
} from './container-words.ts'
import { type Entity, entitiesOf, type Kind, repeated } from './entities.ts'
import type { Rule } from './rule.ts'

/** The shape of the file: keys, ids, names, words and values. */
export const structureRules: readonly Rule[] = [
  {
    name: 'format version',
    level: 'refused',
    find: (_, { exportFormatVersion }) => (exportFormatVersion === 2 ? [] : ['exportFormatVersion is not 2']),
  },
  {
    name: 'export time',
    level: 'refused',
    find: (_, { exportTime }) =>
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(exportTime) ? [] : ['exportTime is not YYYY-MM-DD HH:MM:SS'],
  },
  { name: 'container', level: 'refused', find: ofContainer },
  {
    name: 'ids are numbers in texts',
    level: 'refused',
    find: version => [
      ...ownersOf(version)
        .filter(([, id]) => !isId(id))
        .map(([where, id]) => `${where} is ${JSON.stringify(id)}`),
      ...entitiesOf(version)
        .filter(({ id }) => !isId(id))
        .map(({ title, id }) => `the id of ${title} is ${JSON.stringify(id)}`),
    ],
  },
  { name: 'ids are unique', level: 'refused', find: version => twice(version, 'id', 'id') },
  { name: 'names are unique', level: 'refused', find: version => twice(version, 'name', 'name') },
  {
    name: 'everything has a name',
    level: 'refused',
    find: version => entitiesOf(version).flatMap(({ kind, name }) => (name ? [] : [`a ${kind} has no name`])),
  },
  { name: 'characters in names', level: 'refused', find: version => namesWith(version, /[:<>"']/) },
  // A real export has one in the name of a folder.
  { name: 'ampersands in names', level: 'doubtful', find: version => namesWith(version, /&/) },
  { name: 'known words', level: 'refused', find: unknownWords },
  {
    name: 'parameters',
    level: 'refused',
    find: version =>
      each(version, ({ title, parameters }) => parameters.flatMap(parameter => ofParameter(title, parameter))),
  },
  {
    name: 'empty values',
    level: 'doubtful', // the REST API says "The value must not be empty"; exports leave the key out
    find: version =>
      each(version, ({ title, parameters }) =>
        parameters
          .filter(({ value }) => value === '')
          .map(({ key }) => `${title}: ${key} has an empty value: leave it out`),
      ),
  },
]

const each = (version: ContainerVersion, find: (entity: Entity) => readonly string[]) =>
  entitiesOf(version).flatMap(find)

const isId = (id: unknown) => typeof id === 'string' && /^\d+$/.test(id)

function ofContainer(version: ContainerVersion): string[] {
  const { container, path, fingerprint } = version
  const context = container?.usageContext
  return [
    ...(path && fingerprint ? [] : ['containerVersion needs path and fingerprint']),
    ...(container?.path && container.name && container.publicId ? [] : ['container needs path, name and publicId']),
    ...(Array.isArray(context) && context.length === 1 && /^(WEB|SERVER)$/.test(context[0] ?? '')
      ? []
      : ['usageContext is not ["WEB"] or ["SERVER"]']),
  ]
}

const ownersOf = (version: ContainerVersion) =>
  Object.entries({
    accountId: version.accountId,
    containerId: version.containerId,
    containerVersionId: version.containerVersionId,
    'accountId of the container': version.container?.accountId,
    'containerId of the container': version.container?.containerId,
  })

/** Ids and names are looked at kind by kind: a tag and a trigger may have the same. */
function twice(version: ContainerVersion, key: 'id' | 'name', word: string): string[] {
  const kinds = Map.groupBy(entitiesOf(version), ({ kind }): Kind => kind)
  return [...kinds].flatMap(([kind, entities]) =>
    repeated(entities.map(entity => entity[key])).map(value => `two of kind ${kind} have the ${word} ${value}`),
  )
}

const namesWith = (version: ContainerVersion, characters: RegExp) =>
  each(version, ({ kind, name = '' }) => {
    const [character] = characters.exec(name) ?? []
    return character ? [`the name of ${kind} ${name} contains ${character}`] : []
  })

function unknownWords(version: ContainerVersion): string[] {
  const conditions = (version.trigger ?? []).flatMap(trigger =>
    [trigger.customEventFilter, trigger.filter, trigger.autoEventFilter].flatMap(
      (list): readonly Condition[] => list ?? [],
    ),
  )
  const said: [string, ReadonlySet<string>, readonly (string | undefined)[]][] = [
    [
      'parameter type',
      PARAMETER_TYPES,
      entitiesOf(version).flatMap(({ parameters }) => parameters.map(({ type }) => type)),
    ],
    ['condition', CONDITION_TYPES, conditions.map(({ type }) => type)],
    ['trigger type', TRIGGER_TYPES, (version.trigger ?? []).map(({ type }) => type)],
    ['built-in variable', BUILT_IN_VARIABLE_TYPES, (version.builtInVariable ?? []).map(({ type }) => type)],
    ['tagFiringOption', FIRING_OPTIONS, (version.tag ?? []).map(({ tagFiringOption }) => tagFiringOption)],
    [
      'consentStatus',
      CONSENT_STATUSES,
      (version.tag ?? []).map(({ consentSettings }) => consentSettings?.consentStatus),
    ],
  ]
  return said.flatMap(([what, known, words]) =>
    words.filter(word => word === undefined || !known.has(word)).map(word => `there is no ${what} ${word}`),
  )
}

function ofParameter(title: string, { type, key = 'an entry', value, list, map }: ContainerParameter): string[] {
  if (value !== undefined && typeof value !== 'string') return [`${title}: the value of ${key} is not a text`]
  if (type === 'BOOLEAN' && value !== undefined && !/^(true|false|\{\{.+\}\})$/.test(value))
    return [`${title}: ${key} is BOOLEAN and ${value}`]
  if (type === 'INTEGER' && value !== undefined && !/^(-?\d+|\{\{.+\}\})$/.test(value))
    return [`${title}: ${key} is INTEGER and ${value}`]
  if ((list && type !== 'LIST') || (map && type !== 'MAP')) return [`${title}: ${key} is ${type} and holds others`]
  return []
}

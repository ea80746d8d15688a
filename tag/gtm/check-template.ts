import { parse } from 'yaml'
import { analyse } from './analyse.ts'
import { covers, decodePermissions, encodePermissions, type Granted, permissionsFor, type Use } from './permissions.ts'
import { type Info, parseTemplate, type Template } from './template.ts'

/**
 * What GTM's import or the gallery would refuse in a `.tpl`, and permissions that are not exactly what the code uses. Nothing
 * in the list means that all is well. https://developers.google.com/tag-platform/tag-manager/templates/gallery
 */
export function checkTemplate(text: string): string[] {
  const parsed = parseTemplate(text)
  if ('problem' in parsed) return [parsed.problem]
  const { template, markers } = parsed
  const { uses, problems } = analyse(template.code)
  return [
    ...(markers.includes('___TERMS_OF_SERVICE___')
      ? []
      : ['no section ___TERMS_OF_SERVICE___: the gallery asks for it']),
    ...(hasControlCharacter(text) ? ['there is a control character in it'] : []),
    ...ofInfo(template.info),
    ...problems,
    ...ofCompletion(template),
    ...ofFields(template),
    ...ofTests(template.tests),
    ...ofPermissions(decodePermissions(template.permissions), uses),
    ...ofAddresses(decodePermissions(template.permissions)),
  ]
}

const CATEGORIES = new Set(
  `ADVERTISING AFFILIATE_MARKETING ANALYTICS ATTRIBUTION CHAT CONVERSIONS DATA_WAREHOUSING EMAIL_MARKETING EXPERIMENTATION
  HEAT_MAP LEAD_GENERATION MARKETING PERSONALIZATION REMARKETING SALES SESSION_RECORDING SOCIAL SURVEY TAG_MANAGEMENT
  UTILITY`.split(/\s+/),
)

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hasControlCharacter = (text: string) => /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text)

function ofInfo(info: Info): string[] {
  const { type, containerContexts = [], categories = [], displayName } = info
  const unknown = categories.filter(category => !CATEGORIES.has(category))
  return [
    ...(['TAG', 'MACRO', 'CLIENT'].includes(type) ? [] : [`there is no template type ${type}`]),
    ...(displayName ? [] : ['the template has no name']),
    ...(containerContexts.length ? [] : ['the template says for no kind of container that it is for it']),
    ...(type === 'CLIENT' && containerContexts.includes('WEB') ? ['a client is for server containers only'] : []),
    ...(categories.length > 3 ? ['the gallery takes three categories at most'] : []),
    ...unknown.map(category => `there is no category ${category}`),
  ]
}

/** A tag must say that it is done, and how. */
const ofCompletion = ({ info, code }: Template) =>
  info.type === 'TAG' && !(code.includes('gtmOnSuccess') && code.includes('gtmOnFailure'))
    ? ['tag code must call data.gtmOnSuccess and data.gtmOnFailure']
    : []

type Field = { name?: unknown; subParams?: readonly Field[] }

function ofFields({ parameters }: Template): string[] {
  const names: unknown[] = []
  const visit = ({ name, subParams = [] }: Field) => {
    names.push(name)
    subParams.forEach(visit)
  }
  ;(parameters as readonly Field[]).forEach(visit)
  const twice = names.filter((name, i) => names.indexOf(name) !== i)
  return [
    ...names.filter(name => typeof name !== 'string' || !name).map(() => 'a field has no name'),
    ...twice.map(name => `two fields are called ${name}`),
  ]
}

function ofTests(tests: string): string[] {
  try {
    const { scenarios = [] } = (parse(tests || '{}') ?? {}) as { scenarios?: { name?: string; code?: string }[] }
    return scenarios.flatMap(({ name, code }) => {
      if (!name || typeof code !== 'string') return ['a scenario has no name or no code']
      // The editor refuses full stops and quotes.
      return /^[\p{L}\d _,/()[\]'-]+$/u.test(name)
        ? []
        : [`the name of scenario "${name}" has characters that GTM refuses`]
    })
  } catch (error) {
    return [`section ___TESTS___ is not YAML: ${(error as Error).message.split('\n')[0]}`]
  }
}

/**
 * Each use is covered, and the permissions are no larger than the smallest that cover them all. A name or address that only a form or
 * a variable knows may be anything: GTM looks at it when the code runs, and so does the runner of tests.
 */
function ofPermissions(granted: Granted, uses: readonly Use[]): string[] {
  const missing = uses.filter(use => !(use.unsure ? granted[use.permission] : covers(granted, use)))
  const unsure = new Set(uses.filter(use => use.unsure).map(({ permission }) => permission))
  const smallest = permissionsFor(uses)
  const larger = Object.keys(granted).filter(id => smallest[id] && !unsure.has(id) && !isSame(granted, smallest, id))
  return [
    ...missing.map(
      ({ permission, target }) => `the code needs permission ${permission}${target ? ` for ${target}` : ''}`,
    ),
    ...Object.keys(granted)
      .filter(id => !smallest[id])
      .map(id => `permission ${id} is not used by the code`),
    ...(missing.length ? [] : larger.map(id => `permission ${id} grants more than the code uses`)),
  ]
}

/** Containers for a stack on this machine name it; they are for the emulator only. */
const ADDRESS = /^(https:\/\/[^/]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)\/.*$/

function ofAddresses(granted: Granted): string[] {
  return Object.entries(granted)
    .flatMap(([id, { urls }]) => (Array.isArray(urls) ? urls.map(url => [id, String(url)] as const) : []))
    .filter(([, url]) => !ADDRESS.test(url))
    .map(([id, url]) => `permission ${id} names ${url}: an address begins with https:// and has a path`)
}

const isSame = (a: Granted, b: Granted, id: string) => written(a, id) === written(b, id)
/** The same whatever the order of keys and lists. */
const written = (granted: Granted, id: string) => JSON.stringify(sorted(encodePermissions({ [id]: granted[id]! })))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort()
      .map(([key, each]) => [key, sorted(each)]),
  )
}

import ts from 'typescript'
import { checkTemplate } from './check-template.ts'
import type { ContainerVersion, Tag, Trigger } from './container-file.ts'
import { parameterOf } from './entities.ts'
import type { Rule } from './rule.ts'
import { parseTemplate } from './template.ts'

/** What is in tags, triggers, variables and templates. */
export const contentRules: readonly Rule[] = [
  {
    name: 'custom event triggers',
    level: 'refused',
    find: ({ trigger = [] }) => trigger.filter(({ type }) => type === 'CUSTOM_EVENT').flatMap(ofCustomEvent),
  },
  { name: 'consent settings', level: 'refused', find: ({ tag = [] }) => tag.flatMap(ofConsent) },
  {
    name: 'consent that only travels along',
    level: 'doubtful',
    find: ({ tag = [] }) =>
      tag
        .filter(
          each => each.consentSettings?.consentStatus !== 'NOT_SET' && parameterOf(each, 'consentMode') === 'signal',
        )
        .map(({ name }) => `tag "${name}" sends whatever the consent, and GTM fires it only with consent: choose one`),
  },
  {
    name: 'monitoring metadata',
    level: 'refused',
    find: ({ tag = [] }) =>
      tag
        .filter(({ monitoringMetadata }) => monitoringMetadata && monitoringMetadata.type !== 'MAP')
        .map(({ name }) => `monitoringMetadata of tag "${name}" is not a MAP`),
  },
  { name: 'parameters of variables', level: 'refused', find: ofVariables },
  { name: 'kind of container', level: 'refused', find: ofContext },
  { name: 'old JavaScript', level: 'refused', find: ofScripts },
  { name: 'template text', level: 'refused', find: ofTemplateText },
  {
    name: 'templates that GTM accepts',
    level: 'doubtful',
    find: ({ customTemplate = [] }) =>
      customTemplate.flatMap(({ name, templateData, galleryReference }) =>
        galleryReference || 'problem' in parseTemplate(templateData)
          ? []
          : checkTemplate(templateData).map(problem => `template "${name}": ${problem}`),
      ),
  },
]

function ofCustomEvent({ name, customEventFilter = [] }: Trigger): string[] {
  const [condition, ...more] = customEventFilter
  if (!condition || more.length) return [`trigger "${name}" must have exactly one customEventFilter`]
  if (parameterOf(condition, 'arg0') !== '{{_event}}') return [`trigger "${name}" must compare {{_event}}`]
  return parameterOf(condition, 'arg1') ? [] : [`trigger "${name}" compares {{_event}} with nothing`]
}

function ofConsent({ name, consentSettings }: Tag): string[] {
  const { consentStatus, consentType } = consentSettings ?? {}
  if (consentStatus !== 'NEEDED') return consentType ? [`tag "${name}" names consents and needs none`] : []
  const types = consentType?.type === 'LIST' ? (consentType.list ?? []) : []
  const named = types.length > 0 && types.every(({ type, value }) => type === 'TEMPLATE' && value)
  return named ? [] : [`tag "${name}" needs consent and does not list to what`]
}

/** The one parameter without which a variable of the type means nothing. */
const NEEDED: { readonly [type: string]: string } = {
  c: 'value',
  v: 'name',
  k: 'name',
  j: 'name',
  jsm: 'javascript',
  u: 'component',
  ed: 'keyPath',
}

function ofVariables({ variable = [] }: ContainerVersion): string[] {
  return variable.flatMap(each => {
    const key = NEEDED[each.type]
    return key && parameterOf(each, key) === undefined ? [`variable "${each.name}" has no ${key}`] : []
  })
}

/** Some things are for tagging servers only, some for pages only; a template says for which it is. */
function ofContext({
  container,
  client,
  transformation,
  variable = [],
  tag = [],
  customTemplate = [],
}: ContainerVersion) {
  const context = container?.usageContext?.[0]
  if (context !== 'WEB' && context !== 'SERVER') return []
  const only = (place: string, things: readonly { name: string }[]) =>
    context === place ? [] : things.map(({ name }) => `"${name}" is for ${place} containers`)
  return [
    ...only('SERVER', [...(client ?? []), ...(transformation ?? []), ...variable.filter(({ type }) => type === 'ed')]),
    ...only('WEB', [...variable.filter(({ type }) => type === 'jsm'), ...tag.filter(({ type }) => type === 'html')]),
    ...customTemplate.flatMap(({ name, templateData }) => {
      const parsed = parseTemplate(templateData)
      if ('problem' in parsed || !parsed.template.info.containerContexts) return []
      return parsed.template.info.containerContexts.includes(context)
        ? []
        : [`template "${name}" is not for ${context}`]
    }),
  ]
}

/** Custom HTML and custom JavaScript go through a compiler that knows no ECMAScript 2015. */
function ofScripts({ variable = [], tag = [] }: ContainerVersion): string[] {
  const functions = variable.map(each => [each.name, `(${parameterOf(each, 'javascript') ?? ''})`] as const)
  const scripts = tag.map(each => [each.name, scriptsIn(parameterOf(each, 'html') ?? '')] as const)
  return [...functions, ...scripts].flatMap(([name, code]) => {
    const word = modernWord(code.replace(/\{\{[^{}]*\}\}/g, '0'))
    return word ? [`"${name}": JavaScript compiler error, ${word} is not ECMAScript 5`] : []
  })
}
const scriptsIn = (html: string) =>
  [...html.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/gi)].map(([, code]) => code).join('\n')

const { SyntaxKind } = ts
const MODERN = new Set([
  SyntaxKind.ArrowFunction,
  SyntaxKind.TemplateExpression,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.ClassDeclaration,
  SyntaxKind.SpreadElement,
  SyntaxKind.SpreadAssignment,
  SyntaxKind.ShorthandPropertyAssignment,
  SyntaxKind.ObjectBindingPattern,
  SyntaxKind.ArrayBindingPattern,
  SyntaxKind.ForOfStatement,
  SyntaxKind.QuestionDotToken,
  SyntaxKind.QuestionQuestionToken,
])

function modernWord(code: string): string | undefined {
  const search = (node: ts.Node): string | undefined => {
    if (MODERN.has(node.kind)) return SyntaxKind[node.kind]
    if (ts.isVariableDeclarationList(node) && node.flags & ts.NodeFlags.BlockScoped) return 'const or let'
    return ts.forEachChild(node, search)
  }
  return search(ts.createSourceFile('script.js', code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS))
}

function ofTemplateText({ customTemplate = [] }: ContainerVersion): string[] {
  return customTemplate.flatMap(({ name, templateData }) => {
    if (typeof templateData !== 'string') return [`template "${name}" has no text`]
    if (templateData.startsWith('\uFEFF')) return [`template "${name}" begins with a byte order mark`]
    if (/\r\n/.test(templateData) && /[^\r]\n/.test(templateData))
      return [`template "${name}" mixes kinds of line ends`]
    const parsed = parseTemplate(templateData)
    return 'problem' in parsed ? [`template "${name}": ${parsed.problem}`] : []
  })
}

import ts from 'typescript'
import { isApi, usesOf } from './apis.ts'
import type { Use } from './permissions.ts'
import { type Alternatives, possible, resolve } from './possible.ts'

/** What sandboxed code does, read without running it. */
export type Analysis = {
  /** Each distinct thing that needs a permission. */
  uses: readonly Use[]
  /** What GTM's parser refuses, with the line. */
  problems: readonly string[]
}

const { SyntaxKind } = ts

/**
 * Sandboxed code is ES5 with arrow functions, `const` and `let`. None of the published templates uses any of these.
 * https://developers.google.com/tag-platform/tag-manager/templates/sandboxed-javascript
 */
const FORBIDDEN = new Set([
  SyntaxKind.ClassDeclaration,
  SyntaxKind.ClassExpression,
  SyntaxKind.ThisKeyword,
  SyntaxKind.NewExpression,
  SyntaxKind.TryStatement,
  SyntaxKind.ThrowStatement,
  SyntaxKind.TemplateExpression,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TaggedTemplateExpression,
  SyntaxKind.RegularExpressionLiteral,
  SyntaxKind.ObjectBindingPattern,
  SyntaxKind.ArrayBindingPattern,
  SyntaxKind.SpreadElement,
  SyntaxKind.SpreadAssignment,
  SyntaxKind.ShorthandPropertyAssignment,
  SyntaxKind.ComputedPropertyName,
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
  SyntaxKind.AwaitExpression,
  SyntaxKind.YieldExpression,
  SyntaxKind.AsyncKeyword,
  SyntaxKind.DeleteExpression,
  SyntaxKind.InstanceOfKeyword,
  SyntaxKind.QuestionQuestionToken,
  SyntaxKind.QuestionDotToken,
  SyntaxKind.AsteriskAsteriskToken,
  SyntaxKind.DotDotDotToken,
  SyntaxKind.DebuggerStatement,
  SyntaxKind.WithStatement,
  SyntaxKind.LabeledStatement,
  SyntaxKind.ImportDeclaration,
])

/** The only names that are there without `require`. */
const GIVEN = new Set(['data', 'require', 'undefined', 'arguments', 'NaN', 'Infinity'])

export function analyse(code: string): Analysis {
  const file = ts.createSourceFile('template.js', code, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS)
  const found = new Map<string, Use>()
  const problems = syntaxErrors(file)
  const use = (api: string, args: readonly Alternatives[]) => {
    for (const row of rows(args)) for (const each of usesOf(api, row)) found.set(JSON.stringify(each), each)
  }
  const visit = (node: ts.Node): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart()).line + 1
    if (FORBIDDEN.has(node.kind))
      problems.push(`line ${line}: ${SyntaxKind[node.kind]} is not part of sandboxed JavaScript`)
    if (isParameterWithDefault(node)) problems.push(`line ${line}: parameters have no defaults in sandboxed JavaScript`)
    if (ts.isIdentifier(node) && isReference(node)) readName(node, line)
    const required = requiredBy(node)
    if (required !== undefined && !isApi(required)) problems.push(`line ${line}: there is no API ${required}`)
    ts.forEachChild(node, visit)
  }
  const readName = (name: ts.Identifier, line: number) => {
    const declared = resolve(name)
    if (!declared && !GIVEN.has(name.text)) problems.push(`line ${line}: ${name.text} is not there without require`)
    const api = declared && apiOf(declared)
    if (api) recordUse(api, name, use)
  }
  visit(file)
  return { uses: [...found.values()], problems }
}

const syntaxErrors = (file: ts.SourceFile): string[] =>
  (file as unknown as { parseDiagnostics: readonly ts.Diagnostic[] }).parseDiagnostics
    .filter(({ code }) => code !== 1108) // a `return` outside of a function: the whole is the body of one
    .map(
      ({ start, messageText }) =>
        `line ${file.getLineAndCharacterOfPosition(start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    )

const isParameterWithDefault = (node: ts.Node) => ts.isParameter(node) && node.initializer !== undefined

/** False for the name of a property, of what is being declared, and of a label. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node
  if (ts.isVariableDeclaration(parent)) return parent.initializer === node
  return !(ts.isParameter(parent) || ts.isFunctionDeclaration(parent) || ts.isFunctionExpression(parent))
}

/** `x` of `require('x')`. */
function requiredBy(node: ts.Node | undefined): string | undefined {
  if (!node || !ts.isCallExpression(node) || node.expression.getText() !== 'require') return undefined
  const [name] = node.arguments
  return name && ts.isStringLiteral(name) ? name.text : undefined
}

const apiOf = (declared: ts.Declaration) =>
  ts.isVariableDeclaration(declared) ? requiredBy(declared.initializer) : undefined

/** A call with its arguments; anything else that is done with an API may call it with whatever. */
function recordUse(api: string, name: ts.Identifier, use: (api: string, args: readonly Alternatives[]) => void) {
  const { parent } = name
  if (ts.isCallExpression(parent) && parent.expression === name) return use(api, parent.arguments.map(possible))
  if (!ts.isPropertyAccessExpression(parent)) return use(api, [])
  const call = parent.parent
  const called = ts.isCallExpression(call) && call.expression === parent
  use(`${api}.${parent.name.text}`, called ? call.arguments.map(possible) : [])
}

/** One row of arguments for each combination that is possible. */
const rows = (args: readonly Alternatives[]): unknown[][] =>
  args.reduce<unknown[][]>((before, values) => before.flatMap(row => values.map(value => [...row, value])), [[]])

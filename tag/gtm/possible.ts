import ts from 'typescript'

/**
 * The values that an expression can have, as far as they stand in the code: constants, concatenations, elements of constant lists,
 * properties of constant objects. What is not known is `undefined`; within a text it is `*`.
 */
export type Alternatives = readonly unknown[]

const UNKNOWN: Alternatives = [undefined]
const LOOPS = new Set(['forEach', 'map', 'filter', 'some', 'every'])

export function possible(node: ts.Expression): Alternatives {
  if (ts.isStringLiteral(node)) return [node.text]
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [true]
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [false]
  if (ts.isParenthesizedExpression(node)) return possible(node.expression)
  if (ts.isArrayLiteralExpression(node)) return [node.elements.flatMap(possible)]
  if (ts.isObjectLiteralExpression(node)) return [objectOf(node)]
  if (ts.isConditionalExpression(node)) return [...possible(node.whenTrue), ...possible(node.whenFalse)]
  if (ts.isBinaryExpression(node)) return ofBinary(node)
  if (ts.isIdentifier(node)) return ofName(node)
  if (ts.isElementAccessExpression(node)) return members(node.expression, possible(node.argumentExpression))
  if (ts.isPropertyAccessExpression(node)) return members(node.expression, [node.name.text])
  if (ts.isCallExpression(node)) return ofCall(node)
  return UNKNOWN
}

type Lookup = { [key: string]: Alternatives }
const objects = new WeakSet<object>()

/** A constant object as its properties, each with what it can be. */
function objectOf(node: ts.ObjectLiteralExpression): Lookup {
  const properties: Lookup = Object.create(null)
  for (const each of node.properties)
    if (ts.isPropertyAssignment(each) && !ts.isComputedPropertyName(each.name))
      properties[ts.isStringLiteral(each.name) ? each.name.text : each.name.getText()] = possible(each.initializer)
  objects.add(properties)
  return properties
}

function ofBinary({ left, operatorToken, right }: ts.BinaryExpression): Alternatives {
  const [a, b] = [possible(left), possible(right)]
  const { kind } = operatorToken
  if (kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.AmpersandAmpersandToken) return [...a, ...b]
  if (kind !== ts.SyntaxKind.PlusToken) return UNKNOWN
  const both = a.flatMap(start =>
    b.map(end => [start, end].map(part => (typeof part === 'string' ? part : '*')).join('')),
  )
  return both.map(text => text.replace(/\*+/g, '*'))
}

function ofName(name: ts.Identifier): Alternatives {
  const declared = resolve(name)
  if (!declared) return UNKNOWN
  if (ts.isVariableDeclaration(declared))
    return declared.initializer && ts.getCombinedNodeFlags(declared) & ts.NodeFlags.Const
      ? possible(declared.initializer)
      : UNKNOWN
  return ts.isParameter(declared) ? ofParameter(declared) : UNKNOWN
}

/** Of a callback that a constant list is gone through with, the elements; of a named function, what its calls pass. */
function ofParameter(parameter: ts.ParameterDeclaration): Alternatives {
  const callback = parameter.parent
  const position = callback.parameters.indexOf(parameter)
  const holder = callback.parent
  if (ts.isCallExpression(holder)) {
    const target = holder.expression
    if (position !== 0 || !ts.isPropertyAccessExpression(target) || !LOOPS.has(target.name.text)) return UNKNOWN
    return possible(target.expression).flatMap(value => (Array.isArray(value) ? value : UNKNOWN))
  }
  if (!ts.isVariableDeclaration(holder) || !ts.isIdentifier(holder.name)) return UNKNOWN
  const calls = callsOf(holder.name, holder)
  return calls?.flatMap(args => (args[position] ? possible(args[position]) : UNKNOWN)) ?? UNKNOWN
}

/** The arguments of every call of a function; nothing if it is used for anything else than being called, or calls itself. */
function callsOf(name: ts.Identifier, declaration: ts.VariableDeclaration): ts.NodeArray<ts.Expression>[] | undefined {
  const calls: ts.NodeArray<ts.Expression>[] = []
  let only = true
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name.text && node !== name && resolve(node) === declaration) {
      const inside = node.pos >= declaration.pos && node.end <= declaration.end
      if (ts.isCallExpression(node.parent) && node.parent.expression === node && !inside)
        calls.push(node.parent.arguments)
      else only = false
    }
    ts.forEachChild(node, visit)
  }
  visit(name.getSourceFile())
  return only && calls.length ? calls : undefined
}

/** A property by its name; any of them where the name is not known. */
function members(of: ts.Expression, keys: Alternatives): Alternatives {
  return possible(of).flatMap(value => {
    if (Array.isArray(value)) return value
    if (typeof value !== 'object' || value === null || !objects.has(value)) return UNKNOWN
    const lookup = value as Lookup
    return keys.flatMap(key => (typeof key === 'string' ? (lookup[key] ?? UNKNOWN) : Object.values(lookup).flat()))
  })
}

function ofCall({ expression, arguments: args }: ts.CallExpression): Alternatives {
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== 'concat') return UNKNOWN
  const lists = [expression.expression, ...args].map(possible)
  const known = lists.flat().every(value => Array.isArray(value))
  return known ? [lists.flat(2)] : UNKNOWN
}

/** Where a name is declared: in the blocks and functions around it, from the inside out. */
export function resolve(name: ts.Identifier): ts.Declaration | undefined {
  for (let node: ts.Node = name.parent; node; node = node.parent) {
    const here = declaredIn(node).find(({ name: declared }) => declared && declared.getText() === name.text)
    if (here) return here
  }
  return undefined
}

type Declared = ts.VariableDeclaration | ts.ParameterDeclaration | ts.FunctionDeclaration

function declaredIn(node: ts.Node): readonly Declared[] {
  if (ts.isFunctionLike(node)) return [...node.parameters]
  if (ts.isForStatement(node) || ts.isForInStatement(node) || ts.isForOfStatement(node))
    return node.initializer && ts.isVariableDeclarationList(node.initializer) ? node.initializer.declarations : []
  if (!ts.isSourceFile(node) && !ts.isBlock(node) && !ts.isCaseClause(node)) return []
  return node.statements.flatMap((statement): Declared[] => {
    if (ts.isVariableStatement(statement)) return [...statement.declarationList.declarations]
    return ts.isFunctionDeclaration(statement) ? [statement] : []
  })
}

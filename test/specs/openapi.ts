import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import type { HttpRequest } from '../../core/connector.ts'

type Json = { readonly [name: string]: unknown }
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const at = (value: unknown, ...path: readonly string[]): unknown =>
  path.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), value)

/** One operation of a vendor's description, and where the schema of its JSON body stands. */
type Operation = {
  name: string
  method: string
  path: RegExp
  takes: readonly string[]
  required: boolean
  body?: string
  /** Where a field of the body says which of several schemas it keeps to: held against that one, errors are readable. */
  variants?: { field: string; bodies: { readonly [value: string]: string } }
}
export type Spec = { operations: readonly Operation[]; compile(pointer: string): ValidateFunction }
/** What the description holds against a request: `at` is the place in the body, `rule` the keyword that it breaks. */
export type Complaint = { operation: string; at: string; rule: string; words: string }

/** All OpenAPI 3.1 files of a folder, JSON or YAML, as one. */
export async function readSpec(folder: string): Promise<Spec> {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: FORMATS })
  const operations: Operation[] = []
  for (const file of (await readdir(folder)).sort()) {
    if (!/\.(json|ya?ml)$/.test(file)) continue
    const document: unknown = parse(await readFile(join(folder, file), 'utf8'))
    if (!isObject(document) || !isObject(document.paths)) continue
    ajv.addSchema(document, file)
    operations.push(...operationsOf(file, document))
  }
  return { operations, compile: pointer => ajv.compile({ $ref: pointer }) }
}

// Those that the descriptions use and that say something of a text; JSON YAML numbers and the like have theirs in `type`.
const FORMATS = {
  email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  uri: (text: string) => URL.canParse(text),
  url: (text: string) => URL.canParse(text),
  date: /^\d{4}-\d\d-\d\d$/,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete']
const pointed = (...path: readonly string[]) =>
  path.map(part => `/${encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')

function operationsOf(file: string, document: Json): Operation[] {
  return Object.entries(document.paths as Json).flatMap(([path, item]) =>
    METHODS.filter(method => isObject(at(item, method))).map(method => {
      const place = bodyPlace(document, path, method)
      const content = at(document, ...place, 'content')
      const takes = isObject(content) ? Object.keys(content) : []
      const json = takes.includes('application/json')
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path: new RegExp(`^${path.replace(/[.$]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+')}$`),
        takes,
        required: at(document, ...place, 'required') === true,
        ...(json && { body: `${file}#${pointed(...place, ...SCHEMA)}`, ...variantsOf(file, document, place) }),
      }
    }),
  )
}

const SCHEMA = ['content', 'application/json', 'schema']
const steps = (pointer: string) => pointer.replace('#/', '').split('/')

function variantsOf(file: string, document: Json, place: readonly string[]): Pick<Operation, 'variants'> {
  const reference = at(document, ...place, ...SCHEMA, '$ref')
  const schema = at(document, ...(typeof reference === 'string' ? steps(reference) : [...place, ...SCHEMA]))
  const field = at(schema, 'discriminator', 'propertyName')
  const mapping = at(schema, 'discriminator', 'mapping')
  if (typeof field !== 'string' || !isObject(mapping)) return {}
  const bodies = Object.entries(mapping).map(([value, pointer]) => [value, `${file}${pointer}`])
  return { variants: { field, bodies: Object.fromEntries(bodies) } }
}

function bodyPlace(document: Json, path: string, method: string): readonly string[] {
  const place = ['paths', path, method, 'requestBody']
  const elsewhere = at(document, ...place, '$ref')
  return typeof elsewhere === 'string' ? steps(elsewhere) : place
}

const compiled = new Map<string, ValidateFunction>()

/** What a vendor's description holds against a request. */
export function complaintsOf(spec: Spec, { method, url, headers, body }: HttpRequest): readonly Complaint[] {
  const { pathname } = new URL(url)
  const found = spec.operations.filter(one => one.method === method && one.path.test(pathname))
  // `/x/global` before `/x/{id}`
  const operation = found.sort((a, b) => a.name.split('{').length - b.name.split('{').length)[0]
  if (!operation)
    return [{ operation: `${method} ${url}`, at: '', rule: 'operation', words: 'is not in the description' }]
  const { name } = operation
  const type = headers['content-type']?.split(';')[0] ?? ''
  if (body === undefined)
    return operation.required ? [{ operation: name, at: '', rule: 'body', words: 'a body is required' }] : []
  if (!operation.takes.includes(type))
    return [{ operation: name, at: '', rule: 'content-type', words: `is ${type}, not ${operation.takes.join(', ')}` }]
  if (!operation.body) return []
  const sent: unknown = JSON.parse(body)
  const { field = '', bodies = {} } = operation.variants ?? {}
  const pointer = bodies[String(at(sent, field))] ?? operation.body
  const valid = compiled.get(pointer) ?? spec.compile(pointer)
  compiled.set(pointer, valid)
  valid(sent)
  return (valid.errors ?? []).map(({ instancePath, keyword, message = '' }) => ({
    operation: name,
    at: instancePath,
    rule: keyword,
    words: message,
  }))
}

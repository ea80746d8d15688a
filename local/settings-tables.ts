/**
 * The table of settings in each connector's README.md, made of its settings schema: what `pulumi up` says of a wrong setting
 * and what the page says of it are the same words. `npm run generate` writes them; `--check` fails if a page is stale.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { connectors } from '../connectors/index.ts'
import type { AnyConnector } from '../core/connector.ts'
import { sample } from './scaffold/template/index.ts'

const ROOT = join(import.meta.dirname, '..')
const BEGIN = '<!-- settings: made of the schema by npm run generate -->'
const END = '<!-- end of settings -->'

/** The page with its table as the schema has it. Throws for a page that has no place for one. */
export function withSettings(page: string, settings: AnyConnector['settings']): string {
  const [before, rest, ...more] = page.split(BEGIN)
  const [, after, ...others] = rest?.split(END) ?? []
  if (before === undefined || after === undefined || more.length || others.length)
    throw new Error(`the page needs the lines "${BEGIN}" and "${END}", once each`)
  return `${before}${BEGIN}\n${tableOf(settings)}\n${END}${after}`
}

function tableOf({ properties, required }: AnyConnector['settings']): string {
  const rows = Object.entries(properties).map(([name, field]) => {
    const standard = required.includes(name) ? 'required' : defaultOf(field)
    return `| \`${name}\` | ${standard} | ${[plain(field.description), ...limitsOf(field)].join('. ')} |`
  })
  return ['| key | default | |', '| --- | --- | --- |', ...rows].join('\n')
}

type Field = AnyConnector['settings']['properties'][string]

/** What is too long for a cell stands above the table, where the page has what becomes of each event. */
function defaultOf({ default: standard }: Field): string {
  if (standard === undefined || standard === '') return ''
  const text = code(standard)
  return text.length > 80 ? 'above' : text
}

/** What a value may be, beyond what the description says. */
function limitsOf({ description, type, items, ...field }: Field): readonly string[] {
  const { enum: values = (items as Partial<Field> | undefined)?.enum, minimum, maximum } = field
  const unnamed = Array.isArray(values) && !values.every(value => description.includes(String(value)))
  return [
    ...(unnamed ? [`${type === 'array' ? 'Any of' : 'One of'} ${values.map(code).join(', ')}`] : []),
    ...(minimum !== undefined && maximum !== undefined ? [`${count(minimum)} to ${count(maximum)}`] : []),
  ]
}

const code = (value: unknown) =>
  `\`${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('|', '\\|')}\``
const count = (value: unknown) => Number(value).toLocaleString('en-US')
/** Descriptions are read in a terminal, too: what Markdown would take for its own is escaped. */
const plain = (text: string) => text.replace(/\.$/, '').replace(/[|*<\\]/g, '\\$&')

if (import.meta.main) {
  const pages: [string, AnyConnector][] = Object.entries(connectors).map(([name, connector]) => [
    join(ROOT, 'connectors', name, 'README.md'),
    connector,
  ])
  pages.push([join(ROOT, 'local', 'scaffold', 'template', 'README.md'), sample])
  for (const [file, { settings }] of pages) {
    const page = readFileSync(file, 'utf8')
    const made = withSettings(page, settings)
    if (!process.argv.includes('--check')) writeFileSync(file, made)
    else if (page !== made) {
      console.error(`${relative(ROOT, file)} is stale: run \`npm run generate\` and commit what it writes`)
      process.exitCode = 1
    }
  }
}

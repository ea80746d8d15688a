import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Script } from 'node:vm'

/** A whole connector that passes the shared suite; what is checked of every other file is checked of it, too. */
const TEMPLATE = join(import.meta.dirname, 'template')
const MODEL = 'sample'

/** What was made (paths from `root`), or the sentence that says why nothing was. */
export type Made = { files: readonly string[] } | { refused: string }

/** Makes `connectors/<name>/` under `root` and its line in `connectors/index.ts`: all of it or nothing. */
export async function makeConnector(root: string, name: string): Promise<Made> {
  const registry = join(root, 'connectors', 'index.ts')
  const registered = await readFile(registry, 'utf8')
  const model = await readFile(join(TEMPLATE, 'index.ts'), 'utf8')
  const folders = await readdir(join(root, 'connectors'))
  const refused = wrongWith(name, folders, `${model} ${registered}`)
  if (refused !== undefined) return { refused }
  const folder = join(root, 'connectors', name)
  try {
    await mkdir(folder)
    await cp(TEMPLATE, folder, { recursive: true })
    const files = (await readdir(folder)).sort()
    for (const file of files)
      await writeFile(join(folder, file), named(await readFile(join(folder, file), 'utf8'), name))
    await writeFile(registry, withLine(registered, name))
    return { files: [...files.map(file => `connectors/${name}/${file}`), 'connectors/index.ts'] }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Why this name cannot be; `used` is the code that it will stand in. */
function wrongWith(name: string, folders: readonly string[], used: string): string | undefined {
  if (!/^[a-z]{2,20}$/.test(name))
    return `"${name}" cannot be a folder, a table and a part of a URL at once: write 2 to 20 lower-case letters, such as "zoho".`
  if (folders.includes(name)) return `There is a connector "${name}" already: choose another name, or change that one.`
  if (isWordOfTheLanguage(name) || folders.includes(`${name}.ts`) || new RegExp(`\\b${name}\\b`).test(used))
    return `"${name}" is a word that the program itself uses: choose the vendor's name, such as "zoho".`
  return undefined
}

function isWordOfTheLanguage(name: string): boolean {
  if (name in globalThis) return true
  try {
    new Script(`'use strict'; async () => { const ${name} = 0 }`)
    return false
  } catch {
    return true
  }
}

const named = (text: string, name: string): string =>
  text.replaceAll("'../../../core/", "'../../core/").replaceAll(MODEL, name).replaceAll(titleOf(MODEL), titleOf(name))

const titleOf = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

/** The registry with one more connector, in alphabetical order. */
function withLine(registry: string, name: string): string {
  const imports = /^import \{ (\w+) \} from '\.\/\w+\/index\.ts'\n/gm
  const names = /^ {2}(\w+),\n/gm
  const first = (pattern: RegExp, text: string) =>
    [...text.matchAll(pattern)].find(([, other = '']) => other > name)?.index
  const insert = (text: string, pattern: RegExp, line: string) => {
    const last = [...text.matchAll(pattern)].at(-1)
    if (!last) throw new Error('connectors/index.ts has not the form that new-connector knows')
    const at = first(pattern, text) ?? last.index + last[0].length
    return text.slice(0, at) + line + text.slice(at)
  }
  const imported = insert(registry, imports, `import { ${name} } from './${name}/index.ts'\n`)
  return insert(imported, names, `  ${name},\n`)
}

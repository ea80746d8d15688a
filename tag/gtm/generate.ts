/** `npm run generate` writes the templates of the gallery; `--check` fails if what is written is not what the sources say. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { metadata } from './metadata.ts'
import { buildTemplate, sources } from './source/index.ts'
import { formatTemplate } from './template.ts'

/** The host of the kept copies: `npm run gtm` writes those of an installation. */
export const EXAMPLE_ENDPOINT = 'https://connect.example.com'
const FOLDER = join(import.meta.dirname, 'templates')

/** By path below `templates/`. */
export const templateFiles = (endpoint: string): { readonly [path: string]: string } =>
  Object.fromEntries(
    sources(endpoint).flatMap(source => [
      [`${source.name}/template.tpl`, formatTemplate(buildTemplate(source))],
      [`${source.name}/metadata.yaml`, metadata(source.name)],
    ]),
  )

/** Paths of kept files that are not what the sources say. */
export async function staleTemplates(folder = FOLDER): Promise<string[]> {
  const files = Object.entries(templateFiles(EXAMPLE_ENDPOINT))
  const kept = await Promise.all(files.map(([path]) => readFile(join(folder, path), 'utf8').catch(() => undefined)))
  return files.flatMap(([path, text], i) => (kept[i] === text ? [] : [path]))
}

if (import.meta.main) {
  if (process.argv.includes('--check')) {
    for (const path of await staleTemplates()) {
      console.error(`tag/gtm/templates/${path} is stale: run \`npm run generate\` and commit what it writes`)
      process.exitCode = 1
    }
  } else {
    for (const [path, text] of Object.entries(templateFiles(EXAMPLE_ENDPOINT))) {
      await mkdir(dirname(join(FOLDER, path)), { recursive: true })
      await writeFile(join(FOLDER, path), text)
    }
  }
}

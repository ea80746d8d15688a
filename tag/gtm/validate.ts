import type { ContainerFile } from './container-file.ts'
import type { Finding, Rule } from './rule.ts'
import { contentRules } from './rules-content.ts'
import { referenceRules } from './rules-references.ts'
import { structureRules } from './rules-structure.ts'

export const RULES: readonly Rule[] = [...structureRules, ...referenceRules, ...contentRules]

/** Checks the text of a container file by every rule but those named in `except`. */
export function validateContainer(text: string, except: readonly string[] = []): Finding[] {
  const file = readFile(text)
  if (typeof file === 'string') return [{ rule: 'json', level: 'refused', problem: file }]
  const encoding =
    Buffer.byteLength(text) === text.length
      ? []
      : [
          {
            rule: 'ascii',
            level: 'doubtful',
            problem: 'there are characters beyond ASCII: write them as \\u escapes',
          } as const,
        ]
  return [...encoding, ...RULES.filter(({ name }) => !except.includes(name)).flatMap(rule => apply(rule, file))]
}

const apply = ({ name, level, find }: Rule, file: ContainerFile): Finding[] =>
  find(file.containerVersion, file).map(problem => ({ rule: name, level, problem }))

function readFile(text: string): ContainerFile | string {
  if (text.startsWith('PK')) return 'this is a zip archive: import the .json file in it'
  try {
    const file = JSON.parse(text) as ContainerFile | null
    if (typeof file?.containerVersion === 'object' && file.containerVersion) return file
    return 'there is no containerVersion in it'
  } catch (error) {
    return `this is not JSON: ${(error as Error).message}`
  }
}

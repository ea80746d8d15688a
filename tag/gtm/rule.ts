import type { ContainerFile, ContainerVersion } from './container-file.ts'

/**
 * What GTM's import is known to refuse (`refused`), and what exports never do although nobody has seen it refused or only the REST API does
 * (`doubtful`). GTM itself is the only judge: a person imports each release once.
 */
export type Level = 'refused' | 'doubtful'
export type Finding = { rule: string; level: Level; problem: string }
/** What is wrong by one rule, in sentences for the person who made the file. */
export type Rule = {
  name: string
  level: Level
  find(version: ContainerVersion, file: ContainerFile): readonly string[]
}

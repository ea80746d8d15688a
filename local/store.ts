import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** A value that survives a restart: one JSON file, replaced whole, readable by its owner only. */
export type Store<T> = { read(): T; write(value: T): void }

/** `empty` is what a file that is not there reads as. */
export function fileStore<T>(path: string, empty: T): Store<T> {
  mkdirSync(dirname(path), { recursive: true })
  return {
    read() {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as T
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return structuredClone(empty)
        throw error
      }
    },
    write(value) {
      writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 })
      renameSync(`${path}.new`, path)
    },
  }
}

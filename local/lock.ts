import { readFileSync, rmSync, writeFileSync } from 'node:fs'

const held = new Set<string>()

/** Makes a folder one process's own. The answer gives it back. Throws, naming the owner, if it is another's. */
export function takeLock(folder: string): () => void {
  const file = `${folder}.lock`
  const owner = ownerOf(file)
  if (held.has(file) || (owner !== undefined && owner !== process.pid && isAlive(owner)))
    throw new Error(
      `Another local stack (process ${owner}) is using ${folder}: stop it first. If there is none, remove ${file}.`,
    )
  writeFileSync(file, String(process.pid))
  held.add(file)
  return () => {
    held.delete(file)
    rmSync(file, { force: true })
  }
}

function ownerOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

type Holder = Record<string, unknown>

/** What is at `a.b.c` in the window; undefined where the way there ends. */
export const globalAt = (path: string): unknown =>
  path.split('.').reduce<unknown>((value, part) => (value as Holder | null | undefined)?.[part], window)

/** Puts it there if nothing is there yet, or if it may be replaced. Answers whether it did. */
export function setGlobal(path: string, value: unknown, replace: boolean): boolean {
  const [, owner, name = path] = /^(.*)\.([^.]+)$/.exec(path) ?? []
  const holder = (owner === undefined ? window : globalAt(owner)) as Holder | undefined
  if (!holder || (holder[name] !== undefined && !replace)) return false
  holder[name] = value
  return true
}

/** Through the queue's own `push`, which whoever reads the queue may have replaced. */
export function pushInto(path: string, entries: readonly unknown[]): void {
  const queue = globalAt(path) as unknown[] | undefined
  if (typeof queue?.push === 'function') queue.push(...entries)
}

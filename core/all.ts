/**
 * Like `Promise.all`, but it fails only once everything has ended: nothing goes on behind the caller's back, and a function
 * that has returned leaves no work for whoever is called next in the same process.
 */
export async function all<T>(promises: Iterable<Promise<T>>): Promise<T[]> {
  const ends = await Promise.allSettled(promises)
  return ends.map(end => {
    if (end.status === 'rejected') throw end.reason
    return end.value
  })
}

/** So many at a time, in their order; a failure ends it with its group. */
export async function inTurns<T>(items: readonly T[], size: number, act: (item: T) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < items.length; from += size) await all(items.slice(from, from + size).map(act))
}

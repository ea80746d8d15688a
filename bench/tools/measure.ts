/**
 * CPU microseconds of this whole process for one of `n` pieces of work: collector and compiler threads count, waiting does
 * not. On a shared machine it repeats far better than time on the wall.
 */
export async function cpuPer(n: number, work: (i: number) => unknown): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < n; i++) await work(i)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / n
}

export type Candidate = { name: string; measure(): Promise<number> }
export type Figures = { median: number; least: number; most: number }

/** Measures the candidates in turn, `rounds` times over, so that a neighbour's burst hits all of them; the first round only warms up. */
export async function compare(candidates: readonly Candidate[], rounds = 7): Promise<ReadonlyMap<string, Figures>> {
  const measured = new Map<string, number[]>(candidates.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round++)
    for (const { name, measure } of candidates) {
      const figure = await measure()
      if (round >= 0) measured.get(name)!.push(figure)
    }
  return new Map([...measured].map(([name, all]) => [name, figuresOf(all)]))
}

export function figuresOf(all: readonly number[]): Figures {
  const sorted = all.toSorted((a, b) => a - b)
  return { median: quantile(sorted, 0.5), least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN }
}

/** Of a sorted list; the nearest rank, so that every answer is one that was measured. */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN

export const quantiles = (all: readonly number[]) => {
  const sorted = all.toSorted((a, b) => a - b)
  return {
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    most: sorted.at(-1) ?? Number.NaN,
    n: sorted.length,
  }
}

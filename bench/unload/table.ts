export type Row = { name: string; runs: number; pushed: number; stored: number; twice: number; ms: number }

/** The result as a table in Markdown, and a line on the sequences. */
export function tellTable(rows: readonly Row[], holes: readonly string[]): string {
  const line = ({ name, runs, pushed, stored, twice, ms }: Row) =>
    `| ${name} | ${runs} | ${pushed} | ${stored} | ${pushed - stored} | ${twice} | ${(ms / 1000).toFixed(1)} |`
  return [
    '| how it ends | runs | pushed | stored | lost | stored twice | seconds |',
    '|---|---|---|---|---|---|---|',
    ...rows.map(line),
    '',
    holes.length ? `holes in sequences: ${holes.join(', ')}` : 'no hole in any sequence',
  ].join('\n')
}

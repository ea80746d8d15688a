import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'

export type Report = {
  title: string
  columns: readonly string[]
  rows: readonly (readonly (string | number)[])[]
  /** What a reader must know to believe the figures. */
  notes?: readonly string[]
}

const OUTPUT = join(import.meta.dirname, '..', 'output')

/** Prints the tables and keeps them as `bench/output/<name>.md`, with what they were measured on. */
export function report(name: string, ...reports: readonly Report[]): void {
  const machine = `${new Date().toISOString()}, Node ${process.version}, ${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}`
  const text = `${reports.map(tableOf).join('\n')}\n${machine}\n`
  console.log(`\n${text}`)
  mkdirSync(OUTPUT, { recursive: true })
  writeFileSync(join(OUTPUT, `${name}.md`), text)
}

function tableOf({ title, columns, rows, notes = [] }: Report): string {
  const cells = [columns, ...rows].map(row => row.map(cell => (typeof cell === 'number' ? round(cell) : cell)))
  const widths = columns.map((_, column) => Math.max(...cells.map(row => row[column]!.length)))
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`
  const [head = [], ...body] = cells
  return [
    `## ${title}`,
    line(head),
    `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`,
    ...body.map(line),
    ...notes.map(note => `- ${note}`),
    '',
  ].join('\n')
}

/** Three digits that mean something. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

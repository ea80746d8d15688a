import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sink } from '../../local/change.ts'
import { evaluate } from '../../local/evaluate.ts'
import { type LocalStack, type StackOptions, startStack } from '../../local/stack.ts'

const ROOT = join(import.meta.dirname, '..', '..')
/** Far above what a bench sends: the firewall's rates are not what is measured. */
const NO_LIMIT = '2000000000'

export type Tenants = {
  [tenant: string]: {
    origins: readonly string[]
    destinations: object
    tids?: readonly string[]
    requestsPer5Minutes?: number
  }
}
export type BenchStack = LocalStack & {
  /** Lines of the functions that are warnings or errors. */
  trouble: readonly string[]
  end(): Promise<void>
}

/** The dev stack with these tenants, on free ports and a folder of its own, everything else as it is declared. */
export async function benchStack(tenants: Tenants, options: StackOptions = {}): Promise<BenchStack> {
  const config = {
    tenants: JSON.stringify(tenants),
    requestsPerAddress: NO_LIMIT,
    requestsPerTenant: NO_LIMIT,
    logLevel: 'info',
  }
  const program = await evaluate({ stack: 'dev', dir: ROOT, config })
  const dataDir = mkdtempSync(join(tmpdir(), 'connect-bench-'))
  const trouble: string[] = []
  const sink: Sink = {
    change() {},
    line(name, text) {
      if (/"level":"(error|warn)"/.test(text)) trouble.push(`${name} ${text}`)
    },
    mail() {},
  }
  const stack = await startStack({ program, dir: ROOT, dataDir, ingestPort: 0, schedules: false, sink, ...options })
  return Object.assign(stack, {
    trouble,
    async end() {
      await stack.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  })
}

export const site = (tenant: string): string => `https://www.${tenant}.example`

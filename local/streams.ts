import { all, type Program } from './declared.ts'
import type { Failures } from './failures.ts'
import { matchesPattern } from './filter.ts'
import type { Functions } from './functions.ts'
import type { Guard } from './iam.ts'
import type { WireChange } from './services/dynamodb.ts'
import type { Store } from './store.ts'
import {
  failedAt,
  type Mapping,
  mappingOf,
  POLLING,
  recordOf,
  type Stream,
  type StreamRecord,
} from './stream-mapping.ts'

/** Records that no function has taken yet, by mapping: kept over a restart. */
export type Unread = { [mapping: string]: StreamRecord[] }

export type Streams = {
  accept(change: WireChange): void
  /** Records that wait for a function or are with one. */
  readonly pending: number
  resume(): void
  close(): void
}

type Reader = { mapping: Mapping; unread: StreamRecord[]; reading: boolean }

export type StreamsOptions = {
  program: Program
  functions: Functions
  guard: Guard
  failures: Failures
  store: Store<Unread>
}

/** Event source mappings: one reader per mapping, one batch at a time, in order, as for a stream of one shard. */
export function createStreams({ program, functions, guard, failures, store }: StreamsOptions): Streams {
  const readers = new Map<string, Reader[]>()
  const streams = new Map<string, Stream>()
  for (const { outputs, inputs } of all(program, 'aws:dynamodb/table:Table'))
    if (inputs.streamEnabled)
      streams.set(outputs.name, { arn: String(outputs.streamArn), view: inputs.streamViewType ?? 'NEW_AND_OLD_IMAGES' })
  for (const { name, inputs } of all(program, 'aws:lambda/eventSourceMapping:EventSourceMapping')) {
    const mapping = mappingOf(name, inputs)
    const arn = String(inputs.eventSourceArn)
    const role = functions.role(mapping.function)
    for (const action of POLLING) guard.check(mapping.function, role, action, arn)
    if (mapping.destination) failures.verify(mapping.function, role, mapping.destination)
    readers.set(arn, [...(readers.get(arn) ?? []), { mapping, unread: [], reading: false }])
  }
  let sequence = 0n
  let closed = false

  async function read(reader: Reader): Promise<void> {
    if (reader.reading || closed) return
    reader.reading = true
    await null // what is written in one go is read in one batch
    while (reader.unread.length && !closed) {
      const batch = reader.unread.slice(0, reader.mapping.batchSize)
      await deliver(reader.mapping, batch)
      if (!closed) reader.unread.splice(0, batch.length)
    }
    reader.reading = false
  }

  /** Tries a batch until it is taken or given up; a record is only given up into the failure destination. */
  async function deliver(mapping: Mapping, batch: readonly StreamRecord[], tries = mapping.retries): Promise<void> {
    const outcome = await functions.invoke(mapping.function, JSON.stringify({ Records: batch }))
    if (closed) return
    const failed = failedAt(mapping, batch, outcome)
    if (failed === undefined) return
    const rest = batch.slice(failed.from)
    const born = rest[0]!.dynamodb.ApproximateCreationDateTime * 1000
    if (tries <= 0 || Date.now() - born > mapping.maxAgeMs)
      return failures.keep(mapping.function, functions.role(mapping.function), mapping.destination, {
        source: mapping.name,
        error: failed.error,
        payload: JSON.stringify(rest),
      })
    await pause(BACKOFF_MS * 2 ** Math.min(5, mapping.retries - tries))
    const middle = mapping.bisect && failed.whole && rest.length > 1 ? Math.ceil(rest.length / 2) : rest.length
    await deliver(mapping, rest.slice(0, middle), tries - 1)
    if (middle < rest.length) await deliver(mapping, rest.slice(middle), tries - 1)
  }

  return {
    accept(change) {
      const stream = streams.get(change.table)
      const listening = stream && readers.get(stream.arn)
      if (!listening) return
      sequence += 1n
      const record = recordOf(change, stream, program.region, sequence)
      for (const reader of listening) {
        const { patterns } = reader.mapping
        if (patterns.length && !patterns.some(pattern => matchesPattern(pattern, record))) continue
        reader.unread.push(record)
        void read(reader)
      }
    },
    get pending() {
      return [...readers.values()].flat().reduce((sum, { unread }) => sum + unread.length, 0)
    },
    resume() {
      const left = store.read()
      store.write({})
      for (const reader of [...readers.values()].flat()) {
        reader.unread.unshift(...(left[reader.mapping.name] ?? []))
        void read(reader)
      }
    },
    close() {
      closed = true
      store.write(Object.fromEntries([...readers.values()].flat().map(({ mapping, unread }) => [mapping.name, unread])))
    },
  }
}

const BACKOFF_MS = 50
const pause = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms).unref())

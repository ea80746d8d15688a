import { maskValue } from './mask.ts'

export type Level = 'debug' | 'info' | 'warn' | 'error'
const ORDER: readonly Level[] = ['debug', 'info', 'warn', 'error']

/** What every line carries; `with` adds to it. `tenant` and `destination` where the line is about one. */
export type Fields = { readonly [name: string]: unknown }

export type Log = {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
  /** Counts and times in CloudWatch's embedded metric format: one line, no call. */
  metrics(dimensions: { readonly [name: string]: string }, values: { readonly [metric: string]: number }): void
  with(fields: Fields): Log
}

type Sink = { write(line: string): void; now(): number; level?: Level | undefined }

/** Structured lines `{timestamp, level, service, message, ...}`, masked. `service` is the function: `receive`, `process`. */
export function createLog(sink: Sink, service: string, base: Fields = {}): Log {
  const least = ORDER.indexOf(sink.level ?? 'info')
  const line =
    (level: Level) =>
    (message: string, fields: Fields = {}) => {
      if (ORDER.indexOf(level) < least) return
      const timestamp = new Date(sink.now()).toISOString()
      sink.write(
        JSON.stringify({ timestamp, level, service, message, ...(maskValue({ ...base, ...fields }) as Fields) }),
      )
    }
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    metrics: (dimensions, values) => sink.write(metricLine(sink.now(), dimensions, values)),
    with: fields => createLog(sink, service, { ...base, ...fields }),
  }
}

export const METRIC_NAMESPACE = 'Connect'

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
const metricLine = (now: number, dimensions: { [name: string]: string }, values: { [metric: string]: number }) =>
  JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [Object.keys(dimensions)],
          Metrics: Object.keys(values).map(Name => ({ Name, Unit: Name.endsWith('Ms') ? 'Milliseconds' : 'Count' })),
        },
      ],
    },
    ...dimensions,
    ...values,
  })

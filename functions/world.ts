import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { LambdaClient } from '@aws-sdk/client-lambda'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { SNSClient } from '@aws-sdk/client-sns'
import type { HttpRequest, RawAnswer } from '../core/connector.ts'

/**
 * Everything that a function touches outside itself. The factories in this folder take the part that they use, so that a
 * test can drive the very code that is deployed with every await under its control. `functions/entry/` makes the real one.
 */
export type World = {
  env: Env
  /** Epoch milliseconds. */
  now(): number
  /** [0, 1). */
  random(): number
  uuid(): string
  /** Resolves early, without throwing, when `signal` is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  dynamo: Pick<DynamoDBClient, 'send'>
  secrets: Pick<SecretsManagerClient, 'send'>
  sns: Pick<SNSClient, 'send'>
  lambda: Pick<LambdaClient, 'send'>
  /** Opens the connections of one run (undici). */
  openHttp(): Http
  /** One token exchange (axios); never a redirect. */
  exchange(request: HttpRequest, timeoutMs: number): Promise<Exchange>
  /** One line of the log. */
  write(line: string): void
}

export type Http = {
  send(request: HttpRequest, limits: { timeoutMs: number; signal: AbortSignal }): Promise<Exchange>
  /** Ends every connection; nothing of the run is pending afterwards. */
  close(): Promise<void>
}
/**
 * An answer, or why there is none. `sent: 'no'` only where the failure proves that the vendor saw nothing of the request
 * (name not found, connection refused, TLS not established).
 */
export type Exchange =
  | ({ answered: true } & RawAnswer)
  | { answered: false; sent: 'no' | 'maybe'; code: string; words: string }

/** Environment variables, all set by the Pulumi program (components/handler.ts passes them through `Env`'s names). */
export type Env = {
  readonly CONNECT_STACK: string
  readonly LOG_LEVEL?: 'debug' | 'info' | 'warn' | 'error'
  /** process, refresh, wake, expire, operate: whose they are. */
  readonly CONNECTOR?: string
  /** receive: JSON object, connector name to table name. */
  readonly BUFFER_TABLES?: string
  /** process, expire, operate: the connector's own buffer. */
  readonly BUFFER_TABLE?: string
  readonly STATE_TABLE?: string
  readonly TOKENS_TABLE?: string
  readonly LETTERS_TABLE?: string
  readonly TENANTS_TABLE?: string
  readonly SUPPRESSIONS_TABLE?: string
  /** hooks, inbox: calls of vendors that wait to be worked off. */
  readonly INBOX_TABLE?: string
  /** SNS topic of the mails. */
  readonly ERRORS_TOPIC?: string
  /** ARN of the alias `live` of the connector's process and refresh. */
  readonly PROCESS_FUNCTION?: string
  readonly REFRESH_FUNCTION?: string
  /** receive, hooks: comma-separated SHA-256 (hex) of the origin secrets it accepts. */
  readonly ORIGIN_SECRET_HASHES?: string
  /** process: comma-separated tenants that have a destination here (what the tick looks after). */
  readonly TENANTS?: string
}

/** Payloads of `process`. */
export type ProcessEvent =
  | {
      do: 'run'
      tenant: string
      why: 'schedule' | 'tick' | 'wake' | 'successor' | 'operator'
      /** Default: both, urgent first. */
      lanes?: readonly ('normal' | 'urgent')[]
      /** Default: all that the destination has or ever had. */
      shards?: readonly number[]
      /** How many successors this run has behind it; the tenth starts no other. */
      chain?: number
    }
  | { do: 'tick' }

/** Payload of `refresh`. With `failedVersion`, a no-op that republishes if a newer token is stored. */
export type RefreshEvent = { account: string; why: 'schedule' | 'unauthorized' | 'missing'; failedVersion?: number }
/** What `refresh` answers: the version that `process` may now read, or why there is none. */
export type RefreshResult =
  | { ok: true; version: number }
  | { ok: false; verdict: 'retry' | 'throttled' | 'misconfigured'; code: string; words: string; waitMs?: number }

/** Payload of `operate`: what a person does to a destination by hand (`npm run connect -- ...`). */
export type OperateEvent = { tenant: string; by: string } & (
  | { do: 'status' }
  | { do: 'pause'; reason: string }
  | { do: 'resume' }
  | { do: 'letters'; after?: string; limit?: number }
  /** Without `ids`, the next page of letters after `after`; an answer with `next` asks to be called again with it. */
  | {
      do: 'redrive'
      ids?: readonly string[]
      reason?: string
      code?: string
      resendUnknown?: boolean
      after?: string
    }
  | { do: 'drop'; ids: readonly string[] }
  | { do: 'suppress'; email?: string; phone?: string }
)

import type { Routes } from './egress.ts'

/** How one invocation ended: the handler's answer as JSON, or how it failed, in Lambda's words. */
export type Outcome = { ok: true; payload: string } | { ok: false; error: FunctionError }
export type FunctionError = { errorType: string; errorMessage: string; trace?: readonly string[] }

/** What a worker is started with. */
export type WorkerSetup = {
  functionName: string
  memoryMb: number
  arn: string
  /** The bundle's file, and the name that it exports its handler under. */
  file: string
  handler: string
  routes: Routes
}
/** One call, told to a worker; `deadline` is epoch ms. */
export type Order = { id: string; payload: string; deadline: number }
/** What a worker tells back. */
export type Report = { ready: true } | { id: string; outcome: Outcome }

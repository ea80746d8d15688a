import { fork } from 'node:child_process'
import { once } from 'node:events'

/** What to ask of the ingestion endpoint. */
export type Load = {
  url: string
  origin: string
  seconds: number
  /** Requests a second, whatever becomes of those before; 0: as many as `connections` can have answered. */
  perSecond: number
  connections: number
  /** Without `perSecond`: ends after so many, if that is before the time. */
  requests?: number
  /** Events a request, all of one visitor. */
  events: number
  /** What each event is; a shop's mixture without it. */
  name?: string
  /** Begins each visitor's address: tells one load's people from another's. */
  people: string
}
/** Milliseconds are from when a request was due to leave, so that a slow answer is not hidden by the requests that it held up. */
export type Loaded = {
  sent: number
  ok: number
  /** Answers other than 200, and failures, by what they were. */
  others: { [what: string]: number }
  seconds: number
  /** CPU milliseconds of the load itself for a request. */
  cpuMs: number
  mean: number
  p50: number
  p99: number
  most: number
  /** Of each answered request, when `name` is given: its visitor and when the 200 had come (epoch ms). */
  answered: readonly (readonly [email: string, at: number])[]
}

/** Runs the load in a process of its own, on the same cores as everything else. */
export async function load(asked: Load): Promise<Loaded> {
  const child = fork(new URL('./load-process.ts', import.meta.url), [JSON.stringify(asked)], {
    serialization: 'advanced',
  })
  const [loaded] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The load ended with ${code}`))),
  ])) as [Loaded]
  return loaded
}

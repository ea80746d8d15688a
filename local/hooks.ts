import http from 'node:http'
import type { Hook, Vendor } from '../core/simulator.ts'

const LOOK_MS = 50
/** Vendors go on for days; here a second and a half is enough to outlast a restart of a worker. */
const TRIES = 5

/** Makes the calls that the played vendors have to make, through the edge as they would. Answers what stops it. */
export function startHooks(vendors: ReadonlyMap<string, Vendor>, url: string, log: (line: string) => void): () => void {
  let stopped = false

  async function call(connector: string, hook: Hook, tries = TRIES): Promise<void> {
    const status = await post(`${url}/v1/hooks/${hook.account}/${connector}`, hook).catch(() => 0)
    if (status === 200 || stopped) return
    if (tries <= 1) return log(`${connector} called ${hook.account} in vain: ${status || 'no answer'}.`)
    setTimeout(() => void call(connector, hook, tries - 1), LOOK_MS * 2 ** (TRIES - tries + 1)).unref()
  }

  const timer = setInterval(() => {
    for (const [connector, vendor] of vendors) for (const hook of vendor.takeHooks?.() ?? []) void call(connector, hook)
  }, LOOK_MS).unref()
  return () => {
    stopped = true
    clearInterval(timer)
  }
}

const post = (address: string, { headers, body }: Hook): Promise<number> =>
  new Promise((resolve, reject) => {
    const request = http.request(
      address,
      { method: 'POST', headers: { 'user-agent': 'vendor', ...headers } },
      response => {
        response.resume()
        response.on('end', () => resolve(response.statusCode ?? 0))
      },
    )
    request.on('error', reject)
    request.end(body)
  })

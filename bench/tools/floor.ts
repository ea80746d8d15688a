import { fork } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'

/** A server of a process of its own that does the least: parses each body, checks it against `schema`, answers. */
export async function serveFloor(schema: object) {
  const child = fork(new URL('./floor-server.ts', import.meta.url), [JSON.stringify(schema)])
  const [port] = (await once(child, 'message')) as [number]
  const agent = new http.Agent({ keepAlive: true, maxSockets: 8 })
  const cpu = async () => {
    child.send('cpu')
    const [micros] = (await once(child, 'message')) as [number]
    return micros
  }
  const post = (body: string) =>
    new Promise<void>((done, fail) => {
      const request = http.request({ host: '127.0.0.1', port, method: 'POST', agent }, response => {
        response.resume()
        response.on('end', () =>
          response.statusCode === 200 ? done() : fail(new Error(`floor: ${response.statusCode}`)),
        )
      })
      request.on('error', fail)
      request.end(body)
    })
  return {
    /** CPU microseconds of the server alone for each of the bodies, eight under way at once. */
    async cpuPer(bodies: readonly string[]): Promise<number> {
      const before = await cpu()
      const left = [...bodies]
      const work = async () => {
        for (let body = left.pop(); body !== undefined; body = left.pop()) await post(body)
      }
      await Promise.all(Array.from({ length: 8 }, work))
      return ((await cpu()) - before) / bodies.length
    },
    async close() {
      agent.destroy()
      child.kill()
      await once(child, 'exit')
    },
  }
}

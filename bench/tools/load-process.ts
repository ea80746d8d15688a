import http from 'node:http'
import { uuid7 } from '../../local/visit.ts'
import type { Load, Loaded } from './load.ts'
import { quantiles } from './measure.ts'
import { visitorEvent } from './visitors.ts'

/** More than this many under way: the endpoint has stopped keeping up, and a browser would have given up. */
const MOST_UNDER_WAY = 2_000
const TICK_MS = 4

const asked: Load = JSON.parse(process.argv[2] ?? '{}')
const agent = new http.Agent({ keepAlive: true, maxSockets: asked.connections })
const latencies: number[] = []
const others: Loaded['others'] = {}
const answered: [string, number][] = []
let sent = 0
let ok = 0
let underWay = 0

const note = (what: string) => {
  others[what] = (others[what] ?? 0) + 1
}

function bodyOf(n: number): { email: string; body: string } {
  const email = `${asked.people}${n}@example.com`
  const at = Date.now()
  const events = Array.from({ length: asked.events }, (_, i) => {
    const event = visitorEvent(n * 10 + i, at - (asked.events - i) * 20, asked.name)
    return {
      ...event,
      id: uuid7(at),
      user: { ...event.user, email, phone: `+55489${String(90_000_000 + (n % 9_999_999))}` },
    }
  })
  return { email, body: JSON.stringify({ batch: uuid7(at), events }) }
}

function post(due: number): Promise<void> {
  const { email, body } = bodyOf(sent++)
  underWay++
  return new Promise<void>(done => {
    const headers = { 'content-type': 'text/plain;charset=UTF-8', origin: asked.origin, 'user-agent': 'Mozilla/5.0' }
    const end = () => {
      underWay--
      done()
    }
    const request = http.request(asked.url, { method: 'POST', agent, headers }, response => {
      response.resume()
      response.on('end', () => {
        latencies.push(performance.now() - due)
        if (response.statusCode === 200) {
          ok++
          if (asked.name) answered.push([email, Date.now()])
        } else note(String(response.statusCode))
        end()
      })
    })
    request.on('error', error => {
      note((error as NodeJS.ErrnoException).code ?? error.name)
      end()
    })
    request.end(body)
  })
}

/** Each request leaves when it is due, however the others fare. */
async function openLoop(): Promise<void> {
  const start = performance.now()
  const total = Math.round(asked.perSecond * asked.seconds)
  const pending: Promise<void>[] = []
  let next = 0
  await new Promise<void>(over => {
    const timer = setInterval(() => {
      for (let due = start + (next * 1000) / asked.perSecond; due <= performance.now() && next < total; ) {
        if (underWay >= MOST_UNDER_WAY) note('not sent: too many under way')
        else pending.push(post(due))
        due = start + (++next * 1000) / asked.perSecond
      }
      if (next < total) return
      clearInterval(timer)
      over()
    }, TICK_MS)
  })
  await Promise.all(pending)
}

/** As many as the connections can have answered. */
async function closedLoop(): Promise<void> {
  const end = performance.now() + asked.seconds * 1000
  const most = asked.requests ?? Number.POSITIVE_INFINITY
  const work = async () => {
    while (performance.now() < end && sent < most) await post(performance.now())
  }
  await Promise.all(Array.from({ length: asked.connections }, work))
}

const started = performance.now()
const startCpu = process.cpuUsage()
await (asked.perSecond ? openLoop() : closedLoop())
const seconds = (performance.now() - started) / 1000
agent.destroy()
const { user, system } = process.cpuUsage(startCpu)
const cpuMs = (user + system) / 1000 / sent
const { p50, p99, most } = quantiles(latencies)
const mean = latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length
const loaded: Loaded = { sent, ok, others, seconds, cpuMs, mean, p50, p99, most, answered }
process.send?.(loaded, () => process.exit())

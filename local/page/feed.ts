import type { ServerResponse } from 'node:http'
import type { Journal, RowQuery } from '../journal.ts'
import type { PageOptions } from './options.ts'
import { type EventView, eventView } from './view.ts'

/** One message of `/live`: what has changed since the one before it. `order` names every row to show, newest first. */
type Message = {
  now: number
  about: PageOptions['about'] | undefined
  status: ReturnType<Journal['snapshot']> | undefined
  vendors: ReturnType<PageOptions['controls']['vendors']> | undefined
  mails: ReturnType<Journal['mails']> | undefined
  troubles: ReturnType<Journal['troubles']> | undefined
  events: { found: number; order: readonly string[]; rows: readonly EventView[] } | undefined
}

const GATHER_MS = 150
/** Some of what is shown changes with time alone: a breaker that may probe, a token that has run out. */
const LOOK_MS = 1_000
const PLACES = ['waiting', 'retrying', 'delivered', 'dead', 'skipped', 'suppressed', 'dropped', 'refused', 'unwanted']

export function readQuery(search: URLSearchParams): RowQuery {
  const place = search.get('place')
  const destination = search.get('destination')
  const q = search.get('q')?.trim()
  const limit = Number(search.get('limit') ?? Number.NaN)
  return {
    ...(q && { q }),
    ...(destination && { destination }),
    ...(place && PLACES.includes(place) && { place: place as NonNullable<RowQuery['place']> }),
    limit: Number.isInteger(limit) && limit > 0 ? Math.min(limit, 1_000) : 100,
  }
}

/** Keeps `response` open as server-sent events. The answer ends it. */
export function openFeed({ journal, controls, about }: PageOptions, query: RowQuery, response: ServerResponse) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', connection: 'keep-alive' })
  const sent = new Map<string, string>()
  const known = new Map<string, number>()
  let gathering: NodeJS.Timeout | undefined

  const part = <T>(name: string, value: T): T | undefined => {
    const text = JSON.stringify(value)
    if (sent.get(name) === text) return undefined
    sent.set(name, text)
    return value
  }
  const events = () => {
    const { rows, found } = journal.events(query)
    const news = rows.filter(row => known.get(row.key) !== row.changed)
    known.clear()
    for (const row of rows) known.set(row.key, row.changed)
    const order = part(
      'order',
      rows.map(row => row.key),
    )
    if (!news.length && !order) return undefined
    return { found, order: order ?? rows.map(row => row.key), rows: news.map(eventView) }
  }
  const send = () => {
    gathering = undefined
    if (response.writableNeedDrain) return // a page that cannot follow gets the next one whole
    const message: Omit<Message, 'now'> = {
      about: part('about', about),
      status: part('status', journal.snapshot()),
      vendors: part('vendors', controls.vendors()),
      mails: part('mails', journal.mails().slice(0, 100)),
      troubles: part('troubles', journal.troubles().slice(0, 100)),
      events: events(),
    }
    if (Object.values(message).every(value => value === undefined)) return
    response.write(`data: ${JSON.stringify({ now: Date.now(), ...message })}\n\n`)
  }
  const unsubscribe = journal.subscribe(() => {
    gathering ??= setTimeout(send, GATHER_MS)
  })
  const looking = setInterval(send, LOOK_MS)
  const stop = () => {
    clearTimeout(gathering)
    clearInterval(looking)
    unsubscribe()
  }
  response.on('close', stop)
  response.write('retry: 1000\n\n')
  send()
  return () => {
    stop()
    response.end()
  }
}

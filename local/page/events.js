import { byId, clock, h, keyed, number, span, time } from './dom.js'

export const PLACES = ['waiting', 'retrying', 'delivered', 'dead', 'skipped', 'refused', 'unwanted']

const rows = new Map()

/** Takes what changed and shows the events that `order` names. */
export function showEvents({ found, order, rows: changed }, now) {
  for (const row of changed) rows.set(row.key, row)
  const wanted = new Set(order)
  for (const key of Array.from(rows.keys())) if (!wanted.has(key)) rows.delete(key)
  const shown = order.map(key => rows.get(key)).filter(row => row !== undefined)
  keyed(
    byId('event-list'),
    shown,
    ({ key }) => key,
    (row, before) => event(row, before, now),
  )
  byId('found').textContent = number(found)
  byId('no-events').hidden = shown.length > 0
  const more = byId('more')
  more.hidden = found <= shown.length
  more.textContent = `The newest ${number(shown.length)} of ${number(found)}. Search finds the others.`
}

/** A new feed starts from nothing: its first message names everything. */
export function forgetEvents() {
  rows.clear()
}

function event(row, before, now) {
  const element = h(
    'details',
    { class: 'event', open: before?.open },
    h(
      'summary',
      {},
      h('span', { class: 'when' }, time(row.receivedAt)),
      h(
        'span',
        { class: 'what' },
        h('b', {}, row.name ?? (row.refused ? 'refused' : 'event')),
        h('small', {}, row.tenant, ' · ', h('code', { title: row.id }, shortId(row.id))),
      ),
      h('span', { class: 'chips' }, chips(row, now)),
    ),
  )
  // Most rows are never opened: what is inside is made when it is.
  const fill = () => {
    if (element.open && element.childElementCount === 1) element.append(inside(row))
  }
  element.addEventListener('toggle', fill)
  fill()
  return element
}

/** The end of a UUIDv7 is what tells two apart; the whole id is in the row's inside. */
const shortId = id => (id.length > 20 ? `…${id.slice(-12)}` : id)

function chips(row, now) {
  const posted = row.posts > 1 ? [chip('repeated', `posted ${row.posts}×`)] : []
  if (row.refused) return [...posted, chip('refused', 'refused', row.refused.reason)]
  if (!row.places.length) return [...posted, chip('unwanted', 'unwanted', 'no destination takes it')]
  return [
    ...posted,
    ...row.places.map(place =>
      chip(
        place.place,
        label(place),
        why(place, now),
        row.places.length > 1 ? place.destination.split('/')[1] : undefined,
      ),
    ),
  ]
}

const chip = (place, text, why, where) =>
  h(
    'span',
    { class: 'chip', 'data-place': place },
    where && h('small', {}, `${where} `),
    h('b', {}, text),
    why && h('span', { class: 'chip-why' }, why),
  )

const label = ({ place, attempts, lane }) =>
  place === 'retrying' ? `retry ${attempts}` : place === 'waiting' && lane === 'urgent' ? 'waiting, urgent' : place

function why({ place, due, reason, code, since }, now) {
  const said = [reason, code].filter(Boolean).join(', ')
  if (place === 'waiting' || place === 'retrying')
    return [due > now && `at ${clock(due)}`, said].filter(Boolean).join(' · ')
  if (place === 'delivered') return clock(since)
  return said
}

function inside(row) {
  return h(
    'div',
    { class: 'inside' },
    h(
      'dl',
      { class: 'facts' },
      fact('Id', h('code', {}, row.id)),
      row.at && fact('Happened', time(row.at)),
      fact('Received', time(row.receivedAt)),
      row.refused && fact('Refused', `${row.refused.reason}${row.refused.path ? ` (at ${row.refused.path})` : ''}`),
    ),
    row.places.map(place =>
      h(
        'dl',
        { class: 'facts place' },
        fact('Destination', place.destination),
        fact('Now', `${place.place} since ${clock(place.since)}${place.lane ? `, ${place.lane} lane` : ''}`),
        place.due !== undefined &&
          fact(
            'Due',
            `${clock(place.due)}${place.attempts ? `, after ${place.attempts} ${place.attempts === 1 ? 'try' : 'tries'}` : ''}`,
          ),
        (place.reason || place.code) && fact('Why', [place.reason, place.code].filter(Boolean).join(', ')),
        place.words && fact('Vendor says', place.words),
        place.life > 0 && fact('Redriven', `${place.life}×`),
      ),
    ),
    h(
      'ol',
      { class: 'steps' },
      row.steps.map((step, i) =>
        h(
          'li',
          {},
          time(step.at),
          ' ',
          later(row.steps, i),
          step.destination && h('span', { class: 'muted' }, step.destination, ' '),
          step.text,
        ),
      ),
    ),
  )
}

const later = (steps, i) => {
  const ms = i ? steps[i].at - steps[i - 1].at : 0
  return ms >= 1 && h('span', { class: 'later' }, ms < 10_000 ? `+${ms} ms ` : `+${span(ms)} `)
}
const fact = (name, value) => [h('dt', {}, name), h('dd', {}, value)]

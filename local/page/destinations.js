import { byId, clock, h, keyed, number, post, span, toast } from './dom.js'

const SHOWN = ['waiting', 'retrying', 'delivered', 'dead', 'skipped', 'suppressed', 'dropped']
const ALWAYS = new Set(['waiting', 'retrying', 'delivered', 'dead'])

export function showDestinations(status, now, onPick) {
  const entries = Object.entries(status.destinations)
  if (!entries.length) return
  keyed(
    byId('destination-list'),
    entries.map(([name, destination]) => ({ name, destination, ...words(destination, now) })),
    ({ name }) => name,
    item => card(item, onPick),
  )
}

/** What depends on the time is made here, so that a card is made anew only when its words change. */
function words({ shut, backlog, token, breaker, failures, sending }, now) {
  const oldest = backlog.oldestAt === undefined ? '' : `, oldest ${span(now - backlog.oldestAt)}`
  const due = backlog.nextDueAt > now ? `, next in ${span(backlog.nextDueAt - now)}` : ''
  const health = shut?.reason ?? (sending ? 'sending' : 'open')
  return {
    health,
    state: shut ? shutWords(shut, now) : sending ? 'sending now' : 'ready',
    backlogText: backlog.events ? `${number(backlog.events)} waiting${oldest}${due}` : 'empty',
    tokenText:
      token &&
      (token.expired
        ? `version ${token.version}, expired`
        : `version ${token.version}, ${span(token.expiresAt - now)} left`),
    breakerText:
      failures && breaker === 'closed'
        ? `closed, ${failures} failed in a row`
        : breaker === 'half-open'
          ? 'open, about to probe'
          : breaker,
  }
}

const REASONS = { paused: 'Paused', stopped: 'Stopped', throttled: 'Throttled', breaker: 'Breaker open' }
const shutWords = ({ reason, since, until }, now) =>
  `${REASONS[reason]} since ${clock(since)}${until > now ? `, tries again in ${span(until - now)}` : ''}`

function card({ name, destination, health, state, backlogText, tokenText, breakerText }, onPick) {
  const { accepted, dead, shut, troubles } = destination
  const [tenant, connector] = name.split('/')
  const act = (action, body) => async event => {
    event.target.disabled = true
    const answer = await post(`/destinations/${tenant}/${connector}/${action}`, body)
    event.target.disabled = false
    if (answer) toast(`${name}: ${said(answer)}`)
    if (answer?.held && confirm(`${HELD(answer.held)} Send them again all the same?`)) {
      const again = await post(`/destinations/${tenant}/${connector}/redrive`, { resendUnknown: true })
      if (again) toast(`${name}: ${said(again)}`)
    }
  }
  const paused = shut?.reason === 'paused'
  return h(
    'article',
    { class: 'card', 'data-health': health },
    h(
      'header',
      {},
      h('h3', {}, h('span', { class: 'tenant' }, `${tenant}/`), connector),
      h('p', { class: 'health' }, state),
    ),
    h('p', { class: 'accepted' }, h('strong', {}, number(accepted)), ' accepted'),
    bar(destination, accepted),
    h(
      'ul',
      { class: 'counts' },
      SHOWN.filter(place => ALWAYS.has(place) || destination[place]).map(place =>
        h(
          'li',
          { 'data-place': place, 'data-none': destination[place] === 0 },
          h(
            'button',
            { type: 'button', class: 'pick', onclick: () => onPick(name, place) },
            h('b', {}, number(destination[place])),
            ` ${place}`,
          ),
        ),
      ),
    ),
    h(
      'dl',
      { class: 'facts' },
      fact('Breaker', breakerText),
      fact('Backlog', backlogText),
      fact('Token', tokenText ?? 'none held'),
    ),
    shut?.words && h('p', { class: 'why' }, shut.words),
    troubles.map(({ reason, since, code, words: theirs }) =>
      h(
        'p',
        { class: 'why' },
        `${reason} since ${clock(since)}${code ? ` (${code})` : ''}${theirs ? `: ${theirs}` : ''}`,
      ),
    ),
    h(
      'div',
      { class: 'actions' },
      paused || shut
        ? h('button', { type: 'button', onclick: act('resume') }, 'Resume')
        : h('button', { type: 'button', onclick: act('pause', { reason: 'paused on the live page' }) }, 'Pause'),
      dead > 0 && h('button', { type: 'button', onclick: act('redrive') }, `Redrive ${number(dead)} dead`),
    ),
  )
}

const fact = (name, value) => [h('dt', {}, name), h('dd', {}, value)]

function said({ did, redriven, held, unkept }) {
  if (did === 'pause') return 'paused'
  if (did === 'resume') return 'resumed, and a run started'
  return `${number(redriven)} on their way again${held ? `, ${number(held)} kept` : ''}${unkept ? `, ${number(unkept)} have no event left to send` : ''}`
}

const HELD = held =>
  `${number(held)} dead letters have an outcome that nobody knows: the vendor may have them, and people may get the same twice.`

const SVG = 'http://www.w3.org/2000/svg'
/** Shares of all that was accepted, as one bar; the numbers below it say the same. */
function bar(destination, accepted) {
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('class', 'bar')
  svg.setAttribute('viewBox', '0 0 100 6')
  svg.setAttribute('preserveAspectRatio', 'none')
  svg.setAttribute('aria-hidden', 'true')
  let x = 0
  for (const place of ['delivered', 'waiting', 'retrying', 'dead', 'skipped', 'suppressed', 'dropped']) {
    const width = accepted ? (destination[place] / accepted) * 100 : 0
    if (!width) continue
    const rect = document.createElementNS(SVG, 'rect')
    for (const [attribute, value] of Object.entries({ x, y: 0, width, height: 6, 'data-place': place }))
      rect.setAttribute(attribute, String(value))
    svg.append(rect)
    x += width
  }
  return svg
}

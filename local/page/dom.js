/**
 * Makes an element. Text goes in as text, never as markup: names of events come from whoever can reach the endpoint.
 * Attributes that are undefined or false are left out; `on...` are listeners; `class` and `data-...` as in HTML.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  element.append(...children.flat().filter(child => child !== undefined && child !== false && child !== ''))
  return element
}

export const byId = id => document.getElementById(id)

/**
 * Makes `parent` hold one element per item, in order. Elements whose item has not changed stay as they are: what is
 * open, focused or half typed survives. `make` may reuse what it made before for the same key.
 */
export function keyed(parent, items, keyOf, make) {
  parent.made ??= new Map()
  const made = new Map()
  let place = parent.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    const text = JSON.stringify(item)
    const before = parent.made.get(key)
    const same = before?.text === text
    const element = same ? before.element : make(item, before?.element)
    made.set(key, { text, element })
    if (before && before.element !== element) {
      if (place === before.element) place = element
      replace(before.element, element)
    } else if (!before || place !== element) {
      if (place !== element) parent.insertBefore(element, place)
    }
    place = element.nextElementSibling
  }
  for (const [key, { element }] of parent.made) if (!made.has(key)) element.remove()
  for (const stray of Array.from(parent.children))
    if (!Array.from(made.values()).some(({ element }) => element === stray)) stray.remove()
  parent.made = made
}

/** Whoever is inside with the keyboard stays where they were. */
function replace(before, element) {
  const stops = 'summary, button, input, a'
  const at = Array.from(before.querySelectorAll(stops)).indexOf(document.activeElement)
  before.replaceWith(element)
  if (at >= 0) element.querySelectorAll(stops)[at]?.focus({ preventScroll: true })
}

const clockFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const dayFormat = new Intl.DateTimeFormat(undefined, { day: '2-digit', month: 'short' })

/** The time of day, with the day where that is not today. */
export function clock(at) {
  const date = new Date(at)
  if (Number.isNaN(date.getTime())) return String(at)
  const today = date.toDateString() === new Date().toDateString()
  return today ? clockFormat.format(date) : `${dayFormat.format(date)} ${clockFormat.format(date)}`
}

export const time = at =>
  h('time', { datetime: new Date(at).toISOString(), title: new Date(at).toLocaleString() }, clock(at))

/** `3 s`, `12 min`, `2 h`, `3 d`. */
export function span(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 90) return `${seconds} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h`
  return `${Math.round(seconds / 86_400)} d`
}

export const number = value => value.toLocaleString()

let hiding
export function toast(text, bad = false) {
  const element = byId('toast')
  element.textContent = text
  element.dataset.bad = String(bad)
  element.dataset.shown = 'true'
  clearTimeout(hiding)
  hiding = setTimeout(() => {
    element.dataset.shown = 'false'
  }, 6_000)
}

/** Posts JSON to the page's own server; shows what went wrong and answers undefined then. */
export async function post(path, body = {}) {
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    if (response.ok) return answer
    toast(answer.error ?? `The page's server answered ${response.status}`, true)
  } catch {
    toast('The stack does not answer: is it still running?', true)
  }
  return undefined
}

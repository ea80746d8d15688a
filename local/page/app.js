import { setTenants, setUpCompose } from './compose.js'
import { showDestinations } from './destinations.js'
import { byId, h, toast } from './dom.js'
import { forgetEvents, PLACES, showEvents } from './events.js'
import { showMails, showTroubles } from './mailbox.js'
import { showVendors } from './vendors.js'

/** The feed's messages tell only what changed: this is the whole. */
const known = {}
let feed
/** The server's clock less ours: its times are compared with its own now. */
let ahead = 0
const now = () => Date.now() + ahead

function connect() {
  feed?.close()
  forgetEvents()
  feed = new EventSource(`/live?${new URLSearchParams(new FormData(byId('filter')))}&place=${chosenPlace()}`)
  feed.addEventListener('open', () => connection('live'))
  feed.addEventListener('error', () => connection('reconnecting'))
  feed.addEventListener('message', ({ data }) => show(JSON.parse(data)))
}

function connection(state) {
  const element = byId('connection')
  element.dataset.state = state
  element.textContent = state
}

function show(message) {
  Object.assign(known, message)
  ahead = message.now - Date.now()
  if (message.about) showAbout(message.about)
  if (message.status) showStatus()
  if (message.vendors) showVendors(message.vendors)
  if (message.mails) showMails(message.mails)
  if (message.troubles) showTroubles(message.troubles)
  if (message.events) showEvents(message.events, now())
}

function showStatus() {
  showDestinations(known.status, now(), pick)
  const { destination } = byId('filter').elements
  const names = Object.keys(known.status.destinations)
  if (destination.options.length === names.length + 1) return
  const chosen = destination.value
  destination.replaceChildren(new Option('All destinations', ''), ...names.map(name => new Option(name)))
  destination.value = chosen
}

function showAbout({ stack, ingestUrl, tenants, shopUrl }) {
  byId('stack').textContent = stack
  byId('endpoint').textContent = ingestUrl
  setTenants(tenants)
  if (!shopUrl) return
  byId('shop').href = shopUrl
  byId('shop').hidden = false
}

function pick(destination, place) {
  byId('filter').elements.destination.value = destination
  const radio = document.querySelector(`#places input[value="${place}"]`)
  if (radio) radio.checked = true
  connect()
  byId('events').scrollIntoView({ block: 'start' })
}

const chosenPlace = () => document.querySelector('#places input:checked')?.value ?? ''

function setUpFilter() {
  const choice = (value, text) =>
    h(
      'label',
      { 'data-place': value },
      h('input', { type: 'radio', name: 'place', value, checked: value === '', onchange: connect }),
      h('span', {}, text),
    )
  byId('places').append(choice('', 'all'), ...PLACES.map(place => choice(place, place)))
  let typing
  byId('filter').addEventListener('input', () => {
    clearTimeout(typing)
    typing = setTimeout(connect, 200)
  })
  byId('filter').addEventListener('submit', event => event.preventDefault())
}

byId('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(byId('endpoint').textContent)
  toast('Copied')
})
// Ages and times left go on without any message.
setInterval(() => known.status && showStatus(), 1_000)
setUpFilter()
setUpCompose()
connect()

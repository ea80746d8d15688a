import { byId, post, toast } from './dom.js'

const item = { item_id: 'CAFE-MOGIANA-500', item_name: 'Café em Grãos Mogiana 500 g', price: 54.9, quantity: 2 }
const consent = { analytics: true, marketing: true, userData: true }
const person = { email: 'carla.nogueira@example.com', phone_number: '+5511999990202' }

/** What the form starts from: one of each way in. */
const EXAMPLES = {
  'Lead (GA4)': tenant => [
    `/v1/events/${tenant}`,
    {
      event: 'generate_lead',
      id: newId(),
      currency: 'BRL',
      value: 25,
      form_id: 'clube-do-cafe',
      user_data: person,
      consent,
    },
  ],
  'Purchase (GA4)': tenant => [
    `/v1/events/${tenant}`,
    {
      event: 'purchase',
      id: newId(),
      user_data: person,
      consent,
      ecommerce: { transaction_id: `PEDIDO-${Date.now() % 100_000}`, currency: 'BRL', value: 109.8, items: [item] },
    },
  ],
  'Sign-up (canonical)': tenant => [
    `/v1/events/${tenant}`,
    {
      id: newId(),
      name: 'sign_up',
      at: new Date().toISOString(),
      user: { email: person.email, firstName: 'Carla' },
      consent,
    },
  ],
  'No consent': tenant => [
    `/v1/events/${tenant}`,
    {
      event: 'generate_lead',
      id: newId(),
      user_data: person,
      consent: { analytics: true, marketing: false, userData: false },
    },
  ],
  'Older tag (flat)': tenant => [
    '/rdstation',
    {
      clientId: tenant,
      email: person.email,
      eventType: 'product_view',
      productId: item.item_id,
      productName: item.item_name,
      productPrice: 54.9,
    },
  ],
  'Good and bad together': tenant => [
    `/v1/events/${tenant}`,
    {
      batch: newId(),
      events: [
        { event: 'sign_up', id: newId(), user_data: person, consent },
        { id: newId(), value: 'an event without a name' },
      ],
    },
  ],
}

let tenants = []

export function setUpCompose() {
  const form = byId('compose-form')
  const { tenant, example } = form.elements
  example.replaceChildren(...Object.keys(EXAMPLES).map(name => new Option(name)))
  tenant.addEventListener('change', fill)
  example.addEventListener('change', fill)
  byId('fresh').addEventListener('click', fill)
  form.addEventListener('submit', event => {
    event.preventDefault()
    submit(form)
  })
}

export function setTenants(known) {
  tenants = known
  const { tenant } = byId('compose-form').elements
  const chosen = tenant.value
  tenant.replaceChildren(...known.map(({ id }) => new Option(id)))
  if (chosen) tenant.value = chosen
  if (!byId('compose-form').elements.body.value) fill()
}

function fill() {
  const { tenant, example, path, body, origin } = byId('compose-form').elements
  const [where, event] = EXAMPLES[example.value](tenant.value)
  path.value = where
  origin.value = tenants.find(({ id }) => id === tenant.value)?.origin ?? ''
  body.value = JSON.stringify(event, null, 2)
}

async function submit(form) {
  const { path, body, origin } = form.elements
  const button = form.querySelector('[type=submit]')
  const answer = byId('answer')
  button.disabled = true
  const done = await post('/send', { path: path.value, body: body.value, origin: origin.value })
  button.disabled = false
  if (!done) return
  answer.dataset.ok = String(done.status < 300)
  answer.textContent = `${done.status}  ${done.body}`
  if (done.status < 300) toast('Posted: it is at the top of the events')
}

/** UUID version 7: begins with the time, so that ids sort as they came. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  const hex = Date.now().toString(16).padStart(12, '0')
  bytes[6] = (bytes[6] & 0x0f) | 0x70
  bytes[8] = (bytes[8] & 0x3f) | 0x80
  const tail = Array.from(bytes.slice(6), byte => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`
}

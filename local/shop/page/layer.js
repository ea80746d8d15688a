// What the shop tells the data layer, in GA4's shapes: https://developers.google.com/analytics/devguides/collection/ga4/ecommerce
export const facts = JSON.parse(document.getElementById('facts').textContent)

const round = value => Math.round(value * 100) / 100
export const totalOf = items => round(items.reduce((sum, { price, quantity }) => sum + price * quantity, 0))

export const push = message => window.dataLayer.push(message)

/** A cart event; its value has neither shipping nor tax in it. The push before it clears what is left: the data layer merges. */
export function pushCart(event, items, more = {}) {
  push({ ecommerce: null })
  push({ event, ecommerce: { currency: facts.currency, value: totalOf(items), items, ...more } })
}

const PERSON = 'shop:person'

/** Remembers for this tab who the person said they are. */
export function introduce(person) {
  sessionStorage.setItem(PERSON, JSON.stringify(person))
  push({ user_data: person })
}
/** On every later page, as a shop does it for whoever is signed in. */
export function greetAgain() {
  const kept = sessionStorage.getItem(PERSON)
  if (kept) push({ user_data: JSON.parse(kept) })
}

export const personFrom = form => {
  const { firstName, lastName, email, phone, city, state } = Object.fromEntries(new FormData(form))
  return {
    email,
    ...(phone && { phone_number: phone }),
    address: {
      first_name: firstName,
      ...(lastName && { last_name: lastName }),
      ...(city && { city }),
      ...(state && { region: state, country: 'BR' }),
    },
  }
}

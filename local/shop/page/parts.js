// What each kind of page does.
import { addToCart, inCart, placeOrder, removeFromCart, takeOrder } from './cart.js'
import { facts, introduce, personFrom, push, pushCart, totalOf } from './layer.js'

const byId = id => document.getElementById(id)
const money = value =>
  value.toLocaleString(facts.language === 'pt' ? 'pt-BR' : 'en-US', { style: 'currency', currency: facts.currency })
const SHIPPING = { standard: 18, express: 32 }

export function showCount() {
  const count = inCart().reduce((sum, { quantity }) => sum + quantity, 0)
  byId('count').textContent = count ? `(${count})` : ''
}

function list() {
  const named = { item_list_id: 'all', item_list_name: document.querySelector('h1').textContent }
  const items = facts.items.map((item, index) => ({ ...item, index }))
  pushCart('view_item_list', items, named)
  for (const link of document.querySelectorAll('a[data-item]'))
    link.addEventListener('click', () => {
      const item = items.find(({ item_id }) => item_id === link.dataset.item)
      pushCart('select_item', [item], named)
    })
}

function product() {
  pushCart('view_item', facts.items)
  byId('add').addEventListener('click', () => {
    addToCart(facts.items[0])
    pushCart('add_to_cart', facts.items)
    showCount()
    byId('added').textContent = byId('added').dataset.text
  })
}

function cart() {
  showLines()
  if (inCart().length) pushCart('view_cart', inCart())
}
function showLines() {
  const items = inCart()
  byId('filled').hidden = items.length === 0
  byId('empty').hidden = items.length > 0
  byId('lines').replaceChildren(...items.map(line))
  byId('total').textContent = money(totalOf(items))
  showCount()
}
function line(item) {
  const row = document.createElement('tr')
  const name = document.createElement('th')
  name.scope = 'row'
  name.textContent = item.item_name
  const cells = [item.quantity, money(item.price * item.quantity)].map(text => {
    const cell = document.createElement('td')
    cell.textContent = text
    return cell
  })
  const remove = document.createElement('button')
  remove.type = 'button'
  remove.textContent = byId('lines').dataset.remove
  remove.setAttribute('aria-label', `${byId('lines').dataset.remove}: ${item.item_name}`)
  remove.addEventListener('click', () => {
    pushCart('remove_from_cart', removeFromCart(item.item_id))
    showLines()
    byId('main').focus() // the button is gone with its line
  })
  const last = document.createElement('td')
  last.append(remove)
  row.append(name, ...cells, last)
  return row
}

function checkout() {
  const items = inCart()
  const form = byId('checkout')
  if (items.length === 0) return location.replace('cart')
  pushCart('begin_checkout', items)
  form.addEventListener('change', ({ target }) => {
    if (target.name === 'shipping') pushCart('add_shipping_info', items, { shipping_tier: target.value })
    if (target.name === 'payment') pushCart('add_payment_info', items, { payment_type: target.value })
  })
  form.addEventListener('submit', event => {
    event.preventDefault()
    introduce(personFrom(form))
    const shipping = SHIPPING[form.elements.shipping.value]
    placeOrder({ id: `PEDIDO-${Date.now().toString(36).toUpperCase()}`, items, shipping })
    location.assign(form.action)
  })
}

function thanks() {
  const order = takeOrder()
  if (!order) return
  byId('order').textContent = order.id
  const { id, items, shipping, told } = order
  if (!told) pushCart('purchase', items, { transaction_id: id, shipping, tax: 0 })
}

function contact() {
  const form = byId('contact')
  form.addEventListener('submit', event => {
    event.preventDefault()
    introduce(personFrom(form))
    push({ event: 'generate_lead', currency: facts.currency, value: 50, lead_source: 'contact' })
    form.reset()
    byId('sent').textContent = byId('sent').dataset.text
  })
}

export const PARTS = { list, product, cart, checkout, thanks, contact }

// The cart lives in the tab; a real shop keeps it on its server.
const CART = 'shop:cart'
const ORDER = 'shop:order'

const read = key => JSON.parse(sessionStorage.getItem(key) ?? 'null')
const write = (key, value) => sessionStorage.setItem(key, JSON.stringify(value))

export const inCart = () => read(CART) ?? []

export function addToCart(item) {
  const items = inCart()
  const same = items.find(({ item_id }) => item_id === item.item_id)
  if (same) same.quantity += item.quantity
  else items.push(item)
  write(CART, items)
}
/** Answers what was removed. */
export function removeFromCart(id) {
  const items = inCart()
  write(
    CART,
    items.filter(({ item_id }) => item_id !== id),
  )
  return items.filter(({ item_id }) => item_id === id)
}

export function placeOrder(order) {
  write(ORDER, order)
  sessionStorage.removeItem(CART)
}
/** The order that was just placed: once, so that a reload of its page is no second purchase. */
export function takeOrder() {
  const order = read(ORDER)
  if (order) write(ORDER, { ...order, told: true })
  return order
}

/*
 * What a visitor of the bench does, the same for every tracker: sees a page and puts products into the cart, each in a
 * task of its own, as clicks are. The page of a tracker leaves `tracker` behind: { ready?, pageView(), addToCart(product),
 * flush? }.
 */

const NAMES = ['Café especial em grãos', 'Café moído na hora', 'Cápsulas de espresso', 'Filtro de papel']

export const product = n => ({
  id: `CAFE-${n}`,
  name: `${NAMES[n % NAMES.length]} 250 g`,
  brand: 'Torra Clara',
  category: 'Cafés',
  variant: 'moído',
  price: 39.9 + (n % 10),
  quantity: 1 + (n % 2),
})

const longTasks = []
new PerformanceObserver(list => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
  type: 'longtask',
  buffered: true,
})

const wait = ms => new Promise(done => setTimeout(done, ms))
const idle = () => new Promise(done => requestIdleCallback(done, { timeout: 500 }))

/** Milliseconds that a click would have waited for. */
const timed = call => {
  const before = performance.now()
  call()
  return performance.now() - before
}

globalThis.job = {
  ...globalThis.job,
  async ready() {
    await globalThis.tracker.ready
    await idle()
  },
  async play() {
    const { products, every } = globalThis.job
    const calls = [timed(() => globalThis.tracker.pageView())]
    for (let n = 0; n < products; n++) {
      await wait(every)
      calls.push(timed(() => globalThis.tracker.addToCart(product(n))))
    }
    globalThis.tracker.flush?.()
    return calls
  },
  async over() {
    await wait(globalThis.job.until - performance.now())
    await idle()
    const stored = Object.keys(localStorage).length + Object.keys(sessionStorage).length
    return { longTasks, stored: stored + document.cookie.split(';').filter(Boolean).length }
  },
}

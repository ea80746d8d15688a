import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { connectors } from '../connectors/index.ts'
import { createControls } from '../local/controls.ts'
import { createPage } from '../local/page/server.ts'
import { fillShop } from '../local/shop/fill.ts'
import { createShop } from '../local/shop/server.ts'
import { launchChromium } from './tools/chromium.ts'
import { type Demo, evaluateDemo, fired, firings, openDemo, TENANT, visitor } from './tools/demo.ts'
import { ARRIVALS } from './tools/shop-arrivals.ts'

let browser: Browser
let demo: Demo
before(async () => {
  const opened = evaluateDemo(Object.keys(connectors)).then(program => openDemo(program))
  ;[browser, demo] = await Promise.all([launchChromium(), opened])
})
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
})
after(async () => {
  await browser?.close()
  await demo?.close()
})

const accept = (page: Page) => page.getByRole('button', { name: 'Aceitar tudo' }).click()
/**
 * Events that came after so many others. A page that is gone hears no answer; what it sent is sent again by the next one, ten
 * seconds later, under the same ids: on a slow machine that may be here.
 */
const since = (mark: number) => {
  const [before, after] = [demo.accepted().slice(0, mark), demo.accepted().slice(mark)]
  return unique(after).filter(({ id }) => !before.some(known => known.id === id))
}
/** Ids begin with their time; those of one millisecond stay in the order of their request. */
const millisecond = ({ id }: { id: string }) => id.slice(0, 13)
const names = (events: readonly { id: string; name: string }[]) =>
  events.toSorted((a, b) => millisecond(a).localeCompare(millisecond(b))).map(({ name }) => name)
const arrived = (what: string, mark: number, count: number) =>
  demo.stack.until(what, () => since(mark).length >= count && since(mark))
const unique = <E extends { id: string }>(events: readonly E[]) => [
  ...new Map(events.map(event => [event.id, event])).values(),
]
/** Keys of the batches that wait in the browser. */
const QUEUE = `Object.keys(localStorage).filter(key => /^connect:.*-/.test(key))`
const PATIENCE_MS = 5_000
/** Leaves the page once there is something to send: then it goes without waiting for a batch to fill. */
async function leave(page: Page): Promise<void> {
  for (const since = Date.now(); Date.now() - since < PATIENCE_MS; )
    if (((await page.evaluate(QUEUE)) as string[]).length) break
  await page.goto('about:blank')
}
const TRACES = '[document.cookie, Object.keys(localStorage), Object.keys(sessionStorage)]'
/** What the browser keeps comes to be this. */
async function keeps(page: Page, wanted: unknown): Promise<void> {
  const text = JSON.stringify(wanted)
  for (const since = Date.now(); Date.now() - since < PATIENCE_MS; )
    if (JSON.stringify(await page.evaluate(TRACES)) === text) return
  assert.deepEqual(await page.evaluate(TRACES), wanted)
}

async function leaveLead(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Fale conosco' }).click()
  await page.getByLabel('Nome').fill('Ana')
  await page.getByLabel('E-mail').fill('Ana@Example.com')
  await page.getByRole('button', { name: 'Enviar' }).click()
}

async function buy(page: Page): Promise<void> {
  await page.getByRole('link', { name: /Carrinho/ }).click()
  await fired(page, 'view_cart')
  await page.getByRole('link', { name: 'Finalizar compra' }).click()
  await fired(page, 'begin_checkout')
  const person = { Nome: 'Ana', Sobrenome: 'Souza', 'E-mail': 'ana@example.com', Celular: '11 98765-4321' }
  for (const [label, value] of Object.entries({ ...person, Cidade: 'São Paulo', Estado: 'SP' }))
    await page.getByLabel(label, { exact: true }).fill(value)
  await page.getByLabel('Expressa').check()
  await page.getByLabel('Pix').check()
  await page.getByRole('button', { name: 'Comprar' }).click()
  await page.waitForURL('**/thanks')
}

/** Starts each destination's next run, and waits until nothing is due any more: SendGrid works a contact off within minutes. */
async function deliverAll(): Promise<void> {
  for (const name of demo.stack.schedules) if (name.includes(TENANT)) demo.stack.fire(name)
  const idle = () =>
    Object.values(demo.journal.snapshot().destinations).every(
      ({ waiting, retrying, sending, backlog }) =>
        !sending && (waiting + retrying === 0 || (backlog?.nextDueAt ?? 0) > Date.now()),
    )
  await demo.stack.until('everything to be delivered', idle)
}

const STORY = [
  ...['view_item_list', 'select_item', 'view_item', 'generate_lead', 'view_item', 'add_to_cart', 'view_cart'],
  ...['begin_checkout', 'add_shipping_info', 'add_payment_info', 'purchase'],
]

test('a person shops, leaves a lead and buys: all of it arrives once, in order, mapped, at each CRM, and is seen', async () => {
  const { page } = await visitor(browser, demo, '/pt/?utm_source=google&utm_medium=cpc&utm_campaign=inverno')
  await accept(page)
  await page.getByRole('link', { name: /Coador/ }).click()
  await fired(page, 'view_item') // who leaves before the library has come was not there
  await leaveLead(page)
  await fired(page, 'generate_lead')
  await page.goBack()
  await page.getByRole('button', { name: 'Adicionar ao carrinho' }).click()
  await fired(page, 'add_to_cart')
  await buy(page)
  const order = await page.locator('#order').textContent()

  assert.deepEqual(names(await arrived('the whole story', 0, STORY.length)), STORY)
  const stored = demo.stored.filter(({ table }) => table.includes('salesforce')).flatMap(({ events }) => events)
  const bySeq = unique(stored.map(({ id, name, properties }) => ({ id, name, seq: Number(properties?.seq) })))
  bySeq.sort((a, b) => a.seq - b.seq)
  assert.deepEqual(
    bySeq.map(({ name }) => name),
    STORY,
  )
  assert.deepEqual(
    bySeq.map(({ seq }) => seq),
    STORY.map((_, index) => index + 1),
  )

  await deliverAll()
  for (const [name, { received }] of demo.stack.vendors) ARRIVALS[name]!(received, order!)
  await seeOnLivePage()
})

/** What a person sees who watches: the purchase, delivered. A picture of it stays behind. */
async function seeOnLivePage(): Promise<void> {
  const { journal, stack, shop } = demo
  const about = {
    stack: 'dev',
    ingestUrl: stack.ingestUrl,
    tenants: [{ id: TENANT, origin: shop.url }],
    shopUrl: shop.url,
  }
  const live = await createPage({ journal, controls: createControls(stack), about, port: 0 })
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  await page.goto(live.url)
  await page.getByText('purchase', { exact: true }).first().waitFor()
  assert.equal(await page.getByRole('link', { name: 'Demo shop' }).getAttribute('href'), shop.url)
  mkdirSync(PICTURES, { recursive: true })
  await page.screenshot({ path: join(PICTURES, 'shop-on-live-page.png') })
  await page.close()
  await live.close()
}
const PICTURES = join(import.meta.dirname, 'output')

test('without consent nothing is sent, stored or set; with consent, what waits on the page goes', async () => {
  const mark = demo.accepted().length
  const { context, page } = await visitor(browser, demo)
  const posts: string[] = []
  context.on('request', request => void (request.method() === 'POST' && posts.push(request.url())))
  await page.getByRole('link', { name: /Xícara/ }).click()
  await fired(page, 'view_item')
  await keeps(page, ['', [], []])
  assert.deepEqual(posts, [])
  await accept(page)
  await leave(page)
  // What had been sent of the page before would be among them.
  assert.deepEqual(names(await arrived('what waited', mark, 1)), ['view_item'])
})

test('the campaign that leads to a page without an event is that of the lead on the next page', async () => {
  const mark = demo.accepted().length
  const { page } = await visitor(browser, demo, '/pt/cart?utm_source=google&utm_campaign=inverno&gclid=G1')
  await accept(page)
  await leaveLead(page)
  const [lead] = await arrived('the lead', mark, 1)
  const kept = await demo.stack.until('the lead at the buffer', () =>
    demo.stored.flatMap(({ events }) => events).find(({ id }) => id === lead?.id),
  )
  assert.deepEqual([kept.name, kept.campaign], ['generate_lead', { source: 'google', name: 'inverno', gclid: 'G1' }])
})

test('a person who says no is left alone', async () => {
  const mark = demo.accepted().length
  const { page } = await visitor(browser, demo)
  await page.getByRole('button', { name: 'Recusar tudo' }).click()
  await page.getByRole('link', { name: /Xícara/ }).click()
  await fired(page, 'view_item')
  await keeps(page, ['shop_consent=', [], []])
  await page.getByRole('button', { name: 'Cookies e privacidade' }).click()
  await accept(page)
  await leave(page)
  assert.deepEqual(names(await arrived('what waited', mark, 1)), ['view_item'])
})

test('what is granted for measuring only is kept for no CRM that needs consent for marketing', async () => {
  const mark = demo.accepted().length
  const { page } = await visitor(browser, demo, '/en/product/XICARA-ANIL')
  await page.getByLabel('Measure use').check()
  await page.getByRole('button', { name: 'Save choice' }).click()
  await page.getByRole('button', { name: 'Add to cart' }).click()
  await fired(page, 'add_to_cart')
  await leave(page)
  const events = await arrived('what was measured', mark, 2)
  assert.deepEqual(names(events), ['view_item', 'add_to_cart'])
  const added = events.find(({ name }) => name === 'add_to_cart')
  const keeping = demo.stored.filter(one => one.events.some(({ id }) => id === added?.id)).map(({ table }) => table)
  const needNone = ['connect-dev-dynamics-buffer', 'connect-dev-salesforce-buffer'] // RD Station and Responsys need it
  assert.deepEqual(keeping.sort(), needNone)
})

test('nobody checks out with an empty cart, and a reload of the order is no second purchase', async () => {
  const mark = demo.accepted().length
  const { page } = await visitor(browser, demo, '/pt/checkout')
  await page.waitForURL('**/cart')
  await accept(page)
  await page.goto(`${demo.shop.url}/pt/product/XICARA-ANIL`)
  const add = page.getByRole('button', { name: 'Adicionar ao carrinho' })
  await add.click()
  await page.goto(`${demo.shop.url}/pt/cart`)
  await page.getByRole('button', { name: 'Remover: Xícara anil' }).click()
  await fired(page, 'remove_from_cart')
  assert.equal(await page.getByText('Seu carrinho está vazio.').isVisible(), true)
  assert.equal(await page.evaluate('document.activeElement.id'), 'main')
  await page.goBack()
  await add.click()
  await buy(page)
  await fired(page, 'purchase')
  await page.reload()
  await fired(page, 'gtm.init')
  await page.goto(`${demo.shop.url}/pt/`)
  await fired(page, 'view_item_list')
  await leave(page)
  const told = await demo.stack.until('what came after it', () => {
    const events = names(since(mark))
    return events.at(-1) === 'view_item_list' && events.includes('purchase') && events
  })
  assert.equal(told.filter(name => name === 'purchase').length, 1)
})

test('consent that is withdrawn empties the queue, and what was in it never goes', async () => {
  const mark = demo.accepted().length
  const { context, page } = await visitor(browser, demo, '/en/contact')
  const endpoint = `${demo.stack.ingestUrl}/v1/**`
  await context.route(endpoint, route => route.abort())
  await page.getByRole('button', { name: 'Accept all' }).click()
  await page.getByLabel('First name').fill('Bia')
  await page.getByLabel('E-mail').fill('bia@example.com')
  const failed = page.waitForEvent('requestfailed', request => request.method() === 'POST')
  await page.getByRole('button', { name: 'Send' }).click()
  await failed
  assert.notDeepEqual(await page.evaluate(QUEUE), [])
  await page.getByRole('button', { name: 'Cookies and privacy' }).click()
  await page.getByRole('button', { name: 'Reject all' }).click()
  await keeps(page, ['shop_consent=', [], ['shop:person']])
  assert.equal(await page.evaluate('document.activeElement.id'), 'consent-again') // where the person was before
  await context.unroute(endpoint)
  await page.goto(`${demo.shop.url}/en/product/XICARA-ANIL`)
  await page.getByRole('button', { name: 'Cookies and privacy' }).click()
  await page.getByRole('button', { name: 'Accept all' }).click()
  await leave(page)
  assert.deepEqual(names(await arrived('what came after it', mark, 1)), ['view_item'])
})

test('views of pages go where the tenant asks for them', async () => {
  const mark = demo.accepted().length
  const filling = { tenant: TENANT, ingestUrl: demo.stack.ingestUrl }
  await fillShop(demo.shop, { ...filling, pageViews: true })
  const { page } = await visitor(browser, demo, '/pt/product/XICARA-ANIL')
  await accept(page)
  await fired(page, 'view_item')
  await leave(page)
  assert.deepEqual(names(await arrived('both', mark, 2)), ['page_view', 'view_item'])
  await fillShop(demo.shop, filling)
})

/** What a person meets in the same shop under another policy. */
async function shopUnder(policy: (text: string) => string) {
  const shop = await createShop({ port: 0, policy })
  await fillShop(shop, { tenant: TENANT, ingestUrl: demo.stack.ingestUrl })
  const { page } = await visitor(browser, { shop }, '/pt/product/XICARA-ANIL')
  const errors: Error[] = []
  page.on('pageerror', error => errors.push(error))
  await accept(page)
  await page.getByRole('button', { name: 'Adicionar ao carrinho' }).click()
  await fired(page, 'add_to_cart')
  const outcomes = (await firings(page)).map(({ event, outcome }) => `${event}: ${outcome}`)
  const cart = await page.locator('#count').textContent()
  await page.goto('about:blank') // what is in the queue tries to go
  await shop.close()
  return { errors, outcomes, cart }
}

test('the shop keeps to a strict policy: nothing but itself and the endpoint, no inline and no eval', async () => {
  const policy = (await fetch(`${demo.shop.url}/pt/`)).headers.get('content-security-policy') ?? ''
  const { ingestUrl } = demo.stack
  assert.match(policy, new RegExp(`default-src 'none'; script-src 'self' ${ingestUrl}; connect-src ${ingestUrl};`))
  assert.doesNotMatch(policy, /unsafe/)
})

test('a policy without the script makes the tag fail silently, and the shop goes on', async () => {
  const mark = demo.accepted().length
  const told = await shopUnder(policy => policy.replace(/script-src [^;]+/, "script-src 'self'"))
  const outcomes = ['gtm.init: failure', 'view_item: failure', 'add_to_cart: failure']
  assert.deepEqual(told, { errors: [], outcomes, cart: '(1)' })
  assert.deepEqual(since(mark), [])
})

test('a policy without the endpoint keeps events from going and does nothing else', async () => {
  const mark = demo.accepted().length
  const told = await shopUnder(policy => policy.replace(/connect-src [^;]+/, "connect-src 'none'"))
  const outcomes = ['gtm.init: success', 'view_item: success', 'add_to_cart: success']
  assert.deepEqual(told, { errors: [], outcomes, cart: '(1)' })
  assert.deepEqual(since(mark), [])
})

test('every page is there in both languages, with a language, one heading, and a name for every field', async () => {
  for (const language of ['pt', 'en'])
    for (const path of ['/', '/product/XICARA-ANIL', '/cart', '/checkout', '/thanks', '/contact']) {
      const response = await fetch(`${demo.shop.url}/${language}${path}`)
      const markup = await response.text()
      assert.equal(response.status, 200, path)
      assert.match(markup, new RegExp(`<html lang="${language}`))
      assert.equal(markup.match(/<h1>/g)?.length, 1, path)
      for (const [, id] of markup.matchAll(/<(?:input|textarea) id="(\w+)"/g))
        assert.ok(markup.includes(`<label for="${id}">`), `${path}: ${id}`)
      assert.doesNotMatch(markup, /<script>|\son\w+=|\sstyle=/, path)
    }
  const door = await fetch(`${demo.shop.url}/?utm_source=google`, { redirect: 'manual' })
  assert.equal(door.headers.get('location'), '/pt/?utm_source=google')
  const missing = await fetch(`${demo.shop.url}/pt/product/NADA`)
  assert.equal(missing.status, 404)
})

test('what the keyboard reaches is not under the consent banner, on a small screen either', async () => {
  const { page } = await visitor(browser, demo, '/pt/contact')
  await page.setViewportSize({ width: 360, height: 640 })
  const covered = `document.activeElement.getBoundingClientRect().top >= document.getElementById('consent').getBoundingClientRect().top`
  const reached: unknown[] = []
  while (reached.at(-1) !== 'consent-again' && reached.length < 30) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate('document.activeElement.id'))
    assert.equal(await page.evaluate(covered), false, String(reached.at(-1)))
  }
  assert.ok(reached.includes('message'))
})

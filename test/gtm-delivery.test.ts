import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { normalise } from '../core/normalise.ts'
import { buildTag } from '../tag/build.ts'
import { CONSENTS, GA4_PARAMETERS } from '../tag/gtm/events.ts'
import { outside } from '../tag/gtm/outside.ts'
import { promises } from '../tag/gtm/promise.ts'
import { sandbox } from '../tag/gtm/sandbox.ts'
import { buildTemplate, sources } from '../tag/gtm/source/index.ts'
import { FakeBrowser, type Tab } from './tools/fake-browser.ts'

/** The code of the templates with what it speaks to: the real library, and the normaliser of the endpoint. */
const ENDPOINT = 'https://hub.example'
const [web, client, serverTag] = sources(ENDPOINT).map(source => buildTemplate(source).code)
let library = ''
before(async () => {
  library = (await buildTag()).source
})

const run = (code: string | undefined, data: object, apis: object) =>
  new Function('data', 'require', String(code))(data, (name: string) => (apis as { [name: string]: unknown })[name])

type Grants = { [type: string]: boolean }

/** A page with GTM: what it says of consent, and its dataLayer's model. */
function openPage(browser: FakeBrowser, grants: Grants = {}) {
  const page: { tab?: Tab; listeners: (() => void)[]; later: (() => void)[] } = { listeners: [], later: [] }
  const queued: object[] = []
  const outcomes: string[] = []
  const apis = sandbox(page.later, () => browser.now, outside)
  const push = (entry: object) => (page.tab ? page.tab.connect(entry) : queued.push(entry))
  const fire = (model: { [key: string]: unknown }, data: object = {}) => {
    run(
      web,
      {
        tenant: 'loja-abc',
        consentMode: 'wait',
        analytics_storage: true,
        gtmOnSuccess: () => outcomes.push('success'),
        gtmOnFailure: () => outcomes.push('failure'),
        ...data,
      },
      {
        ...apis,
        copyFromDataLayer: (key: string) => model[key],
        isConsentGranted: (type: string) => grants[type] === true,
        addConsentListener: (_: string, listener: () => void) => page.listeners.push(listener),
        createQueue: () => push,
        queryPermission: () => true,
        logToConsole: () => {},
        injectScript: (url: string, loaded: () => void) => {
          assert.equal(url, `${ENDPOINT}/tag.js`)
          page.tab ??= browser.open({ data: {}, before: `connect = ${JSON.stringify(queued)}` })
          loaded()
        },
      },
    )
  }
  const decide = (choice: Grants) => {
    for (const [type, granted] of Object.entries(choice)) {
      grants[type] = granted
      for (const listener of page.listeners) listener()
    }
    for (const action of page.later.splice(0)) action()
  }
  return { fire, decide, outcomes, page }
}

const all = Object.fromEntries(CONSENTS.map(type => [type, true]))
const purchase = {
  event: 'purchase',
  ecommerce: { transaction_id: 'P1', currency: 'BRL', value: 10, items: [{ item_id: 'C1', price: 10, quantity: 1 }] },
  user_data: { email: 'Ana@example.com' },
}

describe('the web template with the library', () => {
  test('sends what the tag fired on, once, to the tenant, with the state of consent', async () => {
    const browser = new FakeBrowser(library)
    const { fire, outcomes } = openPage(browser, { ...all })
    fire(purchase)
    await browser.pass(10_000)
    assert.deepEqual(
      browser.sent.map(({ url }) => url),
      [`${ENDPOINT}/v1/events/loja-abc`],
    )
    const [event] = browser.events
    const normalised = normalise(event, { now: browser.now, uuid: () => 'none' })
    assert.ok('event' in normalised)
    const { id, name, user, commerce, consent } = normalised.event
    assert.match(id, /^[0-9a-f-]{36}$/)
    assert.equal(name, 'purchase')
    assert.equal(user?.email, 'ana@example.com')
    assert.equal(commerce?.transactionId, 'P1')
    assert.deepEqual(consent, { analytics: true, marketing: true, userData: true })
    assert.deepEqual(outcomes, ['success'])
  })

  test('sends and stores nothing before consent, and what waited after it, with the whole of the choice', async () => {
    const browser = new FakeBrowser(library)
    const { fire, decide } = openPage(browser)
    fire(purchase)
    fire({ event: 'generate_lead', value: 5, currency: 'BRL' })
    await browser.pass(60_000)
    assert.equal(browser.sent.length, 0)
    assert.deepEqual(Object.keys(browser.local), [])
    decide(all)
    await browser.pass(10_000)
    assert.deepEqual(
      browser.events.map(({ event }) => event),
      ['purchase', 'generate_lead'],
    )
    for (const { consent } of browser.events)
      assert.deepEqual(consent, Object.fromEntries(CONSENTS.map(type => [type, 'granted'])))
  })

  test('forgets what waits when consent is taken back', async () => {
    const browser = new FakeBrowser(library)
    browser.answer = () => ({ status: 503 })
    const { fire, decide } = openPage(browser, { ...all })
    fire(purchase)
    await browser.pass(100)
    decide({ analytics_storage: false })
    browser.answer = () => ({ status: 200 })
    const before = browser.sent.length
    assert.equal(before, 1)
    await browser.pass(600_000)
    assert.equal(browser.sent.length, before)
    assert.deepEqual(Object.keys(browser.local), [])
  })

  test('sends without consent where the state only travels along', async () => {
    const browser = new FakeBrowser(library)
    const { fire } = openPage(browser)
    fire(purchase, { consentMode: 'signal' })
    await browser.pass(10_000)
    assert.deepEqual(
      browser.events.map(({ consent }) => consent),
      [Object.fromEntries(CONSENTS.map(type => [type, 'denied']))],
    )
  })

  test('what a later tag of the page needs is waited for, whatever the first one said', async () => {
    const browser = new FakeBrowser(library)
    const { fire, decide, page } = openPage(browser, { analytics_storage: true })
    fire({ event: 'gtm.js' }, { action: 'load', consentMode: 'signal' })
    assert.equal(page.listeners.length, CONSENTS.length)
    fire(purchase, { ad_user_data: true })
    assert.equal(page.listeners.length, CONSENTS.length)
    await browser.pass(10_000)
    assert.equal(browser.sent.length, 0)
    decide({ ad_user_data: true })
    await browser.pass(10_000)
    assert.deepEqual(
      browser.events.map(({ event }) => event),
      ['purchase'],
    )
  })

  test('a page without an event sends what a tab that crashed has left behind', async () => {
    const browser = new FakeBrowser(library)
    browser.answer = () => ({ status: 503 })
    const shop = openPage(browser, { ...all })
    shop.fire(purchase)
    await browser.pass(100)
    shop.page.tab?.crash()
    browser.answer = () => ({ status: 200 })
    await browser.pass(60_000)
    assert.equal(browser.sent.length, 1)
    openPage(browser, { ...all }).fire({ event: 'gtm.js' }, { action: 'load' })
    await browser.pass(100)
    assert.equal(browser.sent.length, 2)
    assert.equal(browser.sent[1]?.body, browser.sent[0]?.body)
    assert.deepEqual(Object.keys(browser.local), ['connect:visit'])
  })

  test('two consents that are needed are both waited for', async () => {
    const browser = new FakeBrowser(library)
    const { fire, decide } = openPage(browser)
    fire(purchase, { ad_user_data: true })
    decide({ analytics_storage: true })
    await browser.pass(10_000)
    assert.equal(browser.sent.length, 0)
    decide({ ad_user_data: true })
    await browser.pass(10_000)
    assert.equal(browser.events.length, 1)
  })
})

describe('the templates of a tagging server', () => {
  test('the tag sends events of a GA4 client as the endpoint reads them', () => {
    const model: { [key: string]: unknown } = {
      event_name: 'purchase',
      transaction_id: 'P1',
      currency: 'BRL',
      value: 10,
      items: [{ item_id: 'C1', item_name: 'Café', price: 10, quantity: 1 }],
      page_location: 'https://www.loja-abc.example/obrigado?utm_campaign=inverno&gclid=G1',
      user_data: { email_address: 'Ana@example.com', address: [{ first_name: 'Ana' }] },
      'x-ga-gcs': 'G111',
    }
    const now = Date.parse('2026-11-20T12:00:00Z')
    const sent: { url: string; body: string }[] = []
    const outcomes: string[] = []
    run(
      serverTag,
      {
        tenant: 'loja-abc',
        serverKey: 'key',
        consentMode: 'required',
        analytics_storage: true,
        gtmOnSuccess: () => outcomes.push('success'),
      },
      {
        ...sandbox([], () => now, outside),
        getEventData: (key: string) => model[key],
        logToConsole: () => {},
        sendHttpRequest: (url: string, _: object, body: string) => {
          sent.push({ url, body })
          return promises.create(resolve => resolve({ statusCode: 200 }))
        },
      },
    )
    assert.deepEqual(outcomes, ['success'])
    assert.equal(sent[0]?.url, `${ENDPOINT}/v1/events/loja-abc`)
    const normalised = normalise(JSON.parse(sent[0]!.body).events[0], { now, uuid: () => 'none' })
    assert.ok('event' in normalised)
    const { event } = normalised
    assert.notEqual(event.id, 'none')
    assert.equal(event.at, '2026-11-20T12:00:00.000Z')
    assert.equal(event.user?.email, 'ana@example.com')
    assert.equal(event.user?.firstName, 'Ana')
    assert.equal(event.commerce?.value, 10)
    assert.equal(event.commerce?.items?.[0]?.id, 'C1')
    assert.equal(event.page?.url, 'https://www.loja-abc.example/obrigado?utm_campaign=inverno&gclid=G1')
    assert.deepEqual(event.campaign, { name: 'inverno', gclid: 'G1' })
    assert.equal(event.consent?.analytics, true)
  })

  test('the tag reads whatever GA4 names for a lead', () => {
    const asked = new Set<string>()
    run(
      serverTag,
      { consentMode: 'signal', gtmOnSuccess: () => {} },
      {
        ...sandbox([], () => 0, outside),
        getEventData: (key: string) => void asked.add(key),
        sendHttpRequest: () => promises.create(resolve => resolve({ statusCode: 200 })),
      },
    )
    for (const key of Object.values(GA4_PARAMETERS).flat()) assert.ok(asked.has(key), key)
  })

  test('the client passes on what the library posts, byte for byte, to where the library would have posted', async () => {
    const browser = new FakeBrowser(library)
    const { fire } = openPage(browser, { ...all })
    fire(purchase)
    await browser.pass(10_000)
    const { url, body } = browser.sent[0]!
    const sent: { url: string; body: string }[] = []
    const answers: unknown[] = []
    const silent = Object.fromEntries(
      ['claimRequest', 'setResponseHeader', 'setResponseBody', 'returnResponse', 'runContainer'].map(api => [
        api,
        () => {},
      ]),
    )
    run(
      client,
      { tenant: 'loja-abc', serverKey: 'key', origins: [{ origin: 'https://www.loja-abc.example' }] },
      {
        ...sandbox([], () => browser.now, outside),
        ...silent,
        getRequestPath: () => new URL(url).pathname,
        getRequestMethod: () => 'POST',
        getRequestBody: () => body,
        getRequestHeader: () => 'https://www.loja-abc.example',
        setResponseStatus: (status: number) => answers.push(status),
        sendHttpRequest: (to: string, _: object, text: string) => {
          sent.push({ url: to, body: text })
          return promises.create(resolve => resolve({ statusCode: 200, headers: {}, body: '{}' }))
        },
      },
    )
    assert.deepEqual(sent, [{ url, body }])
    assert.deepEqual(answers, [200])
  })
})

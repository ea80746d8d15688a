import assert from 'node:assert/strict'
import { test } from 'node:test'
import { copyAcross } from '../local/gtm/border.ts'
import { createConsent } from '../local/gtm/consent.ts'
import type { Condition, Container, Parameter, Tag, Trigger } from '../local/gtm/container.ts'
import { createModel } from '../local/gtm/data-layer.ts'
import { type Call, createEngine } from '../local/gtm/engine.ts'
import { createRequire } from '../local/gtm/guard.ts'
import { publish } from '../local/gtm/publish.ts'
import { createResolver } from '../local/gtm/variables.ts'
import { webContainer } from '../tag/gtm/containers.ts'
import type { Granted } from '../tag/gtm/permissions.ts'

const text = (key: string, value: string): Parameter => ({ type: 'TEMPLATE', key, value })
const condition = (type: string, arg0: string, arg1: string, ...more: Parameter[]): Condition => ({
  type,
  parameter: [text('arg0', arg0), text('arg1', arg1), ...more],
})
const onEvent = (triggerId: string, name: string, ...filter: Condition[]): Trigger => ({
  triggerId,
  name,
  type: 'CUSTOM_EVENT',
  customEventFilter: [condition('EQUALS', '{{_event}}', name)],
  filter,
})
const tag = (name: string, firingTriggerId: string[], more: Partial<Tag> = {}): Tag => ({
  tagId: name,
  name,
  type: 'cvt_0_1',
  firingTriggerId,
  ...more,
})
const NEEDED = (...types: string[]): Partial<Tag> => ({
  consentSettings: {
    consentStatus: 'NEEDED',
    consentType: { type: 'LIST', list: types.map(value => ({ type: 'TEMPLATE', value })) },
  },
})

/** A page with this container. What the tags do, `run` says; without it they succeed. */
function pageWith(version: Partial<Container['containerVersion']>, run = (call: Call) => call.succeed()) {
  const container: Container = { containerVersion: { container: { publicId: 'GTM-TEST' }, ...version } }
  const model = createModel()
  const consent = createConsent('BR-SP')
  const sources = {
    dataLayer: model.get,
    cookie: (name: string) => (name === 'seller' ? 'Ana%20B' : undefined),
    url: () => new URL('https://shop.example/pt/cart?coupon=TEN#top'),
    referrer: () => 'https://search.example/',
    global: (path: string) => (path === 'shop.version' ? 7 : undefined),
  }
  const resolve = createResolver(container, sources)
  const engine = createEngine({ container, model, consent, resolve, run })
  const read = (...messages: unknown[]) => messages.forEach(engine.read)
  const outcomes = () => engine.firings.map(({ tag, event, outcome }) => `${tag} ${event} ${outcome}`)
  return { read, model, consent, resolve, firings: engine.firings, outcomes }
}
function gtag(..._given: unknown[]) {
  // biome-ignore lint/complexity/noArguments: this is what gtag() pushes
  return arguments
}

test('the data layer merges objects and arrays position by position, and null clears', () => {
  const { read, model } = pageWith({})
  read({ ecommerce: { currency: 'BRL', items: [{ item_id: 'A' }, { item_id: 'B' }] } })
  read({ ecommerce: { items: [{ item_name: 'Cup' }] } })
  assert.deepEqual(model.get('ecommerce'), {
    currency: 'BRL',
    items: [{ item_id: 'A', item_name: 'Cup' }, { item_id: 'B' }],
  })
  read({ ecommerce: null })
  assert.equal(model.get('ecommerce.items'), undefined)
})

test('dotted keys are paths, _clear replaces, functions get the model, and nothing reaches a prototype', () => {
  const { read, model } = pageWith({})
  read({ 'user.address.city': 'Recife', user: { email: 'a@example.com' } })
  assert.deepEqual(model.get('user'), { address: { city: 'Recife' }, email: 'a@example.com' })
  read({ user: { id: 1 }, _clear: true })
  assert.deepEqual(model.get('user'), { id: 1 })
  read(function (this: ReturnType<typeof createModel>) {
    this.set('user.id', Number(this.get('user.id')) + 1)
  })
  assert.equal(model.get('user.id'), 2)
  read(JSON.parse('{"__proto__": {"polluted": true}, "a": {"__proto__": {"polluted": true}}}'))
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
})

test('a tag fires for the events of its triggers, unless another trigger blocks it or it is paused', () => {
  const trigger = [onEvent('1', 'purchase'), onEvent('2', 'purchase', condition('EQUALS', '{{test}}', 'true'))]
  const variable = [{ variableId: '1', name: 'test', type: 'v', parameter: [text('name', 'test')] }]
  const { read, outcomes } = pageWith({
    trigger,
    variable,
    tag: [tag('a', ['1']), tag('b', ['1'], { blockingTriggerId: ['2'] }), tag('c', ['1'], { paused: true })],
  })
  read({ event: 'other' }, { event: 'purchase' }, { event: 'purchase', test: true })
  assert.deepEqual(outcomes(), ['a purchase success', 'b purchase success', 'a purchase success'])
})

test('a page view begins with the two initialisations, in this order, whatever the order of the tags', () => {
  const { read, outcomes } = pageWith({
    tag: [tag('page', ['2147479553']), tag('init', ['2147479573']), tag('consent', ['2147479572'])],
  })
  read({ event: 'gtm.js' })
  assert.deepEqual(outcomes(), ['consent gtm.init_consent success', 'init gtm.init success', 'page gtm.js success'])
})

test('higher priority goes first, and once per page means once', () => {
  const { read, outcomes } = pageWith({
    trigger: [onEvent('1', 'x')],
    tag: [
      tag('late', ['1']),
      tag('early', ['1'], { priority: { type: 'INTEGER', value: '5' } }),
      tag('once', ['1'], { tagFiringOption: 'ONCE_PER_LOAD' }),
    ],
  })
  read({ event: 'x' }, { event: 'x' })
  assert.deepEqual(
    outcomes().map(text => text.split(' ')[0]),
    ['early', 'late', 'once', 'early', 'late'],
  )
})

test('a tag that needs consent does not fire without it, and is not fired again when consent comes', () => {
  const { read, outcomes } = pageWith({
    trigger: [onEvent('1', 'x')],
    tag: [tag('a', ['1'], NEEDED('analytics_storage', 'ad_storage'))],
  })
  read(gtag('consent', 'default', { analytics_storage: 'denied' }), { event: 'x' })
  read(gtag('consent', 'update', { analytics_storage: 'granted' }))
  assert.deepEqual(outcomes(), ['a x consent'])
  read({ event: 'x' })
  assert.deepEqual(outcomes(), ['a x consent', 'a x success'])
})

test('what was never set counts as granted; listeners hear of changes only', () => {
  const { read, consent } = pageWith({})
  const heard: string[] = []
  consent.listen('ad_storage', (type, granted) => heard.push(`${type} ${granted}`))
  assert.equal(consent.granted('ad_storage'), true)
  read(gtag('consent', 'update', { ad_storage: 'granted' }))
  read(gtag('consent', 'update', { ad_storage: 'denied', wait_for_update: 500 }))
  read(gtag('consent', 'update', { ad_storage: 'denied' }))
  assert.deepEqual(heard, ['ad_storage false'])
})

test('a default for the region of the person wins over one for all, and one for elsewhere is nothing', () => {
  for (const order of [0, 1]) {
    const { read, consent } = pageWith({})
    const both = [
      gtag('consent', 'default', { ad_storage: 'denied', region: ['BR'] }),
      gtag('consent', 'default', { ad_storage: 'granted' }),
    ]
    read(both[order], both[1 - order], gtag('consent', 'default', { analytics_storage: 'denied', region: ['US-CA'] }))
    assert.deepEqual([consent.granted('ad_storage'), consent.granted('analytics_storage')], [false, true])
  }
})

test('a text that is one variable keeps its type, in a longer one it is text', () => {
  const { read, resolve } = pageWith({
    builtInVariable: [{ type: 'PAGE_PATH', name: 'Page Path' }],
    variable: [
      { variableId: '1', name: 'cart', type: 'v', parameter: [text('name', 'ecommerce')] },
      { variableId: '2', name: 'tenant', type: 'c', parameter: [text('value', 'loja-abc')] },
      { variableId: '3', name: 'seller', type: 'k', parameter: [text('name', 'seller'), text('decodeCookie', 'true')] },
      {
        variableId: '4',
        name: 'coupon',
        type: 'u',
        parameter: [text('component', 'QUERY'), text('queryKey', 'coupon')],
      },
      { variableId: '5', name: 'version', type: 'j', parameter: [text('name', 'shop.version')] },
      {
        variableId: '6',
        name: 'none',
        type: 'v',
        parameter: [text('name', 'x'), text('setDefaultValue', 'true'), text('defaultValue', '-')],
      },
    ],
  })
  read({ ecommerce: { value: 3 } })
  assert.deepEqual(resolve('{{cart}}'), { value: 3 })
  assert.equal(resolve('{{version}}'), 7)
  assert.equal(resolve('{{tenant}}/{{version}}{{Page Path}}'), 'loja-abc/7/pt/cart')
  assert.deepEqual([resolve('{{seller}}'), resolve('{{coupon}}'), resolve('{{none}}')], ['Ana B', 'TEN', '-'])
  assert.throws(() => resolve('{{nobody}}'), /no variable "nobody"/)
})

test('conditions compare as they are told to, and can be turned round', () => {
  const fires = (...filter: Condition[]) => {
    const { read, outcomes } = pageWith({ trigger: [onEvent('1', 'x', ...filter)], tag: [tag('a', ['1'])] })
    read({ event: 'x' })
    return outcomes().length === 1
  }
  const negate = text('negate', 'true')
  assert.equal(fires(condition('MATCH_REGEX', 'add_to_cart', '^(add|remove)_')), true)
  assert.equal(fires(condition('MATCH_REGEX', 'ADD', '^add$')), false)
  assert.equal(fires(condition('MATCH_REGEX', 'ADD', '^add$', text('ignore_case', 'true'))), true)
  assert.equal(fires(condition('CONTAINS', 'abc', 'b'), condition('ENDS_WITH', 'abc', 'b')), false)
  assert.equal(fires(condition('STARTS_WITH', 'abc', 'a', negate)), false)
  assert.equal(fires(condition('GREATER', '10', '9')), true)
  assert.equal(fires(condition('LESS', '10', '9', negate)), true)
})

test('a template that throws has failed, and the others go on', () => {
  const run = ({ tag, succeed }: Call) => {
    if (tag.name === 'bad') throw new Error('sendPixel: the template may not send_pixel')
    succeed()
  }
  const { read, outcomes, firings } = pageWith(
    { trigger: [onEvent('1', 'x')], tag: [tag('bad', ['1']), tag('good', ['1'])] },
    run,
  )
  read({ event: 'x' })
  assert.deepEqual(outcomes(), ['bad x failure', 'good x success'])
  assert.match(firings[0]?.error ?? '', /may not/)
})

test('fields of a tag keep what they are: tables are rows, flags are flags, and what is empty is not there', () => {
  let fields: object = {}
  const parameter: Parameter[] = [
    text('tenant', 'loja-abc'),
    { type: 'BOOLEAN', key: 'strict', value: 'false' },
    { type: 'TEMPLATE', key: 'empty' },
    { type: 'LIST', key: 'extra', list: [{ type: 'MAP', map: [text('name', 'store'), text('value', 'centro')] }] },
  ]
  const run = (call: Call) => {
    fields = call.fields
  }
  const { read, outcomes } = pageWith({ trigger: [onEvent('1', 'x')], tag: [tag('a', ['1'], { parameter })] }, run)
  read({ event: 'x' })
  assert.deepEqual(fields, { tenant: 'loja-abc', strict: false, extra: [{ name: 'store', value: 'centro' }] })
  assert.deepEqual(outcomes(), ['a x running'])
})

test('what a tag pushes is read when the event that fired it is through', () => {
  const order: string[] = []
  const page = pageWith(
    { trigger: [onEvent('1', 'x'), onEvent('2', 'y')], tag: [tag('a', ['1']), tag('b', ['1']), tag('c', ['2'])] },
    call => {
      order.push(call.tag.name)
      if (call.tag.name === 'a') page.read({ event: 'y' })
    },
  )
  page.read({ event: 'x' })
  assert.deepEqual(order, ['a', 'b', 'c'])
})

const GRANTED: Granted = {
  access_globals: { keys: [{ key: 'connect', read: true, write: true, execute: false }] },
  read_data_layer: { allowedKeys: 'specific', keyPatterns: ['ecommerce', 'user_data.*'] },
  access_consent: { consentTypes: [{ consentType: 'ad_storage', read: true, write: false }] },
  inject_script: { urls: ['https://hub.example/tag.js'] },
}
const called: unknown[][] = []
const apis = Object.fromEntries(
  [
    'copyFromDataLayer',
    'isConsentGranted',
    'updateConsentState',
    'injectScript',
    'createQueue',
    'callInWindow',
    'sendPixel',
  ].map(name => [name, (...given: unknown[]) => void called.push([name, ...given])]),
)
type Called = (...given: unknown[]) => unknown

test('a template may do what it was granted and nothing else', () => {
  const api = createRequire(apis, GRANTED) as (name: string) => Called
  called.length = 0
  api('copyFromDataLayer')('ecommerce')
  api('copyFromDataLayer')('user_data.email')
  api('injectScript')('https://hub.example/tag.js')
  api('createQueue')('connect')
  api('isConsentGranted')('ad_storage')
  assert.equal(called.length, 5)
  assert.throws(() => api('copyFromDataLayer')('order'), /may not read_data_layer order/)
  assert.throws(() => api('injectScript')('https://hub.example/other.js'), /may not inject_script/)
  assert.throws(() => api('createQueue')('dataLayer'), /may not access_globals/)
  assert.throws(() => api('callInWindow')('connect'), /may not access_globals/)
  assert.throws(() => api('isConsentGranted')('analytics_storage'), /may not access_consent/)
  assert.throws(() => api('sendPixel')('https://hub.example/'), /may not send_pixel/)
  assert.throws(() => api('fetch'), /does not exist/)
  assert.equal(called.length, 5)
})

test('a template can ask what it may do', () => {
  const query = createRequire(apis, GRANTED)('queryPermission') as Called
  assert.equal(query('inject_script', 'https://hub.example/tag.js'), true)
  assert.equal(query('inject_script', 'https://evil.example/tag.js'), false)
  assert.equal(query('access_globals', 'readwrite', 'connect'), true)
  assert.equal(query('access_globals', 'execute', 'connect'), false)
  assert.equal(query('send_pixel', 'https://hub.example/'), false)
})

test('plain values cross the border as copies, and nothing else crosses', () => {
  const inner = { list: [1, 'two', null, undefined, true] }
  const copy = copyAcross({ inner, when: new Date(), map: new Map(), pattern: /x/ }) as { inner: typeof inner }
  assert.deepEqual(copy, { inner, when: undefined, map: undefined, pattern: undefined })
  assert.notEqual(copy.inner, inner)
  const circle: { self?: unknown } = {}
  circle.self = circle
  assert.deepEqual(copyAcross(circle), { self: undefined })
  const doubled = copyAcross((value: { n: number }) => ({ n: value.n * 2, at: new Date() })) as Called
  assert.deepEqual(doubled({ n: 2 }), { n: 4, at: undefined })
})

test('what the emulator cannot run it refuses by name, in place of running something else', async () => {
  const version = {
    container: { publicId: 'GTM-TEST' },
    trigger: [{ triggerId: '1', name: 'Click', type: 'LINK_CLICK' }],
    variable: [{ variableId: '1', name: 'Code', type: 'jsm' }],
    tag: [tag('a', ['9'])],
    customTemplate: [{ containerId: '0', templateId: '2', name: 'Other', templateData: 'nothing' }],
  }
  await assert.rejects(publish({ containerVersion: version }), ({ message }: Error) => {
    for (const part of [
      /type cvt_0_1 is no template/,
      /no trigger 9/,
      /LINK_CLICK/,
      /"Code": type jsm/,
      /template "Other"/,
    ])
      assert.match(message, part)
    return true
  })
})

test('a published container is one script, with nothing in it that could end its element', async () => {
  const order = {
    tenant: 'loja-abc',
    endpoint: 'https://hub.example',
    origins: [],
    consent: 'wait',
    needs: ['analytics_storage'],
  } as const
  const file = webContainer({ ...order, pageViews: true, now: new Date(0) })
  const { customTemplate } = file.containerVersion
  const template = { ...customTemplate![0]!, name: '</script><script>alert(1)</script>' }
  const version = { ...file.containerVersion, customTemplate: [template] }
  const script = await publish(JSON.parse(JSON.stringify({ containerVersion: version })))
  new Function(script) // it is JavaScript
  assert.doesNotMatch(script, /<\/script/i)
})

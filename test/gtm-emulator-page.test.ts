import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { publish } from '../local/gtm/publish.ts'
import { encodePermissions, type Granted } from '../tag/gtm/permissions.ts'
import { formatTemplate } from '../tag/gtm/template.ts'
import { launchChromium } from './tools/chromium.ts'

let browser: Browser
let server: Server
let script = ''
before(async () => {
  server = createServer((request, response) => {
    if (request.url === '/gtm.js') return response.writeHead(200, { 'content-type': 'text/javascript' }).end(script)
    if (request.url === '/library.js')
      return response.writeHead(200, { 'content-type': 'text/javascript' }).end('loaded = 1 + (window.loaded ?? 0)')
    response.writeHead(200, {
      'content-type': 'text/html',
      'content-security-policy': "default-src 'none'; script-src 'nonce-n'",
    })
    return response.end('<!doctype html><title>Page</title><script nonce="n" async src="/gtm.js"></script>')
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  browser = await launchChromium()
})
after(async () => {
  await browser?.close()
  server.closeAllConnections()
  await new Promise(closed => server.close(closed))
})
const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

type Visit = { count?: number; path?: string; messages?: string[] }

/** Runs a template's code on every page view of a page that lets in nothing without its nonce; answers what it pushed into `told`. */
async function told(
  code: string,
  granted: Granted,
  { count = 1, path = '/', messages }: Visit = {},
): Promise<unknown[]> {
  const templateData = formatTemplate({
    ...{
      code,
      parameters: [],
      permissions: encodePermissions({ ...TOLD, ...granted }),
      tests: 'scenarios: []',
      notes: '',
    },
    info: {
      ...{ type: 'TAG', id: 'cvt_temp_public_id', version: 1, displayName: 'Test', description: '' },
      ...{ containerContexts: ['WEB'], securityGroups: [] },
    },
  })
  script = await publish({
    containerVersion: {
      container: { publicId: 'GTM-TEST' },
      customTemplate: [{ containerId: '0', templateId: '1', name: 'Test', templateData }],
      tag: [{ tagId: '1', name: 'Test', type: 'cvt_0_1', firingTriggerId: ['2147479553'] }],
    },
  })
  const page = await browser.newPage()
  await page.addInitScript(`window.dataLayer = [{ event: 'gtm.js' }]; window.told = []`)
  page.on('console', message => messages?.push(message.text()))
  await page.goto(origin() + path)
  for (const since = Date.now(); Date.now() - since < 10_000; ) {
    const pushed = (await page.evaluate('told')) as unknown[]
    const [firing] = (await page.evaluate(`window.google_tag_manager?.['GTM-TEST'].firings ?? []`)) as {
      outcome: string
      error?: string
    }[]
    if (pushed.length >= count || firing?.error) {
      await page.close()
      return firing?.error ? [...pushed, firing.error] : pushed
    }
  }
  throw new Error('The template has told nothing')
}
const TOLD_KEY = { key: 'told', read: true, write: true, execute: false }
const TOLD: Granted = { access_globals: { keys: [TOLD_KEY] } }
const TELL = `const tell = require('createQueue')('told');`

test('a template sees nothing of the page, not even what makes code out of text', async () => {
  const names = [
    'window',
    'document',
    'self',
    'globalThis',
    'fetch',
    'setTimeout',
    'Function',
    'localStorage',
    'dataLayer',
  ]
  const types = names.map(name => `typeof ${name}`).join(', ')
  assert.deepEqual(await told(`${TELL} tell([${types}, typeof this]);`, {}), [
    [...names, 'this'].map(() => 'undefined'),
  ])
})

test('a script that a template loads inherits the nonce, and is loaded once for all who name it', async () => {
  const url = `${origin()}/library.js`
  const code = `${TELL}
const injectScript = require('injectScript');
const copyFromWindow = require('copyFromWindow');
const done = () => tell(copyFromWindow('loaded'));
injectScript('${url}', done, () => tell('failed'), 'library');
injectScript('${url}', done, () => tell('failed'), 'library');`
  const keys = [TOLD_KEY, { key: 'loaded', read: true, write: false, execute: false }]
  const granted = { inject_script: { urls: [url] }, access_globals: { keys } }
  assert.deepEqual(await told(code, granted, { count: 2 }), [1, 1])
})

test('a script that does not come is told to the template', async () => {
  const url = 'http://127.0.0.1:1/gone.js'
  const code = `${TELL} require('injectScript')('${url}', () => tell('loaded'), () => tell('failed'));`
  assert.deepEqual(await told(code, { inject_script: { urls: [url] } }), ['failed'])
})

test('what is not permitted ends the template, and the page goes on', async () => {
  const code = `${TELL} tell('before'); require('setInWindow')('page', 1); tell('after');`
  assert.deepEqual(await told(code, {}, { count: 2 }), [
    'before',
    'setInWindow: the template may not access_globals page',
  ])
})

test('messages of a template show in a preview, and elsewhere if it may write them anywhere', async () => {
  const code = `require('logToConsole')('a message'); ${TELL} tell(require('getContainerVersion')().previewMode);`
  const shown = async (environments: string, path: string) => {
    const messages: string[] = []
    const granted = { logging: { environments }, read_container_data: {} }
    return [await told(code, granted, { path, messages }), messages]
  }
  assert.deepEqual(await shown('debug', '/'), [[false], []])
  assert.deepEqual(await shown('debug', '/?gtm_debug=x'), [[true], ['a message']])
  assert.deepEqual(await shown('all', '/'), [[false], ['a message']])
})

test('functions that answer undefined in place of throwing do so', async () => {
  const code = `${TELL}
const parseUrl = require('parseUrl');
tell([
  require('JSON').parse('{') === undefined,
  require('decodeUriComponent')('%') === undefined,
  parseUrl('no url') === undefined,
  parseUrl('https://a.example/b?c=1&c=2').searchParams.c,
  require('makeTableMap')('no table', 'a', 'b'),
  require('getType')([]),
]);`
  assert.deepEqual(await told(code, {}), [[true, true, true, ['1', '2'], null, 'array']])
})

test('a hash comes later, and a template has a memory of its own', async () => {
  const code = `${TELL}
const storage = require('templateStorage');
storage.setItem('seen', {n: 1});
require('sha256')('ana@example.com', (hash) => tell([hash, storage.getItem('seen'), storage.getItem('other')]), () => tell('failed'), {outputEncoding: 'hex'});`
  const [[hash, ...stored]] = (await told(code, { access_template_storage: {} })) as [[string, unknown, unknown]]
  assert.match(hash, /^[0-9a-f]{64}$/)
  assert.deepEqual(stored, [{ n: 1 }, null])
})
